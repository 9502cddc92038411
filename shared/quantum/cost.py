"""Cost model of circuits, shared by planners, which decide how to split a job, and workers, which split it.

In seconds of one core, in double precision. Estimates affect tasks and the times reported to users, never
results.
"""

from __future__ import annotations

AMPLITUDE_S = 2.5e-9
"""One gate, or one X mask of an observable, on one amplitude."""
UNIT_S = 1e-4
"""Minimum cost of a unit of work."""
SHOT_S = 2e-7
"""One shot of a measurement setting."""
GRADIENT = 3
"""Cost of a value with its gradient, in multiples of a value: a forward pass, and ket and bra backward."""
STEP_PAIRS, STEP_S = 1.7, 1.7e-9
"""Steps on a device's density matrix for a two-qubit gate with its share of SWAPs and errors, beside one for
a rotation; one step on one amplitude.
"""
OPS_PAIR, OPS_ROTATION = 5, 2
"""Steps of a device's trajectory, gates and channels, for a two-qubit gate and a rotation."""
OP_S, OP_AMPLITUDE_S = 2e-7, 1.2e-9
"""One step of a trajectory, and that on one amplitude."""
LOWERED_S = 6e-5
"""Preparation of one step of trajectories."""
SAMPLE_S, SHARD_S = 4e-8, 3e-4
"""One trainable gate on one amplitude of a training sample; minimum cost of a shard of samples."""


def exact_s(n_ops: int, n_masks: int, n_qubits: int, *, gradient: bool, growth: int = 2) -> float:
    """Cost of an exact expectation value.

    Args:
        n_ops: gates of the circuit.
        n_masks: distinct X masks of the observable.
        n_qubits: number of qubits.
        gradient: whether its gradient is computed, too.
        growth: factor per qubit of the number of amplitudes: 2 for a state vector, 4 for a density matrix.
    """
    sweeps = (n_ops + n_masks) * (GRADIENT if gradient else 1)
    return UNIT_S + sweeps * float(growth) ** n_qubits * AMPLITUDE_S


def metric_s(n_ops: int, n_parameters: int, n_qubits: int) -> float:
    """Cost of the Fubini-Study metric: two states per parameter."""
    return 2 * n_ops * n_parameters * 2.0**n_qubits * AMPLITUDE_S


def estimate_s(n_ops: int, n_qubits: int, *, n_points: int, n_units: int, shots: int) -> float:
    """Cost of expectation values from shots.

    Args:
        n_ops: gates of the circuit.
        n_qubits: number of qubits.
        n_points: parameter vectors, each simulated once.
        n_units: settings times parameter vectors.
        shots: shots per unit.
    """
    return n_points * n_ops * 2.0**n_qubits * AMPLITUDE_S + n_units * (UNIT_S + shots * SHOT_S)


def mixed_s(pairs: int, rotations: int, n_qubits: int, *, gradient: bool) -> float:
    """Cost of an exact expectation value on a simulated device.

    Args:
        pairs: two-qubit gates of the circuit, before it is compiled.
        rotations: its rotations with a free angle.
        n_qubits: number of qubits.
        gradient: whether its gradient is computed, too.
    """
    steps = (STEP_PAIRS * pairs + rotations) * (GRADIENT if gradient else 1)
    return UNIT_S + steps * 4.0**n_qubits * STEP_S


def trajectories_s(pairs: int, rotations: int, n_qubits: int, n: int, *, gradient: bool = False) -> float:
    """Cost of n trajectories of a circuit on a simulated device, with arguments as in `mixed_s`."""
    steps = OPS_PAIR * pairs + OPS_ROTATION * rotations
    each_s = OP_S + 2.0**n_qubits * OP_AMPLITUDE_S
    return steps * (LOWERED_S + n * each_s * (2 if gradient else 1))


def qaoa_s(n_qubits: int, layers: int, *, gradient: bool) -> float:
    """Cost of the expected loss of a QAOA circuit: per layer, a gate on every qubit and a phase."""
    return exact_s((n_qubits + 4) * layers, 0, n_qubits, gradient=gradient)


def classifier_s(n_samples: int, n_parameters: int, n_qubits: int, n_units: int, *, gradient: bool) -> float:
    """Cost of the loss of a variational classifier over its training samples."""
    sweeps = n_parameters * (GRADIENT if gradient else 1)
    return n_units * SHARD_S + sweeps * n_samples * 2.0**n_qubits * SAMPLE_S
