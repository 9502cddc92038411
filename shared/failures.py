"""Stored failures: the `error` of jobs and tasks (docs/lifecycle.md has the table of its codes)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

from shared.states import FailureClass

LONGEST = 4000
"""Maximum number of characters stored of a message, a cause or a hint."""


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
"""The `error` of a job; the failed task and the members of `novacron.errors.refusal` are added."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task or a job failed.

    Attributes:
        kind: failure class, which decides whether it is retried.
        message: the user's message, without the name of the class.
        code: machine-readable code, narrower than the class; the class itself if there is none.
        cause: the underlying exception, with its type; None if the message is complete.
        hint: how to fix it.
        more: fields of the exception extracted by `novacron.errors.refusal`.
    """

    kind: FailureClass
    message: str
    code: str = ""
    cause: str | None = None
    hint: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the class and the message: the cause of an event."""
        return f"{self.kind.value}: {storable(self.message)}"

    def document(self, **place: Any) -> dict[str, Any]:
        """Return the failure as plain JSON, with its place (`task`, `operation`)."""
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
    """Return the text in a form PostgreSQL can store: no NUL, no lone surrogate, truncated to `LONGEST`."""
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}... ({len(text):,} characters)"
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()
