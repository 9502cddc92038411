"""From specs to tasks: placement, the kind's planner, the estimate; and jobs that waited for dependencies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from novacron.answers.explanation import Estimate, Explanation
from novacron.errors import BadInput, NovaCronError, refusal
from novacron.json_types import JsonObject
from novacron.specs import Spec, parse_spec
from novacron.specs.initial_point import awaited
from scheduler.planning import dag, hardware, molecules
from scheduler.planning.hardware import Use
from scheduler.planning.kinds import KINDS
from scheduler.planning.kinds.base import Work
from scheduler.planning.placement import Placement, place
from shared import telemetry
from shared.db import errors, integrals, jobs, parameters, sweeps, workers
from shared.db.jobs import Event, Plan
from shared.db.runtimes import Forecast
from shared.db.session import Connection
from shared.failures import Failure
from shared.quantum.backends import HARDWARE
from shared.quantum.named_backends import NamedBackend
from shared.states import FailureClass

log = telemetry.logger("novacron.scheduler")

NOT_SPENT = "budget: this backend costs neither money nor device time, so it limits nothing"


def warnings(spec: Spec, placement: Placement, made: Work) -> list[str]:
    """Return warnings about the result; they become part of it."""
    return list(dict.fromkeys([*spec.warnings(), *placement.warnings, *made.warnings]))


def notices(spec: Spec, placement: Placement) -> list[str]:
    """Return warnings about the job's course that do not affect its result."""
    return [NOT_SPENT] if spec.budget is not None and placement.backend not in HARDWARE else []


def work(spec: Spec, placement: Placement) -> Work:
    """Return the validated plan of a spec; its planner sees the chosen backend in place of `auto`."""
    if placement.backend is not None:
        spec = spec.model_copy(update={"backend": placement.backend})
    made = KINDS[spec.kind](spec, placement.queue, placement.memory_bytes)
    dag.check(made.tasks)
    return made


def estimate(forecast: Forecast, made: Work, placement: Placement, used: Use) -> Estimate:
    """Estimate the job's start, duration and end.

    `takes_s` with its spread comes from past runs of this shape, None as long as there are none (a single run
    has no spread); `modelled_s` is the planner's operation count converted to seconds.
    """
    past = forecast.recall(made.shape)
    start_s = forecast.backlog_s(placement.queue)
    takes_s = past.mean_s if past else None
    return Estimate(
        start_s=_ms(start_s), finish_s=None if takes_s is None else _ms(start_s + takes_s),
        finish_deviation_s=_ms(past.deviation_s if past else None), takes_s=_ms(takes_s),
        takes_least_s=_ms(past.least_s if past else None),
        takes_most_s=_ms(past.most_s if past else None),
        learnt_from=past.n if past else 0, modelled_s=_ms(made.cost_s), cpu_s=_ms(takes_s),
        memory_bytes=placement.memory_bytes, n_circuits=used.n_circuits, n_shots=used.n_shots,
        qpu_s=used.qpu_s and used.qpu_s.expected, qpu_least_s=used.qpu_s and used.qpu_s.low,
        qpu_most_s=used.qpu_s and used.qpu_s.high, usd=used.usd and used.usd.expected,
        usd_least=used.usd and used.usd.low, usd_most=used.usd and used.usd.high,
        evaluations=made.loop["expected_evaluations"] if made.loop else None,
    )  # fmt: skip


def _ms(seconds: float | None) -> float | None:
    """Round seconds to the millisecond."""
    return None if seconds is None else round(seconds, 3)


def plan(forecast: Forecast, spec: Spec, placement: Placement) -> Plan:
    """Return the tasks of a spec, with the facts stored on the job and the events that explain them.

    Args:
        forecast: run times and backlogs.
        spec: a valid spec.
        placement: chosen placement.

    Raises:
        BadInput: the planner does not support what it requests, or its budget cannot be kept.
    """
    made = work(spec, placement)
    hardware.check_budget(spec, made, placement)
    facts: jobs.Facts = {
        "granularity": made.granularity, "why": made.why, "shape": made.shape, "backend": placement.backend,
        "device": placement.device or None, "calibration": placement.calibration, "queue": placement.queue,
        "placement_why": placement.why, "loop": made.loop, "warnings": warnings(spec, placement, made),
        "estimate": estimate(forecast, made, placement, hardware.use(spec, made, placement)),
    }  # fmt: skip
    placement_event: JsonObject = {
        "queue": placement.queue, "backend": placement.backend, "granularity": made.granularity,
        "why": f"{placement.why}; {made.why}",
        **({"device": placement.device} if placement.device else {}),
    }  # fmt: skip
    events: list[Event] = [("placement", placement_event)]
    if made.known:
        events.append(("reference", dict(made.known)))
    events += [("notice", {"message": message}) for message in notices(spec, placement)]
    events += warning_events(facts["warnings"])
    return Plan(made.tasks, facts, events)


def warning_events(messages: Sequence[str]) -> list[Event]:
    """Return the events that report warnings."""
    return [("warning", {"message": message}) for message in messages]


def explain(connection: Connection, spec: Spec, named: Mapping[str, NamedBackend]) -> Explanation:
    """Explain how a spec would run, apart from the cache; nothing is written.

    Raises:
        BadInput: the job cannot be placed.
    """
    placement = place(spec, workers.live_queues(connection), named)
    made = work(spec, placement)
    hardware.check_budget(spec, made, placement)
    return Explanation(
        kind=spec.kind, granularity=made.granularity, why=made.why, backend=placement.backend,
        device=placement.device or None, calibration=placement.calibration, queue=placement.queue,
        placement_why=placement.why, n_qubits=spec.n_qubits, n_parameters=spec.n_parameters,
        n_tasks=len(made.tasks), tasks=dag.summary(made.tasks), loop=made.loop,
        estimate=estimate(Forecast(connection), made, placement, hardware.use(spec, made, placement)),
        warnings=warnings(spec, placement, made), notices=notices(spec, placement),
    )  # fmt: skip


def plan_waiting(connection: Connection, named: Mapping[str, NamedBackend]) -> list[str]:
    """Plan the jobs whose dependencies have completed; fail those whose dependencies failed; settle sweeps.

    Returns:
        Ids of the jobs planned.
    """
    sweeps.settle(connection)
    planned: list[str] = []
    with connection.transaction():
        for waiting in jobs.unplanned(connection):
            if waiting.broken:
                jobs.fail(connection, waiting.owner.job_id, waiting.broken.document())
                continue
            try:
                with connection.transaction():
                    spec, known = _started(connection, waiting)
                    placement = place(spec, workers.live_queues(connection), named)
                    made = plan(Forecast(connection), spec, placement)
            except errors.Error:
                raise
            except Exception as error:
                owner = waiting.owner
                log.warning("unplannable", job=owner.job_id, tenant_id=owner.tenant_id, exc_info=error)
                jobs.fail(connection, waiting.owner.job_id, _unplannable(error).document())
            else:
                jobs.write_plan(connection, waiting.owner, made, known)
                jobs.tell(connection, waiting.owner.job_id, made.events)
                planned.append(waiting.owner.job_id)
    return planned


def _started(connection: Connection, waiting: jobs.Unplanned) -> tuple[Spec, JsonObject | None]:
    """Return the spec of a job that waited, and its document if its initial point or integrals became known.

    Raises:
        BadInput: the job at whose parameters it is to start has none.
    """
    spec, document = parse_spec(waiting.spec, stored=True), None
    if (molecule := molecules.pending(spec)) is not None:
        text = integrals.find(connection, waiting.owner.job_id, molecule.model_dump(mode="json"))
        if text is None:
            raise BadInput("has no integrals", field=molecules.field_of(spec), hint="submit it again")
        spec = molecules.filled(spec, text)
        document = spec.model_dump(mode="json")
    if (start := awaited(spec)) is not None:
        found = parameters.find(connection, waiting.owner.tenant_id, start)
        if found is None or not found.parameters:
            raise BadInput("has no parameters", field="initial_point.job", value=start)
        document = {**(document or waiting.spec), "initial_point": {"job": start, "values": found.parameters}}
        spec = parse_spec(document, stored=True)
    return spec, document


def _unplannable(error: Exception) -> Failure:
    """Return the failure of a job that waited and cannot be planned: the user's error, or the planner's."""
    if isinstance(error, NovaCronError):
        hint = error.hint if isinstance(error, BadInput) else None
        return Failure(FailureClass.USER, str(error), "bad_input", hint=hint, more=refusal(error))
    if isinstance(error, MemoryError):
        return Failure(
            FailureClass.RESOURCE, "the scheduler had too little memory to plan it", "out_of_memory"
        )
    message = f"planning failed: {type(error).__name__}: {error}"
    return Failure(FailureClass.INTERNAL, message, "planning", hint="report it with the job's id")
