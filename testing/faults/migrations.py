"""Every migration killed before each of its effects, then resumed or rolled back.

    python -m testing.faults.migrations DATABASE_URL FOLDER SCENARIO

Prints the number of instants.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Protocol

from novacron.algorithms import find
from novacron.crypto import PublicKey, Recipient, header_of, open_, seal_file
from novacron.crypto.pki import certificates_of, verify
from novacron.migration.planned_step import PlannedStep
from novacron.tls.contexts import Context
from novacron.tls.groups import MODES
from shared.db import session
from shared.db.crypto.steps import Holder
from testing.faults.killed import Fuse, apart
from testing.migration.certificates import authority, self_signed
from testing.migration.plans import Migration, planned
from workers.crypto import providers
from workers.crypto.keys.keyring import keyring
from workers.crypto.keys.keystore import KeyStore
from workers.crypto.migration.targets import Certificate, Envelopes, Groups, StoredKey, Target
from workers.operations.crypto.envelopes import identity_for

TEXT = b"what must stay readable"


class World(Protocol):
    """A migration scenario, created anew for every instant."""

    def steps(self) -> list[PlannedStep]:
        """Return the plan."""

    def target(self) -> Target:
        """Return its target."""

    def serves(self) -> None:
        """Check what holds at every instant: every client that could read or verify still can."""

    def migrated(self) -> None:
        """Check what holds after the migration."""

    def original(self) -> None:
        """Check what holds after the rollback."""


class Directive:
    """A server's list of groups; the server loads its file by copying it."""

    def __init__(self, url: str, folder: Path) -> None:
        self._config, self._loaded = folder / "groups.conf", folder / "loaded.conf"
        self._before = "# the groups\nssl_ecdh_curve X25519:secp256r1;\n"
        self._config.write_text(self._before)
        self._loaded.write_text(self._before)

    def steps(self) -> list[PlannedStep]:
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


@contextmanager
def opened(url: str) -> Iterator[KeyStore]:
    """Yield the tenant's keys."""
    with session.connect(url, name="world") as connection:
        yield KeyStore(connection, keyring(), 1, "tester")


class Archive:
    """Envelopes, all of which the key's holder can open at any instant."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._folder = url, folder
        with opened(self._url) as store:
            key = store.generate("HPKE-X25519")
            self._key_id = key.key_id
            public = PublicKey(key.algorithm, key.public_key)
        (plain := folder / "plain").write_bytes(TEXT)
        for number in range(3):
            name = Recipient(public, f"{self._key_id}/1")
            seal_file(plain, folder / f"{number}.ncrypt", [name], context="archive", classical=True)
        plain.unlink()

    def steps(self) -> list[PlannedStep]:
        types = ("prepare", "enable_readers", "canary", "switch", "rewrap", "validate", "retire")
        return planned(*types, component="archive", old="HPKE-X25519", new="X-Wing")

    def target(self) -> Target:
        return Envelopes("archive", self._folder)

    def _read(self, version: int | None = None) -> None:
        """Open every envelope, by one version of the key or by any that it names."""
        files = sorted(self._folder.glob("*.ncrypt"))
        assert len(files) == 3
        with opened(self._url) as store:
            for path in files:
                identity = identity_for(store, store.key(self._key_id), header_of(path))
                if version is not None:
                    assert identity.key_ids & {f"{self._key_id}/{version}"}
                with path.open("rb") as source:
                    open_(source, plain := BytesIO(), identity, context="archive")
                assert plain.getvalue() == TEXT

    def serves(self) -> None:
        self._read()

    def migrated(self) -> None:
        self._read(2)
        with opened(self._url) as store:
            assert store.key(self._key_id).at(1).destroyed_at
        assert all(len(header_of(path).key_ids) == 1 for path in self._folder.glob("*.ncrypt"))

    def original(self) -> None:
        self._read(1)
        with opened(self._url) as store:
            assert store.key(self._key_id).version == 1


class Signing:
    """A signing key whose signatures are valid at any instant."""

    def __init__(self, url: str, _folder: Path) -> None:
        self._url = url
        with opened(self._url) as store:
            self._key_id = store.generate("ECDSA-P256").key_id
            self._old = store.sign(self._key_id, TEXT)

    def steps(self) -> list[PlannedStep]:
        types = ("prepare", "enable_verifiers", "switch", "validate", "retire")
        return planned(*types, component="signing", old="ECDSA-P256", new="ML-DSA-65")

    def target(self) -> Target:
        return StoredKey("signing", self._key_id)

    def _signs(self, *algorithms: str) -> None:
        with opened(self._url) as store:
            for signed in (self._old, store.sign(self._key_id, TEXT)):
                name = signed.version.algorithm
                assert providers.load(find(name)).verify(name, signed.version.public_key, TEXT, signed.value)
        assert name in algorithms

    def serves(self) -> None:
        self._signs("ECDSA-P256", "ML-DSA-65")

    def migrated(self) -> None:
        self._signs("ML-DSA-65")

    def original(self) -> None:
        self._signs("ECDSA-P256")


class Web:
    """A certificate and its key, which match at any instant and chain to a root."""

    def __init__(self, url: str, folder: Path) -> None:
        self._chain, self._key = self_signed(folder)
        self._loaded, self._before = folder / "loaded.pem", self._chain.read_bytes()
        self._loaded.write_bytes(self._before)
        with session.connect(url, name="world") as connection:
            root = authority(connection, KeyStore(connection, keyring(), 1, "tester"))
        self._issuer, self._root = root.certificate_id, root.x509

    def steps(self) -> list[PlannedStep]:
        types = ("prepare", "enable_verifiers", "switch", "validate", "retire")
        return planned(*types, component="web", old="ECDSA-P256", new="ML-DSA-65")

    def target(self) -> Target:
        reload = ("cp", str(self._chain), str(self._loaded))
        return Certificate("web", self._chain, self._key, self._issuer, ("localhost",), reload=reload)

    def serves(self) -> None:
        Context(MODES["hybrid"]).present([(self._chain, self._key)])
        leaf, *others = certificates_of(self._chain.read_bytes())
        roots = [leaf] if leaf.issuer == leaf.subject else [self._root]
        assert verify(leaf, others, roots).valid or self._chain.read_bytes() == self._before

    def migrated(self) -> None:
        assert self._loaded.read_bytes() == self._chain.read_bytes()
        leaf, *others = certificates_of(self._chain.read_bytes())
        assert verify(leaf, others, [self._root], name="localhost").valid

    def original(self) -> None:
        assert self._loaded.read_bytes() == self._chain.read_bytes() == self._before
        assert not self._key.is_symlink()


class OneFile(Web):
    """Both in one file, as HAProxy reads them."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, folder)
        one = folder / "one.pem"
        one.write_bytes(self._chain.read_bytes() + self._key.read_bytes())
        one.chmod(0o600)
        for path in (self._chain, self._key):
            path.unlink()
        self._chain = self._key = one
        self._before = one.read_bytes()
        self._loaded.write_bytes(self._before)


class Apart(Web):
    """The key in a closed folder, the certificate in another one behind a relative link."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, folder)
        places = {}
        for path, name in ((self._chain, "archive"), (self._key, "private")):
            (folder / name).mkdir(mode=0o700)
            places[name] = path.rename(folder / name / path.name)
        (folder / "live").mkdir()
        self._chain, self._key = folder / "live" / self._chain.name, places["private"]
        self._chain.symlink_to(f"../archive/{self._chain.name}")

    def serves(self) -> None:
        super().serves()
        assert not os.path.isabs(os.readlink(self._chain))
        assert self._key.parent not in self._chain.resolve().parents, "the folder of the key is closed"

    def original(self) -> None:
        super().original()
        assert os.readlink(self._chain) == f"../archive/{self._chain.name}"
        left = sorted(self._chain.parent.rglob("*"))
        assert left == [self._chain], f"{left} is left"


SCENARIOS: Mapping[str, Callable[[str, Path], World]] = {
    "tls": Directive,
    "envelopes": Archive,
    "stored_key": Signing,
    "certificate": Web,
    "one_file": OneFile,
    "apart": Apart,
}


def migration(connection: session.Connection, world: World, plan_id: str, job_id: str) -> Migration:
    """Return the plan as held by a job."""
    target = world.target()
    return Migration(Holder(connection, plan_id, 1, job_id, "tester"), world.steps(), {target.name: target})


def forwards(url: str, world: World, plan_id: str) -> Callable[[], None]:
    """Return a function that executes the plan, from any state."""

    def work() -> None:
        with session.connect(url, name="migration") as connection:
            made = migration(connection, world, plan_id, "job_1")
            made.begin()
            made.run()

    return work


def backwards(url: str, world: World, plan_id: str) -> Callable[[], None]:
    """Return a function that rolls it back, from any state."""

    def work() -> None:
        with session.connect(url, name="rollback") as connection:
            made = migration(connection, world, plan_id, "job_1")
            made.begin()
            made.undo()

    return work


def past_return(url: str, plan_id: str) -> bool:
    """Return whether the step past the point of no return is done."""
    with session.connect(url, name="looking") as connection:
        rows = Holder(connection, plan_id, 1, "job_1", "tester").rows()
    return any(row.state == "done" and row.step["point_of_no_return"] for row in rows)


def torment(url: str, folder: Path, make: Callable[[str, Path], World]) -> int:
    """Kill it before each effect; return the number of instants."""
    _unharmed(url, folder, make)
    return next(n for n in count() if not _killed(url, folder, make, n))


def _unharmed(url: str, folder: Path, make: Callable[[str, Path], World]) -> None:
    """Run it in this process first, so that the killed processes need not import its modules."""
    world = make(url, folder)
    forwards(url, world, "plan")()
    world.migrated()


def _killed(url: str, folder: Path, make: Callable[[str, Path], World], n: int) -> bool:
    """Kill it before its n-th effect; resume or, every other time, roll back. Return False if it has fewer.

    `benchmarks.migration` kills before every effect of both directions.
    """
    plan_id = f"plan_{n}"
    (place := folder / plan_id).mkdir()
    world = make(url, place)
    survived = apart(forwards(url, world, plan_id), Fuse(n))
    world.serves()
    if n % 2 and not past_return(url, plan_id):
        _roll_back(url, world, plan_id, Fuse(7 * n % 31))
    else:
        assert apart(forwards(url, world, plan_id))
        world.migrated()
    return not survived


def _roll_back(url: str, world: World, plan_id: str, fuse: Fuse) -> None:
    """Roll it back, killed on the way as well, at a different point each time."""
    apart(backwards(url, world, plan_id), fuse)
    world.serves()
    assert apart(backwards(url, world, plan_id))
    world.original()


if __name__ == "__main__":
    database_url, where, scenario = sys.argv[1:]
    print(torment(database_url, Path(where), SCENARIOS[scenario]))
