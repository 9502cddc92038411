"""Which files are looked at, and which are not."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from novacron.migration import InventoryError
from shared.crypto.found import Found
from tests.unit.workers.crypto.inventory.forms import certificate, pem_of, private
from workers.crypto.inventory import content, files, folders, limits
from workers.crypto.inventory.folders import Roots

PEM = pem_of(certificate())


def search(*paths: Path, roots: Path | str) -> tuple[list[Found], dict[str, str]]:
    """The assets in files, and the errors by their target."""
    found = list(files.Search(Roots(str(roots)), lambda: None)([str(path) for path in paths]))
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
    assert not found and set(errors.values()) == {folders.OUTSIDE}
    found, errors = search(tree / "in", roots=tree / "in")
    assert len(found) == 1
    assert errors == {str(tree / "in" / name): folders.LEADS_OUTSIDE for name in ("link.pem", "up")}
    assert search(tree / "in", roots="") == ([], {str(tree / "in"): folders.OUTSIDE})
    neighbour = tree / "inside"
    neighbour.mkdir()
    assert search(neighbour, roots=tree / "in")[1] == {str(neighbour): folders.OUTSIDE}


def test_a_private_key_that_others_can_read_has_a_finding(tree):
    for mode, told in ((0o600, False), (0o640, True), (0o644, True)):
        for name in ("secret.pem", "in/deep/web.crt"):
            (tree / name).chmod(mode)
        found, errors = search(tree / "secret.pem", tree / "in", roots=tree)
        texts = {one.kind: [finding.text for finding in one.findings] for one in found}
        assert not errors and any("is open to" in text for text in texts["key"]) == told
        assert not any("is open to" in text for text in texts["certificate"])


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


def test_linked_folders_are_followed_once(tree):
    """Links to a folder beside, to one above, and to itself."""
    (tree / "store" / "inner").mkdir(parents=True)
    (tree / "store" / "inner" / "key.pem").write_bytes(private("RSA-2048"))
    (tree / "store" / "loop").symlink_to(tree / "store")
    (tree / "in" / "live").symlink_to(tree / "store")
    (tree / "in" / "again").symlink_to(tree / "store" / "inner")
    (tree / "in" / "self").symlink_to("self")
    (tree / "in" / "gone").symlink_to("missing")
    found, errors = search(tree / "in", roots=tree)
    assert [one.location for one in found if one.kind == "key"] == [str(tree / "in" / "again" / "key.pem")]
    assert errors == {
        str(tree / "in" / "self"): "Too many levels of symbolic links",
        str(tree / "in" / "gone"): "No such file or directory",
    }


def test_large_files_are_counted_as_unread(tree, monkeypatch):
    large = tree / "in" / "large.pem"
    large.write_bytes(PEM + b"\n" * limits.LARGEST_BYTES)
    assert search(large, roots=tree) == ([], {str(large): files.TOO_LARGE})
    found, errors = search(tree / "in", roots=tree)
    assert len(found) == 1 and errors == {str(large): files.TOO_LARGE}
    monkeypatch.setattr(files, "_EXAMPLES", 1)
    for number in range(3):
        os.link(large, tree / "in" / f"large{number}.pem")
    assert (
        search(tree / "in", roots=tree)[1][str(tree / "in")]
        == f"3 more files were not read: {files.TOO_LARGE}"
    )


def test_one_hostile_file_hides_none_of_the_others(tree):
    broken = b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"
    (tree / "in" / "a.pem").write_bytes(broken * 30_000)
    key = private("Ed25519")
    (tree / "in" / "b.pem").write_bytes(b"".join(PEM + key for _ in range(1500)))
    for number in range(65):
        (tree / "in" / f"c{number}.pem").write_bytes(key)
    found = list(files.Search(Roots(str(tree)), lambda: None)([str(tree / "in")]))
    errors = [one for one in found if isinstance(one, InventoryError)]
    places = {one.location for one in found if isinstance(one, Found)}
    assert places >= {str(tree / "in" / f"c{number}.pem") for number in range(65)}
    assert [one.error for one in errors if one.target.endswith("a.pem")][-1].startswith(
        "has 29,950 more parts"
    )
    assert [one.error for one in errors if one.target.endswith("b.pem")] == [
        "holds 1,000 more things, which are not listed"
    ]


def test_a_fault_of_ours_costs_one_file_only(tree, monkeypatch):
    def fails(data, location, limits):
        if b"fault" in data:
            raise RecursionError
        return iter(())

    (tree / "in" / "fault.pem").write_bytes(b"fault")
    monkeypatch.setattr(content, "read", fails)
    assert search(tree / "in", roots=tree)[1] == {
        str(tree / "in" / "fault.pem"): "a fault of NovaCron's kept it from being read: RecursionError"
    }


def test_an_empty_folder_is_said_to_be(tree):
    (tree / "empty" / "below").mkdir(parents=True)
    search_ = files.Search(Roots(str(tree)), lambda: None)
    (error,) = search_([str(tree / "empty")])
    assert isinstance(error, InventoryError) and error.error == files.EMPTY and search_.looked_at == 0


def test_there_is_an_end_to_files(tree, monkeypatch):
    monkeypatch.setattr(folders, "MOST_FILES", 1)
    assert "more than 1 files" in search(tree / "in", roots=tree)[1][str(tree / "in")]


def test_a_folder_that_cannot_be_listed_is_an_error(tree):
    deep = tree / "in" / "deep"
    (error,) = files.Search(Roots(str(tree)), lambda: shutil.rmtree(deep))([str(tree / "in")])
    assert isinstance(error, InventoryError)
    assert (error.target, error.error) == (str(deep), "No such file or directory")


def test_names_that_are_no_text_are_told_all_the_same(tree):
    Path(os.fsdecode(os.fsencode(tree / "in") + b"/\xff\x07.crt")).write_bytes(PEM)
    found, _ = search(tree / "in", roots=tree)
    assets = [one.asset(datetime.now(UTC)) for one in found]
    assert any(one.location.endswith("\\xff\x07.crt") for one in assets)
    assert all(one.model_dump_json() for one in assets)
