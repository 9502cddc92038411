"""Quantum channels by their Kraus operators.

The first qubit of a channel is the most significant bit of its operators' indices and the first letter of
its Pauli strings. Source: Nielsen and Chuang, Quantum Computation and Quantum Information, 8.3.3 to 8.3.6.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from workers.quantum.simulation.ir.gates import pauli
from workers.quantum.simulation.ir.program import Complex

NEGLIGIBLE = 1e-15


@dataclass(frozen=True, eq=False)
class Channel:
    """A completely positive, trace-preserving map on k qubits.

    Attributes:
        kraus: complex128[m, 2^k, 2^k], with sum K^dagger K the identity.
        paulis: Probability of each Pauli string, including the identity, if it is a Pauli channel.
    """

    kraus: Complex
    paulis: Mapping[str, float] | None = None

    @property
    def n_qubits(self) -> int:
        """Number of qubits it acts on."""
        return int(self.kraus.shape[1]).bit_length() - 1

    @cached_property
    def twirled(self) -> Mapping[str, float]:
        """Probabilities of its Pauli twirl: |tr(P K)|^2/4^k summed over the operators K."""
        if self.paulis is not None:
            return self.paulis
        size = self.kraus.shape[1]
        strings = ("".join(letters) for letters in product("IXYZ", repeat=self.n_qubits))
        overlaps = {
            string: float(np.sum(np.abs(np.einsum("ij,mji->m", pauli(string), self.kraus)) ** 2))
            for string in strings
        }
        return {string: value / size**2 for string, value in overlaps.items() if value > NEGLIGIBLE}


def composed(parts: Sequence[Complex]) -> Channel:
    """Compose channels into one, with at most 4^k operators.

    They are the eigenvectors of the Choi matrix: Choi, Linear Algebra and its Applications 10, 285 (1975).

    Args:
        parts: Kraus operators complex128[m, 2^k, 2^k] of each, in order of application.
    """
    size = parts[0].shape[1]
    whole = parts[0]
    for part in parts[1:]:
        whole = _canonical((part[:, None] @ whole[None]).reshape(-1, size, size))
    return Channel(whole)


def _canonical(kraus: Complex) -> Complex:
    size = kraus.shape[1]
    rows = kraus.reshape(len(kraus), -1)
    weights, vectors = np.linalg.eigh(rows.T @ rows.conj())
    kept = weights > NEGLIGIBLE
    scaled = (np.sqrt(weights[kept]) * vectors[:, kept]).T
    return np.asarray(scaled[::-1].reshape(-1, size, size), dtype=np.complex128)


def pauli_channel(probabilities: Mapping[str, float]) -> Channel:
    """Return the channel of Pauli strings with their probabilities; the identity has the remainder."""
    n_qubits = len(next(iter(probabilities)))
    identity = "I" * n_qubits
    others = {key: p for key, p in probabilities.items() if key != identity and p > 0}
    whole = {identity: max(0.0, 1.0 - math.fsum(others.values())), **others}
    return Channel(np.array([math.sqrt(p) * pauli(key) for key, p in whole.items()]), whole)


def depolarizing(p: float, n_qubits: int) -> Channel:
    """Return the channel (1 - p) rho + p I/2^k."""
    strings = ("".join(letters) for letters in product("IXYZ", repeat=n_qubits))
    return pauli_channel(dict.fromkeys(strings, p / 4**n_qubits))


def phase_damping(lam: float) -> Channel:
    """Return the channel that scales coherences by sqrt(1 - lam): a phase flip with (1 - sqrt(1 - lam))/2."""
    return pauli_channel({"Z": -math.expm1(0.5 * math.log1p(-lam)) / 2 if lam < 1 else 0.5})


def amplitude_damping(gamma: float, excited_population: float = 0.0) -> Channel:
    """Return the decay with probability gamma towards diag(1 - excited_population, excited_population)."""
    kept, gone = math.sqrt(1 - gamma), math.sqrt(gamma)
    down = [[[1, 0], [0, kept]], [[0, gone], [0, 0]]]
    up = [[[kept, 0], [0, 1]], [[0, 0], [gone, 0]]]
    parts = [(1 - excited_population, down), (excited_population, up)]
    kraus = [math.sqrt(weight) * np.array(k) for weight, pair in parts if weight > 0 for k in pair]
    return Channel(np.array(kraus, dtype=np.complex128))


def thermal_relaxation(
    t1_s: float, t2_s: float, duration_s: float, excited_population: float
) -> list[Channel]:
    """Return the decay by exp(-t/T1), then the dephasing that makes the coherence decay by exp(-t/T2)."""
    decay = amplitude_damping(-math.expm1(-duration_s / t1_s), excited_population)
    flip = -math.expm1(duration_s * (0.5 / t1_s - 1 / t2_s)) / 2
    return [decay, pauli_channel({"Z": max(0.0, flip)})]
