"""Declarations of the backends, for placement and listings; no backend is imported here.

Other packages add to the table through entry points of the group `novacron.backends`, each of them naming a
`Declaration`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from shared.quantum.calibration_ids import CalibrationIds
from shared.quantum.wants import Want
from shared.queues import QUEUES

log = logging.getLogger("novacron.backends")

GROUP = "novacron.backends"
NAME = re.compile(r"[a-z][a-z0-9_]*")
"""Pattern of a backend's name in jobs."""

VALUES = frozenset({Want.EXPECTATIONS, Want.ESTIMATES, Want.GRADIENTS, Want.SPREADS})
ARRAYS = frozenset({Want.STATES, Want.PROBABILITIES, Want.SAMPLES})
OUTCOMES = frozenset({Want.COUNTS, Want.DISTRIBUTION, Want.EXPECTATIONS})
ANALYSES = frozenset({Want.PURITY, Want.ENTROPY, Want.FIDELITY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A backend as the scheduler knows it.

    Attributes:
        name: as in a job's `backend`.
        queue: the queue whose workers run it.
        implementation: `module:class` of a `workers.quantum.backends.base.Backend`, imported by workers.
        max_qubits: hard limit, independent of the machine; memory may set a lower one.
        bytes_per_amplitude: peak memory of a run, per amplitude.
        growth: factor per qubit of the number of amplitudes: 2 for a state vector, 4 for a density matrix, 1
            for a tableau.
        programs: quantities it computes for the programs of variational loops, empty if it runs none.
        circuits: quantities it computes for circuit records, empty if it runs none.
        loops: whether it runs all variational loops and kernels.
        gradients: its differentiation method.
        noise: whether it supports a noise model.
        precision: precision of an amplitude.
        gates: the gates it supports.
        devices: whether it represents devices, one of which a job names after a colon.
        calibrations: device -> id of its calibration, for devices whose calibration never changes.
        provider: provider whose queue the work waits in, empty if the work is done when `run` returns.
        needs: what its workers need beside NovaCron.
        missing: why it cannot be used, empty if it can.
        package: the distribution that declares it, with its version; set at discovery.
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
    calibrations: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""
    needs: str = ""
    missing: str = ""
    package: str | None = None

    def memory_bytes(self, n_qubits: int) -> int:
        """Return the expected peak memory of a run."""
        return int(self.bytes_per_amplitude * self.growth**n_qubits)

    @property
    def shots(self) -> bool:
        """Whether it samples."""
        return bool((self.programs | self.circuits) & {Want.SAMPLES, Want.COUNTS, Want.ESTIMATES})

    @property
    def simulates_devices(self) -> bool:
        """Whether it simulates devices with their noise, instead of reaching them."""
        return self.devices and not self.provider

    def shown(self, *, live: bool) -> dict[str, Any]:
        """Return its representation in API listings."""
        why = self.missing or ("" if live else f"no worker of the queue {self.queue} is running")
        told = (
            *("name", "queue", "max_qubits", "bytes_per_amplitude", "growth", "shots", "gradients", "noise"),
            *("precision", "gates", "loops", "devices", "missing"),
        )
        return {key: getattr(self, key) for key in told} | {
            "circuits": bool(self.circuits), "available": not why, "why": why, "stands_for": None,
            "type": "hardware" if self.provider else "simulator", "provider": self.provider or "local",
        }  # fmt: skip


BUILT_IN: dict[str, Declaration] = {
    backend.name: backend
    for backend in (
        Declaration(
            name="statevector",
            queue="cpu-sim",
            implementation="workers.quantum.backends.statevector:StateVector",
            max_qubits=28,
            bytes_per_amplitude=64,
            programs=VALUES | ARRAYS,
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
            programs=VALUES | ARRAYS,
            loops=True,
            gradients="adjoint",
        ),
        Declaration(
            name="fake",
            queue="cpu-sim",
            implementation="workers.quantum.backends.fake:Fake",
            max_qubits=156,
            bytes_per_amplitude=24,
            growth=4,
            programs=frozenset(
                {Want.EXPECTATIONS, Want.ESTIMATES, Want.GRADIENTS, Want.PROBABILITIES, Want.SAMPLES}
            ),
            circuits=OUTCOMES,
            devices=True,
            calibrations=CalibrationIds(),
        ),
        Declaration(
            name="ibm",
            queue="qpu-ibm",
            implementation="workers.quantum.backends.hardware:ibm",
            max_qubits=156,
            bytes_per_amplitude=0,
            circuits=frozenset({Want.COUNTS}),
            gradients="parameter_shift",
            precision="shots",
            devices=True,
            provider="IBM",
            needs="the extra ibm (pip install 'novacron[ibm]'), NOVACRON_IBM_TOKEN and NOVACRON_IBM_INSTANCE",
        ),
        Declaration(
            name="ionq",
            queue="qpu-ionq",
            implementation="workers.quantum.backends.hardware:ionq",
            max_qubits=64,
            bytes_per_amplitude=0,
            circuits=frozenset({Want.COUNTS}),
            gradients="parameter_shift",
            precision="shots",
            devices=True,
            provider="IonQ",
            needs="NOVACRON_IONQ_TOKEN",
        ),
    )
}


HARDWARE = frozenset({"ibm", "ionq"})
"""Backends whose workers compile circuits for the devices of a provider; their loops run step by step."""


class Registry(Mapping[str, Declaration]):
    """All backends by name: the built-in ones, then those of installed packages, discovered on demand.

    A broken package affects only itself: its row states the error as the reason why it is missing.
    """

    @cached_property
    def _rows(self) -> dict[str, Declaration]:
        rows = dict(BUILT_IN)
        for entry in entry_points(group=GROUP):
            row = _declared(entry, rows)
            rows[row.name] = row
        return rows

    def __getitem__(self, name: str) -> Declaration:
        # Built-in backends are found without scanning installed packages.
        return BUILT_IN[name] if name in BUILT_IN else self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


BACKENDS = Registry()


def _declared(entry: EntryPoint, rows: Mapping[str, Declaration]) -> Declaration:
    """Return the declaration that an entry point names, or one that states why it is missing."""
    package = None if entry.dist is None else f"{entry.dist.name} {entry.dist.version}"
    try:
        return replace(_loaded(entry, rows), package=package)
    except (Exception, SystemExit) as error:  # a package may raise anything on import
        said = str(error) if isinstance(error, RowError) else f"{type(error).__name__}: {error}"
        why = f"entry point {entry.value} of {GROUP}: {said}"
    log.warning("%s", why)
    name = entry.name if entry.name not in rows else f"{entry.name} of {package or entry.value}"
    return Declaration(
        name=name, queue="", implementation="", max_qubits=0, bytes_per_amplitude=0, missing=why,
        package=package,
    )  # fmt: skip


class RowError(Exception):
    """A package declares an invalid row of this table."""


def _loaded(entry: EntryPoint, rows: Mapping[str, Declaration]) -> Declaration:
    """Load the declaration of an entry point.

    Raises:
        RowError: it is not a declaration, or breaks a rule of the table.
    """
    row = entry.load()
    if not isinstance(row, Declaration):
        raise RowError("it is not a shared.quantum.backends.Declaration")
    if row.name in rows:
        raise RowError(f"the name {row.name!r} is taken")
    if not NAME.fullmatch(row.name):
        raise RowError(f"the name {row.name!r} is not lower-case letters, digits and underscores")
    if row.queue not in QUEUES:
        raise RowError(f"there is no queue {row.queue!r}; there are: {', '.join(QUEUES)}")
    return row
