"""Cache of the most recently created object, which may be as large as a state."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Latest(Generic[Made]):
    """One object and the key that it was created for."""

    def __init__(self) -> None:
        self._kept: list[tuple[Hashable, Made]] = []

    @property
    def kept(self) -> Made | None:
        """The object, None if there is none yet."""
        return self._kept[0][1] if self._kept else None

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return the object of this key; the previous one is released first."""
        if not self._kept or self._kept[0][0] != key:
            self._kept.clear()
            self._kept.append((key, make()))
        return self._kept[0][1]
