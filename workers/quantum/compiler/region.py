"""The part of a device that circuits are compiled for, as Qiskit and the router see it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import permutations
from math import log1p

from qiskit.circuit import IfElseOp, Measure, Parameter, Reset
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.transpiler import InstructionProperties, Target

from shared.circuits.gates import GATES
from shared.quantum.devices import Device
from workers.quantum.compiler.router.coupling import Coupling
from workers.quantum.compiler.router.line import path

STANDARD = get_standard_gate_name_mapping()
SYMMETRIC = frozenset({"cz", "rzz", "swap", "iswap", "cp", "rxx", "ryy"})
"""Gates without a direction."""
LEAST_PRICE = 0.25
"""Lower bound of the relative price of a gate, so that gates reported as free of errors keep a cost."""


@dataclass(frozen=True, eq=False)
class Region:
    """The largest connected set of usable qubits of a device, numbered from 0.

    Attributes:
        device: the device.
    """

    device: Device

    @cached_property
    def sites(self) -> tuple[int, ...]:
        """Device qubit of each qubit of the region."""
        return self.device.pieces[0]

    @property
    def n_qubits(self) -> int:
        """Number of qubits."""
        return len(self.sites)

    @cached_property
    def target(self) -> Target:
        """Basis gates with error and duration where they can be used, measurement, reset and conditions."""
        target = Target(num_qubits=self.n_qubits)
        for name in self.device.basis_gates:
            n_qubits, n_params = GATES[name]
            gate = STANDARD[name].base_class(*(Parameter(f"angle{k}") for k in range(n_params)))
            target.add_instruction(gate, self._singles(name) if n_qubits == 1 else self._pairs(name))
        figures = [self.device.qubits[site] for site in self.sites]
        readout = {
            (k,): InstructionProperties(error=(one.p1_given_0 + one.p0_given_1) / 2, duration=one.readout_s)
            for k, one in enumerate(figures)
        }
        target.add_instruction(Measure(), readout)
        if "reset" not in self.device.basis_gates:
            target.add_instruction(Reset(), self._singles("reset"))
        target.add_instruction(IfElseOp, name="if_else")
        return target

    @cached_property
    def coupling(self) -> Coupling:
        """The coupled pairs; the price of each is the logarithm of its best gate's fidelity, 1 on average."""
        place = {site: k for k, site in enumerate(self.sites)}
        pairs = {
            tuple(sorted((place[a], place[b]))): self._loss((a, b))
            for a, b in self.device.edges
            if a in place and b in place
        }
        mean = sum(pairs.values()) / len(pairs) if any(pairs.values()) else 0.0
        prices = {pair: max(LEAST_PRICE, loss / mean) if mean else 1.0 for pair, loss in pairs.items()}
        return Coupling.of(self.n_qubits, prices)  # type: ignore[arg-type]

    def line(self, n: int) -> tuple[int, ...]:
        """Return n different qubits, each coupled with the next; () if no such path was found."""
        return _line(self, n)

    def _loss(self, pair: tuple[int, int]) -> float:
        errors = (self.device.figures[name, frozenset(pair)].error for name in self.device.gates_on(pair))
        return -log1p(-min(errors))

    def _singles(self, name: str) -> dict[tuple[int, ...], InstructionProperties]:
        return {(k,): self._figures(name, (site,)) for k, site in enumerate(self.sites)}

    def _pairs(self, name: str) -> dict[tuple[int, ...], InstructionProperties]:
        place = {site: k for k, site in enumerate(self.sites)}
        usable = {frozenset(pair) for pair in self.device.edges if name in self.device.gates_on(pair)}
        found: dict[tuple[int, ...], InstructionProperties] = {}
        for pair in self.device.coupling:
            if frozenset(pair) in usable and place.keys() >= set(pair):
                for places in permutations(pair) if name in SYMMETRIC else (pair,):
                    found[place[places[0]], place[places[1]]] = self._figures(name, pair)
        return found

    def _figures(self, name: str, places: tuple[int, ...]) -> InstructionProperties:
        known = self.device.figures.get((name, frozenset(places)))
        if known is None:
            return InstructionProperties(error=0.0, duration=0.0)
        return InstructionProperties(error=known.error, duration=known.duration_s)


@lru_cache(maxsize=128)
def _line(region: Region, n: int) -> tuple[int, ...]:
    return path(region.coupling, n)


@lru_cache(maxsize=128)
def _made(calibration_id: str, device: Device) -> Region:
    return Region(device)


def region_of(device: Device) -> Region:
    """Return the region of a device, cached per process."""
    return _made(device.calibration_id, device)
