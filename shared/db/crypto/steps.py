"""Migrations in execution: one job at a time holds a plan, each step records the state before it.

Every change is conditional on the job that holds the plan and on the step's state, and is recorded in the
audit log in the same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from novacron.migration.planned_step import PlannedStep
from shared.db.crypto import audit
from shared.db.session import Connection
from shared.db.statements import statement

NOT_STARTED = ["pending", "failed", "waiting", "rolled_back"]
LOCK = 0x6D696772
"""First key of the advisory lock of a target; the second is the hash of its name."""

HOLD = """
INSERT INTO migrations AS m (plan_id, tenant_id, job_id, state) VALUES (%(plan)s, %(tenant)s, %(job)s, %(state)s)
ON CONFLICT (plan_id) DO UPDATE SET job_id = excluded.job_id, state = excluded.state, updated_at = clock_timestamp()
WHERE m.tenant_id = excluded.tenant_id AND (m.job_id = excluded.job_id
  OR NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = m.job_id AND j.finished_at IS NULL))
RETURNING plan_id
"""
HELD = statement("steps.held")
PREPARE = """
INSERT INTO migration_steps AS s (plan_id, step_id, position, step, job_id)
SELECT %(plan)s, g.step ->> 'id', g.position - 1, g.step, %(job)s
FROM json_array_elements(%(steps)s::json) WITH ORDINALITY AS g(step, position)
ON CONFLICT (plan_id, step_id) DO UPDATE SET job_id = excluded.job_id,
  state = CASE s.state WHEN 'waiting' THEN 'pending' ELSE s.state END,
  error = CASE s.state WHEN 'waiting' THEN NULL ELSE s.error END
"""
"""A step stays waiting for approval only until the next job takes the plan."""
READ = """
SELECT plan_id, step_id, position, step, state, job_id, checkpoint, facts, evidence, error, started_at, finished_at
FROM migration_steps WHERE plan_id = %(plan)s AND step_id = coalesce(%(step)s::text, step_id) ORDER BY position
"""
START = """
UPDATE migration_steps SET state = 'started', checkpoint = %(checkpoint)s, started_at = clock_timestamp(),
  finished_at = NULL, error = NULL, evidence = NULL
WHERE plan_id = %(plan)s AND step_id = %(step)s AND job_id = %(job)s
  AND state IN ('pending', 'failed', 'waiting', 'rolled_back') RETURNING step_id
"""
NOTE = """
UPDATE migration_steps SET facts = facts || %(facts)s::jsonb
WHERE plan_id = %(plan)s AND step_id = %(step)s AND job_id = %(job)s AND state = 'started' RETURNING step_id
"""
END = """
UPDATE migration_steps SET state = %(state)s, evidence = %(evidence)s, error = %(error)s,
  finished_at = clock_timestamp()
WHERE plan_id = %(plan)s AND step_id = %(step)s AND job_id = %(job)s AND state = ANY(%(before)s::text[])
RETURNING step_id
"""
TROUBLE = """
UPDATE migration_steps SET error = %(error)s
WHERE plan_id = %(plan)s AND step_id = %(step)s AND job_id = %(job)s AND state IN ('started', 'done')
RETURNING step_id
"""
SETTLE = """
UPDATE migrations SET state = %(state)s, updated_at = clock_timestamp()
WHERE plan_id = %(plan)s AND job_id = %(job)s RETURNING plan_id
"""
FIND = """
INSERT INTO drift_findings (plan_id, target, severity, text, observed) VALUES (%s, %s, %s, %s, %s)
"""
FINDINGS = """
SELECT target, severity, text, observed, found_at FROM drift_findings WHERE plan_id = %s ORDER BY id DESC LIMIT %s
"""


class HeldError(Exception):
    """Another job holds the plan."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step and its progress.

    Attributes:
        plan_id: the plan.
        step_id: within the plan.
        position: in the plan's order, from 0.
        step: as specified by the plan.
        state: `pending`, `started`, `done`, `failed` (and restored), `waiting` (for approval) or
            `rolled_back`.
        job_id: the job that holds the plan, or held it last.
        checkpoint: the state before it, by component; None before the first start.
        facts: values that later steps need, by component.
        evidence: proof that it was done, or what was restored.
        error: why it failed.
        started_at: last start.
        finished_at: last end.
    """

    plan_id: str
    step_id: str
    position: int
    step: PlannedStep
    state: str
    job_id: str
    checkpoint: dict[str, Any] | None
    facts: dict[str, Any]
    evidence: Any
    error: str | None
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def untold(self) -> bool:
        """Whether it was restored but a server has not reloaded the restored configuration."""
        return self.state in ("failed", "rolled_back") and bool((self.evidence or {}).get("untold"))

    def document(self) -> dict[str, Any]:
        """Return the step as JSON, without the checkpoint."""
        return {
            "step_id": self.step_id, "name": self.step.get("name"), "type": self.step.get("type"),
            "components": self.step.get("components"), "state": self.state, "job_id": self.job_id,
            "facts": self.facts, "evidence": self.evidence, "error": self.error,
            "started_at": self.started_at.isoformat() if self.started_at else None,
            "finished_at": self.finished_at.isoformat() if self.finished_at else None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holder:
    """A job that holds a plan, as recorded in rows and in the audit log."""

    connection: Connection
    plan_id: str
    tenant_id: int
    job_id: str
    actor: str

    def hold(self, steps: Sequence[Mapping[str, Any]], *, state: str) -> None:
        """Take the plan, with a row for each step; idempotent.

        Raises:
            HeldError: another job that has not ended holds it.
        """
        given = {"plan": self.plan_id, "tenant": self.tenant_id, "job": self.job_id, "state": state}
        with self.connection.transaction():
            if self.connection.execute(HOLD, given).fetchone() is None:
                raise HeldError(self._held())
            self.connection.execute(PREPARE, given | {"steps": json.dumps([dict(step) for step in steps])})

    def _held(self) -> str:
        held = self.connection.execute(HELD, {"plan": self.plan_id, "tenant": self.tenant_id}).fetchone()
        other = held[0] if held else "another"
        return (
            f"job {other} has not ended and holds the plan {self.plan_id}: wait for it, or end it with"
            f" novacron cancel {other}"
        )

    def read(self, step_id: str) -> StepRow:
        """Return one step.

        Raises:
            LookupError: the plan has no step of that id.
        """
        return next(iter(_rows(self.connection, self.plan_id, step_id)))

    def rows(self) -> list[StepRow]:
        """Return all steps in the plan's order."""
        return _rows(self.connection, self.plan_id, None)

    def now(self) -> datetime:
        """Return the time by the database's clock."""
        row = self.connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        moment: datetime = row[0]
        return moment

    def facts(self, component: str) -> dict[str, Any]:
        """Return the facts about a component recorded by the steps so far."""
        found: dict[str, Any] = {}
        for row in self.rows():
            found |= row.facts.get(component, {})
        return found

    def start(self, step_id: str, checkpoint: Mapping[str, Any]) -> None:
        """Record the checkpoint of a step before anything is changed."""
        self._change(START, step_id, "started", {}, {"checkpoint": json.dumps(dict(checkpoint))})

    def note(self, step_id: str, component: str, facts: Mapping[str, Any]) -> None:
        """Record facts of a started step, in the transaction of the effect that they describe."""
        known = self.read(step_id).facts.get(component, {})
        given = {"facts": json.dumps({component: {**known, **facts}})}
        self._change(NOTE, step_id, "effect", {"component": component, **facts}, given)

    def finish(self, step_id: str, evidence: Any) -> None:
        """Started -> done."""
        self._end(step_id, "done", ["started"], evidence, None)

    def fail(self, step_id: str, error: str, restored: Mapping[str, Any]) -> None:
        """Started -> failed, after the previous state was restored; the evidence says what was restored."""
        self._end(step_id, "failed", ["started"], dict(restored), error)

    def refuse(self, step_id: str, why: str) -> None:
        """Not started -> failed, before anything was changed."""
        self._end(step_id, "failed", NOT_STARTED, None, why)

    def wait(self, step_id: str, why: str) -> None:
        """Not started -> waiting for approval or for its date."""
        self._end(step_id, "waiting", NOT_STARTED, None, why)

    def undo(self, step_id: str, restored: Mapping[str, Any]) -> None:
        """Started or done -> rolled back; also records a server's reload after an earlier rollback."""
        before = ["started", "done", "failed", "rolled_back"]
        self._end(step_id, "rolled_back", before, dict(restored), None)

    def trouble(self, step_id: str, error: str) -> None:
        """Record why a step could not be restored; its state stays, so that it can be retried."""
        self._change(TROUBLE, step_id, "trouble", {"error": error}, {"error": error})

    def settle(self, state: str) -> None:
        """Set the state of the whole migration."""
        given = {"plan": self.plan_id, "job": self.job_id, "state": state}
        with self.connection.transaction():
            if self.connection.execute(SETTLE, given).fetchone() is None:
                raise HeldError(f"another job has taken the plan {self.plan_id}")
            self._audit("migration." + state, self.plan_id, {})

    def find(self, target: str, severity: str, text: str, observed: Any) -> None:
        """Record a finding about a target of the plan."""
        with self.connection.transaction():
            self.connection.execute(FIND, (self.plan_id, target, severity, text, json.dumps(observed)))
            self._audit("migration.drift", f"{self.plan_id}/{target}", {"severity": severity, "text": text})

    def _end(self, step_id: str, state: str, before: list[str], evidence: Any, error: str | None) -> None:
        stored = None if evidence is None else json.dumps(evidence)
        outcome = {"evidence": evidence, "error": error}
        given = {"state": state, "before": before, "evidence": stored, "error": error}
        self._change(END, step_id, state, {key: value for key, value in outcome.items() if value}, given)

    def _change(
        self, statement: str, step_id: str, act: str, told: Mapping[str, Any], given: Mapping[str, Any]
    ) -> None:
        who = {"plan": self.plan_id, "step": step_id, "job": self.job_id}
        with self.connection.transaction():
            if self.connection.execute(statement, {**who, **given}).fetchone() is None:
                raise HeldError(f"step {step_id} of plan {self.plan_id} is no longer this job's to change")
            self._audit("migration.step." + act, f"{self.plan_id}/{step_id}", told)

    def _audit(self, action: str, subject: str, details: Mapping[str, Any]) -> None:
        entry = {"job": self.job_id, **details}
        audit.append(self.connection, self.tenant_id, self.actor, action, subject, entry)


def _rows(connection: Connection, plan_id: str, step_id: str | None) -> list[StepRow]:
    found = [StepRow(*row) for row in connection.execute(READ, {"plan": plan_id, "step": step_id})]
    if step_id is not None and not found:
        raise LookupError(f"plan {plan_id} has no step {step_id}")
    return found


def status(connection: Connection, tenant_id: int, plan_id: str) -> dict[str, Any] | None:
    """Return a plan's progress, step by step; None if it has not been started."""
    held = connection.execute(HELD, {"plan": plan_id, "tenant": tenant_id}).fetchone()
    if held is None:
        return None
    return {
        "plan_id": plan_id, "job_id": held[0], "status": held[1],
        "steps": [row.document() for row in _rows(connection, plan_id, None)],
        "findings": findings(connection, plan_id),
    }  # fmt: skip


def not_begun(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `status` reports of a plan that has not been started."""
    rows = [
        StepRow(plan["plan_id"], one["id"], number, one, "pending", "", None, {}, None, None, None, None)
        for number, one in enumerate(plan["steps"])
    ]
    return {
        "plan_id": plan["plan_id"], "job_id": None, "status": "planned",
        "steps": [row.document() for row in rows], "findings": [],
    }  # fmt: skip


def findings(connection: Connection, plan_id: str, limit: int = 100) -> list[dict[str, Any]]:
    """Return the newest findings about a plan, newest first."""
    return [
        {
            "target": target,
            "severity": severity,
            "text": text,
            "observed": observed,
            "found_at": at.isoformat(),
        }
        for target, severity, text, observed, at in connection.execute(FINDINGS, (plan_id, limit))
    ]


def lock(connection: Connection, target: str) -> bool:
    """Lock a target for the life of this connection or until `unlock`; return False if it is locked."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", (LOCK, target)).fetchone()
    return bool(row and row[0])


def hold(connection: Connection, name: str) -> None:
    """Lock a name against other transactions until the caller's transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (LOCK, name))


def unlock(connection: Connection, target: str) -> None:
    """Unlock a target."""
    connection.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (LOCK, target))
