"""`client.migrations`: inventories, assessments, plans and their execution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from novacron._transport.flows import Document, Flow, call, given, idempotency_key
from novacron._transport.http import get, post, segment
from novacron.answers.answer import Listing
from novacron.answers.migration import Assessment, MigrationStatus, Policies
from novacron.answers.plan import ListedPlan, MigrationPlan
from novacron.groups.group import AnyClient, Group, answered, job_of, operation, rows

MIGRATION = "/api/crypto/migration"
PLANS = f"{MIGRATION}/plans"


class Migrations(Group[AnyClient]):
    """Migrations to post-quantum algorithms, from the inventory to monitoring of the result."""

    @job_of
    def inventory(self, *targets: str, store: bool = False, stack: bool = False) -> Flow[Document]:
        """Find cryptography in files, at ``host:port``, in your keys, in the scheduler's connections.

        Args:
            targets: paths, which begin with a slash, and servers.
            store: include the tenant's keys.
            stack: include the scheduler's own connections.
        """
        paths = [one for one in targets if one.startswith("/")]
        endpoints = [one for one in targets if one not in paths]
        wanted = {"paths": paths, "endpoints": endpoints, "store": store, "stack": stack}
        return call(post("/api/crypto/inventory", wanted, idempotency_key()))

    @operation
    def convert(self, document: Mapping[str, Any]) -> Flow[Document]:
        """Convert an inventory to a CycloneDX 1.7 bill of materials, or a bill to an inventory."""
        way = "export" if "assets" in document else "import"
        return call(post(f"/api/crypto/cbom/{way}", document))

    @operation
    def policies(self) -> Flow[Policies]:
        """Return the ``policies``, the ``threat`` and the ``questions`` used by assessments."""
        return answered(Policies, call(get(f"{MIGRATION}/policies")))

    @operation
    def assess(
        self,
        /,
        inventory: Mapping[str, Any],
        *,
        policies: Sequence[str | Mapping[str, Any]] | None = None,
        **assumptions: Any,
    ) -> Flow[Assessment]:
        """Assess an inventory: what a quantum computer threatens, which rule binds first, what to do first.

        Args:
            inventory: result of an `inventory` job.
            policies: names of policies, or policies in full; None is the draft of NIST IR 8547.
            assumptions: `data_lifetime_years`, `migration_years`, `high_value`, `newly_acquired`, `answers`.
        """
        wanted = {"inventory": inventory, **given({"policies": policies, **assumptions})}
        return answered(Assessment, call(post(f"{MIGRATION}/assess", wanted)))

    @operation
    def plan(self, request: Mapping[str, Any]) -> Flow[MigrationPlan]:
        """Create and store a migration plan; nothing changes before it is executed.

        Args:
            request: `timeline` and `components` or `inventory`, and optionally `current_algorithms`,
                `target_algorithms`, `risk_tolerance`, `policy`, `name`.

        Raises:
            BadInput: an algorithm does not fit, components depend on each other in a cycle, or the deadline
                cannot be met; it names the step and the date.
        """
        return answered(MigrationPlan, call(post(f"{MIGRATION}/plan", request, idempotency_key())))

    @operation
    def get(self, plan_id: str) -> Flow[MigrationPlan]:
        """Return a migration plan.

        Raises:
            NotFound: there is no such plan, or it belongs to another tenant.
        """
        return answered(MigrationPlan, call(get(f"{PLANS}/{segment(plan_id)}")))

    @operation
    def status(self, plan_id: str) -> Flow[MigrationStatus]:
        """Return a plan's progress: its steps with their evidence, and drift detected since."""
        return answered(MigrationStatus, call(get(f"{PLANS}/{segment(plan_id)}/status")))

    @job_of
    def execute(
        self,
        plan_id: str,
        *,
        approve_retire: bool = False,
        confirm: Sequence[str] = (),
        confirm_all: bool = False,
        until: str | None = None,
        now: bool = False,
        unattended: bool = False,
        abandon: Sequence[str] = (),
        dry_run: bool = False,
    ) -> Flow[Document]:
        """Execute a migration plan, or resume it where it stopped.

        Args:
            plan_id: the stored plan.
            approve_retire: also run irreversible steps; otherwise they wait.
            confirm: manual steps that are done: ids, ranges such as ``s03-s09``, components.
            confirm_all: confirm every manual step that is due now.
            until: id of the last step of this execution.
            now: do not wait for the plan's retirement dates or for canary monitoring periods.
            unattended: let the job continue by itself on these dates.
            abandon: names of objects to abandon, although they depend on what a step destroys.
            dry_run: only report what every step would do, in the job's result.

        Raises:
            BadInput: the plan has no such step.
            NotFound: there is no such plan.
        """
        wanted = {
            "approve_retire": approve_retire, "confirm": confirm, "confirm_all": confirm_all,
            "until": until, "now": now, "unattended": unattended, "abandon": abandon, "dry_run": dry_run,
        }  # fmt: skip
        return _carried(plan_id, "execute", **wanted)

    @job_of
    def rollback(self, plan_id: str) -> Flow[Document]:
        """Roll back every change a plan has made; the job fails past the point of no return."""
        return _carried(plan_id, "rollback")

    @job_of
    def watch(self, plan_id: str, *, every_s: float | str = 86400.0, renew: bool = False) -> Flow[Document]:
        """Check a plan's endpoints periodically, until the job is cancelled.

        Args:
            plan_id: an executed plan.
            every_s: interval between checks: seconds, or a duration such as ``12h``.
            renew: also renew its certificates that are due.
        """
        return _carried(plan_id, "watch", every_s=every_s, renew=renew)

    @operation
    def list(self, *, limit: int = 50) -> Flow[Listing[ListedPlan]]:
        """List the tenant's migration plans without their steps, newest first."""
        return rows(ListedPlan, PLANS, "plans", limit)

    __call__ = list


def _carried(plan_id: str, what: str, **wanted: object) -> Flow[Document]:
    return call(post(f"{PLANS}/{segment(plan_id)}/{what}", given(wanted), idempotency_key()))
