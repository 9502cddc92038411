"""IBM's devices, by executor programs of `qiskit-ibm-runtime` (extra `ibm`).

The client's REST adapters, token refresh and encoders are used, and not its service class: that repeats
submissions on its own, reads without a time-out, and sends the API key itself if no token is to be had.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

# Without it each request walks the stack, and sends the list of installed packages.
os.environ["USAGE_DATA_OPT_OUT"] = "True"

from ibm_cloud_sdk_core import ApiException
from qiskit_ibm_runtime import QuantumProgram
from qiskit_ibm_runtime.api.auth import CloudAuth
from qiskit_ibm_runtime.api.exceptions import RequestsApiError
from qiskit_ibm_runtime.api.rest.runtime import Runtime
from qiskit_ibm_runtime.api.session import RetrySession
from qiskit_ibm_runtime.api.utils import default_runtime_url_resolver
from qiskit_ibm_runtime.decoders.executor.decoder import ExecutorResultDecoder
from qiskit_ibm_runtime.exceptions import IBMNotAuthorizedError
from qiskit_ibm_runtime.options_models import ExecutorOptions
from qiskit_ibm_runtime.quantum_program.params_converters import QUANTUM_PROGRAM_PARAMS_CONVERTERS
from requests import Response
from requests.adapters import HTTPAdapter

from novacron.specs.refusal import validated
from shared.circuits.qiskit_circuit import to_qiskit
from shared.quantum import ibm_calibration, pricing
from shared.quantum.devices import Device
from workers.quantum.providers.base import (
    CALIBRATION_S,
    Listed,
    Price,
    Program,
    Results,
    State,
    ThrottledError,
    UnknownJobError,
    Word,
    check_address,
)
from workers.runtime.outcome import PassingError, UserError

TOKEN, INSTANCE, URL = "NOVACRON_IBM_TOKEN", "NOVACRON_IBM_INSTANCE", "NOVACRON_IBM_URL"
"""Variables: API key, cloud resource name (CRN) of the instance, and base address of the API."""
CLOUD = "https://cloud.ibm.com"
EXECUTOR, SCHEMA = "executor", "v2.0"
CONNECT_S, READ_S, SUBMIT_S = 5.0, 30.0, 120.0
WORDS: Mapping[str, Word] = {
    "QUEUED": "queued", "RUNNING": "running", "COMPLETED": "done", "FAILED": "failed",
    "CANCELLED": "cancelled",
}  # fmt: skip
RAN_TOO_LONG = 1305


class Auth(CloudAuth):
    """Sends access tokens only: the client's own class sends the API key itself if it gets no token."""

    def __init__(self, token: str, instance: str) -> None:
        super().__init__(token, instance)
        self.tm.http_config = {"timeout": (CONNECT_S, READ_S)}

    def get_headers(self) -> dict[str, str]:
        """Return the headers of a request.

        Raises:
            ApiException: the identity service gives no token.
        """
        return {"Service-CRN": self.crn, "Authorization": f"Bearer {self.tm.get_token()}"}


class Session(RetrySession):
    """A session that repeats nothing, and waits for no answer forever."""

    def __init__(self, url: str, auth: Auth) -> None:
        super().__init__(url, auth=auth)
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(max_retries=0))

    def request(self, method: str, url: str, **options: Any) -> Response:
        """Send one request."""
        read_s = SUBMIT_S if method.upper() == "POST" else READ_S
        found: Response = super().request(method, url, **(options | {"timeout": (CONNECT_S, read_s)}))
        return found


class Ibm:
    """The devices of one instance; see `workers.quantum.providers.base.Provider`."""

    name = "ibm"

    def __init__(self) -> None:
        os.environ["USAGE_DATA_OPT_OUT"] = "True"
        self._token, self._instance = _variable(TOKEN), _variable(INSTANCE)
        url = os.environ.get(URL) or default_runtime_url_resolver(CLOUD, self._instance)
        check_address(URL, url)
        self._auth = Auth(self._token, self._instance)
        self._session = Session(url, self._auth)
        self._api = Runtime(self._session)
        self._calibrations: dict[str, tuple[float, Device]] = {}

    def devices(self, only: str | None = None) -> list[Listed]:
        """See `Provider`."""
        with self._answered("its list of devices"):
            if only is None or only not in self._calibrations:
                names = [told["name"] for told in self._api.backends()["devices"]]
                return [self._device(name) for name in names if only not in names or name == only]
            return [self._device(only)]

    def _device(self, name: str) -> Listed:
        status = self._api.backend(name).status()
        return Listed(
            self._calibration(name), name, status["operational"], status["status_msg"], status["pending_jobs"]
        )

    def _calibration(self, name: str) -> Device:
        read_at, device = self._calibrations.get(name, (-CALIBRATION_S, None))
        if device is None or time.monotonic() - read_at >= CALIBRATION_S:
            backend = self._api.backend(name)
            told = ibm_calibration.calibration(name, backend.configuration(), backend.properties())
            device = validated(Device, told)
            self._calibrations[name] = (time.monotonic(), device)
        return device

    def submit(self, program: Program, tag: str) -> str:
        """See `Provider`."""
        # The service would accept the job, and leave it in the queue without a word.
        if said := self.exhausted():
            message = f"backend: ibm:{program.device}: {said}"
            raise UserError(message, hint="raise the limit of the instance, or wait for its next period")
        body: dict[str, Any] = {
            "program_id": EXECUTOR, "backend": program.device, "tags": [tag], "params": _encoded(program),
        }  # fmt: skip
        if program.max_s is not None:
            body["cost"] = max(1, int(program.max_s))
        with self._answered(f"a submission to {program.device}"):
            return str(self._session.post("/jobs", json=body).json()["id"])

    def exhausted(self) -> str:
        """See `Provider`."""
        with self._answered("the instance's usage"):
            usage = self._api.cloud_usage()
        if not usage.get("usage_limit_reached"):
            return ""
        limit = usage.get("usage_limit_seconds")
        spent = "its limit" if limit is None else f"its limit of {limit} s"
        return f"the instance has reached {spent} of QPU time"

    def find(self, tag: str) -> str | None:
        """See `Provider`."""
        with self._answered("a search"):
            told = self._api.jobs_get(limit=20, job_tags=[tag], descending=False)
        alive = [job["id"] for job in told["jobs"] if _word(job) not in ("failed", "cancelled")]
        return alive[0] if alive else None

    def state(self, job: str) -> State:
        """See `Provider`."""
        with self._answered(f"the state of job {job}", job):
            told = self._api.program_job(job).get(exclude_params=True)
        state = told.get("state") or {}
        code, reason = state.get("reason_code"), state.get("reason") or ""
        word = _word(told)
        if word == "cancelled" and code == RAN_TOO_LONG:
            word, reason = "failed", f"ran longer than its maximum execution time; {reason}"
        cause = f"{reason} (error {code})" if code else reason
        return State(word, told.get("queue_position"), self._without_secrets(cause))

    def results(self, job: str) -> Results:
        """See `Provider`."""
        with self._answered(f"the results of job {job}", job):
            raw = self._api.program_job(job).results()
        told = ExecutorResultDecoder.decode(raw)
        layout = told.passthrough_data["registers"]
        bits = []
        for item, registers in zip(told, layout, strict=True):
            arrays = [np.asarray(item[name], dtype=np.bool_) for name in registers]
            bits.append(np.concatenate(arrays, axis=-1))
        return Results(bits)

    def cancel(self, job: str) -> None:
        """See `Provider`."""
        with self._answered(f"the cancellation of job {job}", job):
            try:
                self._api.program_job(job).cancel()
            except RequestsApiError as error:
                if error.status_code != 409:  # it has ended
                    raise

    def price(self, program: Program) -> Price:
        """See `Provider`."""
        return Price(pricing.qpu_seconds(program.n_circuits, program.shots, program.duration_s), None)

    def charge(self, job: str) -> Price | None:
        """See `Provider`."""
        with self._answered(f"the metrics of job {job}", job):
            told = self._api.program_job(job).metadata()
        usage = told.get("usage") or {}
        spent = usage.get("quantum_seconds", usage.get("qpu_charge_time_seconds"))
        return None if spent is None else Price(float(spent), None)

    def close(self) -> None:
        """See `Provider`."""
        self._session.close()

    @contextmanager
    def _answered(self, what: str, job: str | None = None) -> Iterator[None]:
        """Convert the client's errors into those of the interface, without secrets.

        Raises:
            UnknownJobError: the answer was 404, for a job.
            ThrottledError: it was 429.
            PassingError: there was none, or the service is unavailable.
            UserError: the account or the request is rejected.
        """
        try:
            yield
        except IBMNotAuthorizedError as error:
            raise _unauthorized(self._without_secrets(error)) from None
        except RequestsApiError as error:
            raise self._converted(error, what, job) from None
        except ApiException as error:
            said = self._without_secrets(error.message)
            if error.status_code in (400, 401, 403):
                raise _unauthorized(said) from None
            raise PassingError(f"ibm gives no access token: {said}") from None

    def _converted(self, error: RequestsApiError, what: str, job: str | None) -> Exception:
        response = getattr(error.__cause__ or error.__context__, "response", None)
        status = error.status_code if response is None else response.status_code
        said = self._without_secrets(error)
        if status == 404 and job is not None:
            return UnknownJobError(job)
        if status == 429:
            return ThrottledError(f"ibm is busy at {what}: {said}", _seconds(response))
        if status < 0 or status >= 500:
            return PassingError(f"ibm gives no answer to {what}: {said}")
        return UserError(f"backend: ibm rejects {what}: {said}")

    def _without_secrets(self, said: object) -> str:
        text = str(said).replace(self._token, "(API key)")
        access = self._auth.tm.access_token
        return text.replace(access, "(token)") if access else text


def _variable(name: str) -> str:
    if value := os.environ.get(name, ""):
        return value
    message = f"backend: this worker cannot reach ibm: {name} is not set"
    raise UserError(message, hint=f"set {TOKEN} and {INSTANCE} where the workers of its queue run")


def _unauthorized(said: str) -> UserError:
    message = f"backend: ibm does not accept the token of this worker: {said}"
    return UserError(message, hint=f"set {TOKEN} to a valid API key, and {INSTANCE} to one of its instances")


def _word(told: Mapping[str, Any]) -> Word:
    state = (told.get("state") or {}).get("status") or told["status"]
    return WORDS[str(state).upper().partition(" ")[0]]


def _seconds(response: Any) -> float | None:
    text = "" if response is None else response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


def _encoded(program: Program) -> dict[str, Any]:
    """Return a program as the executor reads it; the order of the registers travels with it."""
    registers = [[name for name, size in item.record.registers if size] for item in program.items]
    made = QuantumProgram(shots=program.shots, passthrough_data={"registers": registers})
    for item in program.items:
        circuit = to_qiskit(item.record, free=True)
        order = [item.record.parameters.index(parameter.name) for parameter in circuit.parameters]
        made.append_circuit_item(circuit, circuit_arguments=item.points[:, order])
    encoded = QUANTUM_PROGRAM_PARAMS_CONVERTERS[SCHEMA].encoder(made, ExecutorOptions())
    found: dict[str, Any] = encoded.model_dump(mode="json")
    return found
