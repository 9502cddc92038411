"""What is declared of each backend, for placement and for people: no backend is imported here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.quantum.wants import Want

ARRAYS = frozenset({Want.STATES, Want.PROBABILITIES, Want.SAMPLES})
OUTCOMES = frozenset({Want.COUNTS, Want.DISTRIBUTION, Want.EXPECTATIONS})
ANALYSES = frozenset({Want.PURITY, Want.ENTROPY, Want.FIDELITY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A backend as the scheduler knows it.

    Attributes:
        name: as in a job's `backend`.
        queue: whose workers run it.
        implementation: `module:class` of a `workers.quantum.backends.base.Backend`, which workers import.
        max_qubits: above this no machine is asked; memory may set a lower limit.
        bytes_per_amplitude: peak memory of a run, per amplitude.
        growth: by what a qubit multiplies the amplitudes: 2 of a state, 4 of a mixed state, 1 of a tableau.
        programs: what it tells of the programs of variational loops, nothing where it runs none.
        circuits: what it tells of circuit records, nothing where it runs none.
        loops: whether it runs all variational loops and kernels.
        gradients: how it differentiates.
        noise: whether it takes a noise model.
        precision: of an amplitude.
        gates: which it runs.
        devices: whether it stands for devices, of which a job names one after a colon.
        missing: why it cannot be used in this version, empty where it can.
    """

    name: str
    queue: str
    implementation: str
    max_qubits: int
    bytes_per_amplitude: int
    growth: int = 2
    programs: frozenset[Want] = frozenset()
    circuits: frozenset[Want] = frozenset()
    loops: bool = False
    gradients: str | None = None
    noise: bool = False
    precision: str = "double"
    gates: str = "any"
    devices: bool = False
    missing: str = ""

    def memory_bytes(self, n_qubits: int) -> int:
        """Expected peak memory of a run."""
        return int(self.bytes_per_amplitude * self.growth**n_qubits)

    @property
    def shots(self) -> bool:
        """Whether it samples."""
        return bool((self.programs | self.circuits) & {Want.SAMPLES, Want.COUNTS, Want.ESTIMATES})

    def shown(self, *, live: bool) -> dict[str, Any]:
        """As the API lists it."""
        why = self.missing or ("" if live else f"no worker of the queue {self.queue} is running")
        told = (
            *("name", "queue", "max_qubits", "bytes_per_amplitude", "growth", "shots", "gradients", "noise"),
            *("precision", "gates", "loops", "devices", "missing"),
        )
        return {key: getattr(self, key) for key in told} | {
            "circuits": bool(self.circuits), "available": not why, "why": why,
        }  # fmt: skip


BACKENDS: dict[str, Declaration] = {
    backend.name: backend
    for backend in (
        Declaration(
            name="statevector",
            queue="cpu-sim",
            implementation="workers.quantum.backends.statevector:StateVector",
            max_qubits=28,
            bytes_per_amplitude=64,
            programs=ARRAYS | {Want.EXPECTATIONS, Want.ESTIMATES, Want.GRADIENTS},
            circuits=OUTCOMES,
            loops=True,
            gradients="adjoint",
        ),
        Declaration(
            name="density_matrix",
            queue="cpu-sim",
            implementation="workers.quantum.backends.density_matrix:DensityMatrix",
            max_qubits=14,
            bytes_per_amplitude=24,
            growth=4,
            programs=frozenset({Want.EXPECTATIONS, Want.GRADIENTS, Want.PROBABILITIES, Want.SAMPLES}),
            circuits=OUTCOMES | ANALYSES,
            noise=True,
        ),
        Declaration(
            name="trajectories",
            queue="cpu-sim",
            implementation="workers.quantum.backends.trajectories:Trajectories",
            max_qubits=26,
            bytes_per_amplitude=40,
            circuits=frozenset({Want.COUNTS, Want.EXPECTATIONS}),
            noise=True,
        ),
        Declaration(
            name="stabilizer",
            queue="cpu-sim",
            implementation="workers.quantum.backends.stabilizer:Stabilizer",
            max_qubits=1000,
            bytes_per_amplitude=1 << 26,
            growth=1,
            circuits=OUTCOMES,
            noise=True,
            precision="exact",
            gates="Clifford",
        ),
        Declaration(
            name="gpu",
            queue="gpu-sim",
            implementation="workers.quantum.backends.gpu:Gpu",
            max_qubits=33,
            bytes_per_amplitude=34,
            programs=ARRAYS | {Want.EXPECTATIONS, Want.ESTIMATES, Want.GRADIENTS},
            loops=True,
            gradients="adjoint",
        ),
        Declaration(
            name="ibm",
            queue="qpu-ibm",
            implementation="",
            max_qubits=156,
            bytes_per_amplitude=0,
            programs=frozenset(),
            circuits=frozenset({Want.COUNTS, Want.ESTIMATES}),
            loops=True,
            gradients="parameter_shift",
            noise=True,
            precision="shots",
            devices=True,
            missing="IBM devices are not part of this version",
        ),
    )
}
