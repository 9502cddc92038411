"""OpenSSH's server: its key exchange methods."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scheduler.embedded import ports
from testing.migration.judges import JudgementError, expect, ssh_method
from testing.migration.process import Server, as_account, give
from testing.programs import LONGEST_S, needed
from workers.crypto.migration.programs import OpenSSH

NEW, OLD = "mlkem768x25519-sha256", "curve25519-sha256"
SETTINGS = """{methods}Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile {folder}/pid
UsePAM no
StrictModes no
MaxStartups 100
PerSourcePenalties no
"""


class Daemon:
    """The server, a service in itself.

    Args:
        folder: folder of its files.
        methods: the line of its configuration that sets them; empty for none.
        new: the method it migrates to.
    """

    component: Mapping[str, Any] = {"kind": "ssh_endpoint", "algorithm": OLD}

    def __init__(self, folder: Path, methods: str) -> None:
        folder.mkdir()
        self.name, self._port = folder.name, ports.choose()
        self._config = folder / "sshd_config"
        self._config.write_text(SETTINGS.format(folder=folder, port=self._port, methods=methods) + _helpers())
        key = folder / "host_key"
        command = [needed("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(key)]
        subprocess.run(command, check=True, timeout=LONGEST_S)
        give(folder, key, self._config)
        sshd = needed("sshd")
        self.server = Server(
            [sshd, "-D", "-e", "-f", str(self._config)], self._port, folder / "log", unprivileged=True
        )
        self.target = OpenSSH(
            self.name, config=self._config, check=as_account([sshd, "-t", "-f", str(self._config)]),
            reload=self.server.reload(), probe=f"127.0.0.1:{self._port}",
        )  # fmt: skip
        self._before = self._config.read_bytes()
        self._took_new = ssh_method(self._port, NEW) is not None

    def serves(self) -> None:
        """Check that a current client reaches the login."""
        expect(f"{self.name} does not serve a current client", lambda: ssh_method(self._port) is not None)

    def migrated(self) -> None:
        """Check that it gets the hybrid method, and a client without one is rejected."""
        expect(
            f"{self.name} does not insist on {NEW}",
            lambda: self._gets(NEW) and ssh_method(self._port, OLD) is None,
        )

    def original(self) -> None:
        """Check that an old client connects, and the configuration is unchanged."""

        def judge() -> bool:
            return (ssh_method(self._port, NEW) is not None) == self._took_new and self._gets(OLD, OLD)

        expect(f"{self.name} does not take its old methods", judge)
        if self._config.read_bytes() != self._before:
            raise JudgementError(f"{self._config} is not what it was")

    def _gets(self, method: str, offered: str | None = None) -> bool:
        return ssh_method(self._port, offered) == method


def _helpers() -> str:
    """Return the folder of the programs that sshd starts, if it is not the machine's own."""
    folder = Path(os.path.realpath(needed("sshd"))).parents[1] / "lib" / "openssh"
    found = {"SshdSessionPath": folder / "sshd-session", "SshdAuthPath": folder / "sshd-auth"}
    return "".join(f"{name} {path}\n" for name, path in found.items() if path.exists())
