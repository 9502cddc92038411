"""Basis states of active qubits as outcomes of the whole circuit: arrays, counts and packed bits."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novacron.arrays import Array
from shared.circuits.record import CircuitRecord
from workers.quantum.backends.narrow import Narrow
from workers.quantum.simulation.circuits.readout import readout
from workers.quantum.simulation.ir.program import Complex, Float

Bits = NDArray[np.uint8]


class Outcomes:
    """Conversion of results of a narrowed circuit to those of the whole circuit.

    Args:
        record: the whole circuit.
        narrow: the circuit on its active qubits.
    """

    def __init__(self, record: CircuitRecord, narrow: Narrow) -> None:
        ends = readout(narrow.record)
        every = ends.measured == "all qubits"
        self.width = record.n_qubits if every else ends.width
        self._n_qubits, self._narrow, self._active = record.n_qubits, narrow, narrow.active
        self._qubits = np.array(ends.qubits, dtype=np.int64)
        self._places = np.array(narrow.active if every else ends.places, dtype=np.int64)

    def states(self, states: Complex) -> Complex:
        """Return states of all qubits, complex128[*P, 2^n]; idle qubits are |0>."""
        n_active = len(self._active)
        if n_active == self._n_qubits:
            return states
        whole = np.zeros((*states.shape[:-1], 1 << self._n_qubits), dtype=np.complex128)
        shifts = [self._n_qubits - 1 - qubit for qubit in self._active]
        whole[..., _moved(np.arange(1 << n_active), range(n_active), shifts, n_active)] = states
        return whole

    def probabilities(self, probabilities: Float) -> Float:
        """Return the probabilities of the outcomes, float64[*P, 2^width], from those of the basis states."""
        codes = self._codes(np.arange(probabilities.shape[-1]))
        grid = probabilities.shape[:-1]
        rows = probabilities.reshape(-1, probabilities.shape[-1])
        found = np.array([np.bincount(codes, row, 1 << self.width) for row in rows])
        return found.reshape(*grid, 1 << self.width)

    def _codes(self, basis: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the outcome of each basis state; character 0 is the most significant bit."""
        shifts = [self.width - 1 - int(place) for place in self._places]
        return _moved(basis, self._qubits.tolist(), shifts, len(self._active))

    def listed(self, distributions: NDArray[Any], seed: int) -> Float:
        """Return the probabilities of the outcomes, float64[*P, 2^width], from outcome strings."""
        found = np.zeros((distributions.size, 1 << self.width))
        for row, distribution in zip(found, distributions.flat, strict=True):
            whole = self._narrow.widened({"probabilities": distribution}, seed)["probabilities"]
            for outcome, probability in whole.items():
                row[int(outcome, 2) if outcome else 0] = probability
        return found.reshape(*distributions.shape, 1 << self.width)

    def sampled(self, samples: NDArray[np.int64], wanted: Container[str]) -> dict[str, Any]:
        """Return `counts` and `bits` from basis states int64[*P, shots], in shot order."""
        grid, shots = samples.shape[:-1], samples.shape[-1]
        rows = samples.reshape(-1, shots)
        found: dict[str, Any] = {"measured_bits": self.width}
        if "counts" in wanted:
            found["counts"] = _nested([self._counts(row) for row in rows], grid)
        if "bits" in wanted:
            found["bits"] = _packed(np.array([self._rows(row) for row in rows]), grid)
        return found

    def _counts(self, samples: NDArray[np.int64]) -> dict[str, int]:
        basis, times = np.unique(samples, return_counts=True)
        found: dict[str, int] = {}
        for row, n in zip(self._rows(basis), times.tolist(), strict=True):
            outcome = (row + ord("0")).tobytes().decode()
            found[outcome] = found.get(outcome, 0) + n
        return dict(sorted(found.items()))

    def _rows(self, basis: NDArray[np.int64]) -> Bits:
        """Return outcomes uint8[n, width]."""
        rows = np.zeros((len(basis), self.width), dtype=np.uint8)
        rows[:, self._places] = basis[:, None] >> (len(self._active) - 1 - self._qubits) & 1
        return rows

    def counted(self, counts: NDArray[Any], seed: int, wanted: Container[str]) -> dict[str, Any]:
        """Return `counts` and `bits` from counts by outcome string.

        Shots are exchangeable, so that their order is drawn: a random permutation has the distribution of the
        order in which they were measured.
        """
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 1])))
        whole = [self._narrow.widened({"counts": one}, seed)["counts"] for one in counts.flat]
        found: dict[str, Any] = {"measured_bits": self.width}
        if "counts" in wanted:
            found["counts"] = _nested([dict(one) for one in whole], counts.shape)
        if "bits" in wanted:
            rows = [_outcomes(one, self.width) for one in whole]
            found["bits"] = _packed(np.array([rng.permutation(one, axis=0) for one in rows]), counts.shape)
        return found


def _outcomes(counts: Any, width: int) -> Bits:
    """Return one row per shot, uint8[shots, width]."""
    rows = np.frombuffer("".join(counts).encode(), dtype=np.uint8).reshape(len(counts), width) - ord("0")
    return np.repeat(rows, [*counts.values()], axis=0)


def _moved(basis: NDArray[np.int64], qubits: Any, shifts: list[int], n_qubits: int) -> NDArray[np.int64]:
    """Return the numbers whose bit shifts[k] is the value of qubits[k] in the basis states."""
    found = np.zeros_like(basis)
    for qubit, shift in zip(qubits, shifts, strict=True):
        found |= (basis >> (n_qubits - 1 - qubit) & 1) << shift
    return found


def _nested(items: list[Any], shape: tuple[int, ...]) -> Any:
    if not shape:
        return items[0]
    if len(shape) == 1:
        return items
    step = len(items) // shape[0]
    return [_nested(items[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0])]


def _packed(rows: Bits, grid: tuple[int, ...]) -> Any:
    """Return outcomes uint8[points, shots, width] as an array of packed bits, [*grid, shots, bytes]."""
    packed = np.packbits(rows, axis=-1)
    return Array("uint8", (*grid, *packed.shape[1:]), packed.tobytes()).to_json()
