"""Expectation values of trajectories and their slopes by the angles of the circuit's rotations.

The trajectory with the operators A = A_m ... A_1 is drawn with probability p = |A psi|^2, so the mean of the
normalized <H> estimates E = sum over A of <A psi|H|A psi>, and that of 2 Re <dA psi|H|A psi> / p its
derivative, without bias: forward through a trajectory, then backward with H's image of its last state.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from workers.quantum.simulation.cpu.amplitudes import apply
from workers.quantum.simulation.cpu.jit import compiled, inner
from workers.quantum.simulation.cpu.observable import CONSTANT, TABLE
from workers.quantum.simulation.cpu.trajectory import (
    KIND,
    KRAUS,
    MATRIX,
    MIXTURE,
    NUMBER,
    UNITARY,
    WIDTH,
    Integers,
    Words,
    applied,
    mixed,
    started,
    struck,
)
from workers.quantum.simulation.ir.program import Complex, Float


@inner
def _odd(bits: int) -> bool:
    """Return whether the number of ones is odd."""
    for shift in (32, 16, 8, 4, 2, 1):
        bits ^= bits >> shift
    return bits & 1 == 1


@inner
def _forward(flat: Any, state: Complex, rng: Words, chosen: Integers, scales: Float, kept: Complex) -> None:
    """Evolve a state through gates and channels, noting their operators and, unless empty, `kept`."""
    ops, shifts, matrices, floats, _ = flat
    for at in range(len(ops)):
        op, index, scale = ops[at], 0, 1.0
        if op[KIND] == MIXTURE:
            index = mixed(op, floats, rng)
        elif op[KIND] == KRAUS:
            index, scale = struck(state, op, shifts[at], matrices, rng)
        chosen[at], scales[at] = index, scale
        if op[KIND] != MIXTURE or index > 0:
            applied(state, op, shifts[at], matrices, index, scale)
        if op[KIND] == UNITARY and 0 < op[NUMBER] <= len(kept):
            kept[op[NUMBER] - 1] = state


@inner
def _imaged(state: Complex, observable: Any, image: Complex) -> None:
    """Set `image` to the observable's image of the state."""
    passes, constants, tables, z_masks, factors = observable
    image[:] = 0.0
    for number in range(len(passes)):
        x, form, first, end = passes[number, 0], passes[number, 2], passes[number, 3], passes[number, 4]
        unit = 1j if passes[number, 1] else 1.0 + 0.0j
        if form == CONSTANT:
            for index in range(len(state)):
                image[index] += constants[first] * (unit * state[index ^ x])
        elif form == TABLE:
            for index in range(len(state)):
                image[index] += tables[first, index] * (unit * state[index ^ x])
        else:
            for term in range(first, end):
                for index in range(len(state)):
                    factor = -factors[term] if _odd(index & z_masks[term]) else factors[term]
                    image[index] += factor * (unit * state[index ^ x])


@inner
def _slope(image: Complex, state: Complex, x: int, z: int) -> float:
    """Return Im <image|P|state>: the slope by the angle of exp(-i angle/2 P), given the state after it."""
    total = 0.0 + 0.0j
    for index in range(len(state)):
        term = np.conj(image[index ^ x]) * state[index]
        total += -term if _odd(index & z) else term
    ys = 0
    both = x & z
    while both:
        ys += both & 1
        both >>= 1
    return float((total * 1j**ys).imag)


@inner
def _backward(
    flat: Any, turns: Integers, image: Complex, chosen: Integers, scales: Float, kept: Complex, slopes: Float
) -> None:
    """Pull the image back through a trajectory, and set the slopes by all angles on the way."""
    ops, shifts, matrices, _, _ = flat
    adjoint = np.empty(256, dtype=np.complex128)
    for at in range(len(ops) - 1, -1, -1):
        op = ops[at]
        if op[KIND] == UNITARY and op[NUMBER] > 0:
            turn = op[NUMBER] - 1
            slopes[turn] = _slope(image, kept[turn], turns[turn, 0], turns[turn, 1])
        if op[KIND] == MIXTURE and chosen[at] == 0:
            continue
        size = 1 << op[WIDTH]
        first = op[MATRIX] + chosen[at] * size * size
        for row in range(size):
            for column in range(size):
                adjoint[row * size + column] = np.conj(matrices[first + column * size + row])
        apply(image, adjoint, 0, shifts[at, : op[WIDTH]], scales[at])


@compiled
def run(
    flat: Any, turns: Integers, observable: Any, start: Any, kept: Complex, values: Float, slopes: Float
) -> None:
    """Run consecutive trajectories of a circuit of gates and channels, one per row of the results.

    Args:
        flat: as in `workers.quantum.simulation.cpu.trajectory.run`; the NUMBER of a unitary op is one more
            than that of its angle, 0 for a gate without.
        turns: int64[angles, 2], the masks (x, z) of the Pauli string P of each rotation exp(-i angle/2 P).
        observable: The `workers.quantum.simulation.cpu.observable.Observable`.
        start: int64[3]: number of qubits, of the first trajectory, of the seed.
        kept: complex128[angles, 2^n], room for the states after rotations; complex128[0, 2^n] for values
            without slopes.
        values: float64[rows]; gets the observable's values.
        slopes: float64[rows, angles]; gets the slopes.
    """
    state = np.empty(1 << start[0], dtype=np.complex128)
    image = np.empty_like(state)
    rng = np.empty(1, dtype=np.uint64)
    chosen, scales = np.empty(len(flat[0]), dtype=np.int64), np.empty(len(flat[0]))
    for row in range(len(values)):
        started(state, rng, start[2], start[1] + row)
        _forward(flat, state, rng, chosen, scales, kept)
        _imaged(state, observable, image)
        total = 0.0
        for index in range(len(state)):
            total += state[index].real * image[index].real + state[index].imag * image[index].imag
        values[row] = total
        if len(kept) > 0:
            _backward(flat, turns, image, chosen, scales, kept, slopes[row])
