"""An empty database for every test, and an ear on it."""

import mmap
from collections.abc import Callable, Iterator
from itertools import takewhile

import psycopg
import pytest

from testing.patience import PATIENCE_S
from tests.integration.core import probes as operations_of_tests
from tests.integration.core.world import World
from workers import operations
from workers.runtime import drain, lease


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """An empty database."""
    made = World(database_url)
    yield made
    made.close()


@pytest.fixture
def listening(world: World) -> Iterator[Callable[[str], list[tuple[str, str]]]]:
    """Listens to a channel from the first call on; each call gives what has arrived since."""
    with psycopg.connect(world.url, autocommit=True) as connection:

        def heard(channel: str) -> list[tuple[str, str]]:
            connection.execute(f"LISTEN {channel}".encode())
            world.connection.execute(f"NOTIFY {channel}, 'last'".encode())
            told = takewhile(lambda one: one.payload != "last", connection.notifies(timeout=PATIENCE_S))
            return [(one.channel, one.payload) for one in told]

        yield heard


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The probes are operations, no test leaves the worker draining, and no slow one ends this process."""
    for name in operations_of_tests.__all__:
        monkeypatch.setitem(operations.OPERATIONS, f"probe_{name}", f"{operations_of_tests.__name__}:{name}")
    monkeypatch.setattr(drain, "_cell", mmap.mmap(-1, 8))
    monkeypatch.setattr(lease, "GRACE_S", PATIENCE_S)
