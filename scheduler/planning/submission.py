"""From a request to a job in one transaction: validate, look up the cache, plan, insert."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from novacron.answers.explanation import Explanation
from novacron.errors import BadInput, Conflict, NotFound, TooBusy
from novacron.json_types import Json, JsonObject
from novacron.specs import Circuit, Classical, Crypto, Spec, Sweep, parse_spec
from novacron.specs.axes import MOST_JOBS
from novacron.specs.crypto.keys import Sign, Verify
from scheduler.planning import algorithms, authority, calls, molecules, planner, starts, watching
from scheduler.planning.answers import Answers
from scheduler.planning.expansion import Expansion, Prepared
from scheduler.planning.molecules import Integrals
from scheduler.planning.placement import Placement, place
from shared import content, functions
from shared.cache import ResultCache
from shared.crypto import permitted
from shared.db import (
    errors,
    jobs,
    reading,
    session,
    sweeps,
    watched_devices,
    workers,
)  # fmt: skip
from shared.db.jobs import NewJob, Plan
from shared.db.runtimes import Forecast
from shared.db.tokens import Bearer
from shared.quantum import named_backends
from shared.settings import Settings
from shared.traces.course import COURSE, step

if TYPE_CHECKING:
    from shared.db.session import Engine


RACES = 5


@dataclass(frozen=True, slots=True)
class Request:
    """The submitter, and how to recognise a repeated request.

    Attributes:
        who: the caller.
        idempotency_key: key given by the caller.
        replay_of: the job that this one repeats.
        body_hash: digest of the request sent with the idempotency key, where that is not the submitted job.
        continues: the sweep whose completed jobs a new one takes over.
    """

    who: Bearer
    idempotency_key: str | None = None
    replay_of: str | None = None
    body_hash: str | None = None
    continues: str | None = None


class CircuitText(Exception):  # noqa: N818 - says what was met
    """A job contains a circuit as text, which only a parser process may read."""


class Submission:
    """Accepts jobs; thread-safe.

    Args:
        settings: the installation's settings.
        engine: database connections.
        read_circuit: converts OpenQASM text to a record; None where this process must not do so.
    """

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        read_circuit: Callable[[str], JsonObject] | None = None,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._answers = Answers(ResultCache(settings.redis_url, settings.key_prefix))
        self._read_circuit = read_circuit
        self._permitted = permitted.load(settings.pq_crypto_file)
        self.named_backends = named_backends.load(settings.backends_file)
        self.stale_s = watched_devices.STALE * settings.watch_s

    def read(self, body: Json | Spec, *, stored: bool = False) -> Spec:
        """Return the validated spec of a request's body or of a stored spec, with circuits parsed.

        Raises:
            BadInput: it breaks a rule.
            CircuitText: it has a circuit that another process must read.
        """
        spec = body if isinstance(body, Spec) else parse_spec(body, stored=stored)
        if isinstance(spec, Classical):
            functions.check_job(spec)
            for text, field in functions.circuits(spec):
                self._record(text, field)
        if isinstance(spec, Crypto):
            algorithms.check(spec)
        algorithms.check_permitted(self._permitted, spec)
        parsed = self._parsed(spec) if _has_text(spec) else None
        read = starts.waiting(parse_spec(parsed, stored=True) if parsed is not None else spec)
        named = self.named_backends.get(read.backend.partition(":")[0])
        return named.noisy(read) if named else read

    def _parsed(self, read: Spec) -> JsonObject | None:
        """Return the spec with OpenQASM text replaced by its record, None where it has none."""
        spec: JsonObject = read.model_dump(mode="json")
        for field in ("circuit", "ansatz"):
            part = spec.get(field)
            if isinstance(part, Mapping) and isinstance(text := part.get("qasm"), str):
                record = self._record(text, field)
                rest = {key: value for key, value in part.items() if key != "qasm"}
                return {**spec, field: {**rest, ("circuit" if field == "ansatz" else "record"): record}}
        if spec.get("kind") == "pure_quantum" and spec["circuits"]:
            return {**spec, "circuits": self._all_parsed(cast("list[dict[str, Any]]", spec["circuits"]))}
        return None

    def _all_parsed(self, circuits: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return several circuits with OpenQASM text replaced by its record; equal texts are read once."""
        known: dict[str, JsonObject] = {}
        found = []
        for position, one in enumerate(circuits):
            text = one["circuit"].get("qasm")
            if text is not None and text not in known:
                known[text] = {"record": self._record(text, f"circuits[{position}].circuit")}
            found.append(one if text is None else {**one, "circuit": known[text]})
        return found

    def _record(self, text: str, field: str) -> JsonObject:
        if self._read_circuit is None:
            raise CircuitText
        try:
            return self._read_circuit(text)
        except BadInput as error:
            place = f"line {error.line}, column {error.column}: " if error.line else ""
            raise BadInput(f"{place}{error.rule}", field=field, hint=error.hint) from None

    def submit(self, body: Json | Spec, request: Request, *, stored: bool = False) -> str:
        """Accept a job; return its id once it is durable.

        Raises:
            BadInput: the job breaks a rule, cannot be placed, or requests more than the caller's role
                permits.
            Forbidden: the caller's role does not permit it.
            Conflict: the idempotency key was used with another body.
            TooBusy: the tenant has too many unfinished jobs.
            CircuitText: as for `read`.
        """
        request_hash = request.body_hash or content.digest(
            body.model_dump(mode="json") if isinstance(body, Spec) else body
        )
        with session.borrowed(self._engine) as connection:
            if request.idempotency_key and (known := self._known(connection, request, request_hash)):
                return known
        spec = self.validated(body, request.who, stored=stored)
        for _ in range(RACES):
            with session.borrowed(self._engine) as connection:
                if job_id := self.accept(connection, spec, request, request_hash):
                    return job_id
        raise TooBusy("the same content is being submitted many times at once")

    def validated(self, body: Json | Spec, who: Bearer, *, stored: bool = False) -> Spec:
        """Return the spec of a body that the caller may submit; raises as `submit`."""
        with step("parse"):
            spec = self.read(body, stored=stored)
        authority.check(spec, who, self._settings)
        return spec

    def accept(
        self, connection: session.Connection, spec: Spec, request: Request, request_hash: str
    ) -> str | None:
        """Insert a validated job, or find the one of its idempotency key; return its id.

        None if a concurrent submission has the same content: call again. Raises as `submit`.
        """
        if request.idempotency_key and (known := self._known(connection, request, request_hash)):
            return known
        job_id = self._insert(connection, spec, request, request_hash)
        if job_id is not None:
            _note(job_id, spec, request.who)
        return job_id

    def replay(self, spec: JsonObject | None, request: Request) -> str:
        """Submit a stored job again, bypassing the cache.

        Raises:
            NotFound: there is no such job.
        """
        if spec is None:
            raise NotFound(f"there is no job {request.replay_of!r} in this tenant")
        if spec["kind"] == "sweep":
            job = spec["job"]
            assert isinstance(job, dict)
            fresh = {**spec, "job": {**job, "cache": False}, "session": None}
        else:
            fresh = {**spec, "cache": False, "depends_on": [], "session": None}
        return self.submit(fresh, request, stored=True)

    def _known(self, connection: session.Connection, request: Request, request_hash: str) -> str | None:
        who, key = request.who, request.idempotency_key or ""
        found = reading.by_idempotency_key(connection, who.tenant_id, who.role, key)
        if found and found[1] != request_hash:
            raise Conflict(f"this Idempotency-Key came with another body, as job {found[0]}")
        return found[0] if found else None

    def _insert(
        self, connection: session.Connection, spec: Spec, request: Request, request_hash: str
    ) -> str | None:
        if isinstance(spec, Sweep):
            return self._insert_sweep(connection, spec, request, request_hash)
        document = spec.model_dump(mode="json")
        if isinstance(spec, Sign | Verify) and spec.context:
            algorithms.check_context_of(connection, spec, request.who.tenant_id)
        start = starts.key(connection, spec, request.who.tenant_id)
        calls.check(connection, request.who.tenant_id, spec.session)
        self._admit(connection, request.who.tenant_id, document["depends_on"])
        integrals = self._integrals(connection, request)
        with step("plan"):
            job, made, cached = self._planned(
                connection, spec, document, request, request_hash, start, integrals
            )
        with step("accept"), integrals.inserted() as ready:
            return jobs.insert(connection, job, made, cached=cached) if ready else None

    def _integrals(self, connection: session.Connection, request: Request) -> Integrals:
        """Return the integrals for the molecules of a submission."""

        def prepare(spec: Classical) -> tuple[NewJob, Plan | None, JsonObject | None]:
            document = spec.model_dump(mode="json")
            return self._planned(connection, spec, document, Request(request.who), None, None)

        return Integrals(connection, prepare)

    def _planned(
        self, connection: session.Connection, spec: Spec, document: dict[str, Any], request: Request,
        request_hash: str | None, start: str | None, integrals: Integrals | None = None,
    ) -> tuple[NewJob, Plan | None, JsonObject | None]:  # fmt: skip
        """Return the job to insert with its plan or its cached result."""
        molecules.check_extra(connection, spec)
        placement = place(spec, workers.live_queues(connection), self.named_backends)
        watching.check(connection, spec, placement, self.stale_s)
        key = None if request.replay_of else _key(document, placement, request.who.tenant_id, start)
        job = _new_job(document, request, key, request_hash)
        cached = self._answers.get(connection, job.shared_key)
        if cached is not None:
            return job, Plan((), {}, planner.warning_events(cached.get("warnings", ()))), cached
        if integrals is not None:
            spec, job = integrals.fill(spec, job)
        made = None if job.depends_on else planner.plan(Forecast(connection), spec, placement)
        return job, made, None

    def _insert_sweep(
        self, connection: session.Connection, sweep: Sweep, request: Request, request_hash: str
    ) -> str | None:
        integrals = self._integrals(connection, request)
        with step("plan"):
            calls.check(connection, request.who.tenant_id, sweep.session)
            expansion = self._expanded(connection, sweep, request, integrals)
        wanted = {job_id for child in expansion.children for job_id in child.job.spec["depends_on"]}
        own = {child.job.job_id for child in expansion.children}
        self._admit(connection, request.who.tenant_id, sorted(wanted - own), len(own))
        parent = _new_job(sweep.model_dump(mode="json"), request, None, request_hash)
        with step("accept"), integrals.inserted() as ready:
            if not ready:
                return None
            try:
                return sweeps.insert(connection, parent, expansion.plan(), expansion.children)
            except errors.UniqueViolation:
                return None

    def _expanded(
        self, connection: session.Connection, sweep: Sweep, request: Request, integrals: Integrals
    ) -> Expansion:
        """Return all jobs of a sweep.

        Raises:
            BadInput: one of them breaks a rule.
        """
        live, who = workers.live_queues(connection), request.who

        def prepare(spec: Spec, before: NewJob | None) -> Prepared:
            read = self.read(spec)
            authority.check(read, who, self._settings)
            if isinstance(read, Sign | Verify) and read.context:
                algorithms.check_context_of(connection, read, who.tenant_id)
            molecules.check_extra(connection, read)
            placement = place(read, live, self.named_backends)
            watching.check(connection, read, placement, self.stale_s)
            document = read.model_dump(mode="json")
            start = before.content_key if before else starts.key(connection, read, who.tenant_id)
            key = _key(document, placement, who.tenant_id, start)
            job = _new_job(document, Request(who), key, None)
            return Prepared(read, job, placement)

        known = sweeps.results(connection, request.continues) if request.continues else {}
        answers = partial(self._answers.texts, connection)
        return Expansion(sweep, prepare, answers, Forecast(connection), known, integrals.fill)

    def _admit(
        self, connection: session.Connection, tenant_id: int, depends_on: list[str], n_children: int = 0
    ) -> None:
        most = self._settings.max_queued_jobs
        if reading.unfinished(connection, tenant_id) >= most:
            raise TooBusy(f"{most} of your jobs have not ended yet, the most allowed", retry_after_s=5)
        most = max(most, MOST_JOBS)
        if n_children and reading.unfinished_of_sweeps(connection, tenant_id) + n_children > most:
            raise TooBusy(f"your sweeps would have more than {most} unended jobs", retry_after_s=60)
        for place_, job_id in enumerate(depends_on):
            if reading.status(connection, tenant_id, job_id) is None:
                raise BadInput(
                    "there is no such job in this tenant", field=f"depends_on[{place_}]", value=job_id
                )

    def explain(self, body: Json | Spec, who: Bearer) -> Explanation:
        """Explain how a job would run; nothing is written.

        Raises:
            BadInput: as for `submit`.
        """
        spec = self.read(body)
        if isinstance(spec, Sweep):
            with session.borrowed(self._engine) as connection:
                integrals = self._integrals(connection, Request(who))
                return self._expanded(connection, spec, Request(who), integrals).explanation()
        with session.borrowed(self._engine) as connection:
            molecules.check_extra(connection, spec)
            placement = place(spec, workers.live_queues(connection), self.named_backends)
            watching.check(connection, spec, placement, self.stale_s)
            explanation = planner.explain(connection, spec, self.named_backends)
            start = starts.key(connection, spec, who.tenant_id)
            key = content.key(
                spec.model_dump(mode="json"),
                tenant_id=who.tenant_id,
                backend=explanation["backend"],
                device=explanation["device"] or "",
                calibration=explanation["calibration"],
                start=start,
            )
            known = self._answers.get(connection, key)
        explanation["cache"] = "off" if key is None else "miss" if known is None else "hit"
        return explanation


def _key(document: dict[str, Any], placement: Placement, tenant_id: int, start: str | None) -> str | None:
    return content.key(
        document,
        tenant_id=tenant_id,
        backend=placement.backend,
        device=placement.device,
        calibration=placement.calibration,
        start=start,
    )


def _new_job(document: dict[str, Any], request: Request, key: str | None, request_hash: str | None) -> NewJob:
    return NewJob(
        request.who.tenant_id,
        document,
        key,
        request.idempotency_key,
        request_hash,
        request.replay_of,
        request.who.name,
        request.who.token_id,
        request.who.role,
        course.traceparent if (course := COURSE.get()) else None,
    )


def _has_text(spec: Spec) -> bool:
    """Return whether a spec contains a circuit as OpenQASM text."""
    parts = [getattr(spec, field, None) for field in ("circuit", "ansatz")]
    if isinstance(spec, Circuit):
        parts += [one.circuit for one in spec.circuits]
    return any(isinstance(getattr(part, "qasm", None), str) for part in parts)


def _note(job_id: str, spec: Spec, who: Bearer) -> None:
    """Record the accepted job with the trace of this submission."""
    if course := COURSE.get():
        course.accept(job_id, {"novacron.job.kind": spec.kind, "novacron.tenant.id": who.tenant_id})
