"""Which variational loops run on mixed states, with or without noise."""

from __future__ import annotations

from itertools import permutations

from novacron.errors import BadInput
from novacron.specs import QAOA, VQE, Spec
from shared.circuits.strikes import Operation
from shared.quantum import partition, trajectories
from shared.quantum.backends import HARDWARE, Declaration
from shared.quantum.devices import EXACT_QUBITS


def check(spec: Spec, backend: Declaration) -> None:
    """Refuse a loop that its backend does not support.

    Raises:
        BadInput: names the field, the rule and what to do.
    """
    if backend.name == "density_matrix" and isinstance(spec, VQE):
        _check_mixed(spec)
    elif backend.simulates_devices and isinstance(spec, VQE | QAOA):
        _check_on_device(spec)
    elif backend.name in HARDWARE and isinstance(spec, VQE):
        _check_on_hardware(spec, backend)
    elif not backend.loops:
        rule = f"{backend.name} does not run {spec.kind} jobs"
        raise BadInput(rule, field="backend", value=spec.backend, hint="use backend: auto")
    elif spec.noise is not None:
        hint = "use backend: density_matrix, or auto"
        raise BadInput(f"{backend.name} takes no noise model", field="backend", value=spec.backend, hint=hint)


def _check_on_hardware(spec: VQE, backend: Declaration) -> None:
    if spec.shots is None:
        hint = "give the shots of each measurement setting"
        raise BadInput(f"is required: {backend.name} only samples", field="shots", hint=hint)
    if spec.noise is not None:
        rule = f"must be left out on {backend.name}: its devices have their own"
        raise BadInput(rule, field="noise", hint="leave noise out")
    if spec.granularity == "fused":
        rule = f"must be auto or fanned_out on {backend.name}: no worker waits for a device"
        raise BadInput(rule, field="granularity", value=spec.granularity, hint="leave it out")


def operations(spec: Spec) -> list[Operation]:
    """Return the possible gates of a loop's circuits, as noise models name them; none without noise."""
    if spec.noise is None:
        return []
    n = spec.n_qubits or 0
    turns = [(name, (qubit,)) for qubit in range(n) for name in ("ry", "rz")]
    return [*turns, *(("cx", pair) for pair in permutations(range(n), 2))]


def kept_bytes(n_qubits: int, n_parameters: int) -> int:
    """Return the bytes that a gradient stores: one state per rotation."""
    return 8 * n_parameters << 2 * n_qubits


def _check_mixed(spec: VQE) -> None:
    if spec.ansatz.name != "hardware_efficient":
        rule = "must be hardware_efficient on a density matrix: others are not written as gates"
        raise BadInput(rule, field="ansatz.name", value=spec.ansatz.name, hint="or leave noise out")
    if spec.shots is not None:
        rule = "must be left out on a density matrix: its energies are exact averages over the noise"
        raise BadInput(rule, field="shots", value=spec.shots, hint="leave shots out")
    _check_pure(spec)
    if spec.n_qubits > EXACT_QUBITS:
        rule = f"{spec.n_qubits} qubits are more than the {EXACT_QUBITS} of loops on a density matrix"
        raise BadInput(rule, field="backend", value=spec.backend, hint="use fewer qubits")


def _check_on_device(spec: VQE | QAOA) -> None:
    if spec.noise is not None:
        rule = "must be left out on a device: its noise is that of its calibration"
        raise BadInput(rule, field="noise", hint="leave noise out")
    _check_pure(spec)
    if isinstance(spec, QAOA) and spec.shots is None and sampled(spec):
        rule = f"is required: of {spec.n_qubits} qubits more than {EXACT_QUBITS} a device is sampled"
        raise BadInput(rule, field="shots", hint="give shots, or use fewer qubits")


def sampled(spec: VQE | QAOA) -> bool:
    """Return whether a loop on a device runs by trajectories: many qubits, or a VQE with shots."""
    return spec.n_qubits > EXACT_QUBITS or (isinstance(spec, VQE) and spec.shots is not None)


def gradient_bytes(spec: VQE | QAOA) -> int:
    """Return the bytes that a gradient stores on a device by trajectories."""
    if not spec.optimizer.gradient or (isinstance(spec, VQE) and spec.shots is not None):
        return 0
    return trajectories.gradient_bytes(partition.sizes(spec)[1], spec.n_qubits)


def _check_pure(spec: VQE | QAOA) -> None:
    """Refuse the natural gradient."""
    if spec.optimizer.name == "qng":
        rule = "qng needs pure states, noise makes mixed ones"
        raise BadInput(rule, field="optimizer.name", value="qng", hint="use lbfgs")
