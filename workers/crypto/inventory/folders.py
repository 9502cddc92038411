"""Folder traversal: links are followed within the roots, each folder and file is visited once."""

from __future__ import annotations

import os
from collections.abc import Iterator

from novacron.migration import InventoryError
from shared.crypto.found import unread

MOST_FILES = 100_000
OUTSIDE = "outside the folders that the operator names in NOVACRON_INVENTORY_ROOTS"
LEADS_OUTSIDE = "a link that leads out of the folders that the operator names in NOVACRON_INVENTORY_ROOTS"


class Roots:
    """The folders whose files the operator permits to read; links that leave them are not followed.

    Args:
        setting: colon-separated paths.
    """

    def __init__(self, setting: str) -> None:
        self._roots = [os.path.realpath(path) for path in setting.split(":") if path]

    def hold(self, path: str) -> bool:
        """Return whether a resolved path is within one of them."""
        return any(path == root or path.startswith(root.rstrip("/") + "/") for root in self._roots)


class Walk:
    """A traversal of folders that visits each file once, whatever links lead to it.

    Args:
        roots: the permitted folders.
    """

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._folders: set[str] = set()
        self._files: set[str] = set()

    def met_before(self, folder: str) -> bool:
        """Return whether an earlier traversal visited a file in a folder."""
        return any(path.startswith(folder.rstrip("/") + "/") for path in self._files)

    def files(self, folder: str) -> Iterator[tuple[str, str] | InventoryError]:
        """Yield the files in a folder at any depth, as (path, resolved path), and unreadable folders.

        Args:
            folder: resolved path, within the roots.
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
                        yield unread(folder, f"has more than {MOST_FILES:,} files: the rest was not examined")
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
