import os
import resource
import stat

import pytest

from scheduler.embedded import logs


def test_a_grown_log_is_moved_and_its_writer_goes_on(tmp_path):
    path = tmp_path / "logs" / "x.log"
    descriptor = logs.open_append(path)
    os.write(descriptor, b"a" * 100)
    assert not logs.rotate(path, limit_bytes=100)
    assert logs.rotate(path, limit_bytes=99)
    os.write(descriptor, b"after\n")
    os.close(descriptor)
    assert path.read_text() == "after\n"
    older = path.with_name("x.log.1")
    assert older.read_text() == "a" * 100
    assert stat.S_IMODE(older.stat().st_mode) == stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.fixture
def no_room():
    """No file of this process may grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_without_room_for_a_copy_a_grown_log_is_cut_all_the_same(tmp_path, request):
    path = tmp_path / "x.log"
    path.write_text("a" * 100)
    request.getfixturevalue("no_room")
    assert logs.rotate(path, limit_bytes=99)
    assert path.stat().st_size == 0
    assert list(tmp_path.iterdir()) == [path]


def test_where_no_log_can_be_made_output_goes_nowhere(tmp_path):
    (tmp_path / "logs").touch()
    descriptor = logs.open_append(tmp_path / "logs" / "x.log")
    assert os.write(descriptor, b"gone") == 4
    os.close(descriptor)


def test_tail_gives_the_last_lines(tmp_path):
    path = tmp_path / "x.log"
    assert logs.tail(path) == ""
    path.write_text("\n".join(str(i) for i in range(50_000)))
    assert logs.tail(path, 3) == "49997\n49998\n49999"


def test_the_last_line_of_a_logger_is_found_among_those_of_others(tmp_path):
    path = tmp_path / "worker.log"
    assert logs.last_line(path, "novacron.worker") == ""
    lines = ("1 WARNING novacron.worker first", "2 INFO novacron.worker last one", "banner", "3 INFO other x")
    path.write_text("\n".join(lines))
    assert logs.last_line(path, "novacron.worker") == "last one"
