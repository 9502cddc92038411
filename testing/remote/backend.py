"""Devices of the remote test server, over HTTP: circuits are queued there, counts are returned."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, cast

import httpx
import numpy as np

from shared.circuits.binding import bound
from shared.circuits.record import CircuitRecord
from shared.quantum.backends import BACKENDS
from testing import plain_http
from workers.quantum.backends.base import ALONE, Control, Plan, Queued, Quote, Share, refuse
from workers.quantum.backends.batch import Answer, Batch, Result
from workers.quantum.backends.records import checked, seed_of
from workers.quantum.providers.base import Price, UnknownJobError
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.runtime.outcome import PassingError, UserError

URL, TIMEOUT_S = "REMOTE_URL", "REMOTE_TIMEOUT_S"
"""Variables: the server's address, and its response timeout."""


class Circuits:
    """The circuits of a batch; a unit is one of them at one point."""

    def n_units(self, batch: Batch) -> int:
        """Return all points of all pubs."""
        return sum(pub.n_points for pub in batch.pubs)


class Remote:
    """One device of the server.

    Args:
        device: its name.
    """

    name = "remote"

    def __init__(self, device: str) -> None:
        self._device, self._url = device, os.environ[URL]
        self._timeout_s = float(os.environ.get(TIMEOUT_S, "30"))

    def prepare(self, batch: Batch) -> Plan:
        """See `workers.quantum.backends.base.Backend`."""
        refuse(self.name, batch.want, BACKENDS[self.name].circuits)
        if batch.shots is None:
            raise CircuitError("samples take a number of shots")
        for pub in batch.pubs:
            checked(self.name, pub)
        return Plan(batch, Circuits())

    def run(self, plan: Plan, units: range | None = None, control: Control = ALONE) -> Share | Queued:
        """See `workers.quantum.backends.base.Backend`: existing work with the task's tag is polled."""
        for known in self.find(control.tag) if control.tag else ():
            return self.poll(plan, Queued(known, 0.0), control)
        control.checkpoint()
        wanted = units or range(plan.n_units)
        body = {"tag": control.tag, "circuits": [*_circuits(plan.batch)][wanted.start : wanted.stop]}
        told = self._told("POST", f"/devices/{self._device}/jobs", json=body)
        return Queued(told["id"], told["retry_after_s"])

    def merge(self, plan: Plan, shares: Sequence[Share], control: Control = ALONE) -> Result:
        """See `workers.quantum.backends.base.Backend`."""
        parts = [part for share in shares for _, part in share]
        counts = iter([one for part in parts for one in part["counts"]])
        notes = {
            key: ", ".join(dict.fromkeys(part[key] for part in parts))
            for key in ("calibration", "provider_job")
        }
        answers = []
        for pub in plan.batch.pubs:
            found = np.empty(pub.n_points, dtype=object)
            found[:] = [next(counts) for _ in range(pub.n_points)]
            answers.append(Answer(counts=found.reshape(pub.grid), notes=notes))
        return tuple(answers)

    def poll(self, plan: Plan, queued: Queued, control: Control = ALONE) -> Share | Queued:
        """See `workers.quantum.backends.base.Backend`."""
        told = self._told("GET", f"/jobs/{queued.provider_job}")
        if told["state"] in ("failed", "cancelled"):
            raise UserError(f"{self.name}:{self._device}: job {told['id']} {told['message']}")
        if told["state"] != "done":
            return Queued(told["id"], told["retry_after_s"])
        part = {"counts": told["counts"], "calibration": told["calibration"], "provider_job": told["id"]}
        return [(0, part)]

    def quote(self, plan: Plan) -> Quote | None:
        """Return None: the server charges nothing."""
        return None

    def charge(self, provider_job: str) -> Price | None:
        """Return None: the server charges nothing."""
        return None

    def find(self, tag: str) -> Sequence[str]:
        """See `workers.quantum.backends.base.Backend`."""
        return [str(one) for one in self._told("GET", f"/devices/{self._device}/jobs", params={"tag": tag})]

    def cancel(self, provider_job: str) -> None:
        """See `workers.quantum.backends.base.Backend`."""
        self._told("DELETE", f"/jobs/{provider_job}")

    def close(self) -> None:
        """Do nothing: no connection is kept."""

    def _told(self, method: str, path: str, **more: Any) -> Any:
        """Return the server's response.

        Raises:
            PassingError: It is unreachable, or temporarily unavailable.
            UnknownJobError: It knows no such job.
            UserError: It rejects the request; its message is passed on.
        """
        try:
            # The server can be configured to kill the requester.
            headers = {"X-Process": str(os.getpid())}
            with plain_http.client(self._url, headers=headers) as http:
                answer = http.request(method, path, timeout=self._timeout_s, **more)
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise PassingError(f"{self.name}:{self._device} gives no answer: {error!r}") from error
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise UnknownJobError(told["message"])
        if answer.is_server_error:
            raise PassingError(f"{self.name}:{self._device}: {told['message']}")
        if answer.is_error:
            raise UserError(f"{self.name}:{self._device}: {told['message']}")
        return told


def _circuits(batch: Batch) -> Iterator[dict[str, Any]]:
    """Yield the circuit of each unit."""
    for number, pub in enumerate(batch.pubs):
        record = cast("CircuitRecord", pub.circuit)
        for point, row in enumerate(pub.rows):
            yield {
                "record": bound(record, row.tolist()).to_json(),
                "shots": batch.shots_for(),
                "seed": seed_of(batch.seed, number, point),
            }
