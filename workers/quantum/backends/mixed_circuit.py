"""Circuit records on density matrices: channels, measurements, resets and conditionals, exactly."""

from __future__ import annotations

from collections.abc import Sequence

from shared.circuits.instruction import If, Measure, Reset, While
from shared.circuits.record import CircuitRecord
from shared.quantum.backends import BACKENDS
from shared.quantum.wants import Want
from workers.quantum.backends.records import ANALYSES, Asked, Terms, Told, Whole
from workers.quantum.simulation.circuits.outcomes import Distribution
from workers.quantum.simulation.circuits.readout import Readout, readout
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.noise.circuit import noisy
from workers.quantum.simulation.noise.density import Branch, Follower
from workers.quantum.simulation.noise.mixed_state import MixedState
from workers.quantum.simulation.noise.readout_error import misread
from workers.runtime import memory

MAX_BRANCHES = 4096


class MixedCircuit(Whole):
    """Circuits on density matrices; everything except counts is exact."""

    name = "density_matrix"

    def share(self, asked: Asked, units: range) -> Told:
        """See `workers.quantum.backends.records.CircuitSimulator`."""
        ends = readout(asked.record)
        branches = _followed(asked, ends)
        found = _outcomes(asked, ends, branches)
        result = asked.distributed(found.probabilities)
        result |= asked.counted(lambda: found.counts(asked.samples, asked.seed))
        if asked.observables or asked.want & ANALYSES:
            state = _mixture(branches)
            result |= {**_expectations(asked, state), **_analysis(asked, ends, state)}
        return result


def _followed(asked: Asked, ends: Readout) -> list[Branch]:
    record = asked.record
    each = BACKENDS[MixedCircuit.name].memory_bytes(record.n_qubits)
    most = max(1, min(MAX_BRANCHES, memory.available() // each))
    start = Branch((0,) * record.n_cells, MixedState.zero(record.n_qubits))
    return Follower(asked.noise, most, asked.control.checkpoint).run(
        noisy(ends.instructions, asked.noise), [start]
    )


def _outcomes(asked: Asked, ends: Readout, branches: Sequence[Branch]) -> Distribution:
    found = Distribution(ends.places)
    for branch in branches:
        chances = branch.state.marginal(ends.qubits)
        if asked.noise is not None:
            chances = misread(chances, [asked.noise.readout(qubit) for qubit in ends.qubits])
        found.add(ends.frame(branch.bits), chances)
    return found


def _mixture(branches: Sequence[Branch]) -> MixedState:
    state = branches[0].state
    for branch in branches[1:]:
        state = state.added(branch.state, 1.0)
    return state


def _expectations(asked: Asked, state: MixedState) -> Told:
    if not asked.observables:
        return {}
    return {"expectations": {number: _mean(terms, state) for number, terms in asked.observables.items()}}


def _mean(terms: Terms, state: MixedState) -> float:
    return sum(coefficient * state.expectation(string) for string, coefficient in terms) / state.weight


def _analysis(asked: Asked, ends: Readout, state: MixedState) -> Told:
    found: Told = {}
    scale = state.weight
    if Want.PURITY in asked.want:
        found["purities"] = state.overlap(state) / scale**2
    if Want.ENTROPY in asked.want:
        found["entropies"] = MixedState(state.n_qubits, state.vector / scale).entropy_bits()
    if Want.FIDELITY in asked.want:
        found["fidelities"] = state.overlap(_ideal(asked.record, ends)) / scale
    return found


def _ideal(record: CircuitRecord, ends: Readout) -> MixedState:
    """Return the pure state of the circuit's gates alone."""
    if any(isinstance(item, Measure | Reset | If | While) for item in ends.instructions):
        raise CircuitError(
            "fidelity is with the pure state of a circuit of gates, and this one measures, resets or "
            "branches before its end; leave fidelity out of analyze"
        )
    start = Branch((0,) * record.n_cells, MixedState.zero(record.n_qubits))
    steps = noisy(ends.instructions, None)
    return Follower(None, 1, lambda: None).run(steps, [start])[0].state
