"""A signing key of the store."""

from __future__ import annotations

from typing import Any

from shared.algorithms import find
from workers import crypto
from workers.migration.action import Action, Checkpoint, Pace, ProofError
from workers.migration.executors.still import Still
from workers.migration.executors.version import Add, Erase, Use, VersionAction
from workers.migration.part import Part
from workers.migration.targets import StoredKey

MESSAGE = b"NovaCron migration: a signature to be verified by another library"


def signed_and_verified(action: VersionAction) -> dict[str, Any]:
    """Sign with the version in use and verify with every provider that can.

    Raises:
        ProofError: one of them says that the signature is not good.
    """
    signed = action.part.store.sign(action.key_id, MESSAGE)
    algorithm = find(signed.version.algorithm)
    judges = [judge for judge in (crypto.second(algorithm), crypto.load(algorithm)) if judge]
    for judge in judges:
        if not judge.verify(algorithm.name, signed.version.public_key, MESSAGE, signed.value):
            raise ProofError(f"{judge.name} does not accept a signature of key {action.key_id}")
    return {
        "key_id": action.key_id, "version": signed.version.version, "algorithm": algorithm.name,
        "verified_by": [judge.name for judge in judges],
    }  # fmt: skip


class Verifiable(VersionAction):
    """Both versions can be verified: their public keys are in the store and these libraries know them."""

    def lines(self) -> list[str]:
        """What it would do."""
        return [
            f"check that {self.part.old} and {self.part.new} signatures of key {self.key_id} can be verified"
        ]

    def prove(self, before: Checkpoint, pace: Pace) -> dict[str, Any]:
        """The key in use signs; the new one's public key is one that a library takes."""
        made = find(self.key.at(self.new).algorithm)
        pair = crypto.load(made).generate(made.name)
        signature = crypto.load(made).sign(made.name, pair.private, MESSAGE)
        judge = crypto.second(made) or crypto.load(made)
        if not judge.verify(made.name, pair.public, MESSAGE, signature):
            raise ProofError(f"{judge.name} does not accept a {made.name} signature")
        return {
            "old": signed_and_verified(self),
            "new": {"algorithm": made.name, "verified_by": [judge.name]},
        }


class Sign(Use):
    """The new version signs."""

    def prove(self, before: Checkpoint, pace: Pace) -> dict[str, Any]:
        """Its signature is good, for a second library too."""
        return signed_and_verified(self)


class Signs(VersionAction):
    """The new version has been signing."""

    def lines(self) -> list[str]:
        """What it would do."""
        return [f"sign with key {self.key_id} and verify by a second library"]

    def prove(self, before: Checkpoint, pace: Pace) -> dict[str, Any]:
        """Its signature is good, for a second library too."""
        return signed_and_verified(self)


STEPS: dict[str, type[VersionAction]] = {
    "prepare": Add,
    "enable_verifiers": Verifiable,
    "enable_readers": Verifiable,
    "switch": Sign,
    "validate": Signs,
    "retire": Erase,
}


def action(part: Part[StoredKey]) -> Action:
    """What a step does to the key."""
    kind = STEPS.get(str(part.step["type"]))
    return kind(part, part.target.key_id) if kind else Still()
