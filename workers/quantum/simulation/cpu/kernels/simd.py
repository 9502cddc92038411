"""Eight numbers as one value of compiled code: the vector type of all kernels.

Multiplications and additions are fused only if a kernel requests it, and never reordered, so that a kernel
gives bitwise identical results wherever it is inlined.

LLVM maps a vector to one AVX-512, two AVX2 or four NEON registers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

WIDTH = 8
BITS = 3
_INDEX = ir.VectorType(ir.IntType(32), WIDTH)


class Lanes(types.Type):  # type: ignore[misc]
    """The Numba type of a vector of `WIDTH` numbers."""

    def __init__(self, dtype: types.Float) -> None:
        self.dtype = dtype
        super().__init__(name=f"Lanes({dtype})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, dmm: Any, fe_type: Lanes) -> None:
        super().__init__(dmm, fe_type, _vector(fe_type.dtype))


def _vector(dtype: types.Float) -> ir.VectorType:
    return ir.VectorType(ir.DoubleType() if dtype == types.float64 else ir.FloatType(), WIDTH)


def _constant(values: list[int]) -> ir.Constant:
    return ir.Constant(_INDEX, values)


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), _vector(array_type.dtype).as_pointer())


def _splat(builder: Any, scalar: Any) -> Any:
    undefined = ir.Constant(ir.VectorType(scalar.type, WIDTH), ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, undefined, _constant([0] * WIDTH))


@intrinsic
def load(typing: Any, array: Any, index: Any) -> Any:
    """Return array[index : index + 8], unchecked."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value = builder.load(_pointer(context, builder, signature.args[0], *arguments))
        value.align = array.dtype.bitwidth // 8
        return value

    return Lanes(array.dtype)(array, types.int64), generate


@intrinsic
def store(typing: Any, array: Any, index: Any, value: Any) -> Any:
    """Set array[index : index + 8] = value, unchecked."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], *arguments[:2])
        builder.store(arguments[2], pointer).align = array.dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.void(array, types.int64, value), generate


@intrinsic
def gather(typing: Any, table: Any, indices: Any, first: Any) -> Any:
    """Return table[indices[first : first + 8]], unchecked."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        places = context.make_array(signature.args[1])(context, builder, arguments[1]).data
        result = ir.Constant(_vector(table.dtype), ir.Undefined)
        for lane in range(WIDTH):
            at = builder.add(arguments[2], ir.Constant(ir.IntType(64), lane))
            place = builder.zext(builder.load(builder.gep(places, [at])), ir.IntType(64))
            entry = builder.load(builder.gep(data, [place]))
            result = builder.insert_element(result, entry, ir.Constant(ir.IntType(32), lane))
        return result

    return Lanes(table.dtype)(table, indices, types.int64), generate


@intrinsic
def splat(typing: Any, scalar: Any) -> Any:
    """Broadcast a number to all lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _splat(builder, arguments[0])

    return Lanes(scalar)(scalar), generate


@intrinsic
def zeros(typing: Any, array: Any) -> Any:
    """Return zeros of the array's precision."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(_vector(array.dtype), None)

    return Lanes(array.dtype)(array), generate


@intrinsic
def ones(typing: Any, array: Any) -> Any:
    """Return ones of the array's precision."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(_vector(array.dtype), [1.0] * WIDTH)

    return Lanes(array.dtype)(array), generate


@intrinsic
def odd(typing: Any, bits: Any) -> Any:
    """Return 1 for an odd number of set bits, else 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.and_(builder.ctpop(arguments[0]), ir.Constant(ir.IntType(64), 1))

    return types.int64(types.int64), generate


@intrinsic
def wide(typing: Any, value: Any) -> Any:
    """Convert the lanes to double precision."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if value.dtype == types.float64:
            return arguments[0]
        return builder.fpext(arguments[0], _vector(types.float64))

    return Lanes(types.float64)(value), generate


@intrinsic
def narrow(typing: Any, array: Any, value: Any) -> Any:
    """Convert lanes of double precision to the array's precision."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if array.dtype == types.float64:
            return arguments[1]
        return builder.fptrunc(arguments[1], _vector(array.dtype))

    return Lanes(array.dtype)(array, value), generate


@intrinsic
def fma(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a * b + c, rounded once."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = arguments[0].type
        name = f"llvm.fma.v{WIDTH}f{a.dtype.bitwidth}"
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(vector, [vector] * 3), name)
        return builder.call(function, arguments)

    return a(a, a, a), generate


def _binary(name: str, doc: str) -> Any:
    def typed(typing: Any, a: Any, b: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return getattr(builder, name)(*arguments)

        return a(a, a), generate

    typed.__doc__ = doc
    return intrinsic(typed)


add: Callable[..., Any] = _binary("fadd", "a + b")
sub: Callable[..., Any] = _binary("fsub", "a - b")
mul: Callable[..., Any] = _binary("fmul", "a * b")


@intrinsic
def neg(typing: Any, value: Any) -> Any:
    """Return the negated value."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fneg(arguments[0])

    return value(value), generate


@intrinsic
def crossed(typing: Any, value: Any, mask: Any) -> Any:
    """Return the value with lanes permuted: lane k of the result is lane k ^ mask, 0 <= mask < 8."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        result, bits = arguments
        undefined = ir.Constant(result.type, ir.Undefined)
        bits = _splat(builder, builder.trunc(bits, ir.IntType(32)))
        for bit in range(BITS):
            swapped = builder.shuffle_vector(
                result, undefined, _constant([lane ^ (1 << bit) for lane in range(WIDTH)])
            )
            # A vector of lane numbers, not a branch: LLVM would copy every loop once for each mask.
            chosen = builder.icmp_signed(
                "!=", builder.and_(bits, _constant([1 << bit] * WIDTH)), _constant([0] * WIDTH)
            )
            result = builder.select(chosen, swapped, result)
        return result

    return value(value, types.int64), generate


def crossing(mask: int) -> Any:
    """Return `crossed` for a mask known at compile time: one instruction."""

    def typed(typing: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            undefined = ir.Constant(arguments[0].type, ir.Undefined)
            order = _constant([lane ^ mask for lane in range(WIDTH)])
            return builder.shuffle_vector(arguments[0], undefined, order)

        return value(value), generate

    typed.__doc__ = f"Lane k of the result is lane k ^ {mask} of the value."
    return intrinsic(typed)


@intrinsic
def where(typing: Any, mask: Any, wanted: Any, then: Any, otherwise: Any) -> Any:
    """Select lanes: lane k is that of `then` if k & mask == wanted, else that of `otherwise`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        mask, wanted = (_splat(builder, builder.trunc(value, ir.IntType(32))) for value in arguments[:2])
        chosen = builder.icmp_signed("==", builder.and_(_constant(list(range(WIDTH))), mask), wanted)
        return builder.select(chosen, arguments[2], arguments[3])

    return then(types.int64, types.int64, then, then), generate


@intrinsic
def signed(typing: Any, mask: Any, value: Any) -> Any:
    """Multiply lane k by (-1)^(number of set bits in k & mask)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits, result = arguments
        bits = _splat(builder, builder.trunc(bits, ir.IntType(32)))
        lanes = builder.and_(_constant(list(range(WIDTH))), bits)
        parity = lanes
        for bit in range(1, BITS):
            parity = builder.xor(parity, builder.lshr(lanes, _constant([bit] * WIDTH)))
        minus = builder.icmp_signed(
            "!=", builder.and_(parity, _constant([1] * WIDTH)), _constant([0] * WIDTH)
        )
        return builder.select(minus, builder.fneg(result), result)

    return value(types.int64, value), generate


@intrinsic
def total(typing: Any, value: Any) -> Any:
    """Sum the lanes, first to last."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        parts = [
            builder.extract_element(arguments[0], ir.Constant(ir.IntType(32), lane)) for lane in range(WIDTH)
        ]
        result = parts[0]
        for part in parts[1:]:
            result = builder.fadd(result, part)
        return result

    return value.dtype(value), generate
