"""Backends: simulators and devices."""

from __future__ import annotations

from novacron.answers.answer import Answer


class Backend(Answer, shown=("name", "queue", "available", "max_qubits", "why")):
    """A backend, and whether it can be used now.

    Attributes:
        name: as in a job's `backend`.
        type: `simulator` or `hardware`.
        provider: in whose queue work waits; `local` where NovaCron's workers do it themselves.
        stands_for: of a name that the operator gave: what it asks for; null of any other backend.
        queue: whose workers run it.
        max_qubits: most that it runs on any machine; memory may set a lower limit.
        bytes_per_amplitude: peak memory of a run, per amplitude.
        growth: amplitudes multiply by it per qubit: 2 for states, 4 for density matrices, 1 for tableaus.
        shots: whether it samples.
        gradients: method by which it differentiates; null where it does not.
        noise: whether it takes a noise model.
        precision: of an amplitude.
        gates: which it runs.
        loops: whether it runs variational loops and kernels.
        circuits: whether it runs circuits.
        devices: whether a job names one of its devices after a colon.
        missing: why it is not part of this installation; empty where it is.
        available: whether it can be used now.
        why: why not; empty where it can.
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
