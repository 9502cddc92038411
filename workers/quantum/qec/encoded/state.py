"""An arbitrary logical state of distance 3 as a state vector: encode, extract the syndrome, correct.

17 qubits: 9 of data, numbered by row, then 8 auxiliary ones in the order of the plaquettes. The outcome of
plaquette k is classical bit k.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from shared.circuits.instruction import Gate, If, Instruction, Measure
from shared.circuits.record import CircuitRecord
from shared.quantum.wants import Want
from workers.quantum import backends
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.immediate import answers
from workers.quantum.qec.encoded.patch import Basis, block, opposite

PATCH = block(3, 0, 0)
DATA = {at: number for number, at in enumerate(PATCH.data)}
N_QUBITS = len(DATA) + len(PATCH.plaquettes)


@dataclass(frozen=True, slots=True)
class Corrected:
    """A state after one error and its correction.

    Attributes:
        syndrome: outcome of each plaquette, 1 where its stabilizer is -1.
        fidelity: with the encoded state.
    """

    syndrome: str
    fidelity: float


def corrected(theta: float, phi: float, error: Sequence[Gate] = ()) -> Corrected:
    """Encode a state, apply an error to its data qubits, extract the syndrome and correct it.

    Args:
        theta: of the state cos(theta/2) |0> + exp(i phi) sin(theta/2) |1>.
        phi: its phase.
        error: gates that make one Pauli string, so that the syndrome is certain.
    """
    prepared = [*encoding(theta, phi)]
    undone = [*_inverse(prepared)]
    steps = [*prepared, *error, *extraction(), *correction(), *undone]
    ends = [Measure(qubit, len(PATCH.plaquettes) + qubit) for qubit in DATA.values()]
    record = CircuitRecord(N_QUBITS, (), (("syndrome", 8), ("data", 9)), (*steps, *ends))
    batch = Batch((Pub(record),), frozenset({Want.DISTRIBUTION}))
    (answer,) = answers(backends.load("statevector"), batch)
    assert answer.distributions is not None
    outcomes: dict[str, float] = answer.distributions.item()
    (syndrome,) = {outcome[:8] for outcome in outcomes}
    return Corrected(syndrome, outcomes.get(syndrome + 9 * "0", 0.0))


def encoding(theta: float, phi: float) -> Iterator[Gate]:
    """Yield gates that encode a qubit: the state, logical X on its |1>, then each X stabilizer."""
    middle = DATA[PATCH.middle]
    yield Gate("u", (middle,), (theta, phi, 0.0))
    column = [DATA[at] for at in PATCH.logical("X")]
    yield from (Gate("cx", (middle, qubit)) for qubit in column if qubit != middle)
    supports = [_support(at) for at, basis in PATCH.plaquettes.items() if basis == "X"]
    for support in supports:
        # A qubit of no other X stabilizer and not of logical X is still in |0>.
        pivot = next(q for q in support if q not in column and sum(q in one for one in supports) == 1)
        yield Gate("h", (pivot,))
        yield from (Gate("cx", (pivot, qubit)) for qubit in support if qubit != pivot)


def _inverse(gates: Sequence[Gate]) -> Iterator[Gate]:
    """Yield the inverse of an encoding."""
    for gate in reversed(gates):
        theta, phi, _ = gate.params or (0.0, 0.0, 0.0)
        assert isinstance(theta, float) and isinstance(phi, float)
        yield Gate("u", gate.qubits, (-theta, 0.0, -phi)) if gate.name == "u" else gate


def extraction() -> Iterator[Instruction]:
    """Yield one round of syndrome extraction."""
    for bit, (at, basis) in enumerate(PATCH.plaquettes.items()):
        own = len(DATA) + bit
        if basis == "X":
            yield Gate("h", (own,))
        yield from (Gate("cx", (own, q) if basis == "X" else (q, own)) for q in _support(at))
        if basis == "X":
            yield Gate("h", (own,))
        yield Measure(own, bit)


def correction() -> Iterator[If]:
    """Yield the Pauli gates of least weight for each syndrome, on condition of its bits."""
    for basis in ("X", "Z"):
        bits = tuple(bit for bit, its in enumerate(PATCH.plaquettes.values()) if its == opposite(basis))
        for value, qubits in _least(basis).items():
            if qubits:
                yield If(bits, value, tuple(Gate(basis.lower(), (qubit,)) for qubit in qubits))


def _least(basis: Basis) -> dict[int, tuple[int, ...]]:
    """Return the qubits of the lightest errors of a type, by the value of the bits that they flip."""
    detecting = [_support(at) for at, its in PATCH.plaquettes.items() if its == opposite(basis)]
    found: dict[int, tuple[int, ...]] = {}
    for weight in range(len(DATA) + 1):
        for qubits in combinations(DATA.values(), weight):
            flipped = [len(set(one).intersection(qubits)) % 2 for one in detecting]
            found.setdefault(sum(bit << place for place, bit in enumerate(flipped)), qubits)
        if len(found) == 1 << len(detecting):
            break
    return found


def _support(plaquette: tuple[int, int]) -> list[int]:
    return [DATA[at] for at in PATCH.support(plaquette) if at is not None]
