"""Where output goes: into pipes and devices, as whole files beside nothing half-written, links kept."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from novacron import destination, durable
from novacron.destination import SECRET, Destination, OutputLost
from novacron.errors import BadInput

ROOT = os.geteuid() == 0
OTHER = 54_321


def seen(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        Destination(tmp_path / "a", replace=False).write(b"a")
        Destination(tmp_path / "key", replace=False, mode=SECRET).write(b"k")
    finally:
        os.umask(before)
    assert [seen(tmp_path / name)[2] for name in ("a", "key")] == [0o640, 0o600]


def test_a_file_that_is_there_is_refused_before_any_work(tmp_path: Path) -> None:
    (there := tmp_path / "a").write_text("old")
    with pytest.raises(BadInput, match=r"a: exists already \(--force replaces it\)"):
        Destination(there, replace=False)
    assert there.read_text() == "old"


def test_a_file_that_comes_meanwhile_is_refused(tmp_path: Path) -> None:
    found = Destination(tmp_path / "a", replace=False)
    with pytest.raises(BadInput, match="exists already"), found.writing() as file:
        file.write(b"new")
        (tmp_path / "a").write_text("theirs")
    assert os.listdir(tmp_path) == ["a"] and (tmp_path / "a").read_text() == "theirs"


def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    Destination(tmp_path / "a", replace=False).write(b"new")
    late = Destination(tmp_path / "b", replace=False)
    with pytest.raises(BadInput, match="exists already"), late.writing():
        (tmp_path / "b").write_text("theirs")
    assert sorted(os.listdir(tmp_path)) == ["a", "b"] and (tmp_path / "a").read_text() == "new"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o755, 0o666])
def test_what_is_replaced_keeps_owner_group_and_mode(tmp_path: Path, mode: int) -> None:
    (there := tmp_path / "a").write_text("old and longer")
    if ROOT:
        os.chown(there, OTHER, OTHER + 1)
    there.chmod(mode)
    before = seen(there)
    Destination(there, replace=True, mode=SECRET).write(b"new")
    assert (seen(there), there.read_text(), os.listdir(tmp_path)) == (before, "new", ["a"])
    Destination(there, replace=True, mode=SECRET, kept=SECRET).write(b"key")
    assert seen(there) == (*before[:2], mode & SECRET)


def test_attributes_stay(tmp_path: Path) -> None:
    (there := tmp_path / "a").write_text("old")
    try:
        os.setxattr(there, "user.label", b"kept")
    except OSError:
        return  # this file system has none
    Destination(there, replace=True).write(b"new")
    assert os.getxattr(there, "user.label") == b"kept"


@pytest.mark.parametrize("relative", [False, True])
def test_a_link_stays_and_what_it_names_is_replaced(tmp_path: Path, relative: bool) -> None:
    (tmp_path / "deep").mkdir()
    (real := tmp_path / "deep" / "a").write_text("old")
    (link := tmp_path / "link").symlink_to("deep/a" if relative else real)
    (chain := tmp_path / "chain").symlink_to("link")
    with pytest.raises(BadInput, match="exists already"):
        Destination(chain, replace=False)
    Destination(chain, replace=True).write(b"new")
    assert link.is_symlink() and chain.is_symlink() and real.read_text() == "new"
    assert os.listdir(tmp_path / "deep") == ["a"]


def test_a_link_to_nothing_makes_the_file_at_its_end(tmp_path: Path) -> None:
    (link := tmp_path / "link").symlink_to("a")
    Destination(link, replace=False).write(b"new")
    assert link.is_symlink() and (tmp_path / "a").read_text() == "new"
    (tmp_path / "lost").symlink_to("missing/a")
    with pytest.raises(BadInput, match="there is no folder"):
        Destination(tmp_path / "lost", replace=True)


def test_folders_and_paths_that_lead_nowhere_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "round").symlink_to("round")
    (tmp_path / "to_folder").symlink_to(".")
    cases = {
        ".": "it is a folder", "to_folder": "it is a folder", "missing/a": "there is no folder",
        "file/a": "Not a directory", "round": "symbolic links", "n" * 256: "too long",
    }  # fmt: skip
    for name, why in cases.items():
        for replace in (False, True):
            with pytest.raises(BadInput, match=f"cannot be written: .*{why}"):
                Destination(tmp_path / name, replace=replace)
    with pytest.raises(BadInput, match="No such file"):
        Destination("", replace=True)


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    Destination(pipe, replace=False).write(b"through")
    reader.join()
    assert read == [b"through"] and stat.S_ISFIFO(pipe.lstat().st_mode) and os.listdir(tmp_path) == ["pipe"]


def test_a_device_is_written_into(tmp_path: Path) -> None:
    null = Path("/dev/null")
    if ROOT:
        os.mknod(null := tmp_path / "null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    (link := tmp_path / "link").symlink_to(null)
    for name in (null, link):
        for replace in (False, True):
            found = Destination(name, replace=replace)
            assert found.is_stream and not found.is_stdout
            found.write(b"gone")
    assert stat.S_ISCHR(null.lstat().st_mode) and link.is_symlink()


@pytest.mark.parametrize(
    "name", ["/dev/fd/{}", "/proc/self/fd/{}", "/proc/{pid}/fd/{}", "/proc/thread-self/fd/{}"]
)
def test_a_descriptor_is_written_into_from_where_it_stands(tmp_path: Path, name: str) -> None:
    with (tmp_path / "log").open("wb", buffering=0) as log:
        log.write(b"before ")
        Destination(name.format(log.fileno(), pid=os.getpid()), replace=False).write(b"after")
        log.write(b"!")
    assert (tmp_path / "log").read_bytes() == b"before after!" and os.listdir(tmp_path) == ["log"]


def test_a_socket_and_a_closed_descriptor_are_refused(tmp_path: Path) -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        with pytest.raises(BadInput, match="cannot be written: it is a socket"):
            Destination(tmp_path / "socket", replace=True)
    assert stat.S_ISSOCK((tmp_path / "socket").lstat().st_mode)
    (tmp_path / "read").write_text("old")
    with (tmp_path / "read").open() as reader:
        for number in (987, reader.fileno()):
            with pytest.raises(BadInput, match="Bad file descriptor"):
                Destination(f"/dev/fd/{number}", replace=True)
    assert (tmp_path / "read").read_text() == "old"


def test_a_full_device_loses_the_output() -> None:
    with pytest.raises(OutputLost) as lost:
        Destination("/dev/full", replace=True).write(b"a")
    assert lost.value.name == "/dev/full"
    with pytest.raises(BadInput, match="/dev/full: cannot be written: No space left"):
        destination.write("/dev/full", b"a")


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit, ValueError])
def test_nothing_is_left_of_what_is_cut_short(tmp_path: Path, ending: type[BaseException]) -> None:
    (tmp_path / "old").write_text("old")
    for name in ("old", "new"):
        with pytest.raises(ending), Destination(tmp_path / name, replace=True).writing() as file:
            file.write(b"half")
            raise ending
    assert os.listdir(tmp_path) == ["old"] and (tmp_path / "old").read_text() == "old"


def test_a_long_name_is_no_obstacle(tmp_path: Path) -> None:
    for name in ("n" * 255, "\U0001f511" * 63):
        Destination(tmp_path / name, replace=False).write(b"new")
        assert (tmp_path / name).read_bytes() == b"new"


def test_the_modification_time_stays_where_it_is_asked_for(tmp_path: Path) -> None:
    (there := tmp_path / "a").write_text("old")
    os.utime(there, ns=(10**18, 10**18 + 7))
    with durable.placing(there, like=there, keep_time=True) as file:
        file.write(b"new")
    assert there.stat().st_mtime_ns == 10**18 + 7 and there.read_text() == "new"
