"""The devices of shared/quantum/devices/, one JSON file each: a calibration with a map and a basis.

The files are made by scripts/devices.py from public snapshots of IBM's devices; docs/add_a_device.md says how
to add one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cache, cached_property
from itertools import permutations
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from novacron.errors import BadInput, nearest
from novacron.specs.calibration import Calibration, GateFigures, Moment, QubitFigures
from novacron.specs.noise import Noise
from novacron.specs.refusal import refuse, refuse_choice, validated
from novacron.specs.scalars import Identifier, Label
from shared import content
from shared.circuits.gates import GATES
from shared.circuits.strikes import Operation

FOLDER = Path(__file__).parent / "devices"
BROKEN = 1.0
"""Error of a gate that a calibration states for one that cannot be used."""
SHOWN = 3
EXACT_QUBITS = 10
"""Up to so many qubits in use a device is simulated exactly."""


class Device(Calibration):
    """A device, as its calibration describes it.

    Attributes:
        provider: who runs the device.
        date: when it was measured, as ISO 8601.
        basis_gates: gates that the device executes, by their names in circuit records.
    """

    provider: Label
    date: Moment
    basis_gates: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _executable(self) -> Self:
        for position, name in enumerate(self.basis_gates):
            if name not in GATES:
                raise refuse_choice(name, tuple(GATES), at=("basis_gates", position))
        executed = (*self.basis_gates, "measure", "reset")
        for position, limit in enumerate(self.max_parallel):
            if limit.instruction not in executed:
                raise refuse_choice(limit.instruction, executed, at=("max_parallel", position, "instruction"))
        for position, gate in enumerate(self.gates):
            if self.figures[gate.gate, frozenset(gate.qubits)] is not gate:
                rule = "has figures of the same qubits in another order, and one entry counts"
                hint = "keep the worse figures"
                value = [gate.gate, list(gate.qubits)]
                raise refuse(rule, at=("gates", position), value=value, hint=hint)
        measured = {frozenset(gate.qubits) for gate in self.gates if gate.gate in self.pair_gates}
        for position, pair in enumerate(self.coupling):
            if frozenset(pair) not in measured:
                rule = "must be a pair with an entry of a two-qubit basis gate in gates"
                raise refuse(rule, at=("coupling", position), value=list(pair))
        return self

    @property
    def n_qubits(self) -> int:
        """Number of qubits, usable or not."""
        return len(self.qubits)

    @cached_property
    def calibration_id(self) -> str:
        """The calibration's name, and a digest of its content."""
        return f"{self.name.replace(' ', '-')}-{content.digest(self.model_dump(mode='json'))[:12]}"

    def noise_of(self, operations: Collection[Operation]) -> Noise | None:
        """Return the noise model of some operations and of the readout of their qubits, None without noise.

        Args:
            operations: names of gates, `reset` and `measure`, each with its qubits.
        """
        qubits = {qubit for _, place in operations for qubit in place}
        wanted = {(name, frozenset(place)) for name, place in operations}
        idle = QubitFigures()
        part = Calibration.model_construct(
            name=self.calibration_id,
            qubits=tuple(told if at in qubits else idle for at, told in enumerate(self.qubits)),
            gates=tuple(gate for place, gate in self.figures.items() if place in wanted),
        )
        told = part.noise()
        return Noise(**told) if told["errors"] or told["readout"] else None

    @property
    def pair_gates(self) -> tuple[str, ...]:
        """The basis gates on two qubits."""
        return tuple(name for name in self.basis_gates if GATES[name][0] == 2)

    @cached_property
    def figures(self) -> Mapping[tuple[str, frozenset[int]], GateFigures]:
        """The measured figures by gate and qubits."""
        return {(gate.gate, frozenset(gate.qubits)): gate for gate in self.gates}

    @cached_property
    def usable(self) -> tuple[int, ...]:
        """The qubits on which all basis gates can be used."""
        broken = {gate.qubits[0] for gate in self._broken() if len(gate.qubits) == 1}
        return tuple(qubit for qubit in range(self.n_qubits) if qubit not in broken)

    @cached_property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """The pairs of the coupling, in its order, on which some two-qubit gate can be used."""
        usable = set(self.usable)
        return tuple(pair for pair in self.coupling if usable.issuperset(pair) and self.gates_on(pair))

    def gates_on(self, pair: tuple[int, int]) -> tuple[str, ...]:
        """Return the two-qubit basis gates that can be used on a pair."""
        found = ((name, self.figures.get((name, frozenset(pair)))) for name in self.pair_gates)
        return tuple(name for name, told in found if told is not None and told.error < BROKEN)

    @cached_property
    def pieces(self) -> tuple[tuple[int, ...], ...]:
        """The usable qubits by connected component of the usable edges, the largest first."""
        return _components(self.usable, self.edges)

    @property
    def size(self) -> int:
        """Number of qubits of the largest circuit: the usable qubits that are connected."""
        return len(self.pieces[0])

    def _broken(self) -> Iterator[GateFigures]:
        yield from (gate for gate in self.gates if gate.error >= BROKEN and gate.gate in self.basis_gates)


def _components(nodes: tuple[int, ...], edges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, ...], ...]:
    neighbours: defaultdict[int, set[int]] = defaultdict(set)
    for pair in edges:
        for one, other in permutations(pair):
            neighbours[one].add(other)
    found, left = [], set(nodes)
    while left:
        reached, new = set[int](), {min(left)}
        while new:
            reached |= new
            new = set[int]().union(*(neighbours[one] for one in new)) - reached
        left -= reached
        found.append(tuple(sorted(reached)))
    return tuple(sorted(found, key=len, reverse=True))


@cache
def names() -> tuple[str, ...]:
    """Return the names of all devices."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


@cache
def load(name: str) -> Device:
    """Return a device, cached per process.

    Raises:
        BadInput: there is none of this name (the field is `backend`), or its file breaks a rule.
    """
    if name not in names():
        near = nearest(name, names())
        hint = f"did you mean 'fake:{near}'?" if near else f"known: {', '.join(names())}"
        raise BadInput("is not a known device", field="backend", value=f"fake:{name}", hint=hint)
    return read(FOLDER / f"{name}.json")


def read(path: Path) -> Device:
    """Read a device file.

    Raises:
        BadInput: it is not JSON, or breaks a rule; the message names the file and the field.
    """
    try:
        return validated(Device, json.loads(path.read_text()))
    except ValueError as error:
        raise BadInput(f"is not JSON: {error}", file=str(path)) from None
    except BadInput as error:
        error.file = str(path)
        raise


def simulator(n_qubits: int, *, clifford: bool) -> str:
    """Return the simulator of a device's noise for a circuit that uses so many qubits."""
    if n_qubits <= EXACT_QUBITS:
        return "density_matrix"
    return "stabilizer" if clifford else "trajectories"


def fitting(n_qubits: int) -> str:
    """Return the names of the smallest devices with so many connected usable qubits, as text."""
    found = sorted((load(name).n_qubits, name) for name in names() if load(name).size >= n_qubits)
    return ", ".join(f"{name} ({size})" for size, name in found[:SHOWN])
