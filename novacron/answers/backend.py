"""Backends: simulators and devices."""

from __future__ import annotations

from typing import Any

from novacron.answers.answer import Answer


class Backend(Answer, shown=("name", "queue", "available", "max_qubits", "why")):
    """A backend, and whether it is available.

    Attributes:
        name: name for a job's `backend`.
        type: `simulator`, `hardware` or `cloud`.
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
        qubit_count: number of qubits, usable or not.
        connectivity: pairs of qubits that a two-qubit gate acts on, in the order of its qubits; null where
            all pairs are connected.
        basis_gates: gates that a device executes, others are compiled to them; null where there is no such
            set.
        status: `online` or `offline`.
        queue_length: tasks that wait in its queue; of a provider's device, jobs that wait for it there, null
            if the provider does not say.
        noise_model: `job` if a job may give one, `backend` if the operator has set one, `calibration` for a
            device's own; null without noise.
        calibration: of a device: `id`, `date` and medians: `t1_s`, `t2_s`, `readout_error`, `gate_errors` by
            gate. For a single device also `qubits`, `gates` and `coupling` as measured. Null for others.
        uptime: seconds since its oldest live worker started; null without one.
        error_rate: median error of a device's two-qubit gates, of the best kind; of its worst gate if it has
            none on two qubits. Null for others.
        max_shots: maximum number of shots of a device; null without a limit of its own.
        seen_at: when a provider's device was last asked for its state; null for others.
        stale: whether that is so long ago that the state no longer refuses jobs.
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
    qubit_count: int
    connectivity: list[list[int]] | None
    basis_gates: list[str] | None
    status: str
    queue_length: int | None
    noise_model: str | None
    calibration: dict[str, Any] | None
    uptime: float | None
    error_rate: float | None
    max_shots: int | None
    seen_at: str | None
    stale: bool
