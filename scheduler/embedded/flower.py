"""Flower beside a stack: Celery's own monitoring, on loopback, with a password, read-only."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from scheduler.embedded import ports
from scheduler.embedded.files import secret, write_private
from scheduler.embedded.service import Service

USER = "novacron"


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
        """Base URL."""
        return f"http://{ports.LOOPBACK}:{self.port}"

    @property
    def login(self) -> str:
        """The login, as text for people."""
        return f"user {USER}, password in {self.password_file}"

    def service(self, folder: Path, variables: Mapping[str, str], after: tuple[str, ...]) -> Service:
        """Return Flower as a process of the stack.

        Args:
            folder: working directory of the application.
            variables: environment variables of the stack's processes.
            after: services that must be ready before it starts.
        """
        # In a file: other users can read command lines and environments.
        login = self._folder / "login"
        write_private(login, f"{USER}:{self._password}")
        arguments = ("-m", "shared.broker.flower", "--address", ports.LOOPBACK, "--port", str(self.port))
        return Service(
            name="flower",
            command=(sys.executable, *arguments),
            folder=folder,
            environment={**variables, "NOVACRON_FLOWER_LOGIN_FILE": str(login)},
            after=after,
            stop_signals=((signal.SIGTERM, 10.0),),
        )
