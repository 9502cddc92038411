"""Circuit jobs with error mitigation: their observables, measured and corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from novacron.json_types import JsonObject
from novacron.specs import Circuit, Spec
from novacron.specs.circuit_text import ParsedCircuit
from novacron.specs.mitigation import (
    AnyMethod,
    CliffordRegression,
    Sector,
    SymmetryVerification,
    VirtualDistillation,
)
from shared.circuits.record import CircuitRecord
from shared.circuits.validation import record_from_json
from shared.quantum import devices
from shared.quantum.backends import BACKENDS
from workers.operations.quantum.circuit import blameless
from workers.operations.quantum.qpu import control_of
from workers.quantum import backends, warm
from workers.quantum.backends.base import Control
from workers.quantum.backends.batch import Terms
from workers.quantum.backends.narrow import Narrow
from workers.quantum.backends.placed import placed
from workers.quantum.compiler import Options
from workers.quantum.mitigation.distillation import distilled
from workers.quantum.mitigation.isa import Isa, gates
from workers.quantum.mitigation.mitigate import Mitigated, mitigate
from workers.quantum.mitigation.problem import Problem
from workers.quantum.mitigation.regression import trained
from workers.quantum.mitigation.runner import BackendRunner
from workers.runtime.context import Context
from workers.runtime.outcome import Done


@dataclass(frozen=True, eq=False)
class Prepared:
    """A circuit ready to be mitigated.

    Attributes:
        isa: its gates with their noise.
        simulator: name of the simulator that runs it.
        observables: its observables, on the letters of `isa`.
        told: what the result says about its compilation.
    """

    isa: Isa
    simulator: str
    observables: list[Terms]
    told: JsonObject


def mitigated_circuit(context: Context[Circuit]) -> Done:
    """Measure the job's observables with its mitigation.

    Returns:
        `expectations` and `standard_errors` (of shots and models together) by name; `mitigation`: the
        methods, the number of circuits, the shots of all together, the `overhead` in circuits, and for each
        observable its value, errors, 95 % interval and unmitigated value; `compilation` for a device.

    Raises:
        SimulatorFault: an internal error of a simulator.
    """
    warm.announce(context.note, "double")
    spec = context.spec
    with blameless():
        made = _prepared(context)
        problem = problem_of(made.isa, made.observables, spec.mitigation, context.seed)
        runner = runner_of(made.isa, made.simulator, context.seed, control_of(context))
        found = mitigate(problem, spec.mitigation, spec.shots, runner, context.seed)
    names = [item.name for item in spec.observables]
    return Done({
        "n_qubits": spec.n_qubits, **({} if spec.shots is None else {"shots": spec.shots}),
        "expectations": {name: one.value for name, one in zip(names, found.estimates, strict=True)},
        "standard_errors": {name: one.error for name, one in zip(names, found.estimates, strict=True)},
        **told(found, problem, names, context), **made.told,
        "receipt": {"simulated_by": made.simulator, "mitigation": ", ".join(found.methods) or "none"},
    })  # fmt: skip


def problem_of(
    isa: Isa,
    observables: Sequence[Terms],
    methods: Sequence[AnyMethod],
    seed: int,
    reference: Isa | None = None,
) -> Problem:
    """Return the problem with what the methods need to know."""
    sectors: Sequence[Sector] = ()
    training: list[Isa] = []
    for method in methods:
        if isinstance(method, SymmetryVerification):
            sectors = method.sectors
        if isinstance(method, CliffordRegression):
            training = trained(isa, method.circuits, np.random.default_rng([seed, method.circuits]))
    return Problem(isa, observables, reference, training, sectors)


def runner_of(isa: Isa, simulator: str, seed: int, control: Control) -> BackendRunner:
    """Return what runs the circuits derived from one."""
    return BackendRunner(backends.load(simulator), isa.noise, seed, control)


def told(found: Mitigated, problem: Problem, names: list[str], context: Context[Spec]) -> JsonObject:
    """Return the part of a result that describes its mitigation; warns of impossible values."""
    diagnosis: JsonObject = {}
    if any(isinstance(one, VirtualDistillation) for one in context.spec.mitigation):
        pure = distilled(problem)
        values = dict(zip(names, pure.values.tolist(), strict=True))
        diagnosis = {"virtual_distillation": {"purity": pure.purity, "observables": values}}
    for name, one in zip(names, found.estimates, strict=True):
        if warning := one.warning(name):
            context.warn(warning)
    each = {name: one.to_json() for name, one in zip(names, found.estimates, strict=True)}
    return {"mitigation": {**found.to_json(), "observables": each, **diagnosis}}


def _prepared(context: Context[Circuit]) -> Prepared:
    spec = context.spec
    assert isinstance(spec.circuit, ParsedCircuit), "circuits are parsed at submission"
    record = record_from_json(spec.circuit.record)
    backend = spec.backend.partition(":")[0]
    if BACKENDS[backend].simulates_devices:
        return _on_device(context, record)
    noise = None if spec.noise is None else spec.noise.document
    narrow = Narrow(record, noise)
    body = narrow.record
    isa = Isa(_unread(body), tuple(range(body.n_qubits)), narrow.noise)
    return Prepared(isa, backend, [narrow.observable(one.terms) for one in spec.observables], {})


def _on_device(context: Context[Circuit], record: CircuitRecord) -> Prepared:
    spec, device = context.spec, devices.load(context.device)
    made = placed(_unread(record), device, Options(level=spec.optimization_level, seed=context.seed))
    isa = Isa(made.record, made.final, made.noise(made.document))
    simulator = devices.simulator(made.record.n_qubits, clifford=False)
    told: JsonObject = {"compilation": made.compiled.metadata}
    return Prepared(isa, simulator, [one.terms for one in spec.observables], told)


def _unread(record: CircuitRecord) -> CircuitRecord:
    """Return the gates of a circuit, without its measurements."""
    return CircuitRecord(record.n_qubits, record.parameters, (), gates(record))
