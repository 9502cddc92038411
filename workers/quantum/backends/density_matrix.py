"""Exact simulation of mixed states: channels, measurements, resets and conditions, in double precision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.circuits.instruction import If, Measure, Reset, While
from shared.circuits.record import CircuitRecord
from shared.quantum.backends import BACKENDS
from workers.quantum.backends.circuits import Asked, Terms, check
from workers.quantum.simulation.circuits.outcomes import Distribution
from workers.quantum.simulation.circuits.readout import Readout, readout
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.noise.circuit import noisy
from workers.quantum.simulation.noise.density import Branch, Follower
from workers.quantum.simulation.noise.mixed_state import MixedState
from workers.quantum.simulation.noise.readout_error import misread
from workers.runtime import memory

MAX_BRANCHES = 4096


class DensityMatrix:
    """The density-matrix backend."""

    name = "density_matrix"

    def run(self, asked: Asked) -> dict[str, Any]:
        """See `workers.quantum.backends.circuits.CircuitBackend`; all but `counts` is exact."""
        check(self.name, asked.record)
        ends = readout(asked.record)
        branches = _followed(asked, ends)
        value = asked.listed(lambda: _outcomes(asked, ends, branches))
        if asked.observables or asked.analyze:
            state = _mixture(branches)
            value |= _expectations(asked, state) | _analysis(asked, ends, state)
        return value


def _followed(asked: Asked, ends: Readout) -> list[Branch]:
    record = asked.record
    each = BACKENDS[DensityMatrix.name].memory_bytes(record.n_qubits)
    room = max(1, min(MAX_BRANCHES, memory.available() // each))
    start = Branch((0,) * record.n_cells, MixedState.zero(record.n_qubits))
    return Follower(asked.noise, room, asked.checkpoint).run(noisy(ends.instructions, asked.noise), [start])


def _outcomes(asked: Asked, ends: Readout, branches: Sequence[Branch]) -> dict[str, Any]:
    found = Distribution(ends.places)
    for branch in branches:
        chances = branch.state.marginal(ends.qubits)
        if asked.noise is not None:
            chances = misread(chances, [asked.noise.readout(qubit) for qubit in ends.qubits])
        found.add(ends.frame(branch.bits), chances)
    if asked.shots is None:
        return {"probabilities": found.probabilities()}
    return {"counts": found.counts(asked.shots, asked.seed)}


def _mixture(branches: Sequence[Branch]) -> MixedState:
    state = branches[0].state
    for branch in branches[1:]:
        state = state.added(branch.state, 1.0)
    return state


def _expectations(asked: Asked, state: MixedState) -> dict[str, Any]:
    if not asked.observables:
        return {}
    return {"expectations": {name: _mean(terms, state) for name, terms in asked.observables.items()}}


def _mean(terms: Terms, state: MixedState) -> float:
    return sum(coefficient * state.expectation(string) for string, coefficient in terms) / state.weight


def _analysis(asked: Asked, ends: Readout, state: MixedState) -> dict[str, Any]:
    value: dict[str, Any] = {}
    scale = state.weight
    if "purity" in asked.analyze:
        value["purity"] = state.overlap(state) / scale**2
    if "entropy" in asked.analyze:
        value["entropy_bits"] = MixedState(state.n_qubits, state.vector / scale).entropy_bits()
    if "fidelity" in asked.analyze:
        value["fidelity"] = state.overlap(_ideal(asked.record, ends)) / scale
    return value


def _ideal(record: CircuitRecord, ends: Readout) -> MixedState:
    """The pure state that the circuit's gates alone give."""
    if any(isinstance(item, Measure | Reset | If | While) for item in ends.instructions):
        raise CircuitError(
            "fidelity is with the pure state of a circuit of gates, and this one measures, resets or "
            "branches before its end; leave fidelity out of analyze"
        )
    start = Branch((0,) * record.n_cells, MixedState.zero(record.n_qubits))
    steps = noisy(ends.instructions, None)
    return Follower(None, 1, lambda: None).run(steps, [start])[0].state
