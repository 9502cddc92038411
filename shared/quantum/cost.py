"""What running circuits costs: one model for planners, who choose how to cut a job, and workers, who cut it.

In seconds of one core, in double precision. Estimates decide about tasks and about what people are told,
never about results.
"""

from __future__ import annotations

AMPLITUDE_S = 2.5e-9
"""One gate, or one X mask of an observable, on one amplitude."""
UNIT_S = 1e-4
"""What a unit of work costs at least."""
SHOT_S = 2e-7
"""One measurement of a setting."""
GRADIENT = 3
"""A value with its gradient, in values alone: the circuit forwards, then ket and bra backwards."""
SAMPLE_S, SHARD_S = 4e-8, 3e-4
"""One trainable gate on one amplitude of a training sample; a shard of samples at least."""


def exact_s(n_ops: int, n_masks: int, n_qubits: int, *, gradient: bool, growth: int = 2) -> float:
    """An exact expectation value.

    Args:
        n_ops: gates of the circuit.
        n_masks: different X masks of the observable.
        n_qubits: of the circuit.
        gradient: whether its gradient is wanted, too.
        growth: by what a qubit multiplies the amplitudes: 2 of a state, 4 of a mixed one.
    """
    sweeps = (n_ops + n_masks) * (GRADIENT if gradient else 1)
    return UNIT_S + sweeps * float(growth) ** n_qubits * AMPLITUDE_S


def metric_s(n_ops: int, n_parameters: int, n_qubits: int) -> float:
    """The Fubini-Study metric: the state twice for each parameter."""
    return 2 * n_ops * n_parameters * 2.0**n_qubits * AMPLITUDE_S


def estimate_s(n_ops: int, n_qubits: int, *, n_points: int, n_units: int, shots: int) -> float:
    """Expectation values from shots.

    Args:
        n_ops: gates of the circuit.
        n_qubits: of the circuit.
        n_points: sets of angles, each simulated once.
        n_units: settings times sets of angles.
        shots: of each unit.
    """
    return n_points * n_ops * 2.0**n_qubits * AMPLITUDE_S + n_units * (UNIT_S + shots * SHOT_S)


def qaoa_s(n_qubits: int, layers: int, *, gradient: bool) -> float:
    """The expected loss of a QAOA circuit: a gate on every qubit and a phase a layer."""
    return exact_s((n_qubits + 4) * layers, 0, n_qubits, gradient=gradient)


def classifier_s(n_samples: int, n_parameters: int, n_qubits: int, n_units: int, *, gradient: bool) -> float:
    """The loss of a variational classifier over its training samples."""
    sweeps = n_parameters * (GRADIENT if gradient else 1)
    return n_units * SHARD_S + sweeps * n_samples * 2.0**n_qubits * SAMPLE_S
