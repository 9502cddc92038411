"""A task that computes one block of a quantum kernel matrix."""

from __future__ import annotations

from novacron.specs import QML
from workers.quantum.learning.kernel import Kernel, encode
from workers.runtime.context import Context
from workers.runtime.outcome import Done


def block(context: Context[QML]) -> Done:
    """Compute a block; payload: `block`, its position in `kernel_blocks.blocks`; value: encoded array."""
    kernel = Kernel.of(context.spec)
    return Done(encode(kernel.block(int(context.payload["block"]))))
