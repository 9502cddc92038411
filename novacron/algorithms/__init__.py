"""The registry of algorithms, as data: properties, sizes, and the libraries that implement them."""

from __future__ import annotations

from collections.abc import Iterable

from novacron.algorithms.algorithm import USAGES, Algorithm, Status, Type
from novacron.algorithms.classical import CLASSICAL
from novacron.algorithms.encryption import ENCRYPTION
from novacron.algorithms.lattices import LATTICES
from novacron.algorithms.liboqs import LIBOQS
from novacron.errors import BadInput, nearest

__all__ = ["ALGORITHMS", "COMPONENTS", "USAGES", "Algorithm", "Status", "Type", "check_context", "find"]

ALGORITHMS: dict[str, Algorithm] = {one.name: one for one in (*LATTICES, *LIBOQS, *ENCRYPTION, *CLASSICAL)}

COMPONENTS: dict[str, Algorithm] = {
    one.components[0]: one for one in ALGORITHMS.values() if len(one.components) == 1
}
"""Name of a key's only component -> algorithm with these keys, and so with these sizes."""


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


_SPELLINGS = {_plain(spelling): one for one in ALGORITHMS.values() for spelling in (one.name, *one.aliases)}


def find(name: object) -> Algorithm:
    """Return the algorithm of this name or alias; case and hyphens do not matter.

    A submission to NIST's third round is a different algorithm than the standard derived from it: each is
    found by its own name only.

    Raises:
        BadInput: there is none; the hint is the closest valid name.
    """
    if isinstance(name, str) and (found := ALGORITHMS.get(name) or _SPELLINGS.get(_plain(name))):
        return found
    close = nearest(name, ALGORITHMS)
    hint = f"did you mean {close!r}?" if close else f"known: {', '.join(ALGORITHMS)}"
    raise BadInput("is not a known algorithm", field="algorithm", value=name, hint=hint)


def check_context(context: str, names: Iterable[str]) -> None:
    """Refuse a context string if none of the algorithms' signatures has one.

    Raises:
        BadInput: it would be ignored.
    """
    named = list(names)
    if context and not any(find(name).takes_context for name in named):
        raise BadInput(
            f"{' and '.join(dict.fromkeys(named))} signatures take no context in, so it would be ignored",
            field="context", value=context, hint="leave it out, or use a key of ML-DSA or SLH-DSA",
        )  # fmt: skip
