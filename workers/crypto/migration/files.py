"""Atomic changes of files and links: every reader sees either the old or the new content in full."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from novacron import durable
from novacron.durable import KEPT

_OTHERS = 0o007


def write(
    path: Path, data: bytes, *, like: Path | None = None, kept: int = KEPT, keep_time: bool = True
) -> None:
    """Write a whole file atomically and durably.

    Args:
        path: the name; a link there is replaced, not followed.
        data: the content.
        like: a file whose owner, group, permissions and attributes it gets; without one it is private.
        kept: mask of the permissions it may get.
        keep_time: whether it also gets the modification time of that file, as changed or restored content
            does.
    """
    with durable.placing(path, like=like, kept=kept, keep_time=keep_time, temporary=_beside(path)) as file:
        file.write(data)


def rewrite(path: Path, data: bytes, *, lost: Path | None = None) -> None:
    """Replace the content of a file durably: its attributes are kept, and a link stays a link.

    Args:
        path: the file, or a link to it.
        data: the content.
        lost: the file whose attributes it gets if it is missing.
    """
    real = Path(os.path.realpath(path))
    write(real, data, like=real if real.exists() else lost)


def link(path: Path, to: str) -> None:
    """Make a path a symbolic link, replacing what was there."""
    durable.link(path, to, temporary=_beside(path))


def relative(path: Path, to: Path) -> str:
    """Return the text of a relative link from a path to another, starting at the path's real folder.

    It is valid in containers and chroots, where absolute paths differ.
    """
    folder = os.path.realpath(to.parent)
    return os.path.join(os.path.relpath(folder, os.path.realpath(path.parent)), to.name)


def reaching(path: Path) -> int:
    """Return the permission mask for files created beside a file.

    A file reached through a link may be protected from others by a closed folder that does not protect the
    link.
    """
    own = Path(os.path.realpath(path.parent), path.name).parents
    guarding = {*Path(os.path.realpath(path)).parents} - {*own}
    return KEPT if all(folder.stat().st_mode & 0o001 for folder in guarding) else KEPT & ~_OTHERS


def remove(folder: Path) -> None:
    """Remove a folder with its contents; succeeds if it is missing."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise OSError(f"{folder} could not be removed")


def _beside(path: Path) -> Path:
    """Return the temporary name of a file; the same in every attempt."""
    return path.with_name(f".{path.name}.migrating")
