"""Backends: simulators and devices."""

from __future__ import annotations

from novacron.answers.answer import Answer


class Backend(Answer, shown=("name", "queue", "available", "max_qubits", "why")):
    """A backend, and whether it is available.

    Attributes:
        name: name for a job's `backend`.
        type: `simulator` or `hardware`.
        provider: whose queue jobs wait in; `local` where NovaCron's workers run them.
        stands_for: for a name configured by the operator: the backend it refers to; null for any other
            backend.
        queue: queue of the workers that run it.
        max_qubits: maximum number of qubits on any machine; memory may set a lower limit.
        bytes_per_amplitude: peak memory of a run per amplitude.
        growth: factor of the number of amplitudes per qubit: 2 for states, 4 for density matrices, 1 for
            tableaus.
        shots: whether it supports sampling.
        gradients: method of differentiation; null if unsupported.
        noise: whether it supports noise models.
        precision: precision of an amplitude.
        gates: supported gates.
        loops: whether it supports variational loops and kernels.
        circuits: whether it supports circuits.
        devices: whether a job selects one of its devices after a colon.
        missing: why it is not installed; empty if it is.
        available: whether it is available now.
        why: why it is unavailable; empty if it is available.
    """

    name: str
    type: str
    provider: str
    stands_for: str | None
    queue: str
    max_qubits: int
    bytes_per_amplitude: int
    growth: int
    shots: bool
    gradients: str | None
    noise: bool
    precision: str
    gates: str
    loops: bool
    circuits: bool
    devices: bool
    missing: str
    available: bool
    why: str
