"""IBM's client, against its stand-in: what other providers do not have."""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from testing.providers.running import Server, server
from tests.conformance.test_providers import CALM, done, program
from workers.quantum import providers
from workers.quantum.providers.base import Provider
from workers.runtime.outcome import PassingError, UserError


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The stand-in, with the variables of a worker that reaches it."""
    with server("ibm", tmp_path_factory.mktemp("provider")) as found:
        before = dict(os.environ)
        os.environ.update(found.variables)
        yield found
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture
def provider(standing: Server) -> Iterator[Provider]:
    """A new client."""
    providers.load.cache_clear()
    found = providers.load("ibm")
    yield found
    standing.behave(**CALM)
    found.close()
    providers.load.cache_clear()


def test_an_instance_at_its_limit_gets_no_jobs(provider: Provider, standing: Server) -> None:
    standing.behave(limit_reached=True)
    with pytest.raises(UserError, match="has reached its limit of 600 s") as caught:
        provider.submit(program(provider), "limit/1")
    assert caught.value.hint and provider.find("limit/1") is None


def test_a_job_is_ended_by_the_service_where_it_would_exceed_its_budget(
    provider: Provider, standing: Server
) -> None:
    job = provider.submit(replace(program(provider), max_s=7.9), "bounded/1")
    (told,) = (one for one in standing.told()["jobs"] if one["id"] == job)
    assert told["limit_s"] == 7


def test_a_job_that_ran_too_long_has_failed(provider: Provider, standing: Server) -> None:
    standing.behave(too_long=True)
    job = provider.submit(program(provider), "long/1")
    assert done(provider, job) == "failed"
    assert "ran longer than its maximum execution time" in provider.state(job).cause


def test_the_key_is_not_sent_when_no_token_is_to_be_had(provider: Provider, standing: Server) -> None:
    standing.behave(identity=503)
    with pytest.raises(PassingError, match="no access token"):
        provider.devices()
    assert standing.told()["raw_keys"] == 0


def test_an_answer_is_not_waited_for_forever(
    provider: Provider, standing: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workers.quantum.providers import ibm

    job = provider.submit(program(provider), "hanging/1")
    monkeypatch.setattr(ibm, "READ_S", 0.2)
    standing.behave(hang=1, hanging="/jobs/d")
    with pytest.raises(PassingError, match="no answer"):
        provider.state(job)


def test_nothing_is_told_of_the_installation(provider: Provider) -> None:
    assert os.environ["USAGE_DATA_OPT_OUT"] == "True"
