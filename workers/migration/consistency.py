"""Whether declared targets leave each other alone: what two of them name would be changed twice."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from novacron.errors import BadInput

if TYPE_CHECKING:
    from workers.migration.served import Declared

Place = tuple[str, str]
"""Key of a target and what it holds there."""


def check(targets: Iterable[Declared]) -> Iterator[BadInput]:
    """Every file, directive and stored key that is named twice, and every folder within another."""
    taken: dict[tuple[object, ...], str] = {}
    folders: list[tuple[Declared, Path]] = []
    for target in targets:
        for key, owned in _owned(target):
            mine = f"targets.{target.name}."
            if owned in taken and not taken[owned].startswith(mine):
                yield target.refused(key, f"is {taken[owned]} already", "one file or key has one target")
            taken.setdefault(owned, f"targets.{target.name}.{key}")
        folder = target.paths().get("folder")
        if folder is not None:
            yield from _nested(target, folder, folders)
            folders.append((target, folder))


def _owned(target: Declared) -> Iterator[tuple[str, tuple[object, ...]]]:
    """What nobody else may change, by its key in the target's table."""
    directive = getattr(target, "groups_directive", None)
    for key, path in target.paths().items():
        if key != "folder":
            yield key, ("file", os.path.realpath(path), directive if key == "config" else None)
    if "folder" not in target.paths() and (key_id := getattr(target, "key_id", "")):
        yield "key_id", ("key", key_id)


def _nested(target: Declared, folder: Path, others: Iterable[tuple[Declared, Path]]) -> Iterator[BadInput]:
    """The same files in two targets: one folder is or holds the other, and both mean the same files in it."""
    here = Path(os.path.realpath(folder))
    for other, path in others:
        there = Path(os.path.realpath(path))
        same = getattr(target, "pattern", "") == getattr(other, "pattern", "")
        if same and (here.is_relative_to(there) or there.is_relative_to(here)):
            yield target.refused(
                "folder", f"holds the files of targets.{other.name}.folder, {path}",
                "one file has one target; tell them apart by `pattern`",
            )  # fmt: skip
