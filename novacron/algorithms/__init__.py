"""The algorithms on offer, as data: what they are, how big, and which libraries have them."""

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
"""A key by itself -> an algorithm whose keys are made of it alone, hence of its sizes."""


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


_SPELLINGS = {_plain(spelling): one for one in ALGORITHMS.values() for spelling in (one.name, *one.aliases)}


def find(name: object) -> Algorithm:
    """The algorithm of this name or alias; case and hyphens do not matter.

    A submission to NIST's third round is another algorithm than the standard that grew from it: each is
    found by its own name only.

    Raises:
        BadInput: when there is none; the hint is the nearest right name.
    """
    if isinstance(name, str) and (found := ALGORITHMS.get(name) or _SPELLINGS.get(_plain(name))):
        return found
    close = nearest(name, ALGORITHMS)
    hint = f"did you mean {close!r}?" if close else f"known: {', '.join(ALGORITHMS)}"
    raise BadInput("is not a known algorithm", field="algorithm", value=name, hint=hint)


def check_context(context: str, names: Iterable[str]) -> None:
    """Refuse a context string that none of the algorithms would take into a signature.

    Raises:
        BadInput: it would be ignored.
    """
    named = list(names)
    if context and not any(find(name).takes_context for name in named):
        raise BadInput(
            f"{' and '.join(dict.fromkeys(named))} signatures take no context in, so it would be ignored",
            field="context", value=context, hint="leave it out, or use a key of ML-DSA or SLH-DSA",
        )  # fmt: skip
