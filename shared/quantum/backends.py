"""What is declared of each backend, for placement and for people: no backend is imported here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Declaration:
    """A backend as the scheduler knows it.

    Attributes:
        name: as in a job's `backend`.
        queue: whose workers run it.
        max_qubits: above this no machine is asked; memory may set a lower limit.
        bytes_per_amplitude: peak memory of a run, per amplitude.
        shots: whether it samples.
        gradients: how it differentiates.
        noise: whether it takes a noise model.
        precision: of an amplitude.
        missing: why it cannot be used in this version, empty where it can.
        growth: by what a qubit multiplies the amplitudes: 2 of a state, 4 of a mixed state, 1 of a tableau.
        gates: which it runs.
        loops: whether it runs all variational loops and kernels, and not only circuits.
        circuits: whether it runs circuits, with measurements.
        devices: whether it stands for devices, of which a job names one after a colon.
    """

    name: str
    queue: str
    max_qubits: int
    bytes_per_amplitude: int
    shots: bool
    gradients: str | None
    noise: bool
    precision: str
    missing: str = ""
    growth: int = 2
    gates: str = "any"
    loops: bool = True
    circuits: bool = True
    devices: bool = False

    def memory_bytes(self, n_qubits: int) -> int:
        """Expected peak memory of a run."""
        return int(self.bytes_per_amplitude * self.growth**n_qubits)

    def shown(self, *, live: bool) -> dict[str, Any]:
        """As the API lists it."""
        why = self.missing or ("" if live else f"no worker of the queue {self.queue} is running")
        return {**asdict(self), "available": not why, "why": why}


BACKENDS: dict[str, Declaration] = {
    backend.name: backend
    for backend in (
        Declaration("statevector", "cpu-sim", 28, 64, True, "adjoint", False, "double"),
        Declaration(
            *("density_matrix", "cpu-sim", 14, 24, True, None, True, "double"),
            growth=4,
            loops=False,
        ),
        Declaration("trajectories", "cpu-sim", 26, 40, True, None, True, "double", loops=False),
        Declaration(
            *("stabilizer", "cpu-sim", 1000, 1 << 26, True, None, True, "exact"),
            growth=1,
            gates="Clifford",
            loops=False,
        ),
        Declaration("gpu", "gpu-sim", 33, 34, True, "adjoint", False, "double", circuits=False),
        Declaration(
            "ibm",
            "qpu-ibm",
            156,
            0,
            True,
            "parameter_shift",
            True,
            "shots",
            "IBM devices are not part of this version",
            devices=True,
        ),
    )
}
