"""What one check of the doctor found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        name: of the check.
        ok: whether it is as it should be.
        text: what was seen.
        cure: what to do, empty where nothing is to be done.
        required: whether the server is not whole without it.
        warning: whether it is something to mend that does no harm yet.
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
