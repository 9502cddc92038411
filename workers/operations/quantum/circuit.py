"""Circuit jobs: one circuit, run exactly or for a number of shots."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing, contextmanager

import numpy as np

from novacron.json_types import Json, JsonObject
from novacron.specs import Circuit
from novacron.specs.circuit_text import ParsedCircuit
from shared.circuits.limits import Refused
from shared.circuits.validation import record_from_json
from shared.quantum.backends import BACKENDS
from shared.quantum.wants import Want
from workers.operations.quantum import quality
from workers.operations.quantum.qpu import control_of, run
from workers.quantum import backends, warm
from workers.quantum.backends.base import Control
from workers.quantum.backends.batch import Answer, Batch, Pub
from workers.quantum.backends.immediate import answers
from workers.quantum.backends.narrow import Narrow, Unreduced
from workers.quantum.simulation.circuits.outcomes import OutcomeLimitError
from workers.quantum.simulation.circuits.readout import readout
from workers.runtime.context import Context
from workers.runtime.outcome import Done, ResourceExhaustedError, Snooze, UserError

CHEAP_QUBITS = 10
"""Maximum number of active qubits up to which a noisy circuit is also run without noise."""
ANALYSES = {
    "purity": ("purity", "purities"), "entropy": ("entropy_bits", "entropies"),
    "fidelity": ("fidelity", "fidelities"),
}  # fmt: skip
"""Quantities of `analyze`: the key of the result, and the field of an answer."""


class SimulatorFault(Exception):  # noqa: N818 - says whose fault it is
    """An internal error of a simulator, not caused by the job."""


@contextmanager
def blameless() -> Iterator[None]:
    """Pass expected errors through; convert all others to internal errors of the simulator.

    Raises:
        SimulatorFault: names the error.
    """
    try:
        yield
    except (Refused, ValueError) as error:
        raise SimulatorFault(f"the simulation failed: {type(error).__name__}: {error}") from error


class CircuitJob:
    """A circuit job, run by a backend on the circuit's active qubits.

    Attributes:
        batch: the backend's batch.
        control: control of the task.

    Args:
        context: context of the task.
    """

    def __init__(self, context: Context[Circuit]) -> None:
        warm.announce(context.note, "double")
        spec = context.spec
        self.control = control_of(context)
        self._seed, self._shots, self._analyze = context.seed, spec.shots, spec.analyze
        self._backend = spec.backend.partition(":")[0]
        self._noise = None if spec.noise is None else spec.noise.document
        assert isinstance(spec.circuit, ParsedCircuit), "circuits are parsed at submission"
        self._record = record_from_json(spec.circuit.record)
        self._device = BACKENDS[self._backend].devices
        self._narrow = Unreduced(self._record) if self._device else Narrow(self._record, self._noise)
        self._names = [item.name for item in spec.observables]
        observables = np.empty(len(self._names), dtype=object)
        for number, item in enumerate(spec.observables):
            observables[number] = self._narrow.observable(item.terms)
        want = {Want.DISTRIBUTION if self._shots is None else Want.COUNTS}
        want |= {Want.EXPECTATIONS} if self._names else set()
        want |= {Want(name) for name in self._analyze}
        pub = Pub(self._narrow.record, observables=observables)
        self.batch = Batch(
            (pub,), frozenset(want), self._shots, seed=self._seed, noise=self._narrow.noise,
            optimization_level=spec.optimization_level,
        )  # fmt: skip

    def result(self, answer: Answer) -> JsonObject:
        """Return a backend's answer, extended to the whole circuit."""
        n_qubits, n_active = self._record.n_qubits, self._narrow.record.n_qubits
        shots = {} if self._shots is None else {"shots": self._shots}
        idle = {} if n_active == n_qubits else {"n_active_qubits": n_active}
        head: JsonObject = {"n_qubits": n_qubits, **idle, "measured": readout(self._record).measured, **shots}
        found = {**head, **self._outcomes(answer), **self._values(answer), **self._ideal()}
        quality.tell(self._backend, found, self._noise)
        return found

    def _outcomes(self, answer: Answer) -> JsonObject:
        """Return the outcomes on all qubits; with other results, too many are omitted with a warning.

        Raises:
            OutcomeLimitError: there are too many, and nothing else was requested.
        """
        found = {
            name: values.item()
            for name, values in (("counts", answer.counts), ("probabilities", answer.distributions))
            if values is not None
        }
        try:
            return self._narrow.widened(found, self._seed)
        except OutcomeLimitError as error:
            if not self._names and not self._analyze:
                raise
            self.control.warn(f"the outcomes are left out: {error}")
            return {}

    def _values(self, answer: Answer) -> JsonObject:
        found: dict[str, Json] = {}
        if answer.expectations is not None:
            found["expectations"] = dict(zip(self._names, answer.expectations.tolist(), strict=True))
        if answer.variances is not None:
            errors = (None if math.isnan(one) else math.sqrt(one) for one in answer.variances.tolist())
            found["standard_errors"] = dict(zip(self._names, errors, strict=True))
        for name in self._analyze:
            key, field = ANALYSES[name]
            found[key] = getattr(answer, field).item()
        if answer.compilation is not None:
            found["compilation"] = answer.compilation
        return {**found, **({"receipt": dict(answer.notes)} if answer.notes else {})}

    def _ideal(self) -> JsonObject:
        """Return `ideal_probabilities`, those without noise, if there is noise and they are cheap."""
        if self.batch.noise is None and not self._device:
            return {}
        bare = Narrow(self._record, None)
        if bare.record.n_qubits > CHEAP_QUBITS:
            return {}
        exact = Batch((Pub(bare.record),), frozenset({Want.DISTRIBUTION}))
        quiet = Control(self.control.checkpoint)
        try:
            (answer,) = answers(backends.load("statevector"), exact, quiet)
            assert answer.distributions is not None
            found = bare.widened({"probabilities": answer.distributions.item()}, self._seed)
        except (Refused, ValueError, UserError, ResourceExhaustedError):
            return {}  # too many histories or outcomes: the requested results do not depend on it
        return {"ideal_probabilities": found["probabilities"]}


def circuit(context: Context[Circuit]) -> Done | Snooze:
    """Run the job's circuit record on its backend.

    Returns:
        `measured` ("classical bits", or "all qubits" of a circuit without measurements) with `counts` if the
        job has `shots`, else exact `probabilities`, either omitted with a warning if there are too many to
        list beside other results; `expectations` by name if it has `observables`; `purity`, `entropy_bits`
        and `fidelity` if requested by `analyze`; `ideal_probabilities`, those without noise, if there is
        noise on at most 10 active qubits; `compilation`, what the compiler did for a device. Or a snooze
        while a provider has the circuit.

    Raises:
        UserError: the circuit cannot be simulated as requested.
        ResourceExhaustedError: too little memory is currently free.
        SimulatorFault: an internal error of a simulator.
    """
    with (
        blameless(),
        closing(backends.load(context.spec.backend.partition(":")[0], context.device)) as backend,
    ):
        job = CircuitJob(context)
        plan = backend.prepare(job.batch)
        share = run(backend, plan, context)
        if isinstance(share, Snooze):
            return share
        (answer,) = backend.merge(plan, [share], job.control)
        return Done(job.result(answer))
