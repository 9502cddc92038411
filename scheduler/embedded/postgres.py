"""PostgreSQL on a Unix socket in the data folder, with peer authentication by system account."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psutil

from scheduler.embedded import binaries, logs
from scheduler.embedded.account import Account, current_name, unprivileged
from scheduler.embedded.errors import StartError
from scheduler.embedded.files import recorded, write_private
from scheduler.embedded.service import Service
from shared.settings import own

SERVICE = "postgres"
ROLE = DATABASE = "novacron"
SUPERUSER = "postgres"
PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"
LONGEST_SOCKET_PATH = 100  # Bytes; the kernel's limit is 107 on Linux, 103 on macOS
PLAIN = re.compile(r"[\w./+~-]+", re.ASCII)
"""Paths that need no escaping in a connection URL; a comma, for example, separates hosts."""
LEFTOVER_S = 5.0

SETTINGS: dict[str, str] = {
    "listen_addresses": "",
    "unix_socket_directories": ".",  # relative to the data folder, the server's working directory
    "max_connections": "200",
    "shared_buffers": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_wal_size": "1GB",
    "max_parallel_workers_per_gather": "0",
    "max_logical_replication_workers": "0",
    "autovacuum_naptime": "10s",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %q%a ",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


class Postgres:
    """A database cluster in a folder.

    Under root the server runs as an unprivileged account that owns the cluster but may be unable to reach it
    by its path; it is therefore started inside the folder and given that path as its working directory, which
    needs no permission on the parent folders.

    Args:
        data: the data folder; the cluster is its sub-folder `postgres`.
        stack: the stack's random name.
        settings: server settings on top of `SETTINGS`.
    """

    def __init__(self, data: Path, stack: str, settings: Mapping[str, str] | None = None) -> None:
        self._data = data
        self._stack = stack
        self._settings = SETTINGS | dict(settings or {})
        self.folder = data / "postgres"
        self.account = unprivileged(self.folder, data)

    @property
    def url(self) -> str:
        """Connection URL; contains no secret."""
        folder = quote(str(self._socket_folder()), safe="/")
        return f"postgresql://{ROLE}@/{DATABASE}?host={folder}&port={PORT}"

    def service(self) -> Service:
        """Return the server as a process of the stack.

        Raises:
            StackError: PostgreSQL's programs cannot run here.
        """
        program = binaries.postgres_folder(self.account) / "postgres"
        settings = self._settings | {"cluster_name": str(self._data)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Service(
            name=SERVICE,
            command=(str(program), "-D", self._own_path(self.folder), *options),
            folder=self.folder,
            account=self.account,
            prepare=self.clean_up,
            ready=self._ready,
            stop_signals=((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0)),
        )

    def create(self) -> bool:
        """Create the cluster with its role and database if there is none; return whether it was created.

        Raises:
            StackError: the user has no name, or initdb failed.
        """
        if self.folder.exists():
            return False
        current_name()
        unfinished = self.folder.with_name("postgres.unfinished")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        if self.account:
            os.chown(unfinished, self.account.uid, self.account.gid)
        programs = binaries.postgres_folder(self.account)
        fsync = self._settings["fsync"]
        where = ["-D", self._own_path(unfinished)]
        names = ["--username", SUPERUSER, "--auth", "peer"]
        text = ["--encoding", "UTF8", "--locale", "C", "--data-checksums"]
        sync = [] if fsync == "on" else ["--no-sync"]
        self._run([str(programs / "initdb"), *where, *names, *text, *sync], unfinished)
        single = [str(programs / "postgres"), "--single", "-j", *where]
        single += ["-c", f"fsync={fsync}", "-c", "log_checkpoints=off", "postgres"]
        role = f"CREATE ROLE {ROLE} LOGIN CREATEDB;\n\n"
        self._run(single, unfinished, role + f"CREATE DATABASE {DATABASE} OWNER {ROLE};\n\n")
        unfinished.rename(self.folder)
        return True

    def clean_up(self) -> None:
        """Prepare a start: end the remains of a killed server, and write the client authentication file."""
        if (self.folder / "postmaster.pid").exists():
            self._end_leftovers()
            for name in ("postmaster.pid", SOCKET, f"{SOCKET}.lock"):
                (self.folder / name).unlink(missing_ok=True)
        user = current_name()
        self._write("pg_hba.conf", "local all all peer map=novacron\n")
        names = (f'novacron "{user}" {name}\n' for name in (ROLE, SUPERUSER))
        self._write("pg_ident.conf", "".join(names))
        self._socket_folder()

    def _end_leftovers(self) -> None:
        """End backends whose server was killed: they notice by themselves, busy ones late."""
        deadline = time.monotonic() + LEFTOVER_S
        while found := self.processes():
            for process in found if time.monotonic() > deadline - LEFTOVER_S + 0.2 else []:
                process.kill()
            if time.monotonic() > deadline:
                raise StartError(f"postgres processes {[p.pid for p in found]} do not end", self._log())
            time.sleep(0.01)

    def keep_reachable(self) -> None:
        """Recreate the short symlink if a cleaner of temporary files removed it."""
        self._socket_folder()

    def forget(self) -> None:
        """Remove what lies outside the data folder, after the last stop."""
        self._link().unlink(missing_ok=True)

    def processes(self) -> list[psutil.Process]:
        """Return the server processes of this cluster, identified by their working directory."""
        found = []
        folder = str(self.folder.resolve())
        for process in psutil.process_iter():
            try:
                if process.name().startswith("postgres") and process.cwd() == folder:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def _ready(self, pid: int) -> bool:
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _own_path(self, folder: Path) -> str:
        return "/proc/self/cwd" if self.account and sys.platform == "linux" else str(folder)

    def _socket_folder(self) -> Path:
        """Return the socket folder for clients: the cluster's, or a symlink if its path is unsuitable."""
        fits = len(os.fsencode(self.folder / SOCKET)) <= LONGEST_SOCKET_PATH
        if fits and PLAIN.fullmatch(str(self.folder)):
            return self.folder
        link = self._link()
        if not link.is_symlink() or link.readlink() != self.folder:
            link.unlink(missing_ok=True)
            link.symlink_to(self.folder)
        return link

    def _link(self) -> Path:
        # The stack's name is random, so nobody else can have created this path in advance.
        digest = hashlib.sha256(f"{self._stack}:{self.folder}".encode()).hexdigest()
        return Path("/tmp") / f"novacron-{digest[:16]}"

    def _write(self, name: str, text: str) -> None:
        if recorded(self.folder / name) == text:
            return
        write_private(self.folder / name, text)
        if self.account:
            os.chown(self.folder / name, self.account.uid, self.account.gid)

    def _log(self) -> Path:
        return self._data / "logs" / "initdb.log"

    def _run(self, command: list[str], folder: Path, text: str = "") -> None:
        account: Account | None = self.account
        output = logs.open_append(self._log())
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=own(os.environ),
                input=text.encode(),
                stdout=output,
                stderr=output,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                start_new_session=True,
            )
        finally:
            os.close(output)
        if done.returncode:
            raise StartError(f"{Path(command[0]).name} failed with status {done.returncode}", self._log())
