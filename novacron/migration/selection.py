"""Steps of a plan by what people call them: an id, a range of ids, or a component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from novacron.errors import BadInput, nearest

Steps = Sequence[Mapping[str, Any]]


def check(steps: Steps, confirm: Sequence[str], until: str | None) -> None:
    """Refuse steps that a plan has not.

    Raises:
        BadInput: it names the word and the nearest one that the plan knows.
    """
    selected(steps, confirm)
    ids = [one["id"] for one in steps]
    if until is not None and until not in ids:
        raise _unknown("until", until, ids)


def selected(steps: Steps, words: Sequence[str]) -> set[str]:
    """The ids of the steps that words name: `s03`, `s03-s09` in the plan's order, or a component's name.

    Raises:
        BadInput: the plan has none of that name.
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
