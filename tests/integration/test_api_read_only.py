"""A database that takes no writes, as a standby after a fail-over: said plainly, and over when it is over."""

from typing import Any

import psycopg
import pytest

from testing.patience import eventually
from tests.integration.conftest import JOBS, NOOP, Api

LARGE: dict[str, Any] = NOOP | {"map": [{}] * 30_000}
CIRCUIT = {"kind": "pure_quantum", "circuit": {"qasm": "OPENQASM 3.0; qubit q;"}}


@pytest.fixture
def read_only(api: Api):
    """Makes the database read-only, or no longer so."""

    def make(wanted: bool) -> None:
        with psycopg.connect(api.database_url, autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            row = connection.execute("SELECT current_database()").fetchone()
            assert row is not None
            value = "on" if wanted else "off"
            connection.execute(
                f"ALTER DATABASE {row[0]} SET default_transaction_read_only = {value}".encode()
            )
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    yield make
    make(False)


def test_writes_are_refused_for_a_while_and_reads_are_not(api: Api, problem, read_only):
    job_id = api.http.post(JOBS, json=NOOP | {"seed": 1}).json()["job_id"]
    api.http.post(JOBS, json=CIRCUIT)
    read_only(True)
    # Connections that were cut are replaced.
    eventually(lambda: api.http.get(f"{JOBS}/{job_id}").status_code == 200)
    before = api.n_rows()
    for method, path, body in (
        ("POST", JOBS, NOOP | {"seed": 2}),
        ("POST", JOBS, LARGE),
        ("POST", JOBS, CIRCUIT | {"name": "again"}),
        ("DELETE", f"{JOBS}/{job_id}", None),
        ("POST", "/api/tokens", {"name": "a", "role": "read"}),
        ("POST", f"{JOBS}/{job_id}/replay", None),
    ):
        answer = api.http.request(method, path, json=body)
        if answer.status_code == 503 and "cannot be reached" in answer.text:  # a connection that was cut
            answer = api.http.request(method, path, json=body)
        told = problem(answer, 503)
        assert "accepts no writes" in told["detail"] and int(answer.headers["retry-after"]) >= 1
    assert "accepts no writes" in problem(api.http.get("/readyz"), 503)["detail"]
    assert api.http.get("/readyz").headers["retry-after"]
    assert api.http.get("/healthz").status_code == 200
    assert api.n_rows() == before
    read_only(False)
    eventually(lambda: api.http.post(JOBS, json=NOOP | {"seed": 3}).status_code == 202)
    assert "accepts no writes" not in api.http.get("/readyz").text
