"""Files and links changed all at once: whoever reads one, at any instant, sees the old or the new whole."""

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
    """Put a whole file under a name, durably.

    Args:
        path: the name; a link there is replaced, not followed.
        data: the content.
        like: a file whose owner, group, permissions and attributes it gets; else it is private.
        kept: of those permissions, which it may get.
        keep_time: whether it gets the modification time of that file, too, as content that is changed or
            put back does.
    """
    with durable.placing(path, like=like, kept=kept, keep_time=keep_time, temporary=_beside(path)) as file:
        file.write(data)


def rewrite(path: Path, data: bytes, *, lost: Path | None = None) -> None:
    """Put other content into a file, durably: all else of it stays, and a link stays one.

    Args:
        path: the file, or a link to it.
        data: the content.
        lost: what it is to be like where it is gone.
    """
    real = Path(os.path.realpath(path))
    write(real, data, like=real if real.exists() else lost)


def link(path: Path, to: str) -> None:
    """Make a name a symbolic link, in the place of what was there."""
    durable.link(path, to, temporary=_beside(path))


def relative(path: Path, to: Path) -> str:
    """The text of a link at a path that leads to another, from the folder where it really is.

    It holds in containers and under other roots, where the way from `/` is another one.
    """
    folder = os.path.realpath(to.parent)
    return os.path.join(os.path.relpath(folder, os.path.realpath(path.parent)), to.name)


def reaching(path: Path) -> int:
    """Which permissions may be given to what is put beside a file.

    Of a file at the end of a link those for others may end at a closed folder that does not guard the link.
    """
    own = Path(os.path.realpath(path.parent), path.name).parents
    guarding = {*Path(os.path.realpath(path)).parents} - {*own}
    return KEPT if all(folder.stat().st_mode & 0o001 for folder in guarding) else KEPT & ~_OTHERS


def remove(folder: Path) -> None:
    """Remove a folder with what is in it; none is there afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise OSError(f"{folder} could not be removed")


def _beside(path: Path) -> Path:
    """The name under which a file is made before it takes its own; the same in every attempt."""
    return path.with_name(f".{path.name}.migrating")
