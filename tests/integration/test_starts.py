"""Starts that cannot succeed: one line that says what to do, an exit status, and nothing left behind.

What a database's schema has to do with it is in tests/migration/test_compatibility.py.
"""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from scheduler.api.address import bound
from scheduler.embedded import ports
from testing import command_line
from testing.patience import PATIENCE_S, eventually
from tests.servers import KEPT, ROOT

SCHEDULER = ("scheduler.__main__",)
WORKER = ("workers.__main__", "--queue", "crypto", "--concurrency", "1")
LEFT = """
SELECT (SELECT count(*) FROM tokens) + (SELECT count(*) FROM workers) + (SELECT count(*) FROM events)
     + (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')
"""
Start = Callable[..., str]


@pytest.fixture
def refused(database_url: str, redis_url: str, tmp_path: Path) -> Start:
    """Starts a program, which must end with one line and this status; returns the line."""
    (tmp_path / "token").write_text("nc_0123456789abcdef\n")
    port = ports.choose()

    def start(program: tuple[str, ...], status: int, **settings: str) -> str:
        environment = KEPT | {
            "NOVACRON_DATABASE_URL": database_url, "NOVACRON_REDIS_URL": redis_url,
            "NOVACRON_PORT": str(port), "NOVACRON_TOKEN_FILE": str(tmp_path / "token"), **settings,
        }  # fmt: skip
        done = command_line.run_program(*program, environment=environment, cwd=ROOT)
        said = done.stdout + done.stderr
        assert (done.returncode, len(said.splitlines())) == (status, 1), said
        with psycopg.connect(database_url) as connection:
            assert connection.execute(LEFT).fetchone() == (0,), said
        assert not ports.accepts(port)
        return said

    return start


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that something else listens on."""
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        yield str(server.getsockname()[1])


@pytest.mark.parametrize("program", [SCHEDULER, WORKER, ("shared.db.migrate",)])
def test_sigterm_ends_what_is_starting_as_the_first_process(program: tuple[str, ...]) -> None:
    """To the first process of a container, SIGTERM has no default action: here it is ignored at first."""
    with socket.create_server((ports.LOOPBACK, 0)) as silent:
        port = silent.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", program[0].removesuffix(".__main__"), *program[1:]],
            env=KEPT | {"NOVACRON_DATABASE_URL": f"postgresql://n@127.0.0.1:{port}/n"},
            preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN), cwd=ROOT,
        )  # fmt: skip
        try:
            eventually(lambda: _handles(process.pid, signal.SIGTERM), "SIGTERM is handled")
            process.terminate()
            assert process.wait(PATIENCE_S) == 128 + signal.SIGTERM
        finally:
            process.kill()


def _handles(pid: int, number: int) -> bool:
    """Return whether a process has a handler for a signal."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    [caught] = (line.split()[1] for line in lines if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (number - 1) & 1)


@pytest.mark.parametrize("program", [SCHEDULER, WORKER])
def test_a_port_of_metrics_that_is_taken(refused: Start, taken: str, program: tuple[str, ...]) -> None:
    said = refused(program, 2, NOVACRON_METRICS_PORT=taken)
    assert said == (
        f"novacron: NOVACRON_METRICS_PORT = {taken}: cannot be bound at 127.0.0.1: "
        "Address already in use (choose a free port for each process, or 0 for no metrics)\n"
    )


def test_a_port_of_the_api_that_is_taken(refused: Start, taken: str) -> None:
    """Refused before it leads or registers its token."""
    said = refused(SCHEDULER, 2, NOVACRON_PORT=taken)
    assert f"NOVACRON_PORT = {taken}: cannot be bound at 127.0.0.1: Address already in use" in said
    assert "choose a free port" in said


def test_one_port_for_both(refused: Start) -> None:
    port = str(ports.choose())
    assert f"NOVACRON_PORT = {port}" in refused(SCHEDULER, 2, NOVACRON_PORT=port, NOVACRON_METRICS_PORT=port)


def test_an_address_that_is_not_here(refused: Start) -> None:
    said = refused(SCHEDULER, 2, NOVACRON_HOST="nowhere.invalid")
    assert "cannot be bound at nowhere.invalid: Name or service not known" in said
    assert "an address of this machine as NOVACRON_HOST" in said
    said = refused(WORKER, 2, NOVACRON_HOST="192.0.2.1", NOVACRON_METRICS_PORT=str(ports.choose()))
    assert "cannot be bound at 192.0.2.1: Cannot assign requested address" in said


@pytest.mark.parametrize(
    "content", ["", "\n", "short", "two tokens of one file", "nc_0123456789abcdef\nmore", "ü" * 20]
)
def test_a_token_file_that_holds_no_token(refused: Start, tmp_path: Path, content: str) -> None:
    (tmp_path / "wrong").write_text(content)
    said = refused(SCHEDULER, 2, NOVACRON_TOKEN_FILE=str(tmp_path / "wrong"))
    assert "NOVACRON_TOKEN_FILE" in said and "16 to 512 visible ASCII characters" in said
    assert "openssl rand -hex 24" in said and (not content.strip() or content.strip() not in said)


def test_a_token_file_that_is_not_there(refused: Start) -> None:
    said = refused(SCHEDULER, 2, NOVACRON_TOKEN_FILE="/nowhere/token")
    assert (
        said
        == "novacron: NOVACRON_TOKEN_FILE = '/nowhere/token': cannot be read: No such file or directory\n"
    )


def test_every_address_of_a_host_is_held_before_any_is_heard() -> None:
    port = ports.choose()
    held = bound("localhost", port)
    try:
        assert not ports.accepts(port)
        assert {one.getsockname()[0] for one in held} <= {"127.0.0.1", "::1"}
        held[0].listen()
        assert ports.accepts(port) or held[0].family == socket.AF_INET6
    finally:
        for one in held:
            one.close()
