"""Releases: this one, and one after it with its migrations, and where they are wanted its sources."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg

from shared.db import migrate
from shared.db.compatibility import newest
from testing.patience import eventually
from tests.servers import KEPT, ROOT

SOURCES = ("novacron", "shared", "testing", "workers")
WORKER = ("testing.faults.lazy_worker", "--queue", "cpu-sim", "--concurrency", "1")
STEP = '''"""a change of a later release."""

from alembic import op

revision = {revision!r}
down_revision = {before!r}
branch_labels = None
depends_on = None
serves = {serves!r}


def upgrade():
    op.execute({up!r})


def downgrade():
    op.execute({down!r})
'''


class Release:
    """A later release, which differs from this one in its migrations, and in the sources edited.

    Args:
        folder: where it is put.

    Attributes:
        newest: its newest migration.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "migrations", folder / "migrations")
        shutil.copy(ROOT / "alembic.ini", folder)
        self.newest = newest()

    def add(self, up: str, down: str, *, serves: str) -> str:
        """Add a migration of SQL statements; returns its revision."""
        before, self.newest = self.newest, f"{int(self.newest) + 1:04}"
        text = STEP.format(revision=self.newest, before=before, serves=serves, up=up, down=down)
        (self.folder / "migrations" / "versions" / f"{self.newest}_later.py").write_text(text)
        return self.newest

    def migrate(self, database_url: str) -> None:
        """Bring a database to its newest schema."""
        with mock.patch.object(migrate, "ROOT", self.folder):
            migrate.run(database_url, "head")

    def downgrade(self, database_url: str, revision: str) -> None:
        """Take a database back."""
        with mock.patch.object(migrate, "ROOT", self.folder):
            migrate.run(database_url, revision, down=True)

    def edit(self, path: str, before: str, after: str) -> None:
        """Replace a passage of its sources."""
        self._copy()
        text = (self.folder / path).read_text()
        assert before in text, path
        (self.folder / path).write_text(text.replace(before, after, 1))

    def start(self, *arguments: str, output: Path, **settings: str) -> subprocess.Popen[bytes]:
        """Start a program of its sources."""
        self._copy()
        return start(self.folder, *arguments, output=output, **settings)

    def _copy(self) -> None:
        for name in SOURCES:
            if not (self.folder / name).exists():
                shutil.copytree(ROOT / name, self.folder / name)  # with its bytecode


def start(folder: Path, *arguments: str, output: Path, **settings: str) -> subprocess.Popen[bytes]:
    """Start a program of the sources in a folder."""
    with output.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=folder, stdout=log, stderr=log,
            env=KEPT | settings | {"PYTHONPATH": str(folder)},
        )  # fmt: skip


def await_worker(database: psycopg.Connection[Any], process: subprocess.Popen[bytes], output: Path) -> None:
    """Return once a worker is there."""
    there = "SELECT 1 FROM workers WHERE pid = %s AND NOT draining"
    eventually(
        lambda: process.poll() is not None or database.execute(there, (process.pid,)).fetchone(), output.name
    )
    assert process.poll() is None, output.read_text()
