"""OpenSSL's lists of key exchange groups, as used in server configurations.

`/` separates ranks, and a server follows the ranks whatever order its client has; `:` separates groups of one
rank. A name may be preceded by `?` (ignored if unknown) and `*` (a client sends its key share at once).
Source: SSL_CTX_set1_groups_list(3), OpenSSL 3.5.
"""

from __future__ import annotations

import re

DEFAULTS = ("auto", "default")
"""Names of OpenSSL's default list: `auto` of nginx, `DEFAULT` of OpenSSL."""
DEFAULT = "?X25519MLKEM768/?X25519:?secp256r1/?X448:?secp384r1:?secp521r1/?ffdhe2048:?ffdhe3072"
"""That list, in OpenSSL 3.5."""
_LIST = re.compile(r"[?*-]*\w[\w.-]*(?:[:/][?*-]*\w[\w.-]*)*")


def spelled_out(groups: str) -> str:
    """Return a list with such names expanded."""
    return DEFAULT if groups.lower() in DEFAULTS else groups


def check(groups: str) -> None:
    """Check that it is a list.

    Raises:
        ValueError: it is none.
    """
    if not _LIST.fullmatch(groups):
        raise ValueError(f"{groups!r} is no list of groups, such as X25519:secp256r1")


def holds(groups: str, group: str) -> bool:
    """Return whether a list contains a group."""
    return any(_name(one) == group.lower() for one in re.split("[:/]", spelled_out(groups)))


def last(groups: str, group: str) -> str:
    """Return the list with the group appended as last choice, unless it contains it."""
    return groups if holds(groups, group) else f"{spelled_out(groups)}/{group}"


def first(groups: str, group: str) -> str:
    """Return the list with the group before all others."""
    ranks = [rank.split(":") for rank in spelled_out(groups).split("/")]
    others = [[one for one in rank if _name(one) != group.lower()] for rank in ranks]
    return "/".join([group, *(":".join(rank) for rank in others if rank)])


def _name(written: str) -> str:
    return written.lstrip("?*-").lower()
