"""The result of one check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        name: name of the check.
        ok: whether it passed.
        text: what was observed.
        cure: how to fix it; empty if there is nothing to do.
        required: whether a failure makes the server unusable or incomplete.
        warning: whether a failure is a warning, to be fixed although it does no harm yet.
    """

    name: str
    ok: bool
    text: str
    cure: str = ""
    required: bool = True
    warning: bool = False

    def __str__(self) -> str:
        word = "ok    " if self.ok else "FAILS " if self.required else "warns " if self.warning else "absent"
        return f"{word} {self.name}: {self.text}" + (f"; {self.cure}" if self.cure and not self.ok else "")
