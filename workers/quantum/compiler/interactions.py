"""Circuits as sequences of two-qubit interactions: a proof of equality at any width.

A circuit is written as two-qubit unitaries (interactions), followed by a local unitary on each wire and a
permutation of the wires, by moving gates on one qubit and SWAPs to the end. Interactions on the same pair are
multiplied if one of them commutes with all between them. Two circuits are equal if their interactions are, up
to local unitaries, SWAPs and the order of commuting ones. The converse does not hold: equal circuits that
were made in other ways may differ in this form.

Every step changes a circuit by a distance in the operator norm; the distances are added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt

import numpy as np

from shared.circuits.instruction import Barrier, Gate, UnitaryInstruction
from workers.quantum.simulation.ir.program import Complex
from workers.quantum.simulation.statevector.fusion import matrix

CLOSE = 1e-6
"""Distance up to which a step of the rewriting is an equality."""
FARTHEST = 32
"""Interactions on the same wires beyond which no partner is sought."""
SWAP = np.eye(4, dtype=np.complex128)[[0, 2, 1, 3]]
PAULIS = np.array([[1, 0, 0, 1], [0, 1, 1, 0], [0, -1j, 1j, 0], [1, 0, 0, -1]], dtype=np.complex128)
"""Entries of I, X, Y and Z."""
CROSS = np.array([
    [[0, 0, 0], [0, 0, 1], [0, -1, 0]],
    [[0, 0, -1], [0, 0, 0], [1, 0, 0]],
    [[0, 1, 0], [-1, 0, 0], [0, 0, 0]],
], dtype=np.float64)  # fmt: skip
"""Of the cross product: component, left factor, right factor."""
IDENTITY = np.eye(2, dtype=np.complex128)


class NotReducedError(Exception):
    """Two circuits have no common form here; they may be equal all the same."""


@dataclass(frozen=True, eq=False)
class Interaction:
    """A unitary complex128[4, 4] on two wires, the first being the more significant."""

    wires: tuple[int, int]
    unitary: Complex

    @cached_property
    def coefficients(self) -> Complex:
        """Those of the Pauli strings I, X, Y, Z on the first wire and on the second, complex128[4, 4]."""
        found: Complex = PAULIS.conj() @ _realigned(self.unitary) @ PAULIS.conj().T / 4
        return found

    def on(self, wire: int) -> Complex:
        """Return the coefficients of X, Y, Z on one wire for each Pauli operator on the other, [4, 3]."""
        return self.coefficients[:, 1:] if wire == self.wires[1] else self.coefficients[1:].T


@dataclass
class Frames:
    """Local unitaries and a permutation after some interactions.

    Attributes:
        of: wire whose content is at each place, and the unitary that is applied to it; by default the wire
            of the same number and the identity.
    """

    of: dict[int, tuple[int, Complex]] = field(default_factory=dict)

    def at(self, place: int) -> tuple[int, Complex]:
        """Return the wire and the unitary of a place."""
        return self.of.get(place, (place, IDENTITY))

    def inward(self, places: tuple[int, int], unitary: Complex) -> Interaction:
        """Return a unitary after the frames as one before them."""
        (a, left), (b, right) = map(self.at, places)
        local = _product(left, right)
        moved = local.conj().T @ unitary @ local
        return Interaction((a, b), moved) if a < b else Interaction((b, a), SWAP @ moved @ SWAP)

    def turn(self, place: int, unitary: Complex) -> None:
        """Apply a unitary to one place, after all others."""
        wire, before = self.at(place)
        self.of[place] = wire, unitary @ before

    def exchange(self, a: int, b: int) -> None:
        """Exchange the contents of two places, after all else."""
        self.of[a], self.of[b] = self.at(b), self.at(a)

    def after(self, inner: Frames) -> Frames:
        """Return these frames following others, whose places are their wires."""
        if not inner.of:
            return self
        made = {}
        for place in self.of.keys() | inner.of.keys():
            wire, outer = self.at(place)
            first, unitary = inner.at(wire)
            made[place] = first, outer @ unitary
        return Frames(made)


class Form:
    """A circuit as interactions and frames.

    Args:
        gates: on one or two qubits.

    Raises:
        NotReducedError: a gate has more qubits.
    """

    def __init__(self, gates: Iterable[UnitaryInstruction]) -> None:
        self.distance = 0.0
        read, frames = _blocks(gates)
        self.interactions: list[Interaction] = []
        inner = Frames()
        for one in read:
            inner = self._take(inner.inward(one.wires, one.unitary), inner)
        self.frames = frames.after(inner)

    def _take(self, new: Interaction, frames: Frames) -> Frames:
        """Add an interaction; return the frames after it."""
        core, outer = self._split(new)
        frames = frames.after(outer)
        if core is None:
            return frames
        kept, partner = self.interactions, self._partner(core)
        if partner is None:
            kept.append(core)
            return frames
        at, first = partner
        core, outer = self._split(Interaction(core.wires, core.unitary @ kept.pop(first).unitary))
        kept[at:] = [outer.inward(one.wires, one.unitary) for one in kept[at:]]
        if core is not None:
            kept.insert(at, core)
        return frames.after(outer)

    def _split(self, one: Interaction) -> tuple[Interaction | None, Frames]:
        """Return an interaction and frames after it whose product is this one.

        A local unitary has no interaction; others are taken with a SWAP after them or without, whichever is
        nearer to local.
        """
        if (local := _local(one, CLOSE)) is not None:
            self.distance += local[1]
            return None, local[0]
        exchanged = SWAP @ one.unitary
        if _locality(exchanged) <= _locality(one.unitary) + CLOSE:
            return one, Frames()
        a, b = one.wires
        return Interaction(one.wires, exchanged), Frames({a: (b, IDENTITY), b: (a, IDENTITY)})

    def _partner(self, new: Interaction) -> tuple[int, int] | None:
        """Return where an interaction is multiplied with an earlier one, and the place of that, or None."""
        kept, far = self.interactions, 0.0
        passed: list[Interaction] = []
        for place in reversed(range(len(kept))):
            one = kept[place]
            if one.wires == new.wires:
                if far <= CLOSE:
                    self.distance += far
                    return place, place
                forward = sum(_commutator(one, other) for other in passed)
                if forward <= CLOSE:
                    self.distance += forward
                    return len(kept) - 1, place
                return None
            if set(one.wires) & set(new.wires):
                passed.append(one)
                far += _commutator(one, new) if far <= CLOSE else 0.0
                if len(passed) == FARTHEST:
                    break
        return None


def distance(
    source: Iterable[UnitaryInstruction],
    compiled: Iterable[UnitaryInstruction],
    end: Mapping[int, int],
    largest: float,
) -> float:
    """Return an upper bound of the distance of two circuits in the operator norm, up to a global phase.

    Args:
        source: gates on wires.
        compiled: gates on the same wires.
        end: wire at the end of the compiled circuit for each wire of the source; others begin in 0, and must
            end in 0.
        largest: distance up to which two interactions are compared further.

    Raises:
        NotReducedError: they have no common form.
    """
    wanted, found = Form(source), Form(compiled)
    total = wanted.distance + found.distance
    left, frames = wanted.interactions, Frames()
    for one in found.interactions:
        here = frames.inward(one.wires, one.unitary)
        place, moved = _first(left, here.wires)
        rest = Interaction(here.wires, here.unitary @ left.pop(place).unitary.conj().T)
        local = _local(rest, largest)
        if local is None:
            raise NotReducedError
        frames, total = frames.after(local[0]), total + moved + local[1]
    if left:
        raise NotReducedError
    last = found.frames.after(frames)
    for wire, place in end.items():
        (carried, unitary), (known, other) = last.at(place), wanted.frames.at(wire)
        if carried != known:
            raise NotReducedError
        total += _phase_distance(unitary, other)
    for place in last.of.keys() - set(end.values()):
        total += sqrt(2) * abs(last.of[place][1][1, 0])
    return total


def _first(left: list[Interaction], wires: tuple[int, int]) -> tuple[int, float]:
    """Return the first interaction on a pair, and its distance from commuting with all before it."""
    before: list[Interaction] = []
    for place, one in enumerate(left):
        if one.wires == wires:
            far = sum(_commutator(one, other) for other in before)
            if far <= CLOSE:
                return place, far
            break
        if set(one.wires) & set(wires):
            before.append(one)
            if len(before) == FARTHEST:
                break
    raise NotReducedError


def _blocks(gates: Iterable[UnitaryInstruction]) -> tuple[list[Interaction], Frames]:
    """Return consecutive gates on the same pair as one interaction, and the frames after all."""
    found: list[Interaction] = []
    frames, last = Frames(), dict[int, int]()
    for item in gates:
        if isinstance(item, Barrier):
            continue
        match item.qubits:
            case ():
                pass
            case (place,):
                frames.turn(place, matrix(item))
            case (a, b) if isinstance(item, Gate) and item.name == "swap":
                frames.exchange(a, b)
            case (a, b):
                new = frames.inward((a, b), matrix(item))
                at = {last.get(wire, -1) for wire in new.wires}
                if len(at) == 1 and (place := at.pop()) >= 0:
                    found[place] = Interaction(new.wires, new.unitary @ found[place].unitary)
                else:
                    last.update(dict.fromkeys(new.wires, len(found)))
                    found.append(new)
            case _:
                raise NotReducedError
    return found, frames


def _local(one: Interaction, largest: float) -> tuple[Frames, float] | None:
    """Return local unitaries, with a SWAP before them or not, and their distance from an interaction.

    None if the distance is larger than `largest`.
    """
    for swapped in (False, True):
        unitary = one.unitary @ SWAP if swapped else one.unitary
        rows, _, columns = np.linalg.svd(_realigned(unitary))
        left, right = (_unitary(entries.reshape(2, 2)) for entries in (rows[:, 0], columns[0]))
        far = _phase_distance(unitary, _product(left, right))
        if far <= largest:
            a, b = one.wires
            return Frames({a: (b if swapped else a, left), b: (a if swapped else b, right)}), far
    return None


def _realigned(unitary: Complex) -> Complex:
    """Return a unitary on two qubits as a matrix from entries of the second to entries of the first.

    That of a product has rank 1. Source: Van Loan and Pitsianis, Approximation with Kronecker Products, 1993.
    """
    return unitary.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)


def _locality(unitary: Complex) -> float:
    """Return the largest coefficient of the operator Schmidt decomposition, at most 2, that of a product."""
    return float(np.linalg.norm(_realigned(unitary), 2))


def _unitary(near: Complex) -> Complex:
    """Return the unitary that is nearest to a matrix, up to a factor."""
    left, _, right = np.linalg.svd(near)
    nearest: Complex = left @ right
    return nearest


def _phase_distance(one: Complex, other: Complex) -> float:
    """Return the distance of two unitaries in the operator norm, up to a phase."""
    overlap = np.vdot(other, one)
    size = abs(overlap)
    return float(np.linalg.norm(one - other * (overlap / size), 2)) if size else 2.0


def _commutator(one: Interaction, other: Interaction) -> float:
    """Return an upper bound of the norm of the commutator of two interactions with one common wire.

    It is the Frobenius norm: of sums of a.sigma and b.sigma, a and b vectors of operators on other wires, the
    commutator is 2i (a x b).sigma.
    """
    (wire,) = set(one.wires) & set(other.wires)
    turned = np.tensordot(one.on(wire), CROSS, ((1,), (1,))).reshape(12, 3)
    return sqrt(32) * float(np.linalg.norm(turned @ other.on(wire).T))


def _product(one: Complex, other: Complex) -> Complex:
    """Return the Kronecker product of two unitaries on one qubit."""
    made: Complex = (one[:, None, :, None] * other[None, :, None, :]).reshape(4, 4)
    return made
