"""Renewal of declared targets' certificates before they expire, each by a small plan of migration steps.

The plan migrates from an algorithm to the same one. It is stored, reported and rolled back like any other,
and an interrupted one is resumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from novacron.migration.plan import Change, Check, Plan, Step, Timeline
from shared import ulid
from shared.crypto.step_kinds import STEP_KINDS
from shared.db.crypto import certificates, plans
from shared.db.crypto.steps import Holder
from workers.crypto.migration import binding, locking, step
from workers.crypto.migration.pair import read_chain
from workers.crypto.migration.served import Certified
from workers.crypto.migration.targets import Target
from workers.crypto.pki.authority import Authority
from workers.runtime.outcome import UserError

POLICY = "renewal"
"""Policy name of the plans created here."""
DUE_SHARE = 1 / 3
"""Share of a certificate's validity that remains when it is due."""


@dataclass(frozen=True, slots=True)
class Held:
    """A target's certificate and its validity.

    Attributes:
        target: the operator's name for it.
        algorithm: algorithm of its key.
        certificate_id: its id in the store.
        ends: end of its validity.
        due: time from which it is to be renewed.
        revoked: whether it was revoked, and thus is due in any case.
    """

    target: str
    algorithm: str
    certificate_id: str
    ends: datetime
    due: datetime
    revoked: bool

    def is_due(self, now: datetime) -> bool:
        """Return whether it is due."""
        return self.revoked or now >= self.due

    def words(self, now: datetime) -> str:
        """Describe its status."""
        if self.revoked:
            return f"certificate {self.certificate_id} is revoked"
        days = f"{self.certificate_id} is valid until {self.ends:%Y-%m-%d %H:%M} UTC"
        return f"{days} and due" if self.is_due(now) else f"{days}, due from {self.due:%Y-%m-%d} on"


def due_from(begins: datetime, ends: datetime, within: timedelta | None = None) -> datetime:
    """Return when a certificate is due: so long before its end, or in the last third of its validity."""
    return ends - (within if within is not None else (ends - begins) * DUE_SHARE)


def held(authority: Authority, target: Certified, within: timedelta | None) -> Held:
    """Return a target's current certificate.

    Raises:
        UserError: its file cannot be read, or its certificate was issued elsewhere.
    """
    if target.certificate is None:
        raise UserError(f"targets.{target.name} has no certificate")
    served = read_chain(target.certificate)[0]
    stored = certificates.same(authority.connection, authority.tenant_id, served)
    if stored is None or stored.issuer_id is None:
        raise UserError(
            f"the certificate in {target.certificate} was not issued by a CA of yours:"
            " renew it where it was issued, or migrate it first"
        )
    begins, ends = served.not_valid_before_utc, served.not_valid_after_utc
    due = due_from(begins, ends, within)
    return Held(
        target.name, stored.algorithm, stored.certificate_id, ends, due, stored.revoked_at is not None
    )


def plan(one: Held, plan_id: str, now: datetime) -> Plan:
    """Return the plan that renews it."""
    day, change = now.date(), Change(**{"from": one.algorithm, "to": one.algorithm})
    steps = [
        Step(
            id=f"s{number:02}", name=f"{kind.type.replace('_', ' ')}: {one.target}, renewal", type=kind.type,
            dependencies=(f"s{number - 1:02}",) if number > 1 else (), algorithm=change,
            components=(one.target,), targets={one.target: one.target}, estimated_time_s=5.0,
            effort_hours=0.0, starts=day, ends=day, must_start_by=one.ends.date(), risk_level="low",
            validation=(Check(check="handshake", text="the next certificate is seen, its chain is valid"),),
            point_of_no_return=not kind.reversible, reversible=kind.reversible, actions=(kind.renewal,),
        )
        for number, kind in enumerate((kind for kind in STEP_KINDS.values() if kind.renewal), 1)
    ]  # fmt: skip
    return Plan(
        plan_id=plan_id, name=f"renewal of {one.target}"[:200], created_at=now, policy=POLICY,
        risk_tolerance="low", steps=steps,
        timeline=Timeline(
            start=day, deadline=max(day, one.ends.date()), ends=day, must_start_by=max(day, one.ends.date()),
            slack_days=max(0, (one.ends.date() - day).days), dual_period_days=0,
            critical_path=[each.id for each in steps],
        ),
        risk_assessment={}, rollback_plan=(), estimated_cost={}, residual_risk={},
    )  # fmt: skip


def begin(holder_of: Callable[[str], Holder], one: Held, now: datetime) -> Holder:
    """Take the renewal of a target: an interrupted one, else a new one.

    Raises:
        HeldError: another job holds it.
    """
    first = holder_of("")
    known = plans.unfinished(first.connection, first.tenant_id, POLICY, one.target)
    made = known or plan(one, ulid.new("plan_"), now).model_dump(mode="json")
    if known is None:
        plans.insert(
            first.connection, first.tenant_id, made, actor=first.actor, idempotency_key=None, request_hash=""
        )
    holder = holder_of(made["plan_id"])
    holder.hold(made["steps"], state="running")
    return holder


def carry_out(holder: Holder, declared: Mapping[str, Target], stop: Callable[[], None]) -> bool:
    """Execute all remaining steps; return False if another job is changing the target.

    Raises:
        UserError: a step failed; the message says what was restored.
    """
    for row in holder.rows():
        with locking.taken(holder, binding.locks(row.step, declared)) as mine:
            if not mine:
                return False
            try:
                step.perform(
                    holder, holder.read(row.step_id), binding.actions(holder, row.step, declared), stop
                )
            except UserError:
                holder.settle("failed")
                raise
    holder.settle("completed")
    return True


def now() -> datetime:
    """Return the time, in whole seconds of UTC."""
    return datetime.now(UTC).replace(microsecond=0)
