"""Molecules in jobs: their integrals come from the cache, or from a job of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace

from novacron.errors import BadInput
from novacron.json_types import JsonObject
from novacron.specs import VQE, Classical, Spec, parse_spec
from novacron.specs.molecule import Molecular, Molecule
from shared import extras, functions
from shared.built_in_functions import INTEGRALS
from shared.db import integrals, jobs, workers
from shared.db.jobs import NewJob, Plan
from shared.db.session import Connection

QUEUE = "cpu-sim"


def pending(spec: Spec) -> Molecule | None:
    """Return the molecule whose integrals a job needs; None if it has them, or needs none."""
    found: object = None
    if isinstance(spec, VQE):
        found = spec.hamiltonian
    elif isinstance(spec, Classical) and "molecule" in (given := spec.arguments.get("hamiltonian") or {}):
        return Molecule.model_validate(given["molecule"]) if given.get("integrals") is None else None
    return found.molecule if isinstance(found, Molecular) and found.integrals is None else None


def field_of(spec: Spec) -> str:
    """Return the path of the molecule in a job that has one."""
    return "arguments.hamiltonian.molecule" if isinstance(spec, Classical) else "hamiltonian.molecule"


def filled(spec: Spec, fcidump: str) -> Spec:
    """Return a job with the integrals of its molecule."""
    document = spec.model_dump(mode="json")
    holder = document["arguments"] if isinstance(spec, Classical) else document
    holder["hamiltonian"] = {**holder["hamiltonian"], "integrals": fcidump}
    return parse_spec(document, stored=True)


def check_extra(connection: Connection, spec: Spec) -> None:
    """Refuse a function whose extra no worker has; without any worker the job waits for one.

    Raises:
        BadInput: there are workers, and none has it.
    """
    if isinstance(spec, Classical) and (extra := functions.find(spec.function).extra):
        live = workers.extras(connection, QUEUE)
        if live is not None and extra not in live:
            rule = f"needs a worker with the extra {extra}, and none has it"
            raise BadInput(rule, field="function", value=spec.function, hint=extras.install(extra))


Prepare = Callable[[Classical], tuple[NewJob, Plan | None, JsonObject | None]]
"""A job -> the job to insert with its plan, or its result from the cache."""


class Integrals:
    """Integrals for the jobs of one submission; equal molecules share them.

    Args:
        connection: outside a transaction.
        prepare: validates, places and plans the job that computes some.
    """

    def __init__(self, connection: Connection, prepare: Prepare) -> None:
        self._connection, self._prepare = connection, prepare
        self._texts: dict[str, str] = {}
        self._jobs: dict[str, str] = {}
        self._new: list[tuple[NewJob, Plan | None]] = []

    def fill(self, spec: Spec, job: NewJob) -> tuple[Spec, NewJob]:
        """Return a job with the integrals of its molecule, or waiting for the job that computes them.

        Raises:
            BadInput: they must be computed, and no worker can.
        """
        molecule = pending(spec)
        if molecule is None:
            return spec, job
        key = molecule.model_dump_json()
        if key not in self._texts and key not in self._jobs:
            self._look_up(key, molecule, spec)
        if key in self._jobs:
            return spec, replace(job, integrals=self._jobs[key])
        spec = filled(spec, self._texts[key])
        return spec, replace(job, spec=spec.model_dump(mode="json"))

    def _look_up(self, key: str, molecule: Molecule, spec: Spec) -> None:
        wanted = Classical(
            function=INTEGRALS, arguments={"molecule": molecule.model_dump(mode="json")},
            name=f"integrals of {molecule.formula}", priority=spec.priority,
        )  # fmt: skip
        try:
            job, plan, cached = self._prepare(wanted)
        except BadInput as error:
            error.field, error.value = field_of(spec), None
            raise
        if cached is not None:
            value = cached["value"]
            assert isinstance(value, dict)
            self._texts[key] = str(value["fcidump"])
            return
        known = integrals.in_flight(self._connection, job.content_key)
        self._jobs[key] = known or job.job_id
        if known is None:
            self._new.append((job, plan))

    @contextmanager
    def inserted(self) -> Iterator[bool]:
        """Insert the jobs that compute integrals, in one transaction with what the block inserts.

        Yields False if a concurrent submission inserted one of them: start again, then it is found.
        """
        with self._connection.transaction() if self._new else nullcontext():
            yield all(jobs.insert(self._connection, job, plan) is not None for job, plan in self._new)
