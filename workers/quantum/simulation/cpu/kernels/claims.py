"""Work distribution among threads that execute the same compiled call.

Each step is divided into slots. A thread claims the next slot until none is left, then waits until all are
done; a late thread finds nothing to do. Results do not depend on which thread runs a slot.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from workers.quantum.simulation.cpu.jit import inner

PATIENCE = 2000
_yield = types.ExternalFunction("sched_yield", types.int32())


@intrinsic
def _fetch_add(typing: Any, array: Any, index: Any) -> Any:
    """Add 1 to array[index] atomically; return the previous value."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        place = builder.gep(data, [arguments[1]])
        return builder.atomic_rmw("add", place, ir.Constant(ir.IntType(64), 1), "seq_cst")

    return types.int64(array, types.int64), generate


@intrinsic
def _read(typing: Any, array: Any, index: Any) -> Any:
    """Return array[index] by an atomic, sequentially consistent load."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.load_atomic(builder.gep(data, [arguments[1]]), "seq_cst", 8)

    return types.int64(array, types.int64), generate


@inner
def claim(claims, step):
    """Claim and return the next slot of a step; claims is int64[steps, 2], initially zero."""
    return _fetch_add(claims[step], 0)


@inner
def finish(claims, step):
    """Mark a claimed slot as done."""
    _fetch_add(claims[step], 1)


@inner
def wait(claims, step, slots):
    """Wait until all slots of a step are done."""
    spins = 0
    while _read(claims[step], 1) < slots:
        spins += 1
        if spins > PATIENCE:
            _yield()
