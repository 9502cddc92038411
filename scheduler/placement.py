"""Which backend and queue run a job, and why: never a silent fallback."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import psutil

from novacron.errors import BadInput
from novacron.specs import Spec
from shared.backends import BACKENDS, Declaration

CLASSICAL = {"pure_classical": "cpu-sim", "cryptographic": "crypto"}


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a job runs.

    Attributes:
        backend: name of the backend, None for jobs that run no circuits.
        queue: name of the queue.
        why: one sentence for the event, the receipt and `explain`.
        memory_bytes: expected peak of one task.
    """

    backend: str | None
    queue: str
    why: str
    memory_bytes: int = 0


def place(spec: Spec, live: Set[str]) -> Placement:
    """Choose backend and queue.

    Args:
        spec: a valid spec; circuits are parsed.
        live: queues that have a live worker.

    Raises:
        BadInput: the job insists on what this installation cannot do, or is too large for any backend.
    """
    _refuse_unsupported(spec)
    if queue := CLASSICAL.get(spec.kind):
        return Placement(None, queue, f"{spec.kind} jobs run on the queue {queue}")
    if spec.backend == "auto":
        return _automatic(spec, live)
    name = spec.backend.split(":")[0]
    backend = BACKENDS.get(name)
    if backend is None:
        raise BadInput(f"must be one of auto, {', '.join(BACKENDS)}", field="backend", value=spec.backend)
    if backend.missing or backend.queue not in live:
        why = backend.missing or f"no worker of the queue {backend.queue} is running"
        raise BadInput(
            f"cannot be used: {why}", field="backend", value=spec.backend, hint="use backend: auto"
        )
    return Placement(name, backend.queue, "the job insists on it", _fit(spec, backend))


def _automatic(spec: Spec, live: Set[str]) -> Placement:
    cpu, gpu = BACKENDS["statevector"], BACKENDS["gpu"]
    why = f"auto: gpu not used ({gpu.missing or 'no gpu-sim worker is running'}), state vector on CPU instead"
    if not gpu.missing and gpu.queue in live:
        why = "auto: state vector on CPU"
    return Placement(cpu.name, cpu.queue, why, _fit(spec, cpu))


def _refuse_unsupported(spec: Spec) -> None:
    if spec.noise is not None:
        rule = "no backend of this version takes a noise model"
        raise BadInput(rule, field="noise", value=spec.noise, hint="leave noise out")
    if spec.mitigation:
        rule = "error mitigation is for noisy backends, and this version has none"
        raise BadInput(rule, field="mitigation", value=list(spec.mitigation), hint="leave mitigation out")


def _fit(spec: Spec, backend: Declaration) -> int:
    """Bytes of one task.

    Raises:
        BadInput: more qubits or bytes than there are.
    """
    n_qubits = spec.n_qubits or 0
    if n_qubits > backend.max_qubits:
        rule = f"{n_qubits} qubits are more than the {backend.max_qubits} that {backend.name} can hold"
        raise BadInput(rule, field="backend", value=spec.backend, hint="use fewer qubits")
    wanted, had = backend.bytes_per_amplitude << n_qubits, int(psutil.virtual_memory().total)
    if wanted > had:
        rule = f"{n_qubits} qubits need {wanted:,} bytes of memory and the machine has {had:,}"
        raise BadInput(rule, field="backend", value=spec.backend, hint="use fewer qubits")
    return wanted
