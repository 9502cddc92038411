"""Independent verification: OpenSSL's and OpenSSH's own clients."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from testing.programs import LONGEST_S, needed

PATIENCE_S = 10.0
Answer = TypeVar("Answer")


class JudgementError(AssertionError):
    """A service is not in the required state."""


@dataclass(frozen=True, slots=True)
class Shaken:
    """What `openssl s_client` negotiated with a server.

    Attributes:
        group: of the key exchange.
        signature: scheme by which the server authenticated.
        verified: whether the chain leads to the given roots, for the requested name.
    """

    group: str
    signature: str
    verified: bool


def shake(
    port: int, name: str, roots: Path, *, groups: str | None = None, starttls: str | None = None
) -> Shaken | None:
    """Return a handshake with a server on loopback; None if it failed."""
    command = [
        needed("openssl"), "s_client", "-connect", f"127.0.0.1:{port}", "-servername", name, "-CAfile",
        str(roots), "-verify_hostname", name, "-brief",
        *(("-groups", groups) if groups else ()), *(("-starttls", starttls) if starttls else ()),
    ]  # fmt: skip
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=LONGEST_S)
    said = done.stdout + done.stderr
    if "CONNECTION ESTABLISHED" not in said:
        return None
    group = re.search(
        r"^(?:Negotiated TLS1.3 group|Peer Temp Key|Server Temp Key): ([\w-]+)", said, re.MULTILINE
    )
    signature = re.search(r"^(?:Peer )?[Ss]ignature type: (\S+)", said, re.MULTILINE)
    if not group or not signature:
        raise JudgementError(f"openssl s_client said something new: {said}")
    return Shaken(group[1], signature[1], "Verification: OK" in said)


def ssh_method(port: int, methods: str | None = None) -> str | None:
    """Return the key exchange method that OpenSSH's client negotiates with a server; None if none."""
    options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"]
    options += [f"KexAlgorithms={methods}"] if methods else []
    command = [needed("ssh"), "-F", "none", "-v", "-p", str(port)]
    command += [part for option in options for part in ("-o", option)]
    done = subprocess.run([*command, "nobody@127.0.0.1"], capture_output=True, text=True, timeout=LONGEST_S)
    found = re.search(r"kex: algorithm: (\S+)", done.stderr)
    # Methods are logged before they are used: only a host key proves that the exchange took place.
    return (
        found[1]
        if found and "kex: host key algorithm" in done.stderr and "Permission" in done.stderr
        else None
    )


def accepts(public: Path, message: Path, signature: Path) -> bool:
    """Return whether `openssl pkeyutl` accepts a signature by a public key in PEM."""
    command = [
        needed("openssl"), "pkeyutl", "-verify", "-pubin", "-inkey", str(public), "-rawin", "-in",
        str(message), "-sigfile", str(signature),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, timeout=LONGEST_S).returncode == 0


def trusts(roots: Path, certificate: Path) -> bool:
    """Return whether `openssl verify` accepts a certificate."""
    command = [needed("openssl"), "verify", "-CAfile", str(roots), str(certificate)]
    return subprocess.run(command, capture_output=True, timeout=LONGEST_S).returncode == 0


def expect(what: str, judge: Callable[[], bool]) -> None:
    """Wait until a judge agrees, at most `PATIENCE_S`: a server takes a moment to reload its files.

    Raises:
        JudgementError: it does not.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not judge():
        if time.monotonic() > deadline:
            raise JudgementError(what)
        time.sleep(0.1)
