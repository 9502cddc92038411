"""Objects that depend on a stored key, as recorded in rows; queried before a version is retired or erased."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cryptography import x509

from novacron.crypto.pki.names import text_of
from shared.db.crypto.keys import StoredKey
from shared.db.session import Connection
from shared.db.statements import statement

Act = Literal["rotate", "retire", "destroy"]
DONE: Mapping[Act, str] = {"rotate": "rotated", "retire": "retired", "destroy": "destroyed"}
OPERATIONS: Mapping[Act, tuple[str, ...]] = {
    "rotate": ("import_key",),
    "retire": ("sign", "sign_bundle", "generate_certificate", "sign_certificate_request"),
    "destroy": ("import_key", "rewrap_envelope"),
}
"""Operations of accepted jobs that would fail after each action."""


@dataclass(frozen=True, slots=True)
class Need:
    """An object that needs a key, and how to remove the dependency.

    Attributes:
        kind: `certificate`, `target`, `envelopes`, `file`, `plan` or `job`.
        name: name of the object; a caller that abandons it must name it.
        why: purpose of the key.
        cure: how to remove the dependency.
    """

    kind: str
    name: str
    why: str
    cure: str

    def document(self) -> dict[str, str]:
        """Return the need as JSON."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.why} ({self.cure})"


@dataclass(frozen=True, slots=True)
class Ending:
    """Key versions that an action would end.

    Attributes:
        key: the key.
        act: `rotate` and `retire` end signatures by a version, `destroy` erases private keys.
        versions: the versions that would stop signing or be erased.
    """

    key: StoredKey
    act: Act
    versions: frozenset[int]

    @classmethod
    def of(cls, key: StoredKey, act: Act, version: int | None = None) -> Ending:
        """Return the ending of the current version; for `destroy`, of one version or of all that are left."""
        if act != "destroy":
            return cls(key, act, frozenset({key.version}))
        left = (one.version for one in key.versions if one.destroyed_at is None)
        return cls(key, act, frozenset(one for one in left if version in (None, one)))

    def refusal(self, needs: Collection[Need]) -> str:
        """Explain why the action is rejected."""
        found = "; ".join(str(need) for need in needs)
        return f"key {self.key.key_id} cannot be {DONE[self.act]}, it is needed: {found}"


CERTIFICATES = statement("needs.certificates")
PLANS = statement("needs.plans")
JOBS = statement("needs.jobs")


def of(
    connection: Connection, tenant_id: int, ending: Ending, *, plan_id: str = "", job_id: str = ""
) -> list[Need]:
    """Return all rows that need what the action would end.

    Args:
        connection: inside the transaction of the action, so that no new need can arise meanwhile.
        tenant_id: the owning tenant.
        ending: the versions that would end.
        plan_id: the calling plan, which is left out.
        job_id: the calling job, which is left out.
    """
    given = {
        "tenant": tenant_id, "key": ending.key.key_id, "versions": sorted(ending.versions), "plan": plan_id,
        "job": job_id, "operations": list(OPERATIONS[ending.act]),
    }  # fmt: skip
    return [
        *_certificates(connection, ending.act, given),
        *(_plan(*row) for row in connection.execute(PLANS, given)),
        *(_job(*row) for row in connection.execute(JOBS, given)),
    ]


def _certificates(connection: Connection, act: Act, given: Mapping[str, Any]) -> Iterator[Need]:
    for name, der, ca, version, issuer, ends, valid, revoked, last in connection.execute(CERTIFICATES, given):
        subject = text_of(x509.load_der_x509_certificate(der).subject)
        if ca and (valid or (revoked and act != "retire")):
            yield _authority(name, subject, valid, revoked, f"{last:%Y-%m-%d}")
        elif ca and act == "rotate":
            why = f"is the CA {subject}, which signs with version {version} and with no later one"
            yield Need("certificate", name, why, "a new CA has a key of its own: make it, issue from it")
        elif not ca:
            cure = "revoke it, or let it end" if issuer else "let it end"
            why = f"is of {subject}, for version {version} of this key, valid until {ends:%Y-%m-%d}"
            yield Need("certificate", name, why, cure)


def _authority(name: str, subject: str, valid: int, revoked: int, last: str) -> Need:
    if valid:
        counted = "1 of its certificates is" if valid == 1 else f"{valid} of its certificates are"
        why = f"is the CA {subject}: {counted} valid, until {last} at most"
        return Need("certificate", name, why, "revoke them or let them end; issue the next from a new CA")
    why = f"is the CA {subject}: its list of {revoked} revoked certificates is due until {last}"
    return Need("certificate", name, why, "let the revoked certificates end")


def _plan(plan_id: str, state: str) -> Need:
    return Need("plan", plan_id, f"is {state} and has changed this key", "carry it out, or roll it back")


def _job(job_id: str, operation: str) -> Need:
    return Need("job", job_id, f"is to use it, for {operation}", "wait for its end, or cancel it")
