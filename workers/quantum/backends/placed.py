"""Unitary circuits compiled for a device, on the device's qubits that they use."""

from __future__ import annotations

from dataclasses import dataclass, replace

from novacron.specs.noise import WrittenNoise
from shared.circuits.active import operations
from shared.circuits.instruction import Barrier, Gate, Unitary, moved
from shared.circuits.record import CircuitRecord, touched
from shared.quantum.devices import Device
from workers.quantum.compiler import Compiled, Options, compile
from workers.quantum.simulation.noise.model import NoiseModel


@dataclass(frozen=True, eq=False)
class Placed:
    """A compiled circuit without measurements.

    Attributes:
        record: its gates and barriers on the used qubits; parameters stay free.
        final: the used qubit of each source qubit at the end.
        used: the device's qubit of each used qubit.
        compiled: what the compiler returned.
        device: the device.
    """

    record: CircuitRecord
    final: tuple[int, ...]
    used: tuple[int, ...]
    compiled: Compiled
    device: Device

    @property
    def document(self) -> WrittenNoise | None:
        """The device's noise model for these gates and for reading all source qubits; None without noise."""
        performed = operations(self.compiled.record.to_json()["instructions"])
        readings = (("measure", (site,)) for site in self.compiled.final)
        noise = self.device.noise_of([*performed, *readings])
        return None if noise is None else noise.document

    def noise(self, document: WrittenNoise | None) -> NoiseModel | None:
        """Return a noise model of the device on the used qubits."""
        return None if document is None else NoiseModel(document, self.used, self.device.n_qubits)


def placed(record: CircuitRecord, device: Device, options: Options) -> Placed:
    """Compile the gates of a circuit for a device."""
    made = compile(record, device, options)
    used = tuple(sorted(touched(made.record.instructions)[0].union(made.final)))
    places = {site: place for place, site in enumerate(used)}
    body = [
        moved(item, places) for item in made.record.instructions if isinstance(item, Gate | Unitary | Barrier)
    ]
    reduced = replace(made.record, n_qubits=len(used), instructions=tuple(body))
    return Placed(reduced, tuple(places[site] for site in made.final), used, made, device)
