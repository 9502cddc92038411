"""Joint measurement of qubit-wise commuting terms on a state."""

from __future__ import annotations

import math

import numpy as np

from workers.quantum.simulation.cpu.jit import compiled
from workers.quantum.simulation.ir.excitation import Indices
from workers.quantum.simulation.ir.program import Complex, Float

HALF = math.sqrt(0.5)


@compiled
def in_basis(state: Complex, x: int, y: int) -> Complex:
    """Return the state with the qubits of mask x rotated to the X basis, those also in mask y to Y."""
    turned = state.copy()
    bit = 1
    while bit < len(turned):
        if x & bit:
            phase = -1j if y & bit else 1.0 + 0.0j
            for block in range(0, len(turned), 2 * bit):
                for k in range(block, block + bit):
                    low, high = turned[k], phase * turned[k + bit]
                    turned[k], turned[k + bit] = HALF * (low + high), HALF * (low - high)
        bit *= 2
    return turned


@compiled
def parity(bits: int) -> int:
    """Return 1 if the number of ones is odd, else 0."""
    bits ^= bits >> 32
    bits ^= bits >> 16
    bits ^= bits >> 8
    bits ^= bits >> 4
    return (0x6996 >> (bits & 15)) & 1


@compiled
def draw(state: Complex, x: int, y: int, places: Float, supports: Indices, coefficients: Float) -> Float:
    """Return the sum of the terms at each drawn outcome, float64[shots].

    Args:
        state: complex128[2^n].
        x: Mask of the qubits measured in the X or Y basis.
        y: Mask of those measured in the Y basis.
        places: float64[shots] ascending, between 0 and 1: positions of the draws in the cumulative
            distribution.
        supports: int64[terms], the qubits whose outcomes each term multiplies.
        coefficients: float64[terms].
    """
    turned = in_basis(state, x, y)
    weights = turned.real**2 + turned.imag**2
    total = 0.0
    for weight in weights:
        total += weight
    values = np.empty(len(places), np.float64)
    outcome, running, known, value = 0, weights[0], -1, 0.0
    for shot in range(len(places)):
        while running <= places[shot] * total and running < total:
            outcome += 1
            running += weights[outcome]
        if outcome != known:
            known, value = outcome, 0.0
            for term in range(len(supports)):
                value += coefficients[term] * (1 - 2 * parity(outcome & supports[term]))
        values[shot] = value
    return values
