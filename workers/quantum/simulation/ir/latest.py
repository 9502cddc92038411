"""What was made last, kept for as long as it is asked for again: it may be as large as a state."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Latest(Generic[Made]):
    """One thing and the key that it was made for."""

    def __init__(self) -> None:
        self._kept: list[tuple[Hashable, Made]] = []

    @property
    def kept(self) -> Made | None:
        """The thing itself, None where there is none yet."""
        return self._kept[0][1] if self._kept else None

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """The thing of this key; the one before is let go first."""
        if not self._kept or self._kept[0][0] != key:
            self._kept.clear()
            self._kept.append((key, make()))
        return self._kept[0][1]
