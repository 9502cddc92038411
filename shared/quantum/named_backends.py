"""Operator-defined backend names with their own limits: the file of `NOVACRON_BACKENDS_FILE`.

Jobs use such a name like any other backend. It resolves to a backend of the registry: one of the simulators,
selected as for `auto`, or devices of a provider.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from novacron.errors import BadInput
from novacron.specs import VQE, Circuit, Spec
from novacron.specs.noise import NoiseModel
from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Flag, Integer, Number, matching
from shared import configuration_file
from shared.quantum.backend_name import AUTO
from shared.quantum.backends import BACKENDS

IDEAL = "ideal"
SIMULATOR = "statevector"
"""Backend whose row represents all simulators in listings: it supports everything but noise."""


def _free(name: str) -> str:
    if name == AUTO or name in BACKENDS:
        raise refuse("is the name of a backend of NovaCron's own", value=name, hint="choose another name")
    return name


def _variable(value: str) -> str:
    if not re.fullmatch(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}", value):
        rule = "must be ${VARIABLE}: tokens stand in the environment, never in this file"
        raise refuse(rule, value="(not shown)")
    return value


def _noise(value: object) -> object:
    return None if value == IDEAL else value


class NamedBackend(Record):
    """A backend under an operator-defined name.

    Attributes:
        name: as in a job's `backend`.
        type: kind of backend that runs the jobs; `cloud` is a simulator at a provider.
        provider: `local`, or a backend of the registry that represents devices.
        max_qubits: wider circuits are rejected.
        noise_model: noise model of jobs without one: `ideal`, a name, or an explicit model.
        gpu_enabled: whether simulations may go to the queue `gpu-sim`.
        device: the only device to use; if omitted, a job names one after a colon.
        usd_per_qpu_second: price of a second of the device; None if it is not charged by time.
        api_token: API token of the provider, as `${VARIABLE}`: an environment variable of the workers.
    """

    name: Annotated[
        str,
        Field(strict=True, max_length=63),
        matching(r"[a-z][a-z0-9_-]*", "must be lower-case letters, digits, - and _, beginning with a letter"),
        AfterValidator(_free),
    ]
    type: Literal["simulator", "hardware", "cloud"]
    provider: Annotated[str, Field(strict=True)]
    max_qubits: Annotated[Integer, Field(ge=1, le=100_000)]
    noise_model: Annotated[NoiseModel, BeforeValidator(_noise)] = None
    gpu_enabled: Flag = False
    device: Annotated[str, matching(r"[A-Za-z0-9_.-]{1,80}", "must be the name of a device")] | None = None
    usd_per_qpu_second: Annotated[Number, Field(ge=0, le=1e6)] | None = None
    api_token: Annotated[str, AfterValidator(_variable)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.type == "simulator":
            if self.provider != "local":
                raise refuse(
                    "must be local: simulators run on workers", at=("provider",), value=self.provider
                )
            for field in ("device", "usd_per_qpu_second", "api_token"):
                if getattr(self, field) is not None:
                    raise refuse("is of hardware; a simulator has none", at=(field,), hint="leave it out")
            return self
        able = [name for name, row in BACKENDS.items() if row.provider]
        if self.provider not in able:
            rule = f"must be one of {', '.join(able)}: hardware is reached through a provider"
            raise refuse(rule, at=("provider",), value=self.provider)
        if self.gpu_enabled or self.noise_model is not None:
            field = "gpu_enabled" if self.gpu_enabled else "noise_model"
            raise refuse("is of simulators; hardware has none", at=(field,), hint="leave it out")
        return self

    def stands_for(self, device: str = "") -> str:
        """Return the registry backend that a job of this name uses.

        Args:
            device: the device the job names after a colon.

        Raises:
            BadInput: the job names a device, but the backend has none or a fixed one.
        """
        if device and (self.type == "simulator" or self.device):
            rule = f"{self.name} has no devices to choose from, and none called {device!r}"
            raise BadInput(rule, field="backend", value=f"{self.name}:{device}", hint=f"use {self.name}")
        if self.type == "simulator":
            return AUTO
        chosen = self.device or device
        return f"{self.provider}:{chosen}" if chosen else self.provider

    def check_width(self, n_qubits: int) -> None:
        """Reject a circuit wider than `max_qubits`.

        Raises:
            BadInput: it has more qubits.
        """
        if n_qubits > self.max_qubits:
            rule = f"{n_qubits} qubits are more than the {self.max_qubits} that {self.name} takes here"
            raise BadInput(rule, field="backend", value=self.name, hint="use fewer qubits or another backend")

    def noisy(self, spec: Spec) -> Spec:
        """Return a job with the noise model of this backend, unless it has one."""
        if self.noise_model is None or spec.noise is not None or not isinstance(spec, Circuit | VQE):
            return spec
        return spec.model_copy(update={"noise": self.noise_model})

    def shown(self, live: Set[str]) -> dict[str, Any]:
        """Return its representation in API listings.

        Args:
            live: queues that have a worker.
        """
        row = BACKENDS[SIMULATOR if self.type == "simulator" else self.provider]
        told = row.shown(live=row.queue in live)
        return told | {
            "name": self.name, "type": self.type, "provider": self.provider, "max_qubits": self.max_qubits,
            "stands_for": self.stands_for(), "noise": True, "devices": row.devices and not self.device,
        }  # fmt: skip


class BackendsFile(Record):
    """The whole file.

    Attributes:
        backends: backends with distinct names.
    """

    backends: Annotated[tuple[NamedBackend, ...], Field(max_length=1000)]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [backend.name for backend in self.backends]
        for position, name in enumerate(names):
            if name in names[:position]:
                raise refuse("is given twice", at=("backends", position, "name"), value=name)
        return self


@cache
def load(path: str) -> Mapping[str, NamedBackend]:
    """Load the named backends of a file by name; none without a file. Cached per process.

    Raises:
        BadInput: the file cannot be read or breaks a rule.
    """
    if not path:
        return {}
    return {backend.name: backend for backend in configuration_file.read(path, BackendsFile).backends}
