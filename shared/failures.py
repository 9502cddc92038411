"""What is kept of a failure: the `error` of jobs and tasks (docs/lifecycle.md has the table of its codes)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

from shared.states import FailureClass

LONGEST = 4000
"""Characters kept of a message, a cause or a hint."""


FailureDocument = TypedDict(
    "FailureDocument",
    {
        "class": str,
        "code": str,
        "message": str,
        "cause": NotRequired[str | None],
        "hint": NotRequired[str | None],
        "retryable": NotRequired[bool],
    },
)
"""The `error` of a job; where it failed and what `novacron.errors.refusal` keeps stand beside."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task or a job failed.

    Attributes:
        kind: whose fault it was, which decides whether it is tried again.
        message: what the user reads, without the name of the class.
        code: one word for machines, narrower than the class; the class itself where there is none.
        cause: the exception below, with its type; None where the message says it all.
        hint: what to do.
        more: what `novacron.errors.refusal` keeps of an exception.
    """

    kind: FailureClass
    message: str
    code: str = ""
    cause: str | None = None
    hint: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """The class and the message: the cause of an event."""
        return f"{self.kind.value}: {storable(self.message)}"

    def document(self, **place: Any) -> dict[str, Any]:
        """The failure as plain JSON, with where it happened (`task`, `operation`)."""
        return {
            "class": self.kind.value,
            "code": self.code or self.kind.value,
            "message": storable(self.message),
            "cause": None if self.cause is None else storable(self.cause),
            "hint": None if self.hint is None else storable(self.hint),
            "retryable": self.kind.passing,
            **place,
            **self.more,
        }


def storable(text: str) -> str:
    """The text as PostgreSQL can hold it: no NUL, no lone surrogate, no end of it beyond `LONGEST`."""
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}... ({len(text):,} characters)"
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()
