"""A signing key of the store."""

from __future__ import annotations

from novacron.algorithms import find
from workers.crypto import providers
from workers.crypto.keys.keystore import TRIAL, Signed
from workers.crypto.migration.action import Action, Checkpoint, Evidence, Pace, ProofError
from workers.crypto.migration.executors.still import Still
from workers.crypto.migration.executors.version import Add, Erase, Use, VersionAction
from workers.crypto.migration.part import Part
from workers.crypto.migration.targets import StoredKey

MESSAGE = b"NovaCron migration: a signature to be verified by another library"


def accepted(signed: Signed, message: bytes) -> Evidence:
    """Verify a signature with every provider that supports it.

    Raises:
        ProofError: one of them rejects it.
    """
    algorithm, key_id = find(signed.version.algorithm), signed.key.key_id
    judges = [judge for judge in (providers.second(algorithm), providers.load(algorithm)) if judge]
    for judge in judges:
        if not judge.verify(algorithm.name, signed.version.public_key, message, signed.value):
            raise ProofError(f"{judge.name} does not accept a signature of key {key_id}")
    return {
        "key_id": key_id, "version": signed.version.version, "algorithm": algorithm.name,
        "verified_by": [judge.name for judge in judges],
    }  # fmt: skip


def signed_and_verified(action: VersionAction) -> Evidence:
    """Sign with the current version and verify the signature.

    Raises:
        ProofError: a provider rejects the signature.
    """
    return accepted(action.part.store.sign(action.key_id, MESSAGE), MESSAGE)


class Verifiable(VersionAction):
    """Both versions can be verified: their public keys are stored and these libraries support them."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        return [
            f"check that {self.part.old} and {self.part.new} signatures of key {self.key_id} can be verified"
        ]

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Sign with each version's stored private key, and verify with its public key."""
        store = self.part.store
        return {
            "old": accepted(store.trial(self.key_id, self.old), TRIAL),
            "new": accepted(store.trial(self.key_id, self.new), TRIAL),
        }


class Sign(Use):
    """The new version signs."""

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify its signature, also with a second library."""
        return signed_and_verified(self)


class Signs(VersionAction):
    """The new version has been signing."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        return [f"sign with key {self.key_id} and verify by a second library"]

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify its signature, also with a second library."""
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
    """Return the action for the key."""
    kind = STEPS.get(str(part.step["type"]))
    return kind(part, part.target.key_id) if kind else Still()
