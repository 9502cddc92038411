"""Files and folders: which may be looked at, and what each is, told by its content and not by its name."""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Callable, Sequence

from shared.found import Findings, Found, unread
from workers.inventory import der, encrypted, java_keystore, jose, openssh, pem

LARGEST_BYTES = 4 << 20
"""Larger files are looked at only where their first bytes say that they are encrypted."""
MOST_FILES = 100_000
OUTSIDE = "outside the folders that the operator names in NOVACRON_INVENTORY_ROOTS"
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


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


def search(paths: Sequence[str], roots: Roots, checkpoint: Callable[[], None]) -> Findings:
    """What is in files and folders.

    Args:
        paths: of either.
        roots: what is not in them is not looked at, and not even said to exist.
        checkpoint: called before each file.
    """
    seen: set[str] = set()
    for path in paths:
        if not roots.hold(os.path.realpath(path)):
            yield unread(path, OUTSIDE)
        elif not os.path.isdir(path):
            yield from _file(path, os.path.realpath(path), asked=True)
        else:
            yield from _folder(path, roots, seen, checkpoint)


def _folder(folder: str, roots: Roots, seen: set[str], checkpoint: Callable[[], None]) -> Findings:
    unreadable: list[OSError] = []
    for here, folders, names in os.walk(os.path.realpath(folder), onerror=unreadable.append):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(here, name)
            real = os.path.realpath(path)
            if real in seen or not roots.hold(real):
                continue
            if len(seen) >= MOST_FILES:
                yield unread(folder, f"has more than {MOST_FILES:,} files: the rest was not looked at")
                return
            seen.add(real)
            checkpoint()
            yield from _file(path, real, asked=False)
    for error in unreadable:
        yield unread(str(error.filename), error.strerror or "cannot be read")


def _file(path: str, real: str, *, asked: bool) -> Findings:
    """What a file holds; that it holds nothing is said of those that were asked for by name."""
    try:
        held = _read(real)
    except OSError as error:
        yield unread(path, error.strerror or "cannot be read")
        return
    if held is None:
        if asked:
            yield unread(path, "is no regular file")
        return
    data, size = held
    found = _recognised(data, size, path)
    if found is not None:
        yield from found
    elif asked:
        too_large = f"larger than {LARGEST_BYTES:,} bytes and not encrypted in a form that is known"
        yield unread(path, too_large if size > LARGEST_BYTES else "nothing cryptographic is recognised in it")


def _read(real: str) -> tuple[bytes, int] | None:
    """A file's bytes, of a large one the first, and its size; None where it is no regular file."""
    descriptor = os.open(real, _FLAGS)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        wanted = LARGEST_BYTES if status.st_size <= LARGEST_BYTES else encrypted.HEAD_BYTES
        return file.read(wanted), status.st_size


def _recognised(data: bytes, size: int, path: str) -> Findings | None:
    if data.startswith(encrypted.MAGICS):
        return encrypted.read(data, size, os.path.basename(path), path)
    return parsed(data, path) if size <= LARGEST_BYTES else None


def parsed(data: bytes, location: str) -> Findings | None:
    """What the bytes of a file hold; None where they are nothing that is known here."""
    # Libraries warn of what is old or malformed, which is just what is looked for.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = _form(data, location)
        return None if found is None else iter(list(found))


def _form(data: bytes, location: str) -> Findings | None:
    if data[:4] in java_keystore.MAGICS:
        return java_keystore.read(data, location)
    if data[:1] == b"\x30" and (found := der.read(data, location)) is not None:
        return found
    if b"\0" in data:
        return None
    return _text(data, location)


def _text(data: bytes, location: str) -> Findings | None:
    if pem.MARK in data and (blocks := list(pem.read(data, location))):
        return iter(blocks)
    if data.lstrip()[:1] == b"{" and (keys := jose.keys(data, location)) is not None:
        return keys
    if jose.TOKEN.fullmatch(data):
        return jose.token(data, location)
    keys_of_ssh: list[Found] = list(openssh.lines(data, location)) if b" AAAA" in data else []
    return iter(keys_of_ssh) if keys_of_ssh else None
