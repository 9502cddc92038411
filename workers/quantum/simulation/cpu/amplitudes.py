"""Compiled steps of one state vector, in place: small matrices, measurements, reduced density matrices.

Qubits are given by shifts: qubit q of n is bit n-1-q of an index. The first qubit of a matrix is the most
significant bit of its index.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.cpu.jit import inner
from workers.quantum.simulation.ir.program import Complex

Integers = NDArray[np.int64]


@inner
def apply(state: Complex, matrices: Complex, first: int, shifts: Integers, scale: float) -> None:
    """Multiply by scale times the matrix of 4^k entries that begins at `first`, row-major."""
    if len(shifts) == 1:
        a, b = matrices[first] * scale, matrices[first + 1] * scale
        c, d = matrices[first + 2] * scale, matrices[first + 3] * scale
        if b == 0.0 and c == 0.0:
            _one_diagonal(state, shifts[0], a, d)
        else:
            _one(state, shifts[0], a, b, c, d)
    elif _monomial(matrices, first, 1 << len(shifts)):
        _permuted(state, matrices, first, shifts, scale)
    else:
        _several(state, matrices, first, shifts, scale)


@inner
def _one(state: Complex, shift: int, a: complex, b: complex, c: complex, d: complex) -> None:
    stride = 1 << shift
    for begin in range(0, len(state), 2 * stride):
        for low in range(begin, begin + stride):
            zero, one = state[low], state[low + stride]
            state[low] = a * zero + b * one
            state[low + stride] = c * zero + d * one


@inner
def _one_diagonal(state: Complex, shift: int, a: complex, d: complex) -> None:
    stride = 1 << shift
    for begin in range(0, len(state), 2 * stride):
        if a != 1.0:
            for low in range(begin, begin + stride):
                state[low] *= a
        if d != 1.0:
            for high in range(begin + stride, begin + 2 * stride):
                state[high] *= d


@inner
def _monomial(matrices: Complex, first: int, size: int) -> bool:
    """Return whether each row has only one entry."""
    for row in range(size):
        entries = 0
        for column in range(size):
            entries += matrices[first + row * size + column] != 0.0
        if entries != 1:
            return False
    return True


@inner
def _permuted(state: Complex, matrices: Complex, first: int, shifts: Integers, scale: float) -> None:
    """Multiply by a matrix with one entry per row: unchanged rows cost nothing."""
    offsets, ascending = _offsets(shifts), _ascending(shifts)
    size = len(offsets)
    rows, sources, factors = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.complex128)
    moved = 0
    for row in range(size):
        for column in range(size):
            factor = matrices[first + row * size + column] * scale
            if factor != 0.0 and not (row == column and factor == 1.0):
                rows[moved], sources[moved], factors[moved] = offsets[row], offsets[column], factor
                moved += 1
    buffer = np.empty(size, dtype=np.complex128)
    for group in range(len(state) // size):
        begin = _start(group, ascending)
        for entry in range(moved):
            buffer[entry] = factors[entry] * state[begin + sources[entry]]
        for entry in range(moved):
            state[begin + rows[entry]] = buffer[entry]


@inner
def _offsets(shifts: Integers) -> Integers:
    """Return the index of each entry of a group, relative to the group's first."""
    size = 1 << len(shifts)
    offsets = np.zeros(size, dtype=np.int64)
    for entry in range(size):
        for place in range(len(shifts)):
            offsets[entry] += (entry >> (len(shifts) - 1 - place) & 1) << shifts[place]
    return offsets


@inner
def _ascending(shifts: Integers) -> Integers:
    """Return the shifts sorted; np.sort would take a second to compile."""
    result = np.empty_like(shifts)
    for shift in shifts:
        place = 0
        for other in shifts:
            place += other < shift
        result[place] = shift
    return result


@inner
def _start(group: int, ascending: Integers) -> int:
    """Return the index of a group's first entry: zeros inserted at the shifts."""
    for shift in ascending:
        low = group & ((1 << shift) - 1)
        group = ((group >> shift) << (shift + 1)) | low
    return group


@inner
def _several(state: Complex, matrices: Complex, first: int, shifts: Integers, scale: float) -> None:
    offsets, ascending = _offsets(shifts), _ascending(shifts)
    size = len(offsets)
    source = np.empty(size, dtype=np.complex128)
    for group in range(len(state) // size):
        begin = _start(group, ascending)
        for entry in range(size):
            source[entry] = state[begin + offsets[entry]] * scale
        for row in range(size):
            total = 0.0 + 0.0j
            for column in range(size):
                factor = matrices[first + row * size + column]
                if factor != 0.0:
                    total += factor * source[column]
            state[begin + offsets[row]] = total


@inner
def reduced(state: Complex, shifts: Integers) -> Complex:
    """Return the density matrix of some qubits, complex128[2^k, 2^k], times the squared norm."""
    if len(shifts) == 1:
        single: Complex = _reduced_one(state, shifts[0])
        return single
    offsets, ascending = _offsets(shifts), _ascending(shifts)
    size = len(offsets)
    density = np.zeros((size, size), dtype=np.complex128)
    for group in range(len(state) // size):
        begin = _start(group, ascending)
        for row in range(size):
            left = state[begin + offsets[row]]
            for column in range(row + 1):
                density[row, column] += left * np.conj(state[begin + offsets[column]])
    for row in range(size):
        for column in range(row):
            density[column, row] = np.conj(density[row, column])
    return density


@inner
def _reduced_one(state: Complex, shift: int) -> Complex:
    stride = 1 << shift
    zeros = ones = real = imaginary = 0.0
    for begin in range(0, len(state), 2 * stride):
        for low in range(begin, begin + stride):
            zero, one = state[low], state[low + stride]
            zeros += zero.real * zero.real + zero.imag * zero.imag
            ones += one.real * one.real + one.imag * one.imag
            real += zero.real * one.real + zero.imag * one.imag
            imaginary += zero.imag * one.real - zero.real * one.imag
    density = np.empty((2, 2), dtype=np.complex128)
    density[0, 0], density[1, 1] = zeros, ones
    density[0, 1], density[1, 0] = complex(real, imaginary), complex(real, -imaginary)
    return density


@inner
def weight_of_ones(state: Complex, shift: int) -> tuple[float, float]:
    """Return the squared norm of the part with the qubit in |1>, and of the whole."""
    sums = np.zeros(2)
    for index in range(len(state)):
        amplitude = state[index]
        sums[index >> shift & 1] += amplitude.real**2 + amplitude.imag**2
    return sums[1], sums[0] + sums[1]


@inner
def measured(state: Complex, shift: int, value: int, scale: float) -> None:
    """Keep the part with the qubit in |value>, scaled."""
    for index in range(len(state)):
        if index >> shift & 1 == value:
            state[index] *= scale
        else:
            state[index] = 0.0


@inner
def lowered(state: Complex, shift: int) -> None:
    """Map the qubit from |1> to |0>, given that it is in |1>."""
    stride = 1 << shift
    for index in range(len(state)):
        if index >> shift & 1:
            state[index - stride] = state[index]
            state[index] = 0.0


@inner
def picked(state: Complex, draw: float) -> int:
    """Return the basis index selected by a draw from [0, 1)."""
    total = 0.0
    for amplitude in state:
        total += amplitude.real**2 + amplitude.imag**2
    left, last = draw * total, 0
    for index in range(len(state)):
        chance = state[index].real ** 2 + state[index].imag ** 2
        if chance > 0.0:
            last = index
            if left < chance:
                break
            left -= chance
    return last
