"""Zero-noise extrapolation: repeated two-qubit gates, and fits to the values at several noise scales.

Sources: Temme, Bravyi, Gambetta, Phys. Rev. Lett. 119, 180509 (2017); gate folding, Giurgica-Tiron et al.,
IEEE QCE 2020, section II; exponential fits, Endo, Benjamin, Li, Phys. Rev. X 8, 031027 (2018), section IV.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from shared.circuits.instruction import Barrier, Gate, Instruction, Unitary
from shared.circuits.qasm3.modifier import inverse
from workers.quantum.mitigation.isa import Isa
from workers.quantum.simulation.ir.program import Float


def folded(isa: Isa, scale: int) -> Isa:
    """Return the circuit with each two-qubit gate G replaced by G (G^ G)^k, scale = 2 k + 1.

    Barriers keep a provider's compiler from cancelling the pairs.
    """
    return isa if scale == 1 else isa.with_gates(tuple(_folded(isa.record.instructions, scale)))


def _folded(instructions: Sequence[Instruction], scale: int) -> Iterator[Instruction]:
    for item in instructions:
        yield item
        if isinstance(item, Gate | Unitary) and len(item.qubits) == 2:
            (back,) = inverse([item])
            for _ in range(scale // 2):
                yield from (Barrier(item.qubits), back, Barrier(item.qubits), item)


def extrapolated(scales: Sequence[int], values: Sequence[Float], fit: str, asymptote: Float) -> Float:
    """Return the values at zero noise.

    Args:
        scales: the noise scales.
        values: arrays of one shape, one for each scale.
        fit: `linear` (least squares), `richardson` (the polynomial through all) or `exponential` (least
            squares of the logarithm of the distance from the asymptote).
        asymptote: value at infinite noise, tr(O)/2^n for depolarizing noise; broadcasts with the values.

    Where a value has crossed the asymptote no exponential fits: there the fit is linear.
    """
    x = np.array(scales, dtype=np.float64)
    table = np.stack([np.broadcast_to(one, np.shape(values[0])) for one in values])
    flat = table.reshape(len(x), -1)
    if fit == "richardson":
        return _at_zero(x, flat, len(x) - 1).reshape(table.shape[1:])
    linear = _at_zero(x, flat, 1).reshape(table.shape[1:])
    if fit == "linear":
        return linear
    distance = table - asymptote
    sign = np.sign(distance[0])
    decays = np.all(distance * sign > 0, axis=0)
    logs = np.log(np.where(decays, distance * sign, 1.0)).reshape(len(x), -1)
    grown = np.exp(_at_zero(x, logs, 1)).reshape(table.shape[1:])
    return np.where(decays, asymptote + sign * grown, linear)


def _at_zero(x: Float, rows: Float, degree: int) -> Float:
    """Return the value at 0 of the least-squares polynomial through each column of rows[len(x), columns]."""
    found: Float = np.linalg.pinv(np.vander(x, degree + 1, increasing=True))[0] @ rows
    return found
