"""Operations of tasks: name -> implementation. The only place to add an operation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Final

from workers.runtime.context import Context
from workers.runtime.outcome import Outcome, OutdatedError

Operation = Callable[[Context[Any]], Outcome]

OPERATIONS: dict[str, str] = {
    "optimize": "workers.operations.quantum.optimize:optimize",
    "advance": "workers.operations.quantum.advance:advance",
    "evaluate": "workers.operations.quantum.evaluate:evaluate",
    "evaluate_on_device": "workers.operations.quantum.evaluate_on_device:evaluate_on_device",
    "conclude_vqe": "workers.operations.quantum.conclude_vqe:conclude_vqe",
    "conclude_qaoa": "workers.operations.quantum.conclude_qaoa:conclude_qaoa",
    "conclude_classifier": "workers.operations.quantum.conclude_classifier:conclude_classifier",
    "kernel_block": "workers.operations.quantum.kernel:block",
    "kernel_svm": "workers.operations.quantum.kernel_svm:conclude",
    "kernel_fused": "workers.operations.quantum.kernel_svm:fused",
    "circuit": "workers.operations.quantum.circuit:circuit",
    "mitigated_circuit": "workers.operations.quantum.mitigation:mitigated_circuit",
    "trajectories": "workers.operations.quantum.trajectories:share",
    "conclude_trajectories": "workers.operations.quantum.trajectories:conclude",
    "estimate": "workers.operations.quantum.estimate:estimate",
    "estimate_share": "workers.operations.quantum.estimate:share",
    "conclude_estimate": "workers.operations.quantum.estimate:conclude",
    "encoded_share": "workers.operations.quantum.encoded:share",
    "conclude_encoded": "workers.operations.quantum.encoded:conclude",
    "qec_collect": "workers.operations.quantum.qec_memory:collect",
    "qec_block": "workers.operations.quantum.qec_memory:block",
    "compile": "workers.operations.quantum.compile:compile",
    "compile_entry": "workers.operations.quantum.compile:enter",
    "conclude_compile": "workers.operations.quantum.compile:conclude",
    "classical": "workers.operations.classical:call",
    "gather": "workers.operations.classical:gather",
    "generate_keypair": "workers.operations.crypto.trial:generate_keypair",
    "kem_roundtrip": "workers.operations.crypto.trial:kem_roundtrip",
    "sign_verify": "workers.operations.crypto.trial:sign_verify",
    "generate_key": "workers.operations.crypto.keys:generate",
    "import_key": "workers.operations.crypto.keys:import_",
    "transport_key": "workers.operations.crypto.keys:transport_key",
    "rotate_key": "workers.operations.crypto.keys:rotate_key",
    "retire_key": "workers.operations.crypto.keys:retire",
    "destroy_key": "workers.operations.crypto.keys:destroy",
    "sign": "workers.operations.crypto.keys:sign",
    "verify": "workers.operations.crypto.keys:verify",
    "rotate_kek": "workers.operations.crypto.keys:rotate_kek",
    "sign_audit": "workers.operations.crypto.keys:sign_audit",
    "rewrap_envelope": "workers.operations.crypto.envelopes:rewrap_envelope",
    "sign_bundle": "workers.operations.crypto.signing:sign_bundle",
    "sign_result": "workers.operations.crypto.signing:sign_result",
    "generate_certificate": "workers.operations.crypto.certificates:generate",
    "sign_certificate_request": "workers.operations.crypto.certificates:sign_request",
    "revoke_certificate": "workers.operations.crypto.certificates:revoke",
    "make_crl": "workers.operations.crypto.certificates:make_crl",
    "ocsp_response": "workers.operations.crypto.certificates:ocsp_response",
    "inventory": "workers.operations.crypto.inventory:inventory",
    "execute_migration": "workers.operations.crypto.migration:execute",
    "migration_step": "workers.operations.crypto.migration:perform",
    "migration_end": "workers.operations.crypto.migration:conclude",
    "rollback_migration": "workers.operations.crypto.migration:rollback",
    "migration_undo": "workers.operations.crypto.migration:undo",
    "migration_undone": "workers.operations.crypto.migration:undone",
    "renew_certificates": "workers.operations.crypto.renewal:renew",
    "watch_migration": "workers.operations.crypto.migration:watch",
    "noop": "workers.operations.noop:noop",
}

WARM: dict[str, tuple[str, ...]] = {
    "cpu-sim": ("circuit", "optimize", "conclude_vqe", "conclude_qaoa", "kernel_fused"),
    "gpu-sim": ("optimize", "conclude_vqe", "conclude_qaoa"),
    "qpu-ibm": ("circuit", "evaluate_on_device"),
    "qpu-ionq": ("circuit", "evaluate_on_device"),
    "crypto": ("generate_keypair", "generate_key"),
}
"""Operations whose modules a queue's workers import ahead of the first task; last scikit-learn, which takes
as long as all the others. None imports Qiskit: its modules import each other in circles, and a task that
imports them at the same time would see some of them half initialized."""

CANCEL = "workers.operations.quantum.qpu:cancel"
"""Implementation of `cancel_at_provider`."""

MACHINE_CODE: dict[str, str] = {"cpu-sim": "workers.quantum.warm:kernels"}
"""Loads the machine code of a queue's operations."""

COMPILED: dict[str, str] = {"cpu-sim": "workers.quantum.machine_code:ensure"}
"""Ensures that this machine code exists."""


@cache
def load(name: str) -> Operation:
    """Return the operation of that name.

    Raises:
        OutdatedError: there is none; the scheduler is newer than this worker.
    """
    if name not in OPERATIONS:
        message = f"this worker has no operation {name!r}; known: {', '.join(OPERATIONS)}"
        raise OutdatedError(message, hint="start workers of the same release as the scheduler")
    operation: Operation = _found(OPERATIONS[name])
    return operation


def cancel_at_provider(
    backend: str, device: str, tag: str, provider_job: str | None
) -> list[tuple[float, float | None] | None]:
    """Cancel all jobs of a task at a provider; return the charge of each that was found.

    A charge is (seconds of the device, dollars or None), or None if it is not known yet.

    Args:
        backend: name of the provider's backend.
        device: name of its device.
        tag: the provider's tag of the task's work.
        provider_job: the provider's job id, None if unknown.
    """
    charges: list[tuple[float, float | None] | None] = _found(CANCEL)(backend, device, tag, provider_job)
    return charges


def warm(queue: str) -> None:
    """Load the machine code of a queue's operations, which tasks need first; then import the common ones."""
    if code := MACHINE_CODE.get(queue):
        with TURN:
            _found(code)()
    for name in WARM.get(queue, ()):
        with TURN:
            load(name)


def compile_ahead(queue: str, note: Callable[[str], None]) -> None:
    """Wait until the machine code of a queue's operations exists; imports nothing that must not be forked.

    Args:
        queue: queue of the worker.
        note: receives progress messages.
    """
    if code := COMPILED.get(queue):
        _found(code)(note)


TURN: Final = threading.Lock()
"""Held by a task while it runs, and while a module is imported ahead.

A task imports further modules as it runs. Of two threads that import one cycle of modules, such as SciPy's,
one may find half of a module: "cannot import name ... from partially initialized module".
"""

_importing = threading.Lock()
"""Held while the module of an operation is imported, for the thread that cancels work at providers."""


def _found(place: str) -> Any:
    module, name = place.split(":")
    with _importing:
        return getattr(import_module(module), name)
