"""The authority of the rig: a stored root of ML-DSA-65, which issues every new certificate."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from shared.db import session
from testing.migration.certificates import authority
from testing.migration.judges import JudgementError, trusts
from workers.crypto.keys.keyring import keyring
from workers.crypto.keys.keystore import KeyStore
from workers.crypto.pki.authority import Authority as Issuing


class Authority:
    """A service whose issued certificates chain to it at any instant.

    Args:
        url: URL of the database.
        folder: for the root as a file.
    """

    name = "authority"
    target = None
    component: Mapping[str, Any] = {"kind": "trust_anchor", "algorithm": "ECDSA-P384"}

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._folder = url, folder
        folder.mkdir()
        self._numbers = count()
        with session.connect(url, name="rig") as connection:
            root = authority(connection, KeyStore(connection, keyring(), 1, "rig"))
        self.issuer = root.certificate_id
        self.root = folder / "root.pem"
        self.root.write_text(root.pem)

    def roots_with(self, chain: Path) -> Path:
        """Return a file with this root and a self-signed certificate, which a judge also trusts."""
        made = self._folder / f"roots{next(self._numbers)}.pem"
        made.write_bytes(self.root.read_bytes() + chain.read_bytes())
        return made

    def serves(self) -> None:
        """Check that OpenSSL verifies what it has issued."""
        for number, pem in enumerate(self._issued()):
            (leaf := self._folder / f"leaf{number}.pem").write_text(pem)
            if not trusts(self.root, leaf):
                raise JudgementError(f"certificate {number} of the authority does not lead to it")

    def migrated(self) -> None:
        """Check that it is unchanged: only certificates below it are migrated."""
        self.serves()

    def original(self) -> None:
        """Check that it is unchanged: no plan changes its root."""
        self.serves()

    def _issued(self) -> list[str]:
        with session.connect(self._url, name="rig") as connection:
            issuing = Issuing(connection, KeyStore(connection, keyring(), 1, "rig"), 1, "rig")
            query = "SELECT id FROM certificates WHERE issuer_id = %s"
            found = connection.execute(query, (self.issuer,)).fetchall()
            return [issuing.certificate(certificate_id).pem for (certificate_id,) in found]
