"""The conformance suite of providers: each against its stand-in, a process on loopback."""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from shared.circuits.instruction import Affine, Gate, Measure
from shared.circuits.record import CircuitRecord
from testing.providers.running import Server, server
from testing.providers.stack import DEVICES
from workers.quantum import providers
from workers.quantum.providers.base import Item, Program, Provider, ThrottledError, UnknownJobError
from workers.runtime.outcome import PassingError, UserError

SHOTS = 50


@pytest.fixture(scope="module", params=sorted(DEVICES))
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The stand-in, with the variables of a worker that reaches it."""
    with server(request.param, tmp_path_factory.mktemp("provider")) as found:
        before = dict(os.environ)
        os.environ.update(found.variables)
        yield found
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture
def provider(standing: Server) -> Iterator[Provider]:
    """A new client."""
    providers.load.cache_clear()
    found = providers.load(standing.name)
    yield found
    standing.behave(**CALM)
    found.close()
    providers.load.cache_clear()


CALM: dict[str, Any] = {
    "hold": False, "fail": [], "lose": 0, "hang": 0, "break_with": "", "limit_reached": False,
    "revoked": False, "identity": 200, "offline": False, "retired": [], "too_long": False,
    "unit": "usd",
}  # fmt: skip


def device(provider: Provider) -> str:
    return DEVICES[provider.name].partition(":")[2]


def program(provider: Provider) -> Program:
    """A circuit whose parameters sort in another order than they are declared in, and two registers."""
    angle = Affine((("b", 1.0),)), Affine((("a", 1.0),))
    gates = (Gate("rz", (0,), (angle[0],)), Gate("x", (0,)), Gate("rz", (1,), (angle[1],)), Gate("x", (2,)))
    reads = (Measure(2, 0), Measure(1, 1), Measure(0, 2))
    record = CircuitRecord(5, ("b", "a"), (("first", 1), ("second", 2)), (*gates, *reads))
    return Program(device(provider), (Item(record, np.array([[0.1, 0.2], [0.3, 0.4]])),), SHOTS)


def done(provider: Provider, job: str) -> str:
    while (state := provider.state(job)).word in ("queued", "running"):
        pass
    return state.word


def test_devices_have_a_calibration(provider: Provider) -> None:
    listed = {one.name: one for one in provider.devices()}
    assert listed[device(provider)].accepts and listed[device(provider)].device.n_qubits >= 3
    assert [one.name for one in provider.devices(device(provider))] == [device(provider)]


def test_bits_are_in_the_order_of_the_circuits_classical_bits(provider: Provider) -> None:
    job = provider.submit(program(provider), "bits/1")
    assert done(provider, job) == "done"
    (bits,) = provider.results(job).bits
    assert bits.shape == (2, SHOTS, 3) and (bits == [True, False, True]).all()


def test_a_job_is_found_by_its_tag_until_it_is_cancelled(provider: Provider, standing: Server) -> None:
    standing.behave(hold=True)
    assert provider.find("tag/1") is None
    job = provider.submit(program(provider), "tag/1")
    assert provider.find("tag/1") == job and provider.find("tag/2") is None
    assert provider.state(job).word in ("queued", "running")
    for _ in range(2):
        provider.cancel(job)
    assert provider.state(job).word in ("cancelling", "cancelled")
    assert provider.find("tag/1") is None


def test_what_is_charged_is_what_the_provider_states(provider: Provider, standing: Server) -> None:
    job = provider.submit(program(provider), "charge/1")
    assert done(provider, job) == "done"
    (told,) = (one for one in standing.told()["jobs"] if one["id"] == job)
    charge, price = provider.charge(job), provider.price(program(provider))
    assert charge is not None and charge.qpu_s == pytest.approx(told["used_s"])
    assert price.qpu_s == pytest.approx(charge.qpu_s, rel=1.0) and (price.usd is None) == (charge.usd is None)


def test_costs_in_another_unit_are_no_dollars(provider: Provider, standing: Server) -> None:
    standing.behave(unit="credit")
    job = provider.submit(program(provider), "unit/1")
    assert done(provider, job) == "done"
    charge, price = provider.charge(job), provider.price(program(provider))
    assert charge is not None and (charge.usd, price.usd) == (None, None)
    assert charge.qpu_s > 0 and price.qpu_s > 0


def test_unknown_jobs_are_of_one_kind_of_error(provider: Provider) -> None:
    for call in (provider.state, provider.results, provider.cancel, provider.charge):
        with pytest.raises(UnknownJobError):
            call("d9999999999999999999")


@pytest.mark.parametrize(
    ("behaviour", "error", "words"),
    [
        ({"fail": [["POST", "/jobs$", 429, 1, {"Retry-After": "7"}]]}, ThrottledError, "busy"),
        ({"fail": [["POST", "/jobs$", 429, 1, {}]]}, ThrottledError, "busy"),
        ({"fail": [["POST", "/jobs$", 500, 1, {}]]}, PassingError, "no answer"),
        ({"fail": [["POST", "/jobs$", 503, 1, {}]]}, PassingError, "no answer"),
        ({"fail": [["POST", "/jobs$", 400, 1, {}]]}, UserError, "rejects"),
        ({"lose": 1}, PassingError, "no answer"),
        ({"revoked": True}, UserError, "does not accept the token"),
    ],
)
def test_a_submission_is_sent_once_and_its_failure_is_of_a_known_kind(
    provider: Provider, standing: Server, behaviour: dict[str, Any], error: type[Exception], words: str
) -> None:
    before = _posts(standing)
    standing.behave(**behaviour)
    with pytest.raises(error, match=words) as caught:
        provider.submit(program(provider), "failing/1")
    if isinstance(caught.value, ThrottledError):
        stated = behaviour["fail"][0][4].get("Retry-After")
        assert caught.value.retry_after_s == (None if stated is None else float(stated))
    assert _posts(standing) - before <= 1
    _keeps_secrets(standing, str(caught.value))


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ({"fail": [["GET", "/jobs/d", 429, 1, {"Retry-After": "3"}]]}, ThrottledError),
        ({"fail": [["GET", "/jobs/d", 429, 1, {}]]}, ThrottledError),
        ({"fail": [["GET", "/jobs/d", 502, 1, {}]]}, PassingError),
        ({"fail": [["GET", "/jobs/d", 401, 1, {}]]}, UserError),
    ],
)
def test_a_poll_is_sent_once_and_its_failure_is_of_a_known_kind(
    provider: Provider, standing: Server, behaviour: dict[str, Any], error: type[Exception]
) -> None:
    job = provider.submit(program(provider), "polled/1")
    standing.behave(**behaviour)
    with pytest.raises(error) as caught:
        provider.state(job)
    _keeps_secrets(standing, str(caught.value))
    assert provider.state(job).word in ("queued", "running", "done")


def test_a_failed_job_says_why(provider: Provider, standing: Server) -> None:
    standing.behave(break_with="Internal error")
    job = provider.submit(program(provider), "broken/1")
    assert done(provider, job) == "failed" and "Internal error" in provider.state(job).cause
    assert provider.find("broken/1") is None


def test_a_wrong_key_is_said_at_once(standing: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    (key,) = (name for name in standing.variables if name.endswith("_TOKEN"))
    monkeypatch.setenv(key, "wrong-key-51c2")
    providers.load.cache_clear()
    found = providers.load(standing.name)
    with pytest.raises(UserError, match="does not accept the token") as caught:
        found.find("any")
    assert "wrong-key-51c2" not in str(caught.value) and key in str(caught.value.hint)
    found.close()
    providers.load.cache_clear()


def test_an_address_in_the_clear_is_refused(standing: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"NOVACRON_{standing.name.upper()}_URL"
    monkeypatch.setenv(address, "http://quantum.example.org/api/v1")
    providers.load.cache_clear()
    with pytest.raises(UserError, match="https://"):
        providers.load(standing.name)
    providers.load.cache_clear()


def _posts(standing: Server) -> int:
    asked = standing.told()["asked"]
    return sum(n for route, n in asked.items() if route.startswith("POST") and route.endswith("/jobs"))


def _keeps_secrets(standing: Server, said: str) -> None:
    keys = [value for name, value in standing.variables.items() if name.endswith("_TOKEN")]
    assert standing.told()["raw_keys"] == 0
    assert not any(key in said for key in keys) and "eyJ" not in said
