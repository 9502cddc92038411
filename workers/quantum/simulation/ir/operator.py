"""A Pauli sum prepared to act on whole state vectors, one pass per X mask.

Source: the strings with one X mask are one permutation of the amplitudes times one diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.ir.program import Complex, Float

if TYPE_CHECKING:
    from workers.quantum.simulation.ir.pauli import PauliSum

Table: TypeAlias = Float | Complex | float
LOW_BITS = 12
TABLE_LIMIT = 1 << 29
SIGNS = 1 << 16
"""Maximum number of signs of terms on basis states computed at once."""
SPARSE = 8
"""If at most one in this many amplitudes is non-zero, the others are skipped."""


def parity_signs(size: int, mask: int) -> Float:
    """Return (-1)^(number of set bits in index & mask), float64[size]."""
    parity = np.bitwise_count(np.arange(size, dtype=np.int64) & mask) & 1
    return np.asarray(1.0 - 2.0 * parity, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Flip:
    """The permutation index -> index ^ mask of 2^n amplitudes, split into high and low bits."""

    low_size: int
    high: NDArray[np.int64] | None
    low: NDArray[np.int64] | None

    @classmethod
    def of(cls, n_qubits: int, mask: int) -> Flip:
        """Return the permutation for one X mask."""
        low_size = 1 << min(n_qubits, LOW_BITS)
        high_mask, low_mask = mask // low_size, mask % low_size
        n_high = (1 << n_qubits) // low_size
        return cls(
            low_size,
            np.arange(n_high) ^ high_mask if high_mask else None,
            np.arange(low_size) ^ low_mask if low_mask else None,
        )

    def apply(self, states: Complex) -> Complex:
        """Return the permuted amplitudes of states complex128[..., 2^n]; the same array if nothing moves."""
        rows = states.reshape(-1, states.shape[-1] // self.low_size, self.low_size)
        if self.high is not None:
            rows = rows[:, self.high]
        if self.low is not None:
            rows = np.take(rows, self.low, axis=-1)
        return rows.reshape(states.shape)


@dataclass(frozen=True, eq=False)
class PauliAction:
    """One Pauli string on whole states, with tables of about the square root of their size."""

    flip: Flip
    phase: complex
    high_signs: Float
    low_signs: Float

    @classmethod
    def of(cls, n_qubits: int, x: int, z: int) -> PauliAction:
        """Return the string with these masks."""
        flip = Flip.of(n_qubits, x)
        n_high = (1 << n_qubits) // flip.low_size
        # The sign is applied after the flip: (-1)^|(i^x)&z| = (-1)^|x&z| (-1)^|i&z|.
        n_y = (x & z).bit_count()
        return cls(
            flip,
            (1, -1j, -1, 1j)[n_y % 4],
            parity_signs(n_high, z // flip.low_size),
            parity_signs(flip.low_size, z % flip.low_size),
        )

    def apply(self, states: Complex) -> Complex:
        """Return P applied to states complex128[..., 2^n], as a new array."""
        moved = self.flip.apply(states)
        rows = moved.reshape(-1, len(self.high_signs), len(self.low_signs))
        result = rows * (self.phase * self.low_signs)
        if len(self.high_signs) > 1:
            result *= self.high_signs[:, None]
        return result.reshape(states.shape)


class Operator:
    """A Pauli sum on whole states; tables beyond `TABLE_LIMIT` bytes are recomputed at every use."""

    def __init__(self, pauli_sum: PauliSum) -> None:
        self.n_qubits = pauli_sum.n_qubits
        self._sum = pauli_sum
        self._groups: list[tuple[int, Flip, Table | None]] = []
        kept = 0
        for mask in sorted(set(pauli_sum.x_masks.tolist())):
            kept += _group_bytes(pauli_sum, mask)
            table = _coefficients(pauli_sum, mask) if kept <= TABLE_LIMIT else None
            self._groups.append((mask, Flip.of(self.n_qubits, mask), table))

    def apply(self, states: Complex) -> Complex:
        """Return H applied to states complex128[..., 2^n], as a new array."""
        result = np.zeros_like(states)
        for mask, flip, table in self._groups:
            coefficients = _coefficients(self._sum, mask) if table is None else table
            result += coefficients * flip.apply(states)
        return result


def elements(pauli_sum: PauliSum, flip: int, states: NDArray[np.int64]) -> Complex:
    """Return <b ^ flip| H |b> for basis states b, complex128[states]; Y = iXZ gives a factor i per Y."""
    chosen = pauli_sum.x_masks == flip
    zs = pauli_sum.z_masks[chosen]
    weights = pauli_sum.coefficients[chosen] * np.array([1, 1j, -1, -1j])[np.bitwise_count(zs & flip) % 4]
    found = np.zeros(len(states), dtype=np.complex128)
    step = max(1, SIGNS // max(1, len(zs)))
    for first in range(0, len(states), step):
        part = slice(first, first + step)
        signs = 1.0 - 2.0 * (np.bitwise_count(states[part, None] & zs) & 1)
        found[part].real = signs @ weights.real
        if weights.imag.any():
            found[part].imag = signs @ weights.imag
    return found


def image(pauli_sum: PauliSum, state: Complex) -> Complex:
    """Return H applied to one state complex128[2^n], as a new array; fast if few amplitudes are non-zero."""
    support = np.flatnonzero(state)
    if len(support) * SPARSE > len(state):
        return pauli_sum.apply(state)
    result = np.zeros_like(state)
    for flip in np.unique(pauli_sum.x_masks).tolist():
        result[support ^ flip] += elements(pauli_sum, flip, support) * state[support]
    return result


def table_bytes(pauli_sum: PauliSum) -> int:
    """Return the size in bytes of the tables of an `Operator`, plus one under construction."""
    sizes = [_group_bytes(pauli_sum, mask) for mask in set(pauli_sum.x_masks.tolist())]
    return min(sum(sizes), TABLE_LIMIT) + max(sizes, default=0)


def diagonal(pauli_sum: PauliSum) -> Float:
    """Return the part made of I and Z on the basis states, float64[2^n]."""
    chosen = pauli_sum.x_masks == 0
    return _signed_sum(1 << pauli_sum.n_qubits, pauli_sum.z_masks[chosen], pauli_sum.coefficients[chosen])


def _group_bytes(pauli_sum: PauliSum, mask: int) -> int:
    zs = pauli_sum.z_masks[pauli_sum.x_masks == mask]
    if not zs.any():
        return 0
    odd = bool((np.bitwise_count(zs & mask) & 1).any())
    return (1 << pauli_sum.n_qubits) * (16 if odd else 8)


def _coefficients(pauli_sum: PauliSum, mask: int) -> Table:
    """Return one group's diagonal: float64 or complex128[2^n], or one number if it is constant."""
    chosen = pauli_sum.x_masks == mask
    zs, values = pauli_sum.z_masks[chosen], pauli_sum.coefficients[chosen]
    if not zs.any():
        return float(values.sum())
    n_y = np.bitwise_count(zs & mask).astype(np.int64)
    size = 1 << pauli_sum.n_qubits
    real = _signed_sum(size, zs[n_y % 2 == 0], (values * (1 - (n_y & 2)))[n_y % 2 == 0])
    if not (n_y % 2).any():
        return real
    imaginary = _signed_sum(size, zs[n_y % 2 == 1], (-values * (1 - (n_y & 2)))[n_y % 2 == 1])
    return np.asarray(real + 1j * imaginary, dtype=np.complex128)


def _signed_sum(size: int, zs: NDArray[np.int64], values: Float) -> Float:
    low_size = min(size, 1 << LOW_BITS)
    total = np.zeros((size // low_size, low_size))
    for z, value in zip(zs.tolist(), values.tolist(), strict=True):
        high = value * parity_signs(len(total), z // low_size)
        total += high[:, None] * parity_signs(low_size, z % low_size)
    return total.ravel()
