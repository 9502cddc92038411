"""Selection of a job's backend and queue, with the reason: never a silent fallback."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace

import psutil

from novacron.errors import BadInput
from novacron.specs import QAOA, VQE, Circuit, Compile, QECMemory, Spec
from scheduler.planning import (
    batches,
    compilation,
    encoding,
    mitigation,
    noise,
    noisy_loop,
    on_device,
    simulator,
)
from scheduler.planning.simulator import Demand
from shared.circuits.active import operations
from shared.quantum import devices, pricing
from shared.quantum.backend_name import AUTO, BackendName, unknown
from shared.quantum.backends import BACKENDS, HARDWARE, Declaration
from shared.quantum.named_backends import NamedBackend

GPU_QUBITS = 18
MIXED = 4
"""Growth factor of backends that hold density matrices."""
INSISTED = "the job insists on it"
CLASSICAL = {"pure_classical": "cpu-sim", "qec_memory": "cpu-sim", "cryptographic": "crypto"}
COMPILED_FOR = ("fake",)
"""Backends whose devices circuits are compiled for."""
COMPILING, COMPILER_BYTES = "cpu-sim", 1 << 30
"""Queue of compilations, and the memory of their verification on up to 24 qubits."""
RUNS_CIRCUITS = {"backend": "auto", "shots": None, "granularity": "auto"}
"""Fields that apply only to circuits and loops of circuits -> their neutral value."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a job runs.

    Attributes:
        backend: name of the backend, None for jobs that run no circuits.
        queue: name of the queue.
        why: one sentence for the event, the receipt and `explain`.
        memory_bytes: expected peak memory of one task.
        warnings: caveats of the results.
        device: name of the backend's device, empty where it has none.
        calibration: id of the calibration that the results belong to, of the device or of the noise model;
            None where there is none, or where the device reports it only with its results. Of the device that
            the noise of an error-correcting code names, too.
        usd_per_qpu_second: price of a second of the device, None if it is not known.
    """

    backend: str | None
    queue: str
    why: str
    memory_bytes: int = 0
    warnings: tuple[str, ...] = ()
    device: str = ""
    calibration: str | None = None
    usd_per_qpu_second: float | None = None


def place(spec: Spec, live: Set[str], named: Mapping[str, NamedBackend]) -> Placement:
    """Choose backend and queue.

    Args:
        spec: a valid spec; circuits are parsed.
        live: queues that have a live worker.
        named: backends configured by the operator, by name.

    Raises:
        BadInput: the job requires what this installation cannot do, or is too large for any backend.
    """
    placement = _placed_by_name(spec, live, named)
    if placement.backend not in HARDWARE:
        return placement
    usd_per_s = pricing.usd_per_second(placement.backend, placement.device, named)
    return replace(placement, usd_per_qpu_second=usd_per_s)


def _placed_by_name(spec: Spec, live: Set[str], named: Mapping[str, NamedBackend]) -> Placement:
    name, _, device = spec.backend.partition(":")
    if isinstance(spec, Compile):
        return _compiled(spec, live)
    if name not in named:
        if name != AUTO and name not in BACKENDS:
            raise unknown(spec.backend, (*BACKENDS, *named))
        return _place(spec, live)
    backend = named[name]
    registered = spec.model_copy(update={"backend": backend.stands_for(device)})
    if not backend.gpu_enabled:
        live = live - {BACKENDS["gpu"].queue}
    try:
        placement = _place(registered, live)
        backend.check_width(_width(spec))
    except BadInput as error:
        if error.field == "backend":
            error.value = spec.backend
        raise
    return replace(placement, why=f"{name}: {placement.why}")


def _width(spec: Spec) -> int:
    """Return the number of qubits that a simulator or device must hold."""
    if not isinstance(spec, Circuit):
        return spec.n_qubits or 0
    return batches.widest(batches.pieces(spec)).demand.n_active


def _place(spec: Spec, live: Set[str]) -> Placement:
    _refuse_unsupported(spec)
    if queue := CLASSICAL.get(spec.kind):
        why = f"{spec.kind} jobs run on the queue {queue}{_waiting(queue, live)}"
        noisy = spec.circuit_noise if isinstance(spec, QECMemory) else None
        return Placement(None, queue, why, calibration=_calibration(noisy))
    if isinstance(spec, Circuit):
        return _batch(spec, live) if spec.batched else _circuit(Demand(spec), live)
    chosen, why = (_insisted(spec, live), INSISTED) if spec.backend != AUTO else _chosen(spec, live)
    if chosen.declared.simulates_devices:
        on_device.check(spec, chosen.device)
    noisy_loop.check(spec, chosen.declared)
    mitigation.check(spec, chosen.declared)
    warnings = noise.warnings(spec.noise, noisy_loop.operations(spec), spec.n_qubits or 0)
    return _placed(spec, chosen, why, live, _fit(spec, chosen.declared), warnings)


def _calibration(circuit_noise: str | None) -> str | None:
    """Return the id of the calibration that the noise of an error-correcting code names, None without one.

    Raises:
        BadInput: the device is not known.
    """
    _, _, device = (circuit_noise or "").partition(":")
    if not device:
        return None
    try:
        return devices.load(device).calibration_id
    except BadInput as error:
        error.field, error.value = "circuit_noise", circuit_noise
        raise


def _circuit(demand: Demand, live: Set[str]) -> Placement:
    spec = demand.spec
    simulator.check_content(demand)
    if spec.error_correction is not None:
        return _encoded(demand, live)
    if spec.backend == AUTO:
        name, reason = simulator.choose(demand)
        chosen, why = BackendName(name), f"auto: {reason}"
    else:
        chosen, why = _insisted(spec, live), INSISTED
        simulator.check(demand, chosen.backend)
    mitigation.check(spec, chosen.declared)
    warnings = [*noise.warnings(spec.noise, operations(demand.record["instructions"]), spec.n_qubits or 0)]
    warnings += simulator.warnings(demand, chosen.backend)
    if chosen.declared.simulates_devices:
        name = on_device.checked(demand, chosen.device)
        wanted = _held(spec, BACKENDS[name], demand.n_used, f"{demand.n_used} qubits")
    else:
        wanted = _held(spec, chosen.declared, demand.n_active, demand.width)
        if chosen.backend in HARDWARE:
            compilation.check_instructions(demand.record)
    return _placed(spec, chosen, why, live, wanted, warnings)


def _batch(spec: Circuit, live: Set[str]) -> Placement:
    """Place circuits whose results are arrays, all on one backend."""
    found = batches.pieces(spec)
    batches.check(spec, found)
    if spec.backend == AUTO:
        name, reason = batches.choose(spec, found)
        chosen, why = BackendName(name), f"auto: {reason}"
    else:
        chosen, why = _insisted(spec, live), INSISTED
        if chosen.device:
            rule = "does not run batches of circuits in this version"
            raise BadInput(rule, field="backend", value=spec.backend, hint="submit one circuit a job")
    batches.checked(spec, found, chosen.backend)
    widest = batches.widest(found).demand
    told = [*batches.warnings(found, chosen.backend)]
    for piece in found:
        used = operations(piece.demand.record["instructions"])
        told += noise.warnings(spec.noise, used, spec.n_qubits or 0)
    wanted = _held(spec, chosen.declared, widest.n_active, widest.width)
    return _placed(spec, chosen, why, live, wanted, dict.fromkeys(told))


def _encoded(demand: Demand, live: Set[str]) -> Placement:
    """Place an encoded circuit: only the stabilizer simulator holds the qubits of its patches."""
    spec = demand.spec
    chosen, why = BackendName("stabilizer"), "auto: encoded in patches of a code"
    if spec.backend != AUTO:
        chosen, why = _insisted(spec, live), INSISTED
    if chosen.backend != "stabilizer":
        rule = "does not run encoded circuits"
        raise BadInput(rule, field="backend", value=spec.backend, hint="use stabilizer, or auto")
    mitigation.check(spec, chosen.declared)
    encoding.check(demand)
    size = encoding.size(demand)
    told = noise.warnings(spec.noise, encoding.PHYSICAL, size.n_qubits)
    width = f"{size.n_qubits} physical qubits"
    wanted = _held(spec, chosen.declared, 1, width, size.memory_bytes)
    return _placed(spec, chosen, why, live, wanted, told)


def _compiled(spec: Compile, live: Set[str]) -> Placement:
    """Place a compilation: simulators' workers compile, whatever the device."""
    _refuse_unsupported(spec)
    if spec.shots is not None:
        raise BadInput("compile jobs run no circuits", field="shots", value=spec.shots, hint="leave it out")
    name, _, device = spec.backend.partition(":")
    if name not in COMPILED_FOR:
        rule = (
            f"must be a device with a known calibration: {', '.join(f'{one}:DEVICE' for one in COMPILED_FOR)}"
        )
        raise BadInput(rule, field="backend", value=spec.backend)
    known = devices.load(device)
    compilation.check(spec, known, device)
    why = f"compiled for {device}{_waiting(COMPILING, live)}"
    return Placement(name, COMPILING, why, COMPILER_BYTES, (), device, known.calibration_id)


def _placed(
    spec: Spec, chosen: BackendName, why: str, live: Set[str], wanted: int, told: Iterable[str]
) -> Placement:
    queue = chosen.declared.queue
    calibration = chosen.calibration if chosen.device or spec.noise is None else spec.noise.calibration
    return Placement(
        chosen.backend, queue, why + _waiting(queue, live), wanted, tuple(told), chosen.device, calibration
    )


def _insisted(spec: Spec, live: Set[str]) -> BackendName:
    chosen = BackendName.of(spec.backend)
    backend = chosen.declared
    if backend.missing or backend.queue not in live:
        why = backend.missing or f"no worker of the queue {backend.queue} is running"
        hint = f"start one with {backend.needs}" if backend.needs else "use backend: auto"
        raise BadInput(f"cannot be used: {why}", field="backend", value=spec.backend, hint=hint)
    return chosen


def _chosen(spec: Spec, live: Set[str]) -> tuple[BackendName, str]:
    if spec.noise is not None:
        return BackendName("density_matrix"), "auto: noise in a loop needs a density matrix"
    cpu, gpu = BackendName("statevector"), BackendName("gpu")
    if not _for_gpu(spec):
        return cpu, "auto: state vector on CPU"
    declared = gpu.declared
    if declared.missing or declared.queue not in live:
        absent = declared.missing or "no gpu-sim worker is running"
        return cpu, f"auto: state vector on CPU, since a GPU is not there ({absent})"
    return gpu, f"auto: {spec.n_qubits} qubits, from {GPU_QUBITS} on a GPU is quicker"


def _for_gpu(spec: Spec) -> bool:
    """Return whether a loop uses all amplitudes of a state large enough for a GPU."""
    reached = isinstance(spec, VQE) and spec.ansatz.name in ("uccsd", "adapt")
    return spec.kind in ("hybrid_vqe", "hybrid_qaoa") and not reached and (spec.n_qubits or 0) >= GPU_QUBITS


def _waiting(queue: str, live: Set[str]) -> str:
    return "" if queue in live else f"; no worker of the queue {queue} is running, so the job waits for one"


def _refuse_unsupported(spec: Spec) -> None:
    mitigation.check_kind(spec)
    if spec.kind in CLASSICAL:
        for field, usual in RUNS_CIRCUITS.items():
            if (value := getattr(spec, field)) != usual:
                raise BadInput(
                    f"{spec.kind} jobs run no circuits", field=field, value=value, hint="leave it out"
                )
    if spec.noise is not None:
        if not isinstance(spec, Circuit | VQE):
            rule = f"{spec.kind} jobs take no noise model in this version"
            raise BadInput(rule, field="noise", hint="leave noise out; pure_quantum and hybrid_vqe take one")
        noise.check(spec.noise, spec.n_qubits or 0)


def _fit(spec: Spec, backend: Declaration) -> int:
    """Return the memory of one task of a loop, in bytes.

    Raises:
        BadInput: the loop exceeds the available qubits or bytes.
    """
    n_qubits = spec.n_qubits or 0
    kept = 0
    if backend.simulates_devices and isinstance(spec, VQE | QAOA) and noisy_loop.sampled(spec):
        backend, kept = BACKENDS["trajectories"], noisy_loop.gradient_bytes(spec)
    elif backend.growth == MIXED and spec.n_parameters:
        kept = noisy_loop.kept_bytes(n_qubits, spec.n_parameters)
    return _held(spec, backend, n_qubits, f"{n_qubits} qubits", kept)


def _held(spec: Spec, backend: Declaration, n_qubits: int, width: str, kept: int = 0) -> int:
    """Return the memory of a backend for this many qubits, in bytes.

    Raises:
        BadInput: the job exceeds the available qubits or bytes.
    """
    if n_qubits > backend.max_qubits:
        rule = f"{width} are more than the {backend.max_qubits} that {backend.name} can hold"
        raise BadInput(rule, field="backend", value=spec.backend, hint="use fewer qubits")
    wanted, had = backend.memory_bytes(n_qubits) + kept, int(psutil.virtual_memory().total)
    # Only the GPU's own worker knows the device's memory; it refuses what does not fit.
    if wanted > had and backend.name != "gpu":
        rule = f"{width} need {wanted:,} bytes of memory and the machine has {had:,}"
        raise BadInput(rule, field="backend", value=spec.backend, hint="use fewer qubits")
    return wanted
