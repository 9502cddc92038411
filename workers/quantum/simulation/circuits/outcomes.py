"""Measured outcomes of states: exact distributions and samples, as bit strings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.ir.program import Complex, Float
from workers.quantum.simulation.ir.refusal import CircuitError

REPORTED = 1e-14
MAX_OUTCOMES = 1 << 20
MAX_CHARACTERS = 1 << 26


class OutcomeLimitError(CircuitError):
    """More distinct outcomes than can be listed."""


def check_size(n_outcomes: int, width: int, cure: str) -> None:
    """Reject more outcomes than can be listed.

    Raises:
        OutcomeLimitError: More than 2^20 outcomes, or 2^26 characters of them.
    """
    if not fits(n_outcomes, width):
        raise too_many(cure)


def fits(n_outcomes: int, width: int) -> bool:
    """Return whether this many outcomes of a width can be listed."""
    return n_outcomes <= min(MAX_OUTCOMES, MAX_CHARACTERS // max(1, width))


def too_many(cure: str) -> OutcomeLimitError:
    """Return the error for more outcomes than can be listed."""
    most = f"{MAX_OUTCOMES:,} different outcomes, or {MAX_CHARACTERS:,} characters of them"
    return OutcomeLimitError(f"there are more than {most}, the most listed; {cure}")


FEWER_SHOTS = "ask for fewer shots, or measure fewer qubits"
SHOTS = "ask for shots, or measure fewer qubits"


class Distribution:
    """Outcomes accumulated in parts, each with its own classical bits beside those read out at the end.

    Args:
        places: Position in the outcome string of each bit read out, most significant first.
    """

    def __init__(self, places: Sequence[int]) -> None:
        self._places = places
        self._parts: list[tuple[NDArray[np.uint8], NDArray[np.intp], Float]] = []

    def add(self, bits: NDArray[np.uint8], chances: Float) -> None:
        """Add a part.

        Args:
            bits: uint8[width], the values of all other bits.
            chances: float64[2^k], weights of the read-out values.
        """
        indices = np.flatnonzero(chances > REPORTED)
        self._parts.append((bits, indices, chances[indices]))

    def probabilities(self) -> dict[str, float]:
        """Return the probabilities of the outcomes above 1e-14, by outcome string ascending.

        Raises:
            OutcomeLimitError: More than 2^20 outcomes.
        """
        for width in {len(bits) for bits, _, _ in self._parts}:
            check_size(sum(len(indices) for _, indices, _ in self._parts), width, SHOTS)
        found: defaultdict[str, float] = defaultdict(float)
        for bits, indices, chances in self._parts:
            outcomes = strings(indices, bits, self._places)
            for outcome, chance in zip(outcomes, chances.tolist(), strict=True):
                found[outcome] += chance
        total = sum(found.values())
        return {outcome: found[outcome] / total for outcome in sorted(found)}

    def counts(self, shots: int, seed: int) -> dict[str, int]:
        """Return the counts in `shots` draws, by outcome string ascending; a seed determines all.

        Raises:
            OutcomeLimitError: More than 2^20 distinct outcomes were drawn.
        """
        rng = generator(seed)
        found = Counts(self._places)
        weights = np.array([chances.sum() for _, _, chances in self._parts])
        for (bits, indices, chances), part in zip(
            self._parts, rng.multinomial(shots, weights / weights.sum()), strict=True
        ):
            seen, times = draw(chances, int(part), rng)
            found.add(bits, indices[seen], times)
        return found.sorted()


class Counts:
    """Outcome counts, accumulated in parts as in `Distribution`."""

    def __init__(self, places: Sequence[int]) -> None:
        self._places = places
        self._found: defaultdict[str, int] = defaultdict(int)

    def add(self, bits: NDArray[np.uint8], indices: NDArray[np.intp], times: NDArray[np.int64]) -> None:
        """Add the outcomes of a part.

        Raises:
            OutcomeLimitError: More than 2^20 distinct outcomes were drawn.
        """
        check_size(len(self._found) + len(indices), len(bits), FEWER_SHOTS)
        for outcome, number in zip(strings(indices, bits, self._places), times.tolist(), strict=True):
            self._found[outcome] += number

    def sorted(self) -> dict[str, int]:
        """Return the counts by outcome string, ascending."""
        return {outcome: self._found[outcome] for outcome in sorted(self._found)}


def generator(seed: int) -> np.random.Generator:
    """Return the generator that a job's samples are drawn from."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed])))


def marginal(state: Complex, qubits: Sequence[int]) -> Float:
    """Return the probabilities of the values of some qubits.

    Args:
        state: complex128[2^n].
        qubits: k distinct qubits; the first is the most significant bit of the result's index.

    Returns:
        float64[2^k].
    """
    n_qubits = int(state.size).bit_length() - 1
    squares = (state.real**2 + state.imag**2).reshape([2] * n_qubits)
    summed = squares.sum(axis=tuple(q for q in range(n_qubits) if q not in set(qubits)))
    order = [sorted(qubits).index(qubit) for qubit in qubits]
    return np.asarray(summed.transpose(order).reshape(-1), dtype=np.float64)


def draw(
    probabilities: Float, shots: int, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Draw from a distribution over indices.

    Returns:
        The indices drawn at least once, ascending, and their counts; uses no more memory than the
        distribution.
    """
    # The multinomial assigns rounding residues to its last entry, which therefore must be possible.
    possible = np.flatnonzero(probabilities > REPORTED)
    chances = probabilities[possible]
    counts = rng.multinomial(shots, chances / chances.sum())
    seen = np.flatnonzero(counts)
    return possible[seen], counts[seen]


def strings(indices: NDArray[np.intp], bits: NDArray[np.uint8], places: Sequence[int]) -> list[str]:
    """Return outcome strings: the given bits, with the digits of each index at some positions.

    Args:
        indices: Values of len(places) binary digits.
        bits: uint8[n_bits], the values of all other bits.
        places: Position of each digit, most significant first.
    """
    table = np.repeat(bits[None, :], len(indices), axis=0)
    for digit, position in enumerate(places):
        shift = len(places) - 1 - digit
        table[:, position] = indices >> shift & 1
    return texts(table)


def texts(table: NDArray[np.uint8]) -> list[str]:
    """Return the rows of uint8[rows, width], values 0 and 1, as strings of digits."""
    width = table.shape[1]
    text = (table + np.uint8(ord("0"))).tobytes().decode("ascii")
    return [text[row * width : (row + 1) * width] for row in range(len(table))]
