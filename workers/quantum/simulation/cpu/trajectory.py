"""The compiled run of trajectories: one state vector each, evolved through gates, channels and measurements.

A trajectory's random numbers depend only on the seed and its own number, so its history does not depend on
the other trajectories of a run. Source of the generator, SplitMix64: Steele, Lea and Flood, "Fast splittable
pseudorandom number generators", OOPSLA 2014.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.cpu.amplitudes import (
    apply,
    lowered,
    measured,
    picked,
    reduced,
    weight_of_ones,
)
from workers.quantum.simulation.cpu.jit import compiled, inner
from workers.quantum.simulation.ir.program import Complex, Float

Integers = NDArray[np.int64]
Words = NDArray[np.uint64]

UNITARY, MIXTURE, KRAUS, MEASURE, RESET, UNLESS, JUMP, ASK = range(8)
KIND, WIDTH, MATRIX, COUNT, NUMBER, TARGET = range(6)
COLUMNS = 6
"""Columns of an op: kind; qubits; first matrix; number of matrices; first float; measured bit (-1 for none),
or op to continue at.
"""

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S30, S27, S31, S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
UNIT = 1.0 / (1 << 53)


@inner
def _mixed(word: np.uint64) -> np.uint64:
    word = (word ^ (word >> S30)) * FIRST
    word = (word ^ (word >> S27)) * SECOND
    return word ^ (word >> S31)


@inner
def _uniform(rng: Words) -> float:
    """Return the next number in [0, 1)."""
    rng[0] += GOLDEN
    return float(_mixed(rng[0]) >> S11) * UNIT


@inner
def _chosen(floats: Float, first: int, count: int, draw: float) -> int:
    """Return the index of the first cumulative probability above a draw."""
    for index in range(count - 1):
        if draw < floats[first + index]:
            return index
    return count - 1


@inner
def mixed(op: Integers, floats: Float, rng: Words) -> int:
    """Draw one of some unitaries with fixed probabilities; the first is the identity."""
    return _chosen(floats, op[NUMBER], op[COUNT], _uniform(rng))  # type: ignore[no-any-return]


@inner
def struck(
    state: Complex, op: Integers, shifts: Integers, matrices: Complex, rng: Words
) -> tuple[int, float]:
    """Draw one Kraus operator K, with probability <K^dagger K>; these products follow the operators.

    Returns:
        The operator's number, and the factor that normalizes its image of the state.
    """
    size = 1 << op[WIDTH]
    density = reduced(state, shifts[: op[WIDTH]])
    total = 0.0
    for row in range(size):
        total += density[row, row].real
    left = _uniform(rng) * total
    chosen, chance = 0, 0.0
    for index in range(op[COUNT]):
        first = op[MATRIX] + (op[COUNT] + index) * size * size
        probability = 0.0
        for row in range(size):
            for column in range(size):
                probability += (matrices[first + row * size + column] * density[column, row]).real
        if probability > 0.0:
            chosen, chance = index, probability
            if left < probability:
                break
            left -= probability
    return chosen, 1.0 / np.sqrt(chance)


@inner
def applied(
    state: Complex, op: Integers, shifts: Integers, matrices: Complex, chosen: int, scale: float
) -> None:
    """Apply operator number `chosen` of an op, times `scale`."""
    apply(state, matrices, op[MATRIX] + chosen * 4 ** op[WIDTH], shifts[: op[WIDTH]], scale)


@inner
def _measure(
    state: Complex, op: Integers, shift: int, floats: Float, bits: NDArray[np.uint8], rng: Words
) -> None:
    ones, whole = weight_of_ones(state, shift)
    value = 1 if _uniform(rng) * whole < ones else 0
    measured(state, shift, value, 1.0 / np.sqrt(ones if value else whole - ones))
    if op[KIND] == RESET:
        if value:
            lowered(state, shift)
    else:
        flipped = _uniform(rng) < floats[op[NUMBER] + value]
        if op[TARGET] >= 0:
            bits[op[TARGET]] = 1 - value if flipped else value


@inner
def _holds(conditions: Integers, first: int, count: int, bits: NDArray[np.uint8]) -> bool:
    """Return whether bits have the required values: `conditions` lists bit, value, bit, value, ..."""
    for index in range(count):
        if bits[conditions[first + 2 * index]] != conditions[first + 2 * index + 1]:
            return False
    return True


@inner
def started(state: Complex, rng: Words, seed: int, number: int) -> None:
    """Reset a state and the generator to the start of a trajectory."""
    state[:] = 0.0
    state[0] = 1.0
    rng[0] = _mixed(_mixed(np.uint64(seed) + GOLDEN) ^ (np.uint64(number) * GOLDEN))


@inner
def _follow(flat: Any, state: Complex, bits: NDArray[np.uint8], rng: Words, at: int) -> int:
    """Evolve a state from op `at` to the circuit's end or past an `ASK`; return the op to continue at."""
    ops, shifts, matrices, floats, conditions = flat
    while at < len(ops):
        op, kind = ops[at], ops[at, KIND]
        at += 1
        if kind == UNITARY:
            apply(state, matrices, op[MATRIX], shifts[at - 1, : op[WIDTH]], 1.0)
        elif kind == MIXTURE:
            index = mixed(op, floats, rng)
            if index > 0:
                applied(state, op, shifts[at - 1], matrices, index, 1.0)
        elif kind == KRAUS:
            index, scale = struck(state, op, shifts[at - 1], matrices, rng)
            applied(state, op, shifts[at - 1], matrices, index, scale)
        elif kind == JUMP:
            at = op[TARGET]
        elif kind == ASK:
            return at
        elif kind == UNLESS:
            if not _holds(conditions, op[NUMBER], op[COUNT], bits):
                at = op[TARGET]
        else:
            _measure(state, op, shifts[at - 1, 0], floats, bits, rng)
    return at


@inner
def _read(state: Complex, reading: Any, bits: NDArray[np.uint8], rng: Words) -> None:
    """Measure the final readout."""
    shifts, places, flips = reading
    if len(shifts) == 0:
        return
    index = picked(state, _uniform(rng))
    for qubit in range(len(shifts)):
        value = index >> shifts[qubit] & 1
        flipped = flips[qubit, value] > 0.0 and _uniform(rng) < flips[qubit, value]
        bits[places[qubit]] = 1 - value if flipped else value


@inner
def _mean(state: Complex, x: int, z: int) -> float:
    """Return the expectation value of the Pauli string with these masks."""
    ys = 0
    both = x & z
    while both:
        ys += both & 1
        both >>= 1
    total = 0.0 + 0.0j
    for index in range(len(state)):
        parity = index & z
        for shift in (16, 8, 4, 2, 1):
            parity ^= parity >> shift
        term = np.conj(state[index ^ x]) * state[index]
        total += -term if parity & 1 else term
    return float((total * 1j**ys).real)


@inner
def _end(
    state: Complex, reading: Any, terms: Any, rng: Words, bits: NDArray[np.uint8], values: Float
) -> None:
    """Compute a final state's expectation values, and measure the readout."""
    masks, coefficients, owners = terms
    for term in range(len(masks)):
        values[owners[term]] += coefficients[term] * _mean(state, masks[term, 0], masks[term, 1])
    _read(state, reading, bits, rng)


@compiled
def run(flat: Any, reading: Any, terms: Any, start: Any, outcomes: NDArray[np.uint8], values: Float) -> None:
    """Run consecutive trajectories, one per row of the results.

    Args:
        flat: ops int64[n, 6], shifts int64[n, 4] of their qubits, matrices complex128, floats float64,
            conditions int64: see `workers.quantum.simulation.noise.flat`.
        reading: For the qubits read out at the end: shifts int64[k], positions int64[k], and misread
            probabilities by value, float64[k, 2].
        terms: For the observables: masks int64[t, 2] (x, z), coefficients float64[t], owners int64[t].
        start: int64[3]: number of qubits, of the first trajectory, of the seed.
        outcomes: uint8[rows, width], zeros; gets the bits.
        values: float64[rows, observables], zeros; gets the observables' values.
    """
    state = np.empty(1 << start[0], dtype=np.complex128)
    rng = np.empty(1, dtype=np.uint64)
    for row in range(len(outcomes)):
        started(state, rng, start[2], start[1] + row)
        _follow(flat, state, outcomes[row], rng, 0)
        _end(state, reading, terms, rng, outcomes[row], values[row])


@compiled
def begin(start: Any, number: int, state: Complex, rng: Words) -> None:
    """Start one trajectory of those that `run` would execute: `start` as there, and its number."""
    started(state, rng, start[2], start[1] + number)


@compiled
def resume(flat: Any, state: Complex, bits: NDArray[np.uint8], rng: Words, at: int) -> int:
    """Evolve a trajectory from op `at` to its end or past an `ASK`; return the op to continue at."""
    return _follow(flat, state, bits, rng, at)  # type: ignore[no-any-return]


@compiled
def end(state: Complex, reading: Any, terms: Any, rng: Words, bits: NDArray[np.uint8], values: Float) -> None:
    """Finish a trajectory: see `run`."""
    _end(state, reading, terms, rng, bits, values)
