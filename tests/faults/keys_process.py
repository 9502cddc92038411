"""`python -m tests.faults.keys_process URL KEK_FILE TENANT ACT KEY`: an act on keys, killed at every step.

The act is done in a child that kills itself (SIGKILL) just before its n-th statement or step on the file
system, for n = 1, 2, ... until it gets through; after each kill the act is repeated as a worker would, and
all is checked. Prints the number of kills, and what was wrong after them.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from novacron.crypto.audit import verify
from shared.db import session
from shared.db.crypto import audit
from workers.crypto.keys.kek import FileKeyring
from workers.crypto.keys.kek_rotation import rotate
from workers.crypto.keys.keystore import KeyStore

MOST = 400


class Countdown:
    """Kills the process at the n-th step."""

    def __init__(self, n: int) -> None:
        self._left = n

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.step()
            return function(*arguments, **named)

        return counted


class Work:
    """One database, one KEK file, one key."""

    def __init__(self, url: str, kek_file: str, tenant: str, key_id: str) -> None:
        self.url, self.kek_file, self.tenant, self.key_id = url, Path(kek_file), int(tenant), key_id

    def act(self, name: str, effect: str, connection: session.Connection) -> None:
        ring = FileKeyring(self.kek_file)
        store = KeyStore(connection, ring, self.tenant, "tester")
        if name == "rotate_kek":
            rotate(connection, ring, renew=True, effect=effect)
        elif name == "rotate":
            store.rotate(self.key_id, effect=effect)
        elif name == "generate":
            store.generate("ML-DSA-44", effect=effect)
        else:
            assert name == "destroy"
            made = store.generate("ML-DSA-44", effect=effect)
            store.retire(made.key_id)
            store.destroy(made.key_id)

    def dying(self, name: str, effect: str, n: int) -> bool:
        """Do it in a child that dies at step n; says whether it did."""
        child = os.fork()
        if child == 0:
            countdown = Countdown(n)
            os.replace = countdown.before(os.replace)
            os.fsync = countdown.before(os.fsync)
            psycopg.Connection.execute = countdown.before(psycopg.Connection.execute)  # type: ignore[method-assign]
            with session.connect(self.url, name="dying") as connection:
                self.act(name, effect, connection)
            os._exit(0)
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])

    def wrong(self, connection: session.Connection, when: str) -> list[str]:
        """What does not hold: every key must open, and the log must be whole."""
        store, found = KeyStore(connection, FileKeyring(self.kek_file), self.tenant, "tester"), []
        for key_id, usage, version in connection.execute(
            "SELECT id, usage, version FROM keys WHERE state = 'active'"
        ):
            try:
                store.private(key_id, usage, version)
            except Exception as error:
                found.append(f"{when}: {key_id}: {error}")
        log = {"entries": audit.entries(connection, self.tenant, limit=10**6)}
        verdict = verify(log | {"head": audit.head(connection, self.tenant)})
        return found + ([] if verdict.good else [f"{when}: {verdict.why}"])


def main(url: str, kek_file: str, tenant: str, name: str, key_id: str) -> None:
    """Kill, check, repeat, check."""
    work, wrong, kills = Work(url, kek_file, tenant, key_id), [], 0
    for n in range(1, MOST):
        effect = f"{name}/{n}"
        killed = work.dying(name, effect, n)
        with session.connect(url, name="tests") as connection:
            wrong += work.wrong(connection, f"killed before step {n}")
            work.act(name, effect, connection)
            wrong += work.wrong(connection, f"repeated after step {n}")
        if not killed:
            break
        kills += 1
    print(json.dumps({"kills": kills, "wrong": wrong}))


if __name__ == "__main__":
    main(*sys.argv[1:])
