"""What all tests stand on: the same examples every time, servers, and an end that leaves nothing behind."""

import base64
import gc
import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from scheduler.embedded import ports
from testing import copies
from tests import leftovers, not_run, spread, temporary
from tests.servers import ROOT, RunningPostgres, RunningRedis

__all__ = ["ROOT"]

# The same examples on every machine and however busy it is; `--hypothesis-profile=search` looks for new ones.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", settings.get_profile("search"), derandomize=True)
settings.load_profile("steady")

# As the stack does it for its workers: threads for matrices of a few rows cost more than the whole test.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
LEFT = pytest.StashKey[list[str]]()
FOLDER = pytest.StashKey[Path]()


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.add_hookspecs(not_run)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(not_run.NotRun())
    leftovers.mark_this_run()
    if "PYTEST_XDIST_WORKER" not in os.environ:  # a run that is told to end ends what it has started, too
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if config.getoption("numprocesses", None):
            config.stash[FOLDER] = temporary.whole_run()
    for name in ("COLUMNS", "LINES"):  # readline says how wide a terminal is where there is none
        os.environ.pop(name, None)
    ports.RANGE = spread.own_ports(ports.RANGE)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return spread.n_processes()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    return spread.scheduler(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: spread.turn(item.nodeid))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is made meanwhile stays, and there is ever more of it: garbage is looked for in the rest."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """After the processes that ran the tests have ended."""
    copies.end()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        session.config.stash[LEFT] = leftovers.end()
        if session.config.stash[LEFT]:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    if FOLDER in config.stash:
        temporary.remove(config.stash[FOLDER])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(LEFT, []):
        terminalreporter.write_line(line, red=True)


@pytest.fixture(scope="session")
def server_data() -> Iterator[Path]:
    """The folder of the process's servers, removed at the end."""
    with temporary.folder() as data:
        yield data


@pytest.fixture(scope="session")
def postgres_server(server_data: Path) -> Iterator[RunningPostgres]:
    """One PostgreSQL server for all tests of the process."""
    running = RunningPostgres(server_data)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def redis_server(server_data: Path) -> Iterator[RunningRedis]:
    """One Redis server for all tests of the process; `redis_url` gives a module an empty one."""
    running = RunningRedis(server_data)
    yield running
    running.child.stop()


def _database(server: RunningPostgres) -> Iterator[str]:
    server.ensure()
    url = server.fresh()
    yield url
    server.ensure()
    server.drop(url)


@pytest.fixture(scope="module")
def database_url(postgres_server: RunningPostgres) -> Iterator[str]:
    """A database with the newest schema that no other module uses."""
    yield from _database(postgres_server)


@pytest.fixture
def new_database_url(postgres_server: RunningPostgres) -> Iterator[str]:
    """A database with the newest schema that no other test uses."""
    yield from _database(postgres_server)


@pytest.fixture
def kek_file(tmp_path: Path) -> Path:
    """A file with a new key-encryption key."""
    path = tmp_path / "kek"
    path.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
    return path


@pytest.fixture(scope="module")
def redis_url(redis_server: RunningRedis) -> str:
    """An empty Redis."""
    redis_server.ensure()
    redis_server.empty()
    return redis_server.url
