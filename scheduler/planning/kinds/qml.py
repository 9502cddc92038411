"""Planning `quantum_ml`."""

from __future__ import annotations

from math import ceil

from novacron.specs import QML
from scheduler.planning.kinds import loop
from scheduler.planning.kinds.base import Work, granularity
from shared.quantum import cost, kernel_blocks, partition
from shared.tasks import TaskSpec

SECONDS_PER_AMPLITUDE = 5e-9


def plan(spec: QML, queue: str, memory_bytes: int) -> Work:
    """Plan a kernel's blocks, or a classifier's training loop."""
    n_train, n_test = kernel_blocks.split_sizes(spec.data.n_samples, spec.test_fraction)
    if spec.model.name == "kernel_svm":
        return _kernel(spec, queue, memory_bytes, n_train, n_test)
    n_units = ceil(n_train / partition.SHARD)
    n_parameters = 2 * spec.n_qubits * (spec.model.layers + 1)
    evaluation_s = cost.classifier_s(n_train, n_parameters, spec.n_qubits, n_units, gradient=True)
    mode, why = granularity(spec.granularity, evaluation_s, "an evaluation")
    evaluations = loop.EXPECTED_EVALUATIONS[spec.optimizer.name] if spec.optimizer else 1
    return Work(
        loop.tasks(
            "conclude_classifier", starts=1, mode=mode, queue=queue,
            evaluation_s=evaluation_s, evaluations=evaluations, memory_bytes=memory_bytes,
        ),
        mode, why,
        shape=f"qml/classifier/{spec.n_qubits}/{spec.model.layers}/{n_train}/{mode}",
        cost_s=evaluation_s * evaluations,
        loop=loop.summary(1, evaluations, n_units),
    )  # fmt: skip


def _kernel(spec: QML, queue: str, memory_bytes: int, n_train: int, n_test: int) -> Work:
    blocks = kernel_blocks.blocks(n_train, n_test, spec.n_qubits)
    block_s = 1e-3 + kernel_blocks.MAX_EDGE**2 * 2**spec.n_qubits * SECONDS_PER_AMPLITUDE
    mode, why = granularity(spec.granularity, block_s, "a block of the kernel")
    shape = f"qml/kernel/{spec.n_qubits}/{n_train}/{mode}"
    cost_s = block_s * len(blocks)
    if mode == "fused":
        return Work([TaskSpec("kernel_fused", queue, {}, (), cost_s, memory_bytes)], mode, why, shape, cost_s)
    parts = [
        TaskSpec("kernel_block", queue, {"block": block}, (), block_s, memory_bytes)
        for block in range(len(blocks))
    ]
    last = TaskSpec("kernel_svm", queue, {}, tuple(range(len(parts))), 0.1, memory_bytes)
    return Work([*parts, last], mode, why, shape, cost_s)
