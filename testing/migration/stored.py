"""Folders of envelopes and stored signing keys, as verified by the fault tests."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from testing.faults.migrations import Archive, Signing
from workers.crypto.migration.targets import Target


class Sealed:
    """A folder of envelopes.

    Args:
        url: URL of the database.
        folder: folder of the envelopes.
    """

    component: Mapping[str, Any] = {"kind": "envelopes", "algorithm": "HPKE-X25519", "count": 3}

    def __init__(self, url: str, folder: Path) -> None:
        folder.mkdir()
        self.name = folder.name
        world = Archive(url, folder)
        self.target: Target = dataclasses.replace(world.target(), name=self.name)
        self.serves, self.migrated, self.original = world.serves, world.migrated, world.original


class Signer:
    """A signing key.

    Args:
        url: URL of the database.
        name: of component and target.
    """

    component: Mapping[str, Any] = {"kind": "stored_key", "algorithm": "ECDSA-P256"}

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        world = Signing(url, Path())
        self.target: Target = dataclasses.replace(world.target(), name=name)
        self.serves, self.migrated, self.original = world.serves, world.migrated, world.original
