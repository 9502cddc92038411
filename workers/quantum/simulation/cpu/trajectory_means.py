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
def _forward(flat: Any, state: Complex, rng: Words, chosen: Integers, scales: Float, history: Any) -> None:
    """Evolve a state through gates and channels, recording their operators and the history of the state."""
    ops, shifts, matrices, floats, _ = flat
    for at in range(len(ops)):
        op, index, scale = ops[at], 0, 1.0
        if op[KIND] == MIXTURE:
            index = mixed(op, floats, rng)
        elif op[KIND] == KRAUS:
            index, scale = struck(state, op, shifts[at], matrices, rng)
        chosen[at], scales[at] = index, scale
        _step(flat, state, at, index, scale, history)


@inner
def _step(flat: Any, state: Complex, at: int, index: int, scale: float, history: Any) -> None:
    """Apply operator `index` of an op; keep the state after a rotation, mark that before every L-th."""
    ops, shifts, matrices, _, _ = flat
    kept, marks, places = history
    op = ops[at]
    turn = op[NUMBER] - 1 if op[KIND] == UNITARY and len(kept) > 0 else -1
    if turn >= 0 and turn % len(kept) == 0:
        marks[turn // len(kept)], places[turn // len(kept)] = state, at
    if op[KIND] != MIXTURE or index > 0:
        applied(state, op, shifts[at], matrices, index, scale)
    if turn >= 0:
        kept[turn % len(kept)] = state


@inner
def _again(flat: Any, state: Complex, segment: int, chosen: Integers, scales: Float, history: Any) -> None:
    """Keep the states after the rotations of an earlier segment, from that before it."""
    _, marks, places = history
    state[:] = marks[segment]
    for at in range(places[segment], places[segment + 1]):
        _step(flat, state, at, chosen[at], scales[at], history)


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
    flat: Any,
    turns: Integers,
    state: Complex,
    image: Complex,
    chosen: Integers,
    scales: Float,
    history: Any,
    slopes: Float,
) -> None:
    """Pull the image back through a trajectory, and set the slopes by all angles on the way."""
    ops, shifts, matrices, _, _ = flat
    kept = history[0]
    adjoint = np.empty(256, dtype=np.complex128)
    for at in range(len(ops) - 1, -1, -1):
        op = ops[at]
        turn = op[NUMBER] - 1 if op[KIND] == UNITARY else -1
        if turn >= 0:
            slopes[turn] = _slope(image, kept[turn % len(kept)], turns[turn, 0], turns[turn, 1])
        if op[KIND] != MIXTURE or chosen[at] > 0:
            size = 1 << op[WIDTH]
            first = op[MATRIX] + chosen[at] * size * size
            for row in range(size):
                for column in range(size):
                    adjoint[row * size + column] = np.conj(matrices[first + column * size + row])
            apply(image, adjoint, 0, shifts[at, : op[WIDTH]], scales[at])
        if turn > 0 and turn % len(kept) == 0:
            _again(flat, state, turn // len(kept) - 1, chosen, scales, history)


@compiled
def run(
    flat: Any,
    turns: Integers,
    observable: Any,
    start: Any,
    kept: Complex,
    marks: Complex,
    values: Float,
    slopes: Float,
) -> None:
    """Run consecutive trajectories of a circuit of gates and channels, one per row of the results.

    Args:
        flat: as in `workers.quantum.simulation.cpu.trajectory.run`; the NUMBER of a unitary op is one more
            than that of its angle, 0 for a gate without.
        turns: int64[angles, 2], the masks (x, z) of the Pauli string P of each rotation exp(-i angle/2 P).
        observable: The `workers.quantum.simulation.cpu.observable.Observable`.
        start: int64[3]: number of qubits, of the first trajectory, of the seed.
        kept: complex128[L, 2^n], room for the states after L rotations; complex128[0, 2^n] for values without
            slopes. Those of earlier rotations are computed again.
        marks: complex128[ceil(angles / L), 2^n], room for the states before every L-th rotation.
        values: float64[rows]; gets the observable's values.
        slopes: float64[rows, angles]; gets the slopes.
    """
    state = np.empty(1 << start[0], dtype=np.complex128)
    image = np.empty_like(state)
    rng = np.empty(1, dtype=np.uint64)
    chosen, scales = np.empty(len(flat[0]), dtype=np.int64), np.empty(len(flat[0]))
    history = (kept, marks, np.empty(len(marks), dtype=np.int64))
    for row in range(len(values)):
        started(state, rng, start[2], start[1] + row)
        _forward(flat, state, rng, chosen, scales, history)
        _imaged(state, observable, image)
        total = 0.0
        for index in range(len(state)):
            total += state[index].real * image[index].real + state[index].imag * image[index].imag
        values[row] = total
        if len(kept) > 0:
            _backward(flat, turns, state, image, chosen, scales, history, slopes[row])
