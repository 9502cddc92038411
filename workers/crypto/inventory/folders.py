"""Folders: which files are looked at. Links are followed within the roots, each folder and file once."""

from __future__ import annotations

import os
from collections.abc import Iterator

from novacron.migration import InventoryError
from shared.crypto.found import unread

MOST_FILES = 100_000
OUTSIDE = "outside the folders that the operator names in NOVACRON_INVENTORY_ROOTS"
LEADS_OUTSIDE = "a link that leads out of the folders that the operator names in NOVACRON_INVENTORY_ROOTS"


class Roots:
    """The folders in which the operator lets files be looked at; links out of them lead nowhere.

    Args:
        setting: paths with colons between them.
    """

    def __init__(self, setting: str) -> None:
        self._roots = [os.path.realpath(path) for path in setting.split(":") if path]

    def hold(self, path: str) -> bool:
        """Whether a path without links is in one of them."""
        return any(path == root or path.startswith(root.rstrip("/") + "/") for root in self._roots)


class Walk:
    """A walk through folders that meets each file once, whatever leads to it.

    Args:
        roots: what it does not leave.
    """

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._folders: set[str] = set()
        self._files: set[str] = set()

    def met_before(self, folder: str) -> bool:
        """Whether an earlier walk met a file in a folder."""
        return any(path.startswith(folder.rstrip("/") + "/") for path in self._files)

    def files(self, folder: str) -> Iterator[tuple[str, str] | InventoryError]:
        """The files in a folder at any depth, as (path, path without links), and what cannot be entered.

        Args:
            folder: without links, within the roots.
        """
        waiting = [(folder, folder)]
        while waiting:
            path, real = waiting.pop()
            if real in self._folders:
                continue
            self._folders.add(real)
            try:
                names = sorted(os.listdir(real))
            except OSError as error:
                yield unread(path, error.strerror or "cannot be read")
                continue
            below = []
            for one in self._entries(path, names):
                if isinstance(one, InventoryError):
                    yield one
                elif os.path.isdir(one[1]):
                    below.append(one)
                elif one[1] not in self._files:
                    if len(self._files) >= MOST_FILES:
                        yield unread(
                            folder, f"has more than {MOST_FILES:,} files: the rest was not looked at"
                        )
                        return
                    self._files.add(one[1])
                    yield one
            waiting += reversed(below)

    def _entries(self, folder: str, names: list[str]) -> Iterator[tuple[str, str] | InventoryError]:
        for name in names:
            path = os.path.join(folder, name)
            real = os.path.realpath(path)
            if self._roots.hold(real):
                yield path, real
            else:
                yield unread(path, LEADS_OUTSIDE)
