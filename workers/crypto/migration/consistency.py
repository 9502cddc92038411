"""Whether declared targets leave each other alone: what two of them name would be changed twice."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from novacron.errors import BadInput

if TYPE_CHECKING:
    from workers.crypto.migration.served import Declared

RENAMED = {"ssl_ecdh_curve": "ssl_groups"}
"""What a setting was called before, and is still read by."""
Thing = tuple[object, ...]
"""A file, by where it is and which it is, or a stored key."""


def check(targets: Iterable[Declared]) -> Iterator[BadInput]:
    """Every file, directive and stored key that is named twice, and every folder within another."""
    taken: dict[Thing, dict[str, str]] = {}
    folders: list[tuple[Declared, Path]] = []
    for target in targets:
        for key, things, directive in _owned(target):
            claims = [claim for thing in things for claim in taken.get(thing, {}).items()]
            if found := _clash(directive, f"targets.{target.name}.", claims):
                yield target.refused(key, f"is {found} already", "one file or key has one target")
            for thing in things:
                taken.setdefault(thing, {}).setdefault(directive, f"targets.{target.name}.{key}")
        folder = target.paths().get("folder")
        if folder is not None:
            yield from _nested(target, folder, folders)
            folders.append((target, folder))


def _clash(directive: str, mine: str, claims: Iterable[tuple[str, str]]) -> str | None:
    """The other target that has it: a file belongs to one, or each of its directives does."""
    for other, place in claims:
        if not place.startswith(mine) and (directive == other or "" in (directive, other)):
            return place
    return None


def _owned(target: Declared) -> Iterator[tuple[str, list[Thing], str]]:
    """What nobody else may change, by its key in the target's table, with the directive it is about."""
    directive = str(getattr(target, "groups_directive", "")).lower()
    for key, path in target.paths().items():
        if key != "folder":
            yield key, _file(path), RENAMED.get(directive, directive) if key == "config" else ""
    if "folder" not in target.paths() and (key_id := getattr(target, "key_id", "")):
        yield "key_id", [("key", key_id)], ""


def _file(path: Path) -> list[Thing]:
    """A file by its name, links followed, and by what it is, since it may have further names (hard links)."""
    name = os.path.realpath(path)
    try:
        found = os.stat(name)
    except OSError:
        return [("file", name)]
    return [("file", name), ("inode", found.st_dev, found.st_ino)]


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
