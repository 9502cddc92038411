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
    "crypto": "workers.operations.crypto:run",
    "noop": "workers.operations.noop:noop",
}

WARM: dict[str, tuple[str, ...]] = {
    "cpu-sim": ("optimize", "conclude_vqe", "conclude_qaoa", "circuit", "kernel_fused"),
    "gpu-sim": ("optimize", "conclude_vqe", "conclude_qaoa"),
    "crypto": ("crypto",),
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
