"""Devices of providers: circuits are compiled for a device, submitted as one job, and counted from its bits.

Bits are numbered as in the job's circuit, whatever the compiler did: results are read without the compiled
circuit, also by another process with a newer calibration.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from novacron.errors import nearest
from novacron.json_types import JsonObject
from shared.circuits.instruction import Gate, If, Instruction
from shared.circuits.record import CircuitRecord
from shared.quantum.backends import BACKENDS
from shared.quantum.devices import Device
from workers.quantum import providers
from workers.quantum.backends.base import ALONE, Control, Plan, Queued, Quote, Share, refuse
from workers.quantum.backends.batch import Answer, Batch, Pub, Result
from workers.quantum.backends.estimation import Estimating
from workers.quantum.backends.measured import last, measured
from workers.quantum.backends.records import checked
from workers.quantum.compiler import Compiled, Options, compile
from workers.quantum.providers.base import Item, Listed, Price, Program, Provider
from workers.quantum.simulation.ir.refusal import CircuitError, UnsupportedError
from workers.runtime.outcome import UserError

MOST_KEPT = 64
"""Compiled circuits kept by a process: the steps of a loop run the same ones."""

_kept: OrderedDict[tuple[CircuitRecord, str, Options], Compiled] = OrderedDict()


class OneJob:
    """The circuits of a batch, submitted as one job: a single unit."""

    def n_units(self, batch: Batch) -> int:
        """Return one."""
        return 1


class Hardware:
    """One device of a provider.

    Args:
        name: of the provider, and of the backend.
        device: its name there.
        optimization_level: effort of compilation; None takes the batch's.
    """

    def __init__(self, name: str, device: str, optimization_level: int | None = None) -> None:
        self.name, self._device, self._level = name, device, optimization_level

    @property
    def _provider(self) -> Provider:
        return providers.load(self.name)

    def prepare(self, batch: Batch) -> Plan:
        """See `workers.quantum.backends.base.Backend`; circuits are compiled when they are submitted."""
        refuse(self.name, batch.want, BACKENDS[self.name].circuits)
        if batch.shots is None:
            raise CircuitError("samples take a number of shots")
        if batch.noise is not None:
            raise UnsupportedError(f"{self.name} has the noise of its devices, and no other")
        for pub in batch.pubs:
            checked(self.name, pub)
        return Plan(batch, OneJob())

    def quote(self, plan: Plan) -> Quote:
        """See `workers.quantum.backends.base.Backend`.

        Raises:
            UserError: there is no such device, it accepts no jobs, or not so many shots or qubits.
        """
        listed = self._listed()
        program, made = self._program(plan.batch, listed.device)
        self._check(plan.batch, listed)
        price = self._provider.price(program)
        notes: JsonObject = {
            "calibration": listed.device.calibration_id,
            "compilation": [one.metadata for one in made],
        }
        return Quote(program.n_circuits, program.shots, price.qpu_s, price.usd, notes)

    def run(self, plan: Plan, units: range | None = None, control: Control = ALONE) -> Share | Queued:
        """See `workers.quantum.backends.base.Backend`."""
        known = self._provider.find(control.tag) if control.tag and not control.is_new else None
        if known is not None:
            return self.poll(plan, Queued(known, None), control)
        program, _ = self._program(plan.batch, self._listed().device)
        control.checkpoint()
        return Queued(self._provider.submit(replace(program, max_s=control.max_qpu_s), control.tag), None)

    def poll(self, plan: Plan, queued: Queued, control: Control = ALONE) -> Share | Queued:
        """See `workers.quantum.backends.base.Backend`."""
        job = queued.provider_job
        state = self._provider.state(job)
        if state.word in ("failed", "cancelled"):
            said = state.cause or "no cause is given"
            raise UserError(f"{self.name}:{self._device}: job {job} {_ended(state.word)}: {said}")
        if state.word != "done":
            return Queued(job, None, queued.notes)
        found = self._provider.results(job)
        notes = {**found.notes, **self._drift(queued.notes), "provider_job": job}
        return [(0, {"bits": found.bits, "notes": notes, "compilation": queued.notes.get("compilation")})]

    def merge(self, plan: Plan, shares: Sequence[Share], control: Control = ALONE) -> Result:
        """See `workers.quantum.backends.base.Backend`."""
        ((_, part),) = (one for share in shares for one in share)
        made = part["compilation"] or [None] * len(plan.batch.pubs)
        return tuple(
            Answer(counts=_counts(pub, bits), notes=part["notes"], compilation=metadata)
            for pub, bits, metadata in zip(plan.batch.pubs, part["bits"], made, strict=True)
        )

    def charge(self, provider_job: str) -> Price | None:
        """See `workers.quantum.backends.base.Backend`."""
        return self._provider.charge(provider_job)

    def find(self, tag: str) -> Sequence[str]:
        """See `workers.quantum.backends.base.Backend`."""
        found = self._provider.find(tag)
        return () if found is None else (found,)

    def cancel(self, provider_job: str) -> None:
        """See `workers.quantum.backends.base.Backend`."""
        self._provider.cancel(provider_job)

    def close(self) -> None:
        """Do nothing: the provider's connections are those of the process."""

    def _listed(self) -> Listed:
        """Return the device.

        Raises:
            UserError: the provider has no such device.
        """
        listed = self._provider.devices(self._device)
        found = next((one for one in listed if one.name == self._device), None)
        if found is None:
            names = [one.name for one in listed]
            near = nearest(self._device, names)
            hint = f"did you mean {self.name}:{near}?" if near else f"its devices: {', '.join(names)}"
            message = f"backend: {self.name} has no device {self._device!r}; it may have been retired"
            raise UserError(message, hint=hint)
        return found

    def _program(self, batch: Batch, device: Device) -> tuple[Program, list[Compiled]]:
        """Compile the circuits of a batch.

        Raises:
            UserError: a circuit has more qubits than usable gates of the device connect.
        """
        level = batch.optimization_level if self._level is None else self._level
        options = Options(level=level, seed=batch.seed)
        records = [measured(cast("CircuitRecord", pub.circuit)) for pub in batch.pubs]
        made = [_compiled(record, device, options) for record in records]
        circuits = [_without_phases(one.record) for one in made]
        items = tuple(Item(one, pub.rows) for one, pub in zip(circuits, batch.pubs, strict=True))
        longest_s = max(one.metadata["resource_requirements"]["duration_s"] for one in made)
        return Program(self._device, items, batch.shots_for(), longest_s), made

    def _check(self, batch: Batch, listed: Listed) -> None:
        """Refuse a batch that the device does not accept.

        Raises:
            UserError: names the field, the value and the rule.
        """
        name, most = f"{self.name}:{listed.name}", listed.device.max_shots
        if not listed.accepts:
            message = f"backend: {name} accepts no jobs: its status is {listed.status!r}"
            raise UserError(message, hint="choose another device, or wait until it is in service")
        if most is not None and batch.shots_for() > most:
            message = f"shots: {batch.shots_for()} are more than the {most} that {name} takes"
            raise UserError(message, hint=f"give at most {most} shots")

    def _drift(self, notes: Mapping[str, Any]) -> dict[str, str]:
        """Return the calibration of the submission, and of the end where it is another."""
        if (submitted := notes.get("calibration")) is None:
            return {}
        now = self._listed().device.calibration_id
        return {"calibration": submitted} | ({} if now == submitted else {"calibration_at_end": now})


def _ended(word: str) -> str:
    return "has failed" if word == "failed" else "was cancelled at the provider"


def _compiled(record: CircuitRecord, device: Device, options: Options) -> Compiled:
    if record.n_qubits > device.size:
        message = f"backend: {record.n_qubits} qubits are more than the {device.size} of the device"
        raise UserError(message, hint="use fewer qubits, or another device")
    key = (record, device.calibration_id, options)
    if key not in _kept:
        _kept[key] = compile(record, device, options)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return _kept[key]


def _without_phases(record: CircuitRecord) -> CircuitRecord:
    """Leave out global phases, which devices do not execute and no measurement shows."""

    def kept(items: Iterable[Instruction]) -> tuple[Instruction, ...]:
        found: list[Instruction] = []
        for item in items:
            if isinstance(item, If):
                found.append(If(item.bits, item.value, kept(item.then), kept(item.otherwise)))
            elif not isinstance(item, Gate) or item.name != "gphase":
                found.append(item)
        return tuple(found)

    return CircuitRecord(
        record.n_qubits, record.parameters, record.registers, kept(record.instructions), record.memory
    )


def _counts(pub: Pub, bits: NDArray[np.bool_]) -> NDArray[Any]:
    """Return outcome string -> count at each point, an object array of the shape of the points."""
    record = cast("CircuitRecord", pub.circuit)
    found = np.empty(pub.n_points, dtype=object)
    for point, shots in enumerate(bits):
        rows, times = np.unique(shots, axis=0, return_counts=True)
        outcomes = ["".join("01"[bit] for bit in row) for row in rows.astype(int)]
        counts = dict(zip(outcomes, times.tolist(), strict=True))
        found[point] = counts if record.measures() else last(counts, record.n_qubits)
    return found.reshape(pub.grid)


def _estimating(name: str, device: str, optimization_level: int | None = None) -> Estimating:
    return Estimating(Hardware(name, device, optimization_level))


ibm: Callable[..., Estimating] = partial(_estimating, "ibm")
ionq: Callable[..., Estimating] = partial(_estimating, "ionq")
