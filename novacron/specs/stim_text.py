"""An annotated circuit as Stim text, checked as far as that needs no simulator."""

import re
from typing import Annotated

from pydantic import AfterValidator

from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Text

MOST_DETECTORS = 1_000_000
MOST_BYTES = 4_000_000

_IGNORED = re.compile(r"\[[^\]\n]*\]|#[^\n]*")
"""Tags and comments. A tag comes first where both begin, since it may hold a `#`."""
_STATEMENT = re.compile(r"[^\n{}]*[\n{}]?")
_REPEAT = re.compile(r"REPEAT\s+(\d+)", re.IGNORECASE)


def counted(text: str) -> tuple[int, int]:
    """Return how many detectors and `OBSERVABLE_INCLUDE` instructions a circuit has, with repetitions.

    Raises:
        PydanticCustomError: its blocks are not balanced.
    """
    detectors, included, factors, line = 0, 0, [1], 1
    for match in _STATEMENT.finditer(_IGNORED.sub("", text)):
        statement, end = match[0].rstrip("\n{}").strip(), match[0][-1:]
        name = re.split(r"[\s(]", statement, maxsplit=1)[0].upper()
        detectors += factors[-1] * (name == "DETECTOR")
        included += name == "OBSERVABLE_INCLUDE"
        if end == "{":
            repeat = _REPEAT.fullmatch(statement)
            if repeat is None:
                raise refuse(f"line {line}: a block must begin with REPEAT and a number", value=statement)
            factors.append(factors[-1] * int(repeat[1]))
        elif end == "}":
            factors.pop()
            if not factors:
                raise refuse(f"line {line}: this }} ends no block", value="}")
        line += end == "\n"
    if len(factors) > 1:
        raise refuse(f"{len(factors) - 1} blocks of REPEAT have no end", value="{")
    return detectors, included


def _annotated(text: str) -> str:
    if len(text.encode()) > MOST_BYTES:
        raise refuse(f"must have at most {MOST_BYTES:,} bytes", value=len(text.encode()))
    detectors, included = counted(text)
    if not included:
        rule = "the circuit has no observable: nothing can be predicted wrongly"
        raise refuse(rule, value="0 observables", hint="add OBSERVABLE_INCLUDE instructions")
    if not 0 < detectors <= MOST_DETECTORS:
        rule = f"the circuit must have 1 to {MOST_DETECTORS:,} detectors"
        raise refuse(
            rule, value=f"{detectors:,} detectors", hint="add DETECTOR instructions, or fewer rounds"
        )
    return text


class StimText(Record):
    """A circuit of Stim, with noise, detectors and observables.

    Attributes:
        stim: its text.
    """

    stim: Annotated[Text, AfterValidator(_annotated)]
