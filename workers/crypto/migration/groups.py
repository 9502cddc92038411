"""OpenSSL's lists of key-exchange groups, as servers are configured with them.

`/` parts ranks, and a server keeps to the ranks whatever order its client has; `:` parts groups of one rank.
Before a name may stand `?` (ignored where it is unknown) and `*` (a client's share is sent at once).
Source: SSL_CTX_set1_groups_list(3), OpenSSL 3.5.
"""

from __future__ import annotations

import re

DEFAULTS = ("auto", "default")
"""Words for OpenSSL's own list: `auto` of nginx, `DEFAULT` of OpenSSL."""
DEFAULT = "?X25519MLKEM768/?X25519:?secp256r1/?X448:?secp384r1:?secp521r1/?ffdhe2048:?ffdhe3072"
"""That list, in OpenSSL 3.5."""
_LIST = re.compile(r"[?*-]*\w[\w.-]*(?:[:/][?*-]*\w[\w.-]*)*")


def spelled_out(groups: str) -> str:
    """A list without words that stand for another."""
    return DEFAULT if groups.lower() in DEFAULTS else groups


def check(groups: str) -> None:
    """Whether it is a list.

    Raises:
        ValueError: it is none.
    """
    if not _LIST.fullmatch(groups):
        raise ValueError(f"{groups!r} is no list of groups, such as X25519:secp256r1")


def holds(groups: str, group: str) -> bool:
    """Whether a list holds a group."""
    return any(_name(one) == group.lower() for one in re.split("[:/]", spelled_out(groups)))


def last(groups: str, group: str) -> str:
    """The list with the group as its last choice; as it is where the group is in it."""
    return groups if holds(groups, group) else f"{spelled_out(groups)}/{group}"


def first(groups: str, group: str) -> str:
    """The list with the group before all others."""
    ranks = [rank.split(":") for rank in spelled_out(groups).split("/")]
    others = [[one for one in rank if _name(one) != group.lower()] for rank in ranks]
    return "/".join([group, *(":".join(rank) for rank in others if rank)])


def _name(written: str) -> str:
    return written.lstrip("?*-").lower()
