"""Compares what a server offers now with what a migration established."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict, cast

from cryptography import x509

from novacron.errors import Forbidden, Unreachable
from shared.crypto import ssh
from shared.crypto.tls.probe import PREFERRED
from shared.db.crypto.steps import StepRow
from workers.crypto.migration import binding, server
from workers.crypto.migration.pair import read_chain
from workers.crypto.migration.programs import OpenSSH
from workers.crypto.migration.renewal import due_from
from workers.crypto.migration.served import Certified, Served
from workers.crypto.migration.targets import Target
from workers.runtime.outcome import UserError


class Agreed(TypedDict):
    """The result of a handshake, as JSON: from `shared.crypto.tls`."""

    group: str
    pq_signature: bool
    signature: str


class Attempt(TypedDict):
    """One attempt of a probe, as JSON."""

    refusal: str | None


class Seen(TypedDict, total=False):
    """The examined part of a probe as JSON, of a TLS server or of an SSH server."""

    pq: bool
    handshake: Agreed | None
    downgrades: bool
    takes_classical_groups: bool
    attempts: Mapping[str, Attempt]
    preferred: str
    classical: Sequence[str]


@dataclass(frozen=True, slots=True)
class Drift:
    """A property that a server has lost since the migration.

    Attributes:
        target: the operator's name for it.
        severity: `high` if confidentiality or authenticity is lost, `medium` if it may be, `low` if nothing
            could be observed.
        text: description.
        observed: the probe that showed it.
    """

    target: str
    severity: str
    text: str
    observed: Seen


def left(rows: Iterable[StepRow]) -> dict[str, Seen]:
    """Return component -> what its server offered when its latest completed step was proved."""
    return {
        component: proof["probe"]
        for row in rows
        if row.state == "done"
        for component, proof in (row.evidence or {}).items()
        if proof.get("probe")
    }


def watched(rows: Sequence[StepRow], declared: Mapping[str, Target]) -> dict[str, Target]:
    """Return component -> its target, for those changed by the plan that can be probed."""
    done = [row.step for row in rows if row.state == "done"]
    seen = left(rows)
    return {
        component: target
        for component, target in binding.bound(done, declared).items()
        if component in seen or isinstance(target, Certified)
    }


def look(target: Target, before: Seen | None) -> list[Drift]:
    """Probe a target's server again, and check the expiry of its certificate.

    Args:
        target: as declared by the operator.
        before: what its server offered when the plan was executed; None if it was not probed.
    """
    if not isinstance(target, Served):
        return []
    if isinstance(target, OpenSSH):
        return _looked_ssh(target, before)
    if not target.probe:
        return [Drift(target.name, *one, {}) for one in _ending(_in_file(target))]
    try:
        seen = server.ask(target)
    except (Unreachable, Forbidden) as error:
        return [Drift(target.name, "low", f"does not answer: {error}", {})]
    now, chain = cast(Seen, seen.document()), seen.attempts[PREFERRED].chain
    served = x509.load_der_x509_certificate(chain[0]) if chain else None
    found = [*(_lost(before, now) if before else ()), *_ending(served)]
    return [Drift(target.name, severity, text, now) for severity, text in found]


def _looked_ssh(target: OpenSSH, before: Seen | None) -> list[Drift]:
    """Return how an SSH server's key exchange has weakened since the plan was executed."""
    if not target.probe or not before:
        return []
    try:
        offer = ssh.ask(*target.address, reach=target.reach)
    except Unreachable as error:
        return [Drift(target.name, "low", f"does not answer: {error}", {})]
    found = []
    if before["pq"] and not offer.pq:
        found.append(("high", f"key exchange fell from {before['preferred']} back to {offer.preferred}"))
    if offer.classical and not before["classical"]:
        found.append(("medium", f"a classical key exchange is accepted again: {', '.join(offer.classical)}"))
    return [Drift(target.name, *one, cast(Seen, offer.document())) for one in found]


def _in_file(target: Served) -> x509.Certificate | None:
    path = target.paths().get("certificate")
    try:
        return read_chain(path)[0] if path else None
    except UserError:
        return None


def _ending(served: x509.Certificate | None) -> Iterator[tuple[str, str]]:
    """Yield that a certificate is due for renewal, or expired; the text is stable for one certificate."""
    if served is None:
        return
    begins, ends = served.not_valid_before_utc, served.not_valid_after_utc
    now = datetime.now(UTC)
    if now >= ends:
        yield "high", f"its certificate expired on {ends:%Y-%m-%d %H:%M} UTC"
    elif now >= due_from(begins, ends):
        yield "medium", f"its certificate expires on {ends:%Y-%m-%d %H:%M} UTC: novacron crypto renew"


def _lost(before: Seen, now: Seen) -> Iterator[tuple[str, str]]:
    was, is_ = before["handshake"], now["handshake"]
    if is_ is None:
        yield "low", f"no connection any more: {now['attempts'][PREFERRED]['refusal']}"
        return
    assert was is not None, "steps are proved by a handshake"
    if before["pq"] and not now["pq"]:
        yield "high", f"key exchange fell from {was['group']} back to {is_['group']}"
    if now["downgrades"] and not before["downgrades"]:
        yield "high", "a client that lists a classical group first now gets a classical key exchange"
    if was["pq_signature"] and not is_["pq_signature"]:
        yield "high", f"the server proves itself by {is_['signature']}, no longer by {was['signature']}"
    if now["takes_classical_groups"] and not before["takes_classical_groups"]:
        yield "medium", "a classical key exchange is accepted again"
