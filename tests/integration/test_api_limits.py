"""Too many jobs, no database: said plainly, and without telling a secret."""

import json

import httpx
import pytest

from tests.integration.conftest import JOBS, NOOP, Api

PASSWORD = "correct-horse-battery-staple"


@pytest.fixture
def small(database_url: str, redis_url: str, tmp_path):
    """An API that takes three jobs, given a database password that must never be told."""
    address = database_url.replace("novacron@", f"novacron:{PASSWORD}@")
    running = Api(address, redis_url, tmp_path, NOVACRON_MAX_QUEUED_JOBS="3")
    try:
        running.wait()
        yield running
    finally:
        running.stop()


def test_what_is_too_much_is_told_and_no_secret_with_it(small: Api, postgres_server, redis_server):
    seen: list[httpx.Response] = []

    def ask(method: str, path: str, **more) -> httpx.Response:
        seen.append(small.http.request(method, path, **more))
        return seen[-1]

    ids = [ask("POST", JOBS, json=NOOP | {"seed": n}).json()["job_id"] for n in range(3)]
    refused = ask("POST", JOBS, json=NOOP | {"seed": 4})
    assert refused.status_code == 429
    assert float(refused.headers["retry-after"]) > 0
    ask("DELETE", f"{JOBS}/{ids[0]}")
    assert ask("POST", JOBS, json=NOOP | {"seed": 4}).status_code == 202

    redis_server.child.kill()
    ask("DELETE", f"{JOBS}/{ids[1]}")
    assert ask("POST", JOBS, json=NOOP | {"seed": 5}).status_code == 202  # an absent Redis is a cache miss
    redis_server.ensure()

    postgres_server.child.kill()
    for method, path in (("GET", JOBS), ("POST", JOBS), ("GET", f"{JOBS}/{ids[2]}"), ("GET", "/readyz")):
        away = ask(method, path, json=NOOP if method == "POST" else None)
        assert (away.status_code, away.headers["content-type"]) == (503, "application/problem+json"), (
            away.text
        )
        assert away.headers["retry-after"]
    assert ask("GET", "/healthz").status_code == 200
    postgres_server.ensure()
    assert ask("GET", f"{JOBS}/{ids[2]}").json()["status"] == "queued"

    told = json.dumps([[one.text, dict(one.headers)] for one in seen]) + small.log
    assert [secret for secret in (PASSWORD, small.token) if secret in told] == []
    assert "database" in small.log
    assert "Traceback" not in small.log
