"""Reads files, as far as their format requires, and reports their contents."""

from __future__ import annotations

import logging
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from novacron.migration import Finding, InventoryError
from novacron.secret_file import exposure
from shared.crypto.found import Findings, Found, unread
from workers.crypto.inventory import archives, content
from workers.crypto.inventory.folders import OUTSIDE, Roots, Walk
from workers.crypto.inventory.formats import encrypted, foreign
from workers.crypto.inventory.limits import LARGEST_BYTES, Limits, listed

TOO_LARGE = f"larger than {LARGEST_BYTES:,} bytes, and no archive nor encrypted in a form that is known"
IRREGULAR = "is no regular file"
NOTHING = "nothing cryptographic is recognised in it"
EMPTY = "contains no file that can be examined"
_EXAMPLES = 20
"""Number of unread files of a folder that are listed per reason; more are counted."""
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
log = logging.getLogger(__name__)


class Search:
    """A search through files and folders.

    Args:
        roots: paths outside them are not read, nor is their existence revealed.
        checkpoint: called before each file.

    Attributes:
        looked_at: number of files examined.
    """

    def __init__(self, roots: Roots, checkpoint: Callable[[], None]) -> None:
        self._roots, self._checkpoint = roots, checkpoint
        self._walk = Walk(roots)
        self.looked_at = 0

    def __call__(self, paths: Sequence[str]) -> Findings:
        """Yield the findings in files and folders.

        Args:
            paths: files or folders.
        """
        for path in paths:
            real = os.path.realpath(path)
            if not self._roots.hold(real):
                yield unread(path, OUTSIDE)
            elif os.path.isdir(real):
                yield from self._folder(path, real)
            else:
                yield from self._file(path, real, asked=True)

    def _folder(self, folder: str, real: str) -> Findings:
        before, passed = self.looked_at, Counter[str]()
        for one in self._walk.files(real):
            if isinstance(one, InventoryError):
                yield one
                continue
            self._checkpoint()
            yield from _counted(self._file(*one, asked=False), passed)
        for reason, count in passed.items():
            if count > _EXAMPLES:
                yield unread(folder, f"{count - _EXAMPLES:,} more files were not read: {reason}")
        if self.looked_at == before and not self._walk.met_before(real):
            yield unread(folder, EMPTY)

    def _file(self, path: str, real: str, *, asked: bool) -> Findings:
        """Yield the findings in a file; an empty result is reported only for files requested by name."""
        try:
            with os.fdopen(os.open(real, _FLAGS), "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    yield unread(path, IRREGULAR)
                    return
                self.looked_at += 1
                found = list(listed(_contents(file, status.st_size, path), path))
                if why := exposure(file.fileno()):
                    found = [_exposed(one, why) for one in found]
        except OSError as error:
            yield unread(path, error.strerror or "cannot be read")
            return
        except Exception as error:  # one failing file must not stop the search
            log.exception("a parser failed on a file of an inventory")
            yield unread(path, f"a fault of NovaCron's kept it from being read: {type(error).__name__}")
            return
        yield from found
        if asked and not found:
            yield unread(path, NOTHING)


def _exposed(one: Found | InventoryError, why: str) -> Found | InventoryError:
    """Return a private key with the finding that others can read or change its file."""
    if isinstance(one, InventoryError) or not one.details.get("private"):
        return one
    return replace(one, findings=(*one.findings, Finding(severity="medium", text=f"its file {why}")))


def _counted(found: Findings, passed: Counter[str]) -> Iterator[Found | InventoryError]:
    """Yield the findings, limiting the examples of a reason that many files share."""
    for one in found:
        if isinstance(one, InventoryError) and one.error in (TOO_LARGE, IRREGULAR):
            passed[one.error] += 1
            if passed[one.error] > _EXAMPLES:
                continue
        yield one


def _contents(file: BinaryIO, size: int, path: str) -> Findings:
    """Yield the findings in an open file: a large one is read only if it is encrypted or an archive."""
    limits = Limits()
    if size <= LARGEST_BYTES:
        return content.read(file.read(LARGEST_BYTES), path, limits)
    head = file.read(max(encrypted.HEAD_BYTES, archives.HEAD_BYTES))
    if head.startswith(encrypted.MAGICS):
        return encrypted.read(head, size, os.path.basename(path), path)
    if form := archives.form(head[: archives.HEAD_BYTES], _tail(file)):
        file.seek(0)
        return archives.read(file, form, path, limits, content.inside(limits, 0))
    return iter([unread(path, foreign.reason(head) or TOO_LARGE)])


def _tail(file: BinaryIO) -> bytes:
    file.seek(-archives.TAIL_BYTES, os.SEEK_END)
    return file.read()
