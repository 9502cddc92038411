"""What tasks do: name -> where it is. The whole answer to "where do I add an operation"."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from workers.context import Context
from workers.outcome import Outcome

Operation = Callable[[Context], Outcome]

OPERATIONS: dict[str, str] = {
    "optimize": "workers.operations.optimize:optimize",
    "advance": "workers.operations.advance:advance",
    "evaluate": "workers.operations.evaluate:evaluate",
    "conclude_vqe": "workers.operations.conclude_vqe:conclude_vqe",
    "conclude_qaoa": "workers.operations.conclude_qaoa:conclude_qaoa",
    "conclude_classifier": "workers.operations.conclude_classifier:conclude_classifier",
    "kernel_block": "workers.operations.kernel:block",
    "kernel_svm": "workers.operations.kernel_svm:conclude",
    "kernel_fused": "workers.operations.kernel_svm:fused",
    "circuit": "workers.operations.circuit:circuit",
    "trajectories": "workers.operations.trajectories:share",
    "conclude_trajectories": "workers.operations.trajectories:conclude",
    "classical": "workers.operations.classical:call",
    "gather": "workers.operations.classical:gather",
    "generate_keypair": "workers.operations.crypto:generate_keypair",
    "kem_roundtrip": "workers.operations.crypto:kem_roundtrip",
    "sign_verify": "workers.operations.crypto:sign_verify",
    "generate_key": "workers.operations.keys:generate",
    "import_key": "workers.operations.keys:import_",
    "transport_key": "workers.operations.keys:transport_key",
    "rotate_key": "workers.operations.keys:rotate_key",
    "retire_key": "workers.operations.keys:retire",
    "destroy_key": "workers.operations.keys:destroy",
    "sign": "workers.operations.keys:sign",
    "verify": "workers.operations.keys:verify",
    "rotate_kek": "workers.operations.keys:rotate_kek",
    "sign_audit": "workers.operations.keys:sign_audit",
    "rewrap_envelope": "workers.operations.envelopes:rewrap_envelope",
    "sign_bundle": "workers.operations.signing:sign_bundle",
    "sign_result": "workers.operations.signing:sign_result",
    "generate_certificate": "workers.operations.certificates:generate",
    "sign_certificate_request": "workers.operations.certificates:sign_request",
    "revoke_certificate": "workers.operations.certificates:revoke",
    "make_crl": "workers.operations.certificates:make_crl",
    "ocsp_response": "workers.operations.certificates:ocsp_response",
    "inventory": "workers.operations.inventory:inventory",
    "execute_migration": "workers.operations.migration:execute",
    "migration_step": "workers.operations.migration:perform",
    "migration_end": "workers.operations.migration:conclude",
    "rollback_migration": "workers.operations.migration:rollback",
    "migration_undo": "workers.operations.migration:undo",
    "migration_undone": "workers.operations.migration:undone",
    "renew_certificates": "workers.operations.renewal:renew",
    "watch_migration": "workers.operations.migration:watch",
    "noop": "workers.operations.noop:noop",
}

WARM: dict[str, tuple[str, ...]] = {
    "cpu-sim": ("optimize", "conclude_vqe", "conclude_qaoa", "circuit", "kernel_fused"),
    "gpu-sim": ("optimize", "conclude_vqe", "conclude_qaoa"),
    "crypto": ("generate_keypair", "generate_key"),
}
"""Operations whose imports a queue's workers do ahead of the first task."""


@cache
def load(name: str) -> Operation:
    """The operation of that name.

    Raises:
        ValueError: there is none; the scheduler is newer than this worker.
    """
    if name not in OPERATIONS:
        raise ValueError(f"this worker has no operation {name!r}; known: {', '.join(OPERATIONS)}")
    module, function = OPERATIONS[name].split(":")
    operation: Operation = getattr(import_module(module), function)
    return operation


def warm(queue: str) -> None:
    """Import what the common operations of a queue need, and load its machine code."""
    for name in WARM.get(queue, ()):
        load(name)
    if queue == "cpu-sim":
        from workers import warm as machine_code

        machine_code.simulators()
