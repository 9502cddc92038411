"""The stack that all acceptance tests share; at the end, what it said is searched for secrets."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from novacron import Client
from tests.acceptance.stack import Stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A running stack; it must end cleanly and must never have told a secret."""
    folder = Path(tempfile.mkdtemp(prefix="novacron-acceptance-"))
    running = Stack(folder / "data", NOVACRON_INVENTORY_ROOTS=str(folder))
    try:
        running.up()
        secrets = running.secrets
        yield running
        running.down()
        logs = [path.read_bytes() for path in (running.data / "logs").iterdir()]
        assert not [text for text in [*running.said, *logs] for secret in secrets if secret in text]
    finally:
        if (running.data / "runtime.json").exists():
            running.run("down", "--data", str(running.data))
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    """An admin's client."""
    with stack.client() as opened:
        yield opened
