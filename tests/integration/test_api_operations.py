"""What routes answer that have an operation performed: no worker runs here, the test ends the jobs."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from novacron.errors import BadInput, Conflict, NotAuthentic, NotFound, from_problem, refusal
from shared.db import jobs, session
from tests.integration.conftest import JOBS, Api

GENERATE = "/api/crypto/keys/generate"
REFUSALS = [
    (Conflict("it was changed concurrently"), 409),
    (NotFound("there is no key 'x' in this tenant"), 404),
    (NotAuthentic("the envelope was changed or is incomplete"), 422),
    (BadInput("does not open this private key", field="password"), 422),
]


def ended(api: Api, end: Callable[[str], Any]) -> httpx.Response:
    """The answer to a request whose job is ended in this way."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(api.http.post, GENERATE, json={"algorithm": "ML-DSA-65"})
        while not (found := api.http.get(JOBS, params={"status": "queued"}).json()["jobs"]):
            time.sleep(0.01)
        end(found[0]["job_id"])
        return answer.result()


def failed(api: Api, **error: Any) -> Callable[[str], bool]:
    def end(job_id: str) -> bool:
        with session.connect(api.database_url, name="tests") as connection:
            return jobs.fail(connection, job_id, error)

    return end


@pytest.mark.parametrize(("error", "status"), REFUSALS, ids=lambda value: type(value).__name__)
def test_what_the_worker_refused_is_refused_as_if_by_the_route(api: Api, problem, error, status) -> None:
    answer = ended(api, failed(api, **{"class": "user", "message": str(error), **refusal(error)}))
    again = from_problem(status, problem(answer, status))
    assert (type(again), str(again)) == (type(error), str(error))


def test_another_failure_of_the_users_is_bad_input(api: Api, problem) -> None:
    answer = ended(api, failed(api, **{"class": "user", "message": "no KEK"}))
    assert problem(answer, 422)["detail"] == "no KEK"


def test_a_failure_that_is_nobodys_is_the_servers(api: Api, problem) -> None:
    answer = ended(api, failed(api, **{"class": "internal", "message": "KeyError: 3"}))
    assert problem(answer, 500)["detail"] == "internal: KeyError: 3"


@pytest.mark.parametrize("kind", ["transient", "resource"])
def test_a_failure_that_passes_is_to_be_asked_again(api: Api, problem, kind: str) -> None:
    answer = ended(
        api, failed(api, **{"class": kind, "message": "the KEK's server does not answer", "hint": "wait"})
    )
    detail = problem(answer, 503)["detail"]
    assert detail.startswith("the KEK's server does not answer (wait); ask again")
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_job_that_somebody_cancelled_is_a_conflict(api: Api, problem) -> None:
    answer = ended(api, lambda job_id: api.http.delete(f"{JOBS}/{job_id}"))
    assert "was cancelled" in problem(answer, 409)["detail"]
