"""Flower beside a stack: Celery's own view of it, on loopback, behind a password, and for looking only."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from scheduler.embedded import ports
from scheduler.embedded.files import secret, write_private
from scheduler.embedded.service import Service

USER = "novacron"
COLUMNS = "name,uuid,state,args,exception,received,started,runtime,worker"
# What Flower could do (revoke a message, stop a worker) goes past the rows that say who has which task.
CONFIGURATION = """\
address = {address!r}
port = {port}
basic_auth = [{login!r}]
read_only = True
tasks_columns = {columns!r}
"""


class Flower:
    """Flower's process, its address and its password.

    Args:
        data: the data folder; what Flower needs is in its sub-folder `flower`.
        port: loopback port to listen on.
    """

    def __init__(self, data: Path, port: int) -> None:
        self._folder = data / "flower"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self.port = port
        self.password_file = self._folder / "password"
        self._password = secret(self.password_file)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{ports.LOOPBACK}:{self.port}"

    @property
    def login(self) -> str:
        """How one gets in, in words."""
        return f"user {USER}, password in {self.password_file}"

    def service(self, folder: Path, variables: Mapping[str, str], after: tuple[str, ...]) -> Service:
        """Flower as a process of the stack.

        Args:
            folder: where the application starts.
            variables: what the stack's processes are told.
            after: services that must be ready before it starts.
        """
        # In a file: what stands on a command line or in an environment can be read by others.
        configuration = self._folder / "configuration.py"
        write_private(
            configuration,
            CONFIGURATION.format(
                address=ports.LOOPBACK, port=self.port, login=f"{USER}:{self._password}", columns=COLUMNS
            ),
        )
        arguments = ("-m", "celery", "-A", "workers.app", "flower", f"--conf={configuration}")
        return Service(
            name="flower",
            command=(sys.executable, *arguments),
            folder=folder,
            environment=variables,
            after=after,
            stop_signals=((signal.SIGTERM, 10.0),),
        )
