"""Converts Pauli sums over encoded fermions to Jordan-Wigner with interleaved spins.

A mapping that stores sums of occupations is Jordan-Wigner followed by CNOTs: it maps |n> to |B n>, so that
X^x Z^z becomes X^(B^-1 x) Z^(B^T z). Another order of the spin orbitals is a permutation with a sign for each
pair of exchanged fermions.

Source: Seeley, Richard, Love, J. Chem. Phys. 137, 224109 (2012), section III.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from novacron.inputs.encoding import Encoding
from workers.quantum.simulation.ir.pauli import PauliSum

Masks = NDArray[np.int64]


def to_jordan_wigner(operator: PauliSum, encoding: Encoding) -> PauliSum:
    """Return the operator with one qubit per spin orbital, spins interleaved, and as many terms."""
    x, z = operator.x_masks, operator.z_masks
    values = operator.coefficients * _phases(x & z, 1)
    x, z = _placed(x, z, encoding)
    x, z, signs = _interleaved(x, z, encoding)
    # Real coefficients of Hermitian strings stay real.
    coefficients = np.ascontiguousarray((values * signs * _phases(x & z, -1)).real)
    return PauliSum(operator.n_qubits, x, z, coefficients)


def _phases(ys: Masks, direction: int) -> NDArray[np.complex128]:
    """Return i^(direction * number of Y): the factor between a string and X^x Z^z."""
    return np.array([1, 1j, -1, -1j])[(direction * np.bitwise_count(ys).astype(np.int64)) % 4]


def _placed(x: Masks, z: Masks, encoding: Encoding) -> tuple[Masks, Masks]:
    """Return the masks with one occupation per qubit."""
    n = encoding.n_qubits
    summed = [encoding.summed(place) for place in range(n)]
    flipped = [_mask((k for k in range(n) if q in summed[k]), n) for q in range(n)]
    stored = [_mask(encoding.stored(q), n) for q in range(n)]
    return _combined(x, flipped, n), _combined(z, stored, n)


def _interleaved(x: Masks, z: Masks, encoding: Encoding) -> tuple[Masks, Masks, NDArray[np.int64]]:
    """Return the masks with the spins interleaved, and the signs of exchanged fermions."""
    n, places = encoding.n_qubits, encoding.places()
    bit = [1 << (n - 1 - place) for place in range(n)]
    signs = np.ones(len(x), dtype=np.int64)
    turned = z.copy()
    for j in range(n):
        for k in range(j + 1, n):
            if places[j] > places[k]:
                has_j, has_k = (x & bit[places[j]]) != 0, (x & bit[places[k]]) != 0
                signs[has_j & has_k] *= -1
                turned ^= np.where(has_k, bit[places[j]], 0) ^ np.where(has_j, bit[places[k]], 0)
    orbital = [0] * n
    for j, place in enumerate(places):
        orbital[place] = bit[j]
    return _combined(x, orbital, n), _combined(turned, orbital, n), signs


def _combined(masks: Masks, images: list[int], n: int) -> Masks:
    """Return the sum modulo 2 of the images of each mask's bits, images[q] being that of qubit q."""
    result = np.zeros_like(masks)
    for q, image in enumerate(images):
        result ^= np.where(masks >> (n - 1 - q) & 1, image, 0)
    return result


def _mask(qubits: Iterable[int], n: int) -> int:
    return sum(1 << (n - 1 - q) for q in qubits)
