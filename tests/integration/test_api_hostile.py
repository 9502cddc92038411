"""What one tenant, or nobody, sends to stop the API is refused, and others are served meanwhile."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import psutil

from scheduler.api.guard import OCSP_BYTES, READER_BYTES, WITHOUT_TOKEN_BYTES
from testing.patience import PATIENCE_S
from tests.integration.conftest import JOBS, NOOP, Api

EXPLAIN, EXECUTE = "/api/quantum/explain", "/api/quantum/circuits/execute"
SLOW = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit q;\n' + "inv @ inv @ x q;\n" * 6_000
ONES = b"[" + b"1," * (15 << 20) + b"1]"


def served(api: Api, headers: dict[str, str]) -> None:
    """Another tenant submits, reads and lists."""
    job_id = api.http.post(JOBS, json=NOOP, headers=headers).json()["job_id"]
    for path in (f"{JOBS}/{job_id}", JOBS, "/healthz"):
        assert api.http.get(path, headers=headers).status_code == 200


def processes(api: Api) -> list[psutil.Process]:
    """The parser processes."""
    return list(psutil.Process(api.process.pid).children(recursive=True))


def test_json_bombs_are_refused_by_what_they_are(api: Api, problem):
    submitter, reader = api.token_for("hostile"), api.token_for("hostile", "read")
    for path in (EXPLAIN, JOBS, EXECUTE, "/api/crypto/migration/plan"):
        told = problem(api.http.post(path, content=ONES, headers=submitter), 422)
        assert "values, more than" in told["detail"]
    keys = b"{" + b",".join(b'"%07d":1' % n for n in range(2_200_000)) + b"}"
    for body in (keys, b'{"kind": "pure_classical", "arguments": ' + keys + b"}"):
        told = problem(api.http.post(EXPLAIN, content=body, headers=submitter), 422)
        assert "members of objects" in told["detail"]
    problem(api.http.post(EXPLAIN, content=ONES, headers=reader), 413)
    told = problem(api.http.post(EXPLAIN, content=b'{"a":' * 300_000, headers=submitter), 422)
    assert "nested too deep" in told["detail"]
    served(api, api.token_for("other"))
    assert psutil.Process(api.process.pid).memory_info().rss < 600 << 20


def test_limits_follow_from_route_and_role(api: Api, problem):
    reader = api.token_for("limits", "read")
    operation = "/api/crypto/keys/generate"
    for path, headers, most in (
        (EXPLAIN, reader, READER_BYTES),
        (operation, api.token_for("limits"), 1 << 20),
        ("/api/tokens", {}, 1 << 20),
    ):
        body = b'{"kind":' + b" " * (most - 8)
        sent = {"Content-Type": "application/json"} | headers
        assert api.http.post(path, content=body, headers=sent).status_code != 413
        problem(api.http.post(path, content=body + b" ", headers=sent), 413)
        chunks = (piece for piece in (body, b" "))
        problem(api.http.post(path, content=chunks, headers=sent), 413)


def test_without_a_token_only_little_is_taken(api: Api, problem):
    nobody = {"Authorization": ""}
    for path in (EXPLAIN, JOBS, "/api/crypto/keys/generate", "/nowhere"):
        told = api.http.post(path, content=b"x" * (WITHOUT_TOKEN_BYTES + 1), headers=nobody)
        assert problem(told, 401)
        chunks = (b"x" * 10_000 for _ in range(10))
        assert api.http.post(path, content=chunks, headers=nobody).status_code in (401, 404)
    ocsp = "/api/crypto/certificates/certificate_1/ocsp"
    problem(api.http.post(ocsp, content=b"x" * (OCSP_BYTES + 1), headers=nobody), 413)
    problem(api.http.post(ocsp, content=b"x" * (32 << 20), headers=nobody), 413)
    problem(api.http.post(ocsp, content=(b"x" for _ in range(OCSP_BYTES + 1)), headers=nobody), 413)
    problem(api.http.post("/api/tokens", content=b"x" * (30 << 20), headers=nobody), 401)


def test_slow_circuits_of_one_tenant_hold_up_nobody_else(api: Api):
    hostile, other = api.token_for("slow"), api.token_for("quick")
    body = json.dumps({"circuit": SLOW}).encode()

    def slow(_: int) -> httpx.Response:
        with api.client(hostile) as http:
            return http.post(EXECUTE, content=body)

    with ThreadPoolExecutor(45) as pool:
        asked = [pool.submit(slow, n) for n in range(45)]
        while not any(one.done() for one in asked):
            time.sleep(0.01)
        served(api, other)
        quick = api.http.post(EXECUTE, json={"circuit": "OPENQASM 3.0; qubit q;"}, headers=other)
        assert quick.status_code == 202, quick.text
        assert not all(one.done() for one in asked), "the slow ones were under way meanwhile"
        answers = [one.result() for one in asked]
    refused = [one for one in answers if one.status_code == 429]
    assert len(refused) >= 45 - 17
    assert all(int(one.headers["retry-after"]) >= 1 for one in refused)
    assert {one.status_code for one in answers} <= {202, 422, 429}
    assert len(processes(api)) <= 8  # four, and a copy of each that answers


def test_half_sent_requests_lock_nobody_out(api: Api):
    with ExitStack() as held:
        for n in range(1100):
            one = held.enter_context(socket.create_connection(("127.0.0.1", api.port), timeout=PATIENCE_S))
            one.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-" + str(n).encode())
        for _ in range(20):
            with api.client({}) as http:
                assert http.get("/healthz").status_code == 200
        served(api, api.token_for("other"))


def test_no_page_loads_scripts_from_elsewhere(api: Api):
    for path in ("/docs", "/redoc"):
        assert api.http.get(path).status_code == 404


def test_a_stopped_api_leaves_no_process(database_url: str, redis_url: str, tmp_path):
    for stop in ("terminate", "kill"):
        running = Api(database_url, redis_url, tmp_path)
        running.wait()
        running.http.post(EXECUTE, json={"circuit": "OPENQASM 3.0; qubit q;"})
        found = processes(running)
        assert found
        getattr(running.process, stop)()
        running.process.wait(PATIENCE_S)
        running.http.close()
        _, alive = psutil.wait_procs(found, timeout=PATIENCE_S)
        assert not alive
