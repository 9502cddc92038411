"""Selection of a plan's steps by id, range of ids, or component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from novacron.errors import BadInput, nearest

Steps = Sequence[Mapping[str, Any]]


def check(steps: Steps, confirm: Sequence[str], until: str | None) -> None:
    """Refuse steps that the plan does not have.

    Raises:
        BadInput: it names the unknown word and the most similar known one.
    """
    selected(steps, confirm)
    ids = [one["id"] for one in steps]
    if until is not None and until not in ids:
        raise _unknown("until", until, ids)


def selected(steps: Steps, words: Sequence[str]) -> set[str]:
    """Return the ids of the selected steps: `s03`, `s03-s09` in the plan's order, or a component's name.

    Raises:
        BadInput: the plan has no step or component of that name.
    """
    ids = [one["id"] for one in steps]
    found: set[str] = set()
    for number, word in enumerate(words):
        first, _, last = word.partition("-")
        by_component = {one["id"] for one in steps if word in one["components"]}
        if word in ids:
            found.add(word)
        elif by_component:
            found |= by_component
        elif first in ids and last in ids and ids.index(first) <= ids.index(last):
            found |= {*ids[ids.index(first) : ids.index(last) + 1]}
        else:
            names = [*ids, *dict.fromkeys(name for one in steps for name in one["components"])]
            raise _unknown(f"confirm[{number}]", word, names)
    return found


def _unknown(field: str, value: str, known: Sequence[str]) -> BadInput:
    close = nearest(value, known)
    hint = f"did you mean {close!r}?" if close else "see novacron crypto status PLAN"
    return BadInput("the plan has no such step", field=field, value=value, hint=hint)
