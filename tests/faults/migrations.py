"""Every migration killed before every one of its effects, then resumed, and once more, then taken back.

    python -m tests.faults.migrations DATABASE_URL FOLDER SCENARIO

Prints how many instants there were.
"""

import sys
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from shared.db import session
from shared.db.steps import Holder
from tests.faults.killed import Fuse, apart
from tests.integration.migration.conftest import Migration, planned
from workers.migration.targets import Groups, Target


class World(Protocol):
    """Something to be migrated, made anew for every instant."""

    def steps(self) -> list[dict[str, Any]]:
        """The plan."""

    def target(self) -> Target:
        """What it is about."""

    def serves(self) -> None:
        """Holds at any instant: whoever could read or verify, still can."""

    def migrated(self) -> None:
        """Holds when the migration is done."""

    def original(self) -> None:
        """Holds when it has been taken back."""


class Directive:
    """A server's list of groups; the server reads its file by copying it."""

    def __init__(self, url: str, folder: Path) -> None:
        self._config, self._loaded = folder / "groups.conf", folder / "loaded.conf"
        self._before = "# the groups\nssl_ecdh_curve X25519:secp256r1;\n"
        self._config.write_text(self._before)
        self._loaded.write_text(self._before)

    def steps(self) -> list[dict[str, Any]]:
        types = ("prepare", "enable_readers", "switch", "validate", "retire")
        return planned(*types, component="edge", old="X25519", new="X25519MLKEM768")

    def target(self) -> Target:
        reload = ("cp", str(self._config), str(self._loaded))
        return Groups("edge", self._config, "ssl_ecdh_curve", reload=reload)

    def serves(self) -> None:
        for path in (self._config, self._loaded):
            assert "X25519" in path.read_text().split("ssl_ecdh_curve ")[1]

    def migrated(self) -> None:
        text = "# the groups\nssl_ecdh_curve X25519MLKEM768;\n"
        assert self._config.read_text() == self._loaded.read_text() == text

    def original(self) -> None:
        assert self._config.read_text() == self._loaded.read_text() == self._before


SCENARIOS: Mapping[str, Callable[[str, Path], World]] = {"tls": Directive}


def migration(connection: session.Connection, world: World, plan_id: str, job_id: str) -> Migration:
    """The plan, in the hands of a job."""
    target = world.target()
    return Migration(Holder(connection, plan_id, 1, job_id, "tester"), world.steps(), {target.name: target})


def forwards(url: str, world: World, plan_id: str) -> Callable[[], None]:
    """Carry the plan out, from wherever it is."""

    def work() -> None:
        with session.connect(url, name="migration") as connection:
            made = migration(connection, world, plan_id, "job_1")
            made.begin()
            made.run()

    return work


def backwards(url: str, world: World, plan_id: str) -> Callable[[], None]:
    """Take it back, from wherever it is."""

    def work() -> None:
        with session.connect(url, name="rollback") as connection:
            made = migration(connection, world, plan_id, "job_1")
            made.begin()
            made.undo()

    return work


def past_return(url: str, plan_id: str) -> bool:
    """Whether the step past which there is no way back is done."""
    with session.connect(url, name="looking") as connection:
        rows = Holder(connection, plan_id, 1, "job_1", "tester").rows()
    return any(row.state == "done" and row.step["point_of_no_return"] for row in rows)


def torment(url: str, folder: Path, make: Callable[[str, Path], World]) -> int:
    """Kill it before each effect; returns how many instants there were."""
    for n in count():
        for end in ("resumed", "taken back"):
            plan_id = f"plan_{n}_{end[:1]}"
            (place := folder / plan_id).mkdir()
            world = make(url, place)
            survived = apart(forwards(url, world, plan_id), Fuse(n))
            world.serves()
            if end == "resumed" or survived or past_return(url, plan_id):
                assert apart(forwards(url, world, plan_id))
                world.migrated()
            else:
                _take_back(url, world, plan_id, n)
            if survived:
                return n


def _take_back(url: str, world: World, plan_id: str, n: int) -> None:
    """Take it back, killed on the way as well."""
    apart(backwards(url, world, plan_id), Fuse(n % 7))
    world.serves()
    assert apart(backwards(url, world, plan_id))
    world.original()


if __name__ == "__main__":
    database_url, where, scenario = sys.argv[1:]
    print(torment(database_url, Path(where), SCENARIOS[scenario]))
