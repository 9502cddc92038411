"""Who says how it went: OpenSSL's and OpenSSH's own clients."""

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
    """A service is not what it should be."""


@dataclass(frozen=True, slots=True)
class Shaken:
    """What `openssl s_client` agreed on with a server.

    Attributes:
        group: of the key exchange.
        signature: scheme by which the server proved itself.
        verified: whether the chain leads to the roots it was given, for the name it asked for.
    """

    group: str
    signature: str
    verified: bool


def shake(
    port: int, name: str, roots: Path, *, groups: str | None = None, starttls: str | None = None
) -> Shaken | None:
    """A handshake with a server on loopback; None where there was none."""
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
    """The method of key exchange that OpenSSH's client agrees on with a server; None where there is none."""
    options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"]
    options += [f"KexAlgorithms={methods}"] if methods else []
    command = [needed("ssh"), "-F", "none", "-v", "-p", str(port)]
    command += [part for option in options for part in ("-o", option)]
    done = subprocess.run([*command, "nobody@127.0.0.1"], capture_output=True, text=True, timeout=LONGEST_S)
    found = re.search(r"kex: algorithm: (\S+)", done.stderr)
    # Those who name a method see it before it is used: only a host key shows that it was.
    return (
        found[1]
        if found and "kex: host key algorithm" in done.stderr and "Permission" in done.stderr
        else None
    )


def accepts(public: Path, message: Path, signature: Path) -> bool:
    """Whether `openssl pkeyutl` accepts a signature by a public key in PEM."""
    command = [
        needed("openssl"), "pkeyutl", "-verify", "-pubin", "-inkey", str(public), "-rawin", "-in",
        str(message), "-sigfile", str(signature),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, timeout=LONGEST_S).returncode == 0


def trusts(roots: Path, certificate: Path) -> bool:
    """Whether `openssl verify` does."""
    command = [needed("openssl"), "verify", "-CAfile", str(roots), str(certificate)]
    return subprocess.run(command, capture_output=True, timeout=LONGEST_S).returncode == 0


def expect(what: str, judge: Callable[[], bool]) -> None:
    """Have a judge agree within `PATIENCE_S`: a server that was told to read its files takes a moment.

    Raises:
        JudgementError: it does not.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not judge():
        if time.monotonic() > deadline:
            raise JudgementError(what)
        time.sleep(0.1)
