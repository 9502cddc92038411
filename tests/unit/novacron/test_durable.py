"""The writer of whole files: what is lasting, what a killed attempt left, and links."""

import os
from pathlib import Path

import pytest

from novacron import durable


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is synced and renamed, in order: a file, a folder, a name."""
    order: list[str] = []
    fsync, replace = os.fsync, os.replace

    def syncing(descriptor: int) -> None:
        order.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")
        fsync(descriptor)

    def renaming(one: Path, other: Path) -> None:
        order.append("name")
        replace(one, other)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(os, "replace", renaming)
    return order


def test_content_then_name_then_folder_are_lasting(tmp_path: Path, told: list[str]) -> None:
    with durable.placing(tmp_path / "a") as file:
        file.write(b"new")
    assert told == ["file", "name", "folder"]
    durable.link(tmp_path / "b", "a")
    assert told[3:] == ["name", "folder"] and (tmp_path / "b").read_bytes() == b"new"


def test_what_need_not_last_is_whole_all_the_same(tmp_path: Path, told: list[str]) -> None:
    with durable.placing(tmp_path / "a", lasting=False) as file:
        file.write(b"new")
        assert not (tmp_path / "a").exists()
    assert told == ["name"] and os.listdir(tmp_path) == ["a"]


def test_what_a_killed_attempt_left_is_no_obstacle(tmp_path: Path) -> None:
    for left in (tmp_path / "x", tmp_path / "y"):
        left.write_text("half")
    with durable.placing(tmp_path / "a", temporary=tmp_path / "x") as file:
        file.write(b"new")
    durable.link(tmp_path / "b", "a", temporary=tmp_path / "y")
    assert sorted(os.listdir(tmp_path)) == ["a", "b"] and (tmp_path / "b").read_bytes() == b"new"


def test_a_link_that_cannot_be_put_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a" / "in").mkdir(parents=True)
    with pytest.raises(OSError):
        durable.link(tmp_path / "a", "elsewhere")
    assert os.listdir(tmp_path) == ["a"] and (tmp_path / "a" / "in").is_dir()
