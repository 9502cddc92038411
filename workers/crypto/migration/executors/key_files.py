"""A service that signs with a key in a file: a second key is published, then used, the old one withdrawn.

Verifiers fetch public keys from another file, often over HTTP, and cache them: therefore the new key is
published a whole step before it signs, and the old one stays published until the last step.
"""

from __future__ import annotations

from pathlib import Path

from novacron.algorithms import find
from novacron.crypto import PrivateKey, PublicKey
from novacron.errors import BadInput
from workers.crypto import providers
from workers.crypto.migration import files, keyset, server
from workers.crypto.migration.action import Action, Checkpoint, Evidence, Pace, ProofError
from workers.crypto.migration.executors.still import Still
from workers.crypto.migration.executors.stored_key import MESSAGE
from workers.crypto.migration.keyset import Published
from workers.crypto.migration.pair import KEY, Pairs
from workers.crypto.migration.part import Part
from workers.crypto.migration.programs import KeyFiles
from workers.crypto.migration.publication import Publication, read
from workers.runtime.outcome import UserError


class Keys(Pairs):
    """The key in use, the new one beside it, and a copy of the old one.

    Args:
        target: as declared by the operator.
        plan_id: the plan that creates the new key.
    """

    def __init__(self, target: KeyFiles, plan_id: str) -> None:
        super().__init__(target.name, target.key, plan_id)
        self._path = target.key

    @property
    def paths(self) -> list[Path]:
        """The file that the service reads."""
        return [self._path]

    @property
    def made(self) -> PrivateKey:
        """The new key."""
        return PrivateKey.from_pem((self.new / KEY).read_bytes())

    def make(self, algorithm: str) -> None:
        """Create the new key, once."""
        if not (self.new / KEY).exists():
            self._write(KEY, PrivateKey.generate(algorithm).pem().encode(), self._path)

    def keep(self) -> str:
        """Copy the key in use beside itself; return the folder's name."""
        return self._copied({KEY: self._path})

    def serve(self, text: str) -> None:
        """Write a text to the service's file."""
        files.rewrite(self._path, text.encode())

    def put_back(self, kept: str) -> None:
        """Restore the service's file from the copy."""
        old = self.folder(kept) / KEY
        files.rewrite(self._path, old.read_bytes(), lost=old)

    def remove_old(self, kept: str) -> None:
        """Remove the copies of both keys."""
        self.discard(self.folder(kept))
        self.discard(self.new)


class Signing(Still):
    """Base class: the key in use, and the published keys.

    Args:
        part: the component's part of the step.
    """

    def __init__(self, part: Part[KeyFiles]) -> None:
        self.part = part
        self.keys = Keys(part.target, part.holder.plan_id)
        self.publication = Publication(part.target)

    @property
    def new(self) -> str:
        """The new key's identity."""
        return str(self.part.facts["new_key"])

    @property
    def old(self) -> str:
        """The old key's identity."""
        return str(self.part.facts["old_key"])

    def told(self, *texts: str) -> list[str]:
        """Describe what is done, and the commands run after it."""
        target = self.part.target
        commands = (f"run `{' '.join(command)}`" for command in (target.check, target.reload) if command)
        return [*texts, *commands, *([f"ask {target.url} for the published keys"] if target.url else [])]

    def text(self) -> str:
        """Return the text of the service's key file.

        Raises:
            UserError: the file cannot be read.
        """
        return read(self.part.target.key)

    def signed(self, pace: Pace) -> Evidence:
        """Sign with the key in the service's file and verify with the published one by two libraries.

        Raises:
            ProofError: it is not the new key, or its signature is invalid.
        """
        private = keyset.in_use(self.text())
        if keyset.identity(private.public_key()) != self.new:
            raise ProofError(f"{self.part.target.key} does not hold the new key")
        seen = self.publication.shown({self.new}, set(), pace)
        public = PublicKey.from_components([self.publication.keys().get(self.new, private.public_key())])
        return {**seen, **_verified(PrivateKey(public, (private,)))}


class Make(Signing):
    """A key beside the one in use, not published yet."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        made = f"make a {self.part.new} key in {self.keys.new / KEY}, beside the one that signs"
        return [made, *self.keys.exposed()]

    def capture(self) -> Checkpoint:
        """Record the key in use, and check that both files can be rewritten.

        Raises:
            UserError: they cannot.
        """
        target, trial = self.part.target, PrivateKey.generate(self.part.new)
        try:
            old = keyset.identity(keyset.in_use(self.text()).public_key())
            keyset.with_in_use(self.text(), trial)
        except BadInput as error:
            raise UserError(f"{target.key} {error}") from None
        self.publication.with_key(trial.public)
        if target.public and old not in self.publication.keys():
            raise UserError(f"{target.public} does not publish the key in {target.key}")
        return {"old_key": old}

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Create the key."""
        self.keys.make(self.part.new)
        new = keyset.identity(self.keys.made.public.components[0])
        self.part.note(old_key=before["old_key"], new_key=new)

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Sign with it, and verify with a second library."""
        return _verified(self.keys.made)

    def restore(self, before: Checkpoint) -> list[str]:
        """Remove it; copies of the old one are no longer needed."""
        self.keys.discard_copy()
        if not self.keys.new.exists():
            return []
        self.keys.discard(self.keys.new)
        return [f"{self.keys.new} is removed, with the new key"]


class Changed(Signing):
    """Base class of steps after which the service is reloaded."""

    def capture(self) -> Checkpoint:
        """Record the published keys."""
        return {"public": self.publication.text()}

    def tell(self, before: Checkpoint) -> None:
        """Reload the service with the restored files."""
        server.tell(self.part.target)


class Publish(Changed):
    """Verifiers find both keys."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        if not self.part.target.public:
            name = self.part.target.name
            return [f"nothing: {name} has no file of public keys, and verifiers get the new one by hand"]
        return self.told(f"publish the new key in {self.part.target.public}, beside the old one")

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Publish it and reload the service."""
        if self.part.target.public:
            self.publication.add(self.keys.made.public)
            server.tell(self.part.target, pace)

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify that both are published."""
        return self.publication.shown({self.old, self.new}, set(), pace)

    def restore(self, before: Checkpoint) -> list[str]:
        """Withdraw it; keys published by others meanwhile stay."""
        if not self.part.target.public:
            return []
        if self.keys.new.exists():
            self.publication.put_back(before["public"], self.keys.made.public)
        return [f"{self.part.target.public} publishes the keys that it did before"]


class Sign(Publish):
    """The service signs with the new key, which is published first."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        target = self.part.target
        also = (f"publish it in {target.public}, if it is not yet",) if target.public else ()
        return self.told(*also, f"put the new key into {target.key}")

    def capture(self) -> Checkpoint:
        """Record the published keys, with a copy of the key in use."""
        return {**super().capture(), "kept": self.keys.keep()}

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Publish it unless it is published, then use it; reload the service after each change."""
        if self.new not in self.publication.keys():
            super().apply(before, pace)
        old = read(self.keys.folder(before["kept"]) / KEY)
        self.keys.serve(keyset.with_in_use(old, self.keys.made))
        self.part.note(kept=before["kept"])
        server.tell(self.part.target, pace)

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify that it signs."""
        return self.signed(pace)

    def restore(self, before: Checkpoint) -> list[str]:
        """Use the old key again; the new one stays published if it was before."""
        self.keys.put_back(before["kept"])
        if self.keys.new.exists() and self.new not in Published(before["public"]).keys():
            self.publication.put_back(before["public"], self.keys.made.public)
        return [f"{self.part.target.key} holds the key that it did before"]


class Signs(Signing):
    """The service still signs with it."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        return [f"sign with the key in {self.part.target.key}, verify by a second library"]

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify its signature."""
        return self.signed(pace)


class Withdraw(Changed):
    """The old key is withdrawn and permanently removed."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        target = self.part.target
        gone = f"remove the old key from {target.public}: what it signed can be verified no longer"
        return [
            *self.told(*([gone] if target.public else [])),
            f"remove the old private key of {target.name}, for ever",
        ]

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Withdraw it and reload the service."""
        self.publication.remove(self.old)
        self.keys.serve(keyset.without_others(self.text(), self.old))
        server.tell(self.part.target, pace)

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify that it is withdrawn, and that the new one signs."""
        return {**self.signed(pace), **self.publication.shown({self.new}, {self.old}, pace)}

    def restore(self, before: Checkpoint) -> list[str]:
        """Publish it again; the private key is removed only when the step is completed."""
        kept = read(self.keys.folder(self.part.facts["kept"]) / KEY)
        self.publication.write(before["public"])
        self.keys.serve(keyset.with_in_use(kept, self.keys.made))
        return [f"the old key of {self.part.target.name} is known to verifiers again"]

    def tidy(self, before: Checkpoint) -> None:
        """Remove the old key."""
        self.keys.remove_old(self.part.facts["kept"])


def _verified(key: PrivateKey) -> Evidence:
    """Sign with a key and verify by two libraries.

    Raises:
        ProofError: one of them rejects the signature.
    """
    algorithm = find(key.algorithm)
    signer = providers.load(algorithm)
    private = signer.load_private(algorithm.name, key.components[0].private_bytes_raw())
    signature = signer.sign(algorithm.name, private, MESSAGE)
    judges = [judge for judge in (providers.second(algorithm), signer) if judge]
    for judge in judges:
        if not judge.verify(algorithm.name, key.public.raw, MESSAGE, signature):
            raise ProofError(f"{judge.name} does not accept a signature of the new {algorithm.name} key")
    return {"algorithm": algorithm.name, "verified_by": [judge.name for judge in judges]}


STEPS: dict[str, type[Signing]] = {
    "prepare": Make,
    "enable_verifiers": Publish,
    "enable_readers": Publish,
    "switch": Sign,
    "validate": Signs,
    "retire": Withdraw,
}


def action(part: Part[KeyFiles]) -> Action:
    """Return the action for the files.

    Raises:
        UserError: it does not concern signatures.
    """
    if not part.signs:
        raise UserError(f"targets.{part.target.name} holds a signing key: {part.new} signs nothing")
    kind = STEPS.get(str(part.step["type"]))
    return kind(part) if kind else Still()
