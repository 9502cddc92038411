"""Which files are looked at, and which are not."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from novacron.migration import InventoryError
from shared.found import Found
from tests.unit.workers.inventory.forms import certificate, pem_of, private
from workers.inventory import files

PEM = pem_of(certificate())


def search(*paths: Path, roots: Path | str) -> tuple[list[Found], dict[str, str]]:
    """The assets in files, and the errors by their target."""
    found = list(files.search([str(path) for path in paths], files.Roots(str(roots)), lambda: None))
    errors = {one.target: one.error for one in found if isinstance(one, InventoryError)}
    return [one for one in found if isinstance(one, Found)], errors


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Roots with one certificate deep in them, beside a secret that is outside."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "web.crt").write_bytes(PEM)
    (tmp_path / "in" / "notes.txt").write_text("nothing")
    (tmp_path / "secret.pem").write_bytes(private("Ed25519"))
    return tmp_path


def test_a_folder_is_looked_through(tree):
    found, errors = search(tree / "in", roots=tree / "in")
    assert [one.location for one in found] == [str(tree / "in" / "deep" / "web.crt")] and not errors


def test_nothing_outside_the_roots_is_looked_at_or_said_to_exist(tree):
    (tree / "in" / "link.pem").symlink_to(tree / "secret.pem")
    (tree / "in" / "up").symlink_to(tree)
    outside = [
        tree / "secret.pem",
        tree / "missing",
        tree / "in" / ".." / "secret.pem",
        tree / "in" / "link.pem",
    ]
    found, errors = search(*outside, roots=tree / "in")
    assert not found and set(errors.values()) == {files.OUTSIDE}
    found, errors = search(tree / "in", roots=tree / "in")
    assert len(found) == 1 and not errors
    assert search(tree / "in", roots="") == ([], {str(tree / "in"): files.OUTSIDE})
    neighbour = tree / "inside"
    neighbour.mkdir()
    assert search(neighbour, roots=tree / "in")[1] == {str(neighbour): files.OUTSIDE}


def test_several_roots_and_the_root_of_all(tree):
    assert len(search(tree / "in", roots=f"/nowhere:{tree}")[0]) == 1
    assert len(search(tree / "secret.pem", roots="/")[0]) == 1


def test_a_file_is_told_once_whatever_leads_to_it(tree):
    (tree / "in" / "again.crt").symlink_to("deep/web.crt")
    assert len(search(tree / "in", tree / "in" / "deep", roots=tree)[0]) == 1


def test_what_was_asked_for_by_name_and_holds_nothing_is_an_error(tree):
    pipe = tree / "pipe"
    os.mkfifo(pipe)
    found, errors = search(tree / "in" / "notes.txt", tree / "missing", pipe, roots=tree)
    assert not found and list(errors.values()) == [
        "nothing cryptographic is recognised in it", "No such file or directory", "is no regular file",
    ]  # fmt: skip


def test_large_files_are_not_read(tree, monkeypatch):
    large = tree / "large.pem"
    large.write_bytes(PEM + b"\n" * files.LARGEST_BYTES)
    found, errors = search(large, roots=tree)
    assert not found and "larger than 4,194,304 bytes" in errors[str(large)]
    assert not search(tree / "in", roots=tree)[1]


def test_there_is_an_end_to_files(tree, monkeypatch):
    monkeypatch.setattr(files, "MOST_FILES", 1)
    assert "more than 1 files" in search(tree / "in", roots=tree)[1][str(tree / "in")]


def test_a_folder_that_cannot_be_listed_is_an_error(tree):
    deep = tree / "in" / "deep"
    (error,) = files.search([str(tree / "in")], files.Roots(str(tree)), lambda: shutil.rmtree(deep))
    assert isinstance(error, InventoryError)
    assert (error.target, error.error) == (str(deep), "No such file or directory")


def test_names_that_are_no_text_are_told_all_the_same(tree):
    Path(os.fsdecode(os.fsencode(tree / "in") + b"/\xff\x07.crt")).write_bytes(PEM)
    found, _ = search(tree / "in", roots=tree)
    assets = [one.asset(datetime.now(UTC)) for one in found]
    assert any(one.location.endswith("\\xff\x07.crt") for one in assets)
    assert all(one.model_dump_json() for one in assets)
