"""Checks that declared targets do not overlap: an object named by two would be changed twice."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from novacron.errors import BadInput

if TYPE_CHECKING:
    from workers.crypto.migration.served import Declared

RENAMED = {"ssl_ecdh_curve": "ssl_groups"}
"""Former names of settings that are still accepted."""
Thing = tuple[object, ...]
"""A file, identified by path and inode, or a stored key."""


def check(targets: Iterable[Declared]) -> Iterator[BadInput]:
    """Yield an error for every file, directive and stored key named twice, and every nested folder."""
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
    """Return the other target that claims it: a file belongs to one target, or its directives do."""
    for other, place in claims:
        if not place.startswith(mine) and (directive == other or "" in (directive, other)):
            return place
    return None


def _owned(target: Declared) -> Iterator[tuple[str, list[Thing], str]]:
    """Yield the exclusively owned objects, by their key in the target's table, with the directive."""
    directive = str(getattr(target, "groups_directive", "")).lower()
    for key, path in target.paths().items():
        if key != "folder":
            yield key, _file(path), RENAMED.get(directive, directive) if key == "config" else ""
    if "folder" not in target.paths() and (key_id := getattr(target, "key_id", "")):
        yield "key_id", [("key", key_id)], ""


def _file(path: Path) -> list[Thing]:
    """Identify a file by its resolved path and by its inode, since it may have hard links."""
    name = os.path.realpath(path)
    try:
        found = os.stat(name)
    except OSError:
        return [("file", name)]
    return [("file", name), ("inode", found.st_dev, found.st_ino)]


def _nested(target: Declared, folder: Path, others: Iterable[tuple[Declared, Path]]) -> Iterator[BadInput]:
    """Yield errors if one folder contains another and both select the same files."""
    here = Path(os.path.realpath(folder))
    for other, path in others:
        there = Path(os.path.realpath(path))
        same = getattr(target, "pattern", "") == getattr(other, "pattern", "")
        if same and (here.is_relative_to(there) or there.is_relative_to(here)):
            yield target.refused(
                "folder", f"holds the files of targets.{other.name}.folder, {path}",
                "one file has one target; tell them apart by `pattern`",
            )  # fmt: skip
