"""Mitigation of the final value of a loop: its circuit at the best point, measured anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from novacron.json_types import JsonObject
from novacron.specs import QAOA, VQE
from novacron.specs.mitigation import Sector
from shared.quantum import devices
from shared.quantum.backends import BACKENDS
from shared.quantum.measurement import settings
from workers.operations.quantum.mitigation import problem_of, runner_of, told
from workers.operations.quantum.qpu import control_of
from workers.quantum.backends.placed import placed
from workers.quantum.compiler import Options
from workers.quantum.mitigation.estimate import Estimate
from workers.quantum.mitigation.isa import Isa
from workers.quantum.mitigation.mitigate import mitigate
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Program
from workers.quantum.simulation.lowering.standard_gates import parametrized
from workers.quantum.simulation.noise.model import NoiseModel
from workers.runtime.context import Context

Loop: TypeAlias = VQE | QAOA


def final(
    context: Context[Loop],
    name: str,
    program: Program,
    point: Sequence[float],
    observable: PauliSum,
    *,
    reference: bool = False,
    electrons: Sequence[Sector] = (),
) -> tuple[Estimate, JsonObject]:
    """Return the mitigated value of a loop, and what the result says about it.

    Args:
        context: context of the concluding task.
        name: of the value.
        program: the loop's circuit.
        point: its best parameters.
        observable: what the value is the expectation of.
        reference: whether the circuit at angles 0 is a reference state.
        electrons: symmetries of the final state.
    """
    spec = context.spec
    isa, simulator = _isa(context, program)
    methods = tuple(
        one.model_copy(update={"sectors": electrons})
        if one.name == "symmetry_verification" and not one.sectors
        else one
        for one in spec.mitigation
    )
    at_zero = isa.at((0.0,) * len(point)) if reference else None
    bound = isa.at(tuple(point))
    problem = problem_of(bound, [observable.terms()], methods, context.seed, at_zero)
    shots = spec.shots
    if shots is not None and isinstance(spec, VQE):
        # The shots of a VQE are those of each setting, those of a mitigation are of all circuits together.
        shots *= max(1, len(_settings(observable)))
    runner = runner_of(bound, simulator, context.seed, control_of(context))
    found = mitigate(problem, methods, shots, runner, context.seed)
    return found.estimates[0], told(found, problem, [name], context)


def _isa(context: Context[Loop], program: Program) -> tuple[Isa, str]:
    """Return the circuit as its backend executes it, parameters free, and the name of its simulator."""
    spec, record = context.spec, parametrized(program)
    backend, _, named = spec.backend.partition(":")
    if not BACKENDS[backend].simulates_devices:
        sites = tuple(range(program.n_qubits))
        return Isa(
            record, sites, None if spec.noise is None else NoiseModel(spec.noise.document, sites)
        ), backend
    made = placed(record, devices.load(context.device or named), Options(level=spec.optimization_level))
    simulator = devices.simulator(program.n_qubits, clifford=False)
    return Isa(made.record, made.final, made.noise(made.document)), simulator


def _settings(observable: PauliSum) -> Sequence[object]:
    pairs = zip(observable.x_masks.tolist(), observable.z_masks.tolist(), strict=True)
    return settings(list(pairs), np.abs(observable.coefficients).tolist())
