"""Expansion of a sweep: each combination becomes a validated job with its plan or its cached result."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from novacron.answers.explanation import Estimate, Explanation, PlannedTasks
from novacron.errors import BadInput, together
from novacron.specs import Spec, Sweep
from novacron.specs.sweep import Combination
from scheduler.planning import dag, planner
from scheduler.planning.placement import Placement
from shared.content import canonical
from shared.db.jobs import NewJob, Plan
from shared.db.runtimes import Forecast
from shared.db.sweeps import Child

BATCH = 500
"""Jobs whose cached results are looked up at once."""
MOST_BYTES = 1 << 30
"""Limit on the specs and cached results of a sweep, which are in memory at once."""
CACHED, UNPLANNED = "the results are cached", "told once the jobs are planned"
MOST_WARNINGS = 20
"""Warnings of its jobs that a sweep repeats."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A valid job that can be placed."""

    spec: Spec
    job: NewJob
    placement: Placement


Prepare = Callable[[Spec, NewJob | None], Prepared]
"""(spec, job of the sweep at whose parameters it starts) -> the job."""


Fill = Callable[[Spec, NewJob], tuple[Spec, NewJob]]
"""A job -> the job with the integrals of its molecule, or waiting for them."""


class Expansion:
    """All jobs of a sweep.

    Args:
        sweep: a valid sweep.
        prepare: validates and places one job.
        answers: content keys -> results of earlier jobs as JSON, None for each that is not known.
        forecast: run times and backlogs.
        known: canonical coordinates -> result, of jobs that are taken over from another sweep.
        fill: adds the integrals of molecules to jobs that are to run.

    Attributes:
        children: the jobs, in order.

    Raises:
        BadInput: jobs break a rule; each rule is told once, with the number of jobs and the first of them.
    """

    def __init__(
        self,
        sweep: Sweep,
        prepare: Prepare,
        answers: Callable[[Sequence[str]], list[str | None]],
        forecast: Forecast,
        known: Mapping[bytes, str],
        fill: Fill,
    ) -> None:
        self._known, self._fill = known, fill
        self._sweep, self._prepare, self._answers, self._forecast = sweep, prepare, answers, forecast
        self._refusals = _Refusals(sweep)
        self._n_bytes = 0
        self._before: dict[int | None, Prepared] = {}
        self.children: list[Child] = []
        combinations = enumerate(sweep.combinations())
        while batch := list(islice(combinations, BATCH)):
            self._add(batch)
        self._refusals.tell()

    def _add(self, batch: Sequence[tuple[int, Combination]]) -> None:
        prepared = []
        for position, combination in batch:
            try:
                before = self._before.get(combination.after)
                spec = self._sweep.spec_of(combination, before.job.job_id if before else None)
                one = self._prepare(spec, before.job if before else None)
                self._check_start(one.spec, before)
            except BadInput as error:
                self._refusals.note(combination, error)
            else:
                if self._sweep.start_from:
                    self._before[position] = one
                prepared.append((position, combination, one))
        keys = [one.job.shared_key for _, _, one in prepared if one.job.shared_key]
        cached = dict(zip(keys, self._answers(keys), strict=True))
        for position, combination, one in prepared:
            result = self._known.get(canonical(combination.coordinates))
            try:
                child = self._child(
                    position, combination, one, result or cached.get(one.job.shared_key or "")
                )
            except BadInput as error:
                self._refusals.note(combination, error)
            else:
                self.children.append(child)

    def _check_start(self, spec: Spec, before: Prepared | None) -> None:
        """Refuse a start from a loop with another number of parameters, as far as both numbers are known."""
        found = before.spec.n_parameters if before else None
        if found is None or spec.n_parameters in (None, found):
            return
        rule = f"its jobs have {found} and {spec.n_parameters} parameters"
        hint = "start_from needs equally many along its axis"
        raise BadInput(rule, field=self._sweep.start_from, hint=hint)

    def _child(self, position: int, combination: Combination, one: Prepared, result: str | None) -> Child:
        plan, spec, job = None, one.spec, one.job
        if result is None:
            spec, job = self._fill(spec, job)
            if not job.depends_on:
                plan = planner.plan(self._forecast, spec, one.placement)
        self._n_bytes += len(json.dumps(job.spec)) + len(result or "")
        if self._n_bytes > MOST_BYTES:
            rule = f"the specs and cached results of its jobs have more than {MOST_BYTES:,} bytes"
            raise BadInput(rule, field="over", hint="submit it in parts")
        return Child(job, position, combination.coordinates, plan, result)

    @property
    def n_cached(self) -> int:
        """Number of jobs whose result is cached."""
        return sum(child.result is not None for child in self.children)

    def plan(self) -> Plan:
        """Return the facts and events of the sweep itself; it has no tasks."""
        warnings = self._warnings()
        return Plan((), {"warnings": warnings}, planner.warning_events(warnings))

    def _warnings(self) -> list[str]:
        told = (text for child in self.children if child.plan for text in child.plan.facts["warnings"])
        return list(islice(dict.fromkeys(told), MOST_WARNINGS))

    def explanation(self) -> Explanation:
        """Explain how the sweep would run: its tasks are those of its jobs, its seconds their sums."""
        plans = [child.plan for child in self.children if child.plan is not None]
        n_jobs, n_cached = len(self.children), self.n_cached
        n_waiting = n_jobs - n_cached - len(plans)
        why = f"{n_jobs:,} jobs, of which {n_cached:,} are cached"
        why += f" and {n_waiting:,} wait for another and are planned then" if n_waiting else ""
        tasks = [task for plan in plans for task in plan.tasks]
        facts = plans[0].facts if plans else {}
        return Explanation(
            kind=self._sweep.kind, granularity="fanned_out", why=why, backend=facts.get("backend"),
            device=facts.get("device"), calibration=facts.get("calibration"), queue=facts.get("queue", ""),
            placement_why=facts.get("placement_why", UNPLANNED if n_waiting else CACHED), n_qubits=None,
            n_parameters=None, n_tasks=len(tasks), tasks=_summary(plans), loop=None,
            estimate=_estimate([plan.facts["estimate"] for plan in plans]), warnings=self._warnings(),
            notices=[], cache="hit" if n_cached == n_jobs else "miss", n_jobs=n_jobs, n_cached=n_cached,
        )  # fmt: skip


def _summary(plans: Sequence[Plan]) -> list[PlannedTasks]:
    """Return the tasks of all jobs in groups of equal ones."""
    groups: dict[tuple[str, str], PlannedTasks] = {}
    for plan in plans:
        for group in dag.summary(plan.tasks):
            known = groups.setdefault(
                (group["operation"], group["queue"]), PlannedTasks({**group, "count": 0})
            )
            known["count"] += group["count"]
    return list(groups.values())


def _estimate(estimates: Sequence[Mapping[str, Any]]) -> Estimate:
    """Return the sum of estimates; what one of them does not know is unknown."""

    def total(name: str) -> Any:
        known = [one[name] for one in estimates if one[name] is not None]
        return sum(known) if len(known) == len(estimates) else None

    return Estimate(
        start_s=min((one["start_s"] for one in estimates), default=0.0), finish_s=None,
        finish_deviation_s=None, takes_s=total("takes_s"), takes_least_s=None, takes_most_s=None,
        learnt_from=min((one["learnt_from"] for one in estimates), default=0), modelled_s=total("modelled_s"),
        cpu_s=total("cpu_s"), memory_bytes=max((one["memory_bytes"] for one in estimates), default=0),
        qpu_s=total("qpu_s"), qpu_least_s=total("qpu_least_s"), qpu_most_s=total("qpu_most_s"),
        usd=total("usd"), usd_least=total("usd_least"), usd_most=total("usd_most"),
        n_circuits=total("n_circuits"), n_shots=total("n_shots"), evaluations=total("evaluations"),
    )  # fmt: skip


class _Refusals:
    """Rules that jobs of a sweep break."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._found: dict[tuple[str | None, str], tuple[BadInput, Combination, int]] = {}

    def note(self, combination: Combination, error: BadInput) -> None:
        """Record the errors of one job."""
        for one in self._sweep.of_sweep(error).all:
            known = self._found.get((one.field, one.rule), (one, combination, 0))
            self._found[one.field, one.rule] = (*known[:2], known[2] + 1)

    def tell(self) -> None:
        """Raise the errors, if there are any.

        Raises:
            BadInput: the first, with the rest as its `others`.
        """
        for error, first, n in self._found.values():
            where = ", ".join(f"{path} = {value}" for path, value in first.coordinates.items())
            error.rule += f" ({n:,} of {self._sweep.n_jobs:,} jobs; first at {where})"
        if self._found:
            raise together([error for error, _, _ in self._found.values()])
