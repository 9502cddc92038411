"""One block of a quantum kernel matrix, as a task."""

from __future__ import annotations

from novacron.specs import Spec
from workers.quantum.learning import data
from workers.quantum.learning.kernel import Kernel, encode
from workers.runtime.context import Context
from workers.runtime.outcome import Done


def block(context: Context[Spec]) -> Done:
    """Payload: `block`, its position in `kernel_blocks.blocks`. The value is an encoded array."""
    kernel = Kernel(context.document, data.load(context.document))
    return Done(encode(kernel.block(int(context.payload["block"]))))
