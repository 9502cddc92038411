"""The lowest eigenvalues of a Hamiltonian: the reference for variational results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from novacron.json_types import JsonObject
from workers.quantum.classical import given, sector
from workers.quantum.hamiltonians import hamiltonian
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.runtime.outcome import UserError

Float = NDArray[np.float64]

# Maximum dimension for which dense diagonalization is as fast as a few Lanczos eigenvalues.
_DENSE = 1024
# The same for a single eigenvalue.
_FEW = 256
# Seed of the start vector: random, so that no symmetry hides an eigenvector from it, but fixed.
_START = 20260101
# Lanczos vectors beyond twice the number of eigenvalues.
_SPARE = 20
# Relative tolerance of residuals; eigenvalues are accurate to its square.
_TOLERANCE = 1e-10
# Eigenvalues this close, relative to their magnitude, are degenerate.
_TIE = 1e-10


class Arguments(TypedDict):
    """Arguments of the function, defaults filled in: `shared.functions`."""

    hamiltonian: JsonObject
    k: int
    n_electrons: int | None
    two_sz: int | None
    sector: Literal["declared", "all"]


class Spectrum(TypedDict):
    """Return value of `run`."""

    eigenvalues: list[float]
    n_qubits: int
    n_electrons: int | None
    two_sz: int | None
    dimension: int
    method: Literal["dense", "lanczos"]
    residual: float


def run(arguments: Arguments, seed: int, checkpoint: Callable[[], None]) -> Spectrum:
    """Return the k lowest eigenvalues, with multiplicity; the seed is unused.

    They are those of `n_electrons` with `two_sz`, if given; else of the electrons and spin that the
    Hamiltonian declares; else, and with `sector: all`, of all states.

    Returns:
        `eigenvalues` ascending, `n_qubits`, `n_electrons` and `two_sz` of the sector (None for any),
        `dimension` of the searched space, `method` (dense or lanczos), and `residual`, the largest
        |H v - E v| (0 for dense).

    Raises:
        UserError: for an invalid Hamiltonian, k above the dimension, a sector that is empty or not conserved,
            or a matrix too large.
    """
    known = hamiltonian(given.hamiltonian(arguments["hamiltonian"])).jordan_wigner()
    operator, k = known.operator, arguments["k"]
    n_electrons, two_sz = _sector(arguments, known)
    sector.check_size(operator, n_electrons)
    states = sector.basis(operator.n_qubits, n_electrons, two_sz)
    if k > len(states):
        raise UserError(f"arguments.k = {k}: there are {len(states)} states in this sector")
    matrix = sector.matrix(operator, states, checkpoint)
    dense = len(states) <= max(_DENSE, 2 * (k + _SPARE))
    values, residual = _dense(matrix, k) if dense else _lanczos(matrix, k, checkpoint)
    return {
        "eigenvalues": values.tolist(),
        "n_qubits": operator.n_qubits,
        "n_electrons": n_electrons,
        "two_sz": two_sz,
        "dimension": len(states),
        "method": "dense" if dense else "lanczos",
        "residual": residual,
    }


def lowest(matrix: Any, checkpoint: Callable[[], None]) -> float:
    """Return the lowest eigenvalue of a Hermitian sparse matrix."""
    values = _dense(matrix, 1)[0] if matrix.shape[0] <= _FEW else _lanczos(matrix, 1, checkpoint)[0]
    return float(values[0])


def _sector(arguments: Arguments, known: Hamiltonian) -> tuple[int | None, int | None]:
    """Return the particle number and spin of the sector, None for any."""
    n_electrons, two_sz = arguments["n_electrons"], arguments["two_sz"]
    if n_electrons is not None or arguments["sector"] == "all":
        return n_electrons, two_sz
    return known.n_electrons, known.two_sz if two_sz is None else two_sz


def _dense(matrix: Any, k: int) -> tuple[Float, float]:
    return np.linalg.eigvalsh(matrix.toarray())[:k], 0.0


def _lanczos(matrix: Any, k: int, checkpoint: Callable[[], None]) -> tuple[Float, float]:
    """Return the k lowest eigenvalues and the largest residual.

    One Krylov space contains one vector of each eigenspace; further copies appear only through rounding, if
    at all. Therefore found eigenvectors are shifted to the top of the spectrum and the search is repeated
    until nothing below the k-th appears.
    """
    values, vectors = _lowest(matrix, k, np.empty((matrix.shape[0], 0)), checkpoint)
    while k > 1:
        more, others = _lowest(matrix, k, vectors, checkpoint)
        missed = more < values[k - 1] - _TIE * max(1.0, abs(values[k - 1]))
        if not missed.any():
            break
        values, vectors = np.append(values, more[missed]), np.hstack([vectors, others[:, missed]])
        order = np.argsort(values)
        values, vectors = values[order], vectors[:, order]
    values, vectors = values[:k], vectors[:, :k]
    residuals = np.linalg.norm(matrix @ vectors - vectors * values, axis=0)
    return values, float(np.max(residuals))


def _lowest(matrix: Any, k: int, known: Any, checkpoint: Callable[[], None]) -> tuple[Float, Any]:
    """Return the k lowest eigenpairs, ascending, of the matrix with the known eigenvectors shifted away.

    Source: Lehoucq, Sorensen and Yang, ARPACK Users' Guide, SIAM 1998 (implicitly restarted Lanczos).
    """
    from scipy.sparse.linalg import LinearOperator, eigsh

    top = float(np.max(abs(matrix).sum(axis=1)))

    def product(vector: Any) -> Any:
        checkpoint()
        inside = known @ (known.conj().T @ vector)
        rest = matrix @ (vector - inside)
        return rest - known @ (known.conj().T @ rest) + top * inside

    rng = np.random.Generator(np.random.PCG64([_START, known.shape[1]]))
    start = rng.standard_normal(matrix.shape[0]).astype(matrix.dtype)
    operator = LinearOperator(matrix.shape, matvec=product, dtype=matrix.dtype)
    values, vectors = eigsh(operator, k=k, which="SA", v0=start, ncv=2 * k + _SPARE, tol=_TOLERANCE, rng=rng)
    order = np.argsort(values)
    return values[order], vectors[:, order]
