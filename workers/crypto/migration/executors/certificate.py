"""A server's certificate and key: created beside the old ones, installed together, verified on the wire."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from novacron.crypto import PrivateKey
from novacron.crypto.pki import certificates_of, make_request, verify
from novacron.errors import BadInput, Conflict
from novacron.specs.crypto.certificates import SignCertificateRequest
from shared.crypto.tls.probe import PREFERRED, Probe
from shared.db.crypto import certificates
from shared.db.crypto.certificates import StoredCertificate
from shared.db.crypto.needs import Need
from workers.crypto.migration import profile, remains, server
from workers.crypto.migration.action import Action, Checkpoint, Evidence, Pace, ProofError
from workers.crypto.migration.bundle import Bundle
from workers.crypto.migration.executors.still import Still
from workers.crypto.migration.pair import CHAIN, KEY, Pair, read_chain
from workers.crypto.migration.part import Part
from workers.crypto.migration.programs import HAProxy, PostgreSQL
from workers.crypto.migration.targets import Certificate
from workers.crypto.pki.authority import Authority
from workers.crypto.pki.register import Register

Presented = Certificate | HAProxy | PostgreSQL
"""Targets with a certificate."""
Files = Pair | Bundle
"""The files that hold it and its key."""


class Installed(Still):
    """Base class: the files, and the certificate issued by the plan.

    Args:
        part: the component's part of the step.
        pair: the files.
    """

    def __init__(self, part: Part[Presented], pair: Files) -> None:
        holder = part.holder
        self.part = part
        self.pair = pair
        self.authority = Authority(holder.connection, part.store, holder.tenant_id, holder.actor)

    @property
    def issued(self) -> StoredCertificate:
        """The new certificate."""
        return self.authority.certificate(self.part.facts["certificate_id"])

    def capture(self) -> Checkpoint:
        """Record the served certificate."""
        return {"fingerprint": _fingerprint(self.pair.chain()[0])}

    def trusted(self) -> Evidence:
        """Verify the new chain with two implementations.

        Raises:
            ProofError: one of them rejects it.
        """
        leaf, *others = self.judged()
        if leaf.public_bytes(Encoding.DER) != self.issued.der:
            raise ProofError(f"{self.part.target.certificate} does not hold the new certificate")
        roots = [one.x509 for one in self.authority.chain(self.issued) if one.issuer_id is None]
        verdict = verify(leaf, others, roots, name=self.part.target.verified_name)
        if not verdict.valid:
            raise ProofError(f"the chain of {self.part.target.name}: {'; '.join(verdict.reasons)}")
        return {
            "certificate_id": self.issued.certificate_id, "fingerprint_sha256": _fingerprint(leaf),
            "algorithm": self.issued.algorithm, "not_after": leaf.not_valid_after_utc.isoformat(),
            "verified_by": ["cryptography", "OpenSSL"],
        }  # fmt: skip

    def judged(self) -> list[x509.Certificate]:
        """Return the new chain, leaf first."""
        return read_chain(self.pair.new / CHAIN)

    def seen(self, pace: Pace) -> Evidence:
        """Verify that the server presents the new certificate in a real handshake.

        Raises:
            ProofError: it presents another one.
        """
        wanted = self.issued.der

        def wrong(probe: Probe) -> str | None:
            shown = probe.attempts[PREFERRED].chain
            return None if shown and shown[0] == wanted else "the server does not show the new certificate"

        found = server.see(self.part.target, wrong, pace)
        return {**self.trusted(), "probe": found.document() if found else None}


class Make(Installed):
    """A key beside the old one, and a certificate for it; neither is served yet."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        target, served = self.part.target, profile.of(self.pair.chain()[0])
        made = profile.next_of(served, target, self.part.new)
        ended = profile.ended(served, made)
        return [
            f"make a {self.part.new} key in {self.pair.new / KEY}",
            f"have {target.issuer} issue a certificate for {', '.join(target.names)}, for {target.days} days",
            *([f"for the purposes {', '.join(made.purposes)}"] if made.purposes else []),
            *([f"without {', '.join(ended)}, which is not for keys of {self.part.new}"] if ended else []),
            f"write it with its chain to {self.pair.new / CHAIN}",
            *self.pair.exposed(),
        ]

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Create the key, unless an interrupted attempt did; have it certified, once; write the chain."""
        if not self.pair.key():
            self.pair.write_key(PrivateKey.generate(self.part.new).pem().encode())
        pace.check()
        made = self._certified(PrivateKey.from_pem(self.pair.key()))
        chain = [made, *(one for one in self.authority.chain(made) if one.issuer_id is not None)]
        self.pair.write_chain("".join(one.pem for one in chain).encode())

    def _certified(self, key: PrivateKey) -> StoredCertificate:
        target = self.part.target
        says = profile.next_of(profile.of(self.pair.chain()[0]), target, self.part.new)
        wanted = SignCertificateRequest.model_validate({
            "csr": make_request(key.components[0], says.subject, says.names),
            "issuer": target.issuer, "validity_period": {"days": target.days}, "key_usage": says.usages,
            "extensions": {"subject_alternative_names": says.names, "extended_key_usage": says.purposes},
        })  # fmt: skip
        with self.part.holder.connection.transaction():
            made = self.authority.sign_request(wanted, effect=f"{self.part.mark}:{key.public.fingerprint}")
            self.part.note(certificate_id=made.certificate_id)
        return made

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify its chain."""
        return self.trusted()

    def restore(self, before: Checkpoint) -> list[str]:
        """Remove the new key and revoke its certificate; copies of the old pair are no longer needed."""
        lines = []
        self.pair.discard_copy()
        if self.pair.new.exists():
            self.pair.discard(self.pair.new)
            lines.append(f"{self.pair.new} is removed, with the new key")
        if "certificate_id" in self.part.facts and not self.issued.revoked_at:
            Register(self.authority).revoke(self.issued.certificate_id, "cessation_of_operation")
            lines.append(f"certificate {self.issued.certificate_id} is revoked")
        return lines


class Trusted(Installed):
    """Verifiers can validate the new chain."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        return [f"verify the new chain of {self.part.target.name} by two implementations"]

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify with two implementations."""
        return self.trusted()


class Install(Installed):
    """The server presents the new certificate."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        target = self.part.target
        return [
            f"keep the pair of {target.name} that is served, for the way back",
            f"put the new pair at {self.pair.where}",
            *(f"run `{' '.join(command)}`" for command in (target.check, target.reload) if command),
            *([f"ask {target.probe} for its certificate"] if target.probe else []),
        ]

    def capture(self) -> Checkpoint:
        """Record the served certificate, with a copy of the pair, and its private key's real location."""
        return {
            **super().capture(), "links": self.pair.links(), "origins": self.pair.origins(),
            "kept": self.pair.keep(),
        }  # fmt: skip

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Swap the pair and reload the server."""
        self.pair.serve(self.pair.new.name, before["kept"])
        self.part.note(kept=before["kept"], origins=before.get("origins", []))
        server.tell(self.part.target, pace)

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify that the server presents it."""
        return self.seen(pace)

    def restore(self, before: Checkpoint) -> list[str]:
        """Swap the old pair back."""
        self.pair.put_back(before["kept"], before["links"])
        return [f"{self.part.target.certificate} shows the certificate {before['fingerprint'][:16]}... again"]

    def tell(self, before: Checkpoint) -> None:
        """Reload the server with the old pair."""
        server.tell(self.part.target)


class Shown(Installed):
    """The server still presents it, or a later renewal of it."""

    @property
    def issued(self) -> StoredCertificate:
        """The served certificate if it succeeded the plan's own; else the plan's."""
        made, holder = super().issued, self.part.holder
        served = certificates.same(holder.connection, holder.tenant_id, self.pair.chain()[0])
        renewed = served and served.algorithm == made.algorithm and served.created_at > made.created_at
        return served if served and renewed and not served.revoked_at else made

    def judged(self) -> list[x509.Certificate]:
        """Return the chain in the server's file."""
        return self.pair.chain()

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        return [f"verify what {self.part.target.probe or self.part.target.certificate} shows"]

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify in a handshake, and on disk."""
        return self.seen(pace)


class Drop(Shown):
    """The old key is removed from the server's path, its certificate revoked if it was issued here."""

    @property
    def old(self) -> Path:
        """Folder of the old pair."""
        return self.pair.folder(self.part.facts["kept"])

    @property
    def was(self) -> bytes:
        """The old certificate and key: from the copy, or before the switch as served."""
        kept = "kept" in self.part.facts
        paths = [self.old / CHAIN, self.old / KEY] if kept else self.pair.paths
        return b"".join(path.read_bytes() for path in paths if path.exists())

    def lines(self) -> list[str]:
        """Describe what the step would do, and what it leaves."""
        return [
            f"remove the old private key of {self.part.target.name}",
            "revoke the old certificate, if a CA of yours issued it",
            *self.left(),
        ]

    def left(self) -> list[str]:
        """Describe further copies of the old key, which are not removed."""
        facts, served = self.part.facts, self.pair.paths
        were = facts.get("origins", []) if "kept" in facts else self.pair.origins()
        near = [*(path.parent for path in served), *(Path(one["path"]).parent for one in were)]
        # Before the switch the server's own files hold it, and are about to be replaced.
        mine = () if "kept" in facts else [path for path in served if not path.is_symlink()]
        return [*remains.left(remains.marks(self.was), near, were, mine), remains.BACKUPS]

    def needs(self) -> list[Need]:
        """Return other targets that read the same certificate or key from files of their own."""
        marks, leaf = remains.marks(self.was), _leaf(self.was)
        own = {path.resolve() for path in self.pair.paths}
        found = [
            Need("target", name, f"reads the same certificate or key from {path}", "migrate it first")
            for name, other in self.part.guard.targets().items() if name != self.part.target.name
            for path in other.uses.files if path.resolve() not in own and (data := remains.read(path))
            if marks & remains.marks(data) or _leaf(data) == leaf
        ]  # fmt: skip
        return self.part.guard.refusing(found)

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify that the new one is presented; report remaining copies of the old key."""
        return {**super().prove(before, pace), "remains": self.left()}

    def conclude(self, before: Checkpoint) -> None:
        """Revoke the old certificate, in the transaction that completes the step.

        Raises:
            Conflict: another target has started to need it meanwhile.
        """
        if needs := self.needs():
            raise Conflict("; ".join(str(need) for need in needs))
        holder = self.part.holder
        old = certificates.same(holder.connection, holder.tenant_id, read_chain(self.old / CHAIN)[0])
        if old and old.issuer_id and not old.revoked_at:
            Register(self.authority).revoke(old.certificate_id, "superseded")

    def tidy(self, before: Checkpoint) -> None:
        """Remove the old key."""
        self.pair.remove_old(self.part.facts["kept"])


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()


def _leaf(data: bytes) -> bytes:
    """Return the fingerprint of the first certificate in a file; empty if there is none."""
    try:
        return certificates_of(data)[0].fingerprint(hashes.SHA256())
    except BadInput:
        return b""


STEPS: dict[str, type[Installed]] = {
    "prepare": Make,
    "enable_verifiers": Trusted,
    "switch": Install,
    "reissue": Install,
    "validate": Shown,
    "retire": Drop,
}


def certificate(part: Part[Presented], pair: Files) -> Action:
    """Return the action for a certificate and its key, for any file layout."""
    kind = STEPS.get(str(part.step["type"]))
    return kind(part, pair) if kind else Still()


def action(part: Part[Certificate]) -> Action:
    """Return the action for the certificate, which may share a file with its key."""
    target, plan_id = part.target, part.holder.plan_id
    one = target.certificate == target.key
    return certificate(part, Bundle(target, plan_id) if one else Pair(target, plan_id))
