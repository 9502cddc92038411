"""IonQ's devices, by its REST interface (v0.4): the circuits of a job are one multi-circuit job there.

Gates and formats are those of IonQ's OpenAPI document of 2 September 2026. A register lists the qubits of the
circuit's classical bits, so that each shot comes back as these bits.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import combinations, islice
from typing import Any

import httpx
import numpy as np

from novacron.specs.refusal import validated
from shared.circuits.binding import bound
from shared.circuits.instruction import Barrier, Gate, Measure
from shared.circuits.record import CircuitRecord
from shared.quantum.devices import Device
from workers.quantum.providers import base
from workers.quantum.providers.base import Listed, Price, Program, Results, State, Word
from workers.runtime.outcome import PassingError, UserError

TOKEN, URL = "NOVACRON_IONQ_TOKEN", "NOVACRON_IONQ_URL"
"""Variables: API key, and address of the interface."""
CLOUD, TIMEOUT_S = "https://api.ionq.co/v0.4", 30.0
SHOTS, MOST_SHOTS = "ionq.result.shots.json.v2", 1_000_000
REGISTER, TAG, POINTS = "bits", "tag", "points"
USD = "usd"
"""Unit of costs; of organizations that pay in credits IonQ states another."""
MOST_PAGES = 20
"""Pages of the list of jobs that a search reads, the newest first."""
WORDS: Mapping[str, Word] = {
    "submitted": "queued", "ready": "queued", "started": "running", "completed": "done", "failed": "failed",
    "canceled": "cancelled",
}  # fmt: skip


class IonQ:
    """The devices of one account; see `workers.quantum.providers.base.Provider`."""

    name = "ionq"

    def __init__(self) -> None:
        token, url = os.environ.get(TOKEN, ""), os.environ.get(URL) or CLOUD
        if not token:
            raise UserError("backend: this worker cannot reach ionq: no token is set", hint=f"set {TOKEN}")
        base.check_address(URL, url)
        headers = {"Authorization": f"apiKey {token}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_S)

    def devices(self, only: str | None = None) -> list[Listed]:
        """See `Provider`."""
        told = [one for one in self._asked("GET", "/backends") if one["backend"].startswith("qpu.")]
        wanted = [one for one in told if one["backend"] == only] or told
        return [self._device(one) for one in wanted]

    def _device(self, told: Mapping[str, Any]) -> Listed:
        name, known = told["backend"], told.get("characterization_id")
        measured = self._asked("GET", f"/backends/{name}/characterizations/{known}") if known else {}
        device = validated(Device, _calibration(told, measured))
        return Listed(device, name, told["status"] == "available", told["status"])

    def submit(self, program: Program, tag: str) -> str:
        """See `Provider`."""
        n_qubits = max(item.record.n_qubits for item in program.items)
        rows = ((item.record, point.tolist()) for item in program.items for point in item.points)
        circuits = [_circuit(bound(record, point)) for record, point in rows]
        points = ",".join(str(len(item.points)) for item in program.items)
        body = {
            "type": "ionq.multi-circuit.v1", "name": tag, "metadata": {TAG: tag, POINTS: points},
            "shots": program.shots, "backend": program.device,
            "input": {"gateset": "qis", "qubits": n_qubits, "circuits": circuits},
        }  # fmt: skip
        return str(self._asked("POST", "/jobs", json=body)["id"])

    def find(self, tag: str) -> str | None:
        """See `Provider`; metadata cannot be searched, so the list is read."""
        found: str | None = None
        query: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            page = self._asked("GET", "/jobs", params=query)
            mine = (job for job in page["jobs"] if (job["metadata"] or {}).get(TAG) == tag)
            for job in mine:
                found = found if WORDS[job["status"]] in ("failed", "cancelled") else str(job["id"])
            if not page["next"]:
                break
            query = {"next": page["next"]}
        return found

    def state(self, job: str) -> State:
        """See `Provider`."""
        told = self._asked("GET", f"/jobs/{job}", job)
        failure = told["failure"] or {}
        cause = f"{failure['message']} ({failure['code']})" if failure else ""
        return State(WORDS[told["status"]], None, cause)

    def results(self, job: str) -> Results:
        """See `Provider`; the points of a circuit are successive children of the job."""
        told = self._asked("GET", f"/jobs/{job}", job)
        rows = (self._bits(child) for child in told["child_job_ids"])
        return Results([np.stack([*islice(rows, int(n))]) for n in told["metadata"][POINTS].split(",")])

    def _bits(self, child: str) -> Any:
        told = self._asked("GET", f"/jobs/{child}", child)
        artifact = told["results"][SHOTS]["id"]
        shots = self._asked("GET", f"/jobs/{child}/artifacts/{artifact}", child)["shots"]
        return np.array([shot["registers"][REGISTER] for shot in shots], dtype=np.bool_)

    def cancel(self, job: str) -> None:
        """See `Provider`."""
        if self.state(job).word in ("queued", "running"):
            self._asked("PUT", f"/jobs/{job}/status/cancel", job)

    def exhausted(self) -> str:
        """See `Provider`; IonQ states no limit."""
        return ""

    def price(self, program: Program) -> Price:
        """See `Provider`: IonQ's own estimate of each circuit."""
        qpu_s, usd, unit = 0.0, 0.0, USD
        for item in program.items:
            n_qubits = [len(one.qubits) for one in item.record.instructions if isinstance(one, Gate)]
            asked = {
                "backend": program.device, "qubits": item.record.n_qubits, "shots": program.shots,
                "1q_gates": n_qubits.count(1), "2q_gates": n_qubits.count(2),
            }  # fmt: skip
            told = self._asked("GET", "/jobs/estimate", params=asked)
            qpu_s += len(item.points) * told["estimated_execution_time"] / 1e3
            usd += len(item.points) * told["estimated_total_cost"]
            unit = told["estimated_unit"]
        return Price(qpu_s, usd if unit == USD else None)

    def charge(self, job: str) -> Price | None:
        """See `Provider`."""
        told, paid = self._asked("GET", f"/jobs/{job}", job), self._asked("GET", f"/jobs/{job}/cost", job)
        if "cost" not in paid:
            return None
        usd = float(paid["cost"]["value"]) if paid["cost"]["unit"] == USD else None
        return Price((told["execution_duration_ms"] or 0) / 1e3, usd)

    def close(self) -> None:
        """See `Provider`."""
        self._http.close()

    def _asked(self, method: str, path: str, job: str | None = None, **more: Any) -> Any:
        """Return the answer to one request; raises as `Provider`, and UnknownJobError for a job."""
        try:
            answer = self._http.request(method, path, **more)
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise PassingError(f"ionq gives no answer to {method} {path}: {error!r}") from None
        if answer.is_success:
            return told
        said = f"ionq: {method} {path}: {answer.status_code} {told.get('message', '')}"
        if answer.status_code == httpx.codes.NOT_FOUND and job is not None:
            raise base.UnknownJobError(job)
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise UserError("backend: ionq does not accept the token of this worker", hint=f"set {TOKEN}")
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            after = answer.headers.get("Retry-After", "")
            raise base.ThrottledError(f"ionq is busy: {said}", float(after) if after.isdecimal() else None)
        if answer.is_server_error:
            raise PassingError(f"ionq gives no answer: {said}")
        raise UserError(f"backend: ionq rejects the request: {said}")


def _circuit(record: CircuitRecord) -> dict[str, Any]:
    """Return a circuit as JSON.

    Raises:
        UserError: it has a reset, a condition, or a gate after a measurement.
    """
    places: list[int | None] = [None] * record.n_bits
    gates: list[dict[str, Any]] = []
    for item in record.instructions:
        if isinstance(item, Measure) and item.bit is not None:
            places[item.bit] = item.qubit
        elif isinstance(item, Gate) and item.qubits and not {*item.qubits} & {*places}:
            *controls, target = item.qubits
            told = {"gate": "cnot", "control": controls[0]} if controls else {"gate": item.name}
            gates.append({**told, "target": target, **({"rotation": item.params[0]} if item.params else {})})
        elif not isinstance(item, Barrier):
            raise UserError("circuit: ionq has no resets and no conditions, and measures at the end only")
    return {"circuit": gates, "qubits": record.n_qubits, "registers": {REGISTER: places}}


def _calibration(told: Mapping[str, Any], measured: Mapping[str, Any]) -> dict[str, Any]:
    """Return the calibration of a device, in which all qubits are equal."""
    n_qubits, date = told["qubits"], measured.get("date", told["last_updated"])
    fidelity, timing = measured.get("fidelity", {}), measured.get("timing", {})
    pairs = [tuple(pair) for pair in measured.get("connectivity") or combinations(range(n_qubits), 2)]
    error = {name: 1 - one["median"] for name, one in fidelity.items() if one.get("median")}
    qubit = dict.fromkeys(("p1_given_0", "p0_given_1"), error.get("spam", 0.0))
    if timing.get("t1") and timing.get("t2"):
        qubit |= {"t1_s": timing["t1"], "t2_s": min(timing["t2"], 2 * timing["t1"])}
    one, two = ({"error": error.get(n, 0.0), "duration_s": timing.get(n, 0.0)} for n in ("1q", "2q"))
    return {
        "name": f"{told['backend']} {date[:10]}", "provider": "IonQ", "date": date, "max_shots": MOST_SHOTS,
        "basis_gates": ["rx", "ry", "rz", "cx"], "coupling": pairs, "qubits": [qubit] * n_qubits,
        "gates": [
            *({"gate": name, "qubits": [q], **one} for name in ("rx", "ry") for q in range(n_qubits)),
            *({"gate": "cx", "qubits": list(pair), **two} for pair in pairs),
        ],
    }  # fmt: skip
