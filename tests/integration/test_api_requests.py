"""Requests that are wrong before their job is looked at: bodies, paths, parameters, headers."""

import socket

import pytest

from scheduler.api import guard
from testing.patience import PATIENCE_S
from tests.integration.conftest import JOBS, NOOP, Api

CALL = b'{"kind": "pure_classical", "function": "noop", '

BODIES = {
    "empty": b"",
    "not JSON": b"kind: pure_classical",
    "cut off": b'{"kind": "pure_classical"',
    "NaN": b'{"kind": "pure_classical", "function": "sleep", "arguments": {"seconds": NaN}}',
    "Infinity": b'{"kind": "pure_classical", "function": "sleep", "arguments": {"seconds": -Infinity}}',
    "beyond floats": b'{"kind": "pure_classical", "function": "sleep", "arguments": {"seconds": 1e999}}',
    "beyond floats in a field": CALL + b'"timeout_s": 1e999}',
    "beyond 64 bits": CALL + b'"seed": 99999999999999999999}',
    "beyond 64 bits, free": CALL + b'"arguments": {"a": 1' + b"0" * 40 + b"}}",
    "beyond floats as an integer": CALL + b'"timeout_s": 1' + b"0" * 400 + b"}",
    "digits without end": b'{"seed": ' + b"1" * 5000 + b"}",
    "NUL": CALL + b'"name": "a\\u0000b"}',
    "NUL in a key": CALL + b'"a\\u0000b": 1}',
    "NUL in an argument": CALL + b'"arguments": {"a": "\\u0000"}}',
    "NUL in a circuit": b'{"kind": "pure_quantum", "circuit": {"qasm": "OPENQASM 2.0;\\u0000"}}',
    "NUL in a dependency": CALL + b'"depends_on": ["\\u0000"]}',
    "lone surrogate": CALL + b'"name": "\\ud800"}',
    "lone surrogate in a key": CALL + b'"\\udfff": 1}',
    "lone surrogate as a kind": b'{"kind": "\\ud800"}',
    "lone surrogate in a circuit": b'{"kind": "pure_quantum", "circuit": {"qasm": "OPENQASM 2.0;\\ud800"}}',
    "invalid UTF-8": b'{"kind": "\xff\xfe"}',
    "UTF-16": '{"kind": "x"}'.encode("utf-16"),
    "deep": b"[" * 100_000,
    "deep and closed": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "deep arguments": CALL + b'"arguments": '
    + b'{"a":' * 900 + b"1" + b"}" * 901,
    "a list": b"[]",
    "text": b'"pure_classical"',
    "a number": b"12",
    "null": b"null",
    "kind is a list": b'{"kind": ["pure_classical"]}',
    "kind is an object": b'{"kind": {"a": 1}}',
    "twice the key": CALL + b'"function": 7}',
    "a deep kind": b'{"kind": ' + b"[" * 900 + b"]" * 900 + b"}",
    "a deep name": CALL + b'"name": ' + b"[" * 900 + b"]" * 900 + b"}",
    "deep terms": b'{"kind": "hybrid_vqe", "hamiltonian": {"terms": ' + b"[" * 900 + b"]" * 900 + b"}}",
    "a very long name": CALL + b'"name": "' + b"n" * 1_000_000 + b'"}',
}  # fmt: skip


@pytest.mark.parametrize("path", [JOBS, "/api/quantum/explain", "/api/quantum/circuits/execute"])
@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_is_refused(api: Api, problem, name, path):
    before = api.n_rows()
    problem(api.http.post(path, content=BODIES[name]), 422)
    assert api.n_rows() == before


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_of_a_token_is_refused(api: Api, problem, name):
    answer = api.http.post("/api/tokens", content=BODIES[name], headers={"Content-Type": "application/json"})
    problem(answer, 413 if len(BODIES[name]) > guard.OPERATION_BYTES else 422)


@pytest.mark.parametrize(
    "wanted",
    [
        {"name": "a\x00b", "role": "read"},
        {"name": "a", "role": "read", "tenant": "\x00"},
        {"name": "", "role": "read"},
        {"name": "n" * 101, "role": "read"},
        {"name": "a", "role": "root"},
        {"name": "a", "role": "read", "expires_s": 0},
        {"name": "a", "role": "read", "expires_s": 1e300},
        {"name": "a", "role": "read", "extra": 1},
        {"role": "read"},
    ],
)
def test_a_token_that_cannot_be_is_refused(api: Api, problem, wanted):
    before = api.n_rows()
    document = problem(api.http.post("/api/tokens", json=wanted), 422)
    assert document["errors"][0]["field"]
    assert api.n_rows() == before


@pytest.mark.parametrize(
    "path",
    [
        "%00", "a%00b", "%ff%fe", "%ED%A0%80", "'; DROP TABLE jobs; --", "0" * 10_000, "%2e%2e", "%0a",
        "%F0%9F%98%80", "~", "%25", "*", " ",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "method, rest", [("GET", ""), ("DELETE", ""), ("GET", "/events"), ("POST", "/replay")]
)
def test_an_odd_id_is_no_job(api: Api, problem, path, method, rest):
    problem(api.http.request(method, f"{JOBS}/{path}{rest}"), 404)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api",
        "/api/nothing",
        "/api/quantum/jobs/a/b/c",
        "/api/%00",
        "/%ff",
        JOBS + "?kind=%00",
        JOBS + "?after=%00",
    ],
)
def test_an_unknown_route_is_a_problem(api: Api, problem, path):
    problem(api.http.get(path), 404)


@pytest.mark.parametrize(
    "method, path",
    [
        ("PUT", JOBS),
        ("PUT", f"{JOBS}/a"),
        ("DELETE", JOBS),
        ("GET", "/api/quantum/explain"),
        ("POST", "/healthz"),
    ],
)
def test_a_wrong_method_is_a_problem(api: Api, problem, method, path):
    assert problem(api.http.request(method, path), 405)
    assert api.http.request(method, path).headers["allow"]


QUERIES = [
    "?limit=0", "?limit=501", "?limit=many", "?limit=99999999999999999999", "?status=done",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_a_listing_with_a_bad_parameter_is_refused(api: Api, problem, query):
    assert problem(api.http.get(JOBS + query), 422)["errors"]


@pytest.mark.parametrize("query", ["?kind=nothing", "?after=nothing", "?after=%ff"])
def test_a_listing_of_what_cannot_be_is_empty(api: Api, query):
    assert api.http.get(JOBS + query).json() == {"jobs": [], "next": None}


def test_bad_parameters_of_one_job_are_refused(api: Api, problem):
    job_id = api.http.post(JOBS, json=NOOP | {"name": "parameters"}).json()["job_id"]
    for query in ("?wait_s=-1", "?wait_s=61", "?wait_s=nan", "?wait_s=inf", "?wait_s=x"):
        problem(api.http.get(f"{JOBS}/{job_id}{query}"), 422)
    for query in ("?from=0", "?from=-1", "?from=x", "?from=99999999999999999999", "?follow=perhaps"):
        problem(api.http.get(f"{JOBS}/{job_id}/events{query}"), 422)
    for last in ("-1", "x", "99999999999999999999"):
        problem(api.http.get(f"{JOBS}/{job_id}/events?follow=false", headers={"Last-Event-ID": last}), 422)


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_bad_idempotency_key_is_refused(api: Api, problem, key):
    problem(api.http.post(JOBS, json=NOOP, headers={"Idempotency-Key": key}), 422)


def test_a_body_over_the_limit_is_refused(api: Api, problem):
    before = api.n_rows()
    problem(api.http.post(JOBS, content=b" " * (33 << 20)), 413)
    problem(api.http.post(JOBS, content=(b" " * (1 << 20) for _ in range(33))), 413)
    assert api.n_rows() == before


@pytest.mark.parametrize("length", [b"-1", b"1e3", b"99999999999999999999999", b"12, 12", b"x"])
def test_a_bad_length_is_refused(api: Api, length):
    with socket.create_connection(("127.0.0.1", api.port), timeout=PATIENCE_S) as connection:
        head = f"POST {JOBS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {api.token}\r\n".encode()
        connection.sendall(head + b"Content-Length: " + length + b"\r\n\r\n{}")
        assert connection.recv(4096).split(b" ")[1][:1] == b"4"


def test_a_client_that_leaves_in_the_middle_of_its_body_leaves_nothing(api: Api):
    before = api.n_rows()
    with socket.create_connection(("127.0.0.1", api.port), timeout=PATIENCE_S) as connection:
        head = f"POST {JOBS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {api.token}\r\n"
        connection.sendall(head.encode() + b'Content-Length: 100\r\n\r\n{"kind": "pure_cl')
    assert api.http.get("/healthz").status_code == 200
    assert api.n_rows() == before


def test_the_description_of_the_api_is_served(api: Api):
    described = api.http.get("/openapi.json").json()
    assert {JOBS, JOBS + "/{job_id}", JOBS + "/{job_id}/events", "/api/quantum/explain"} <= set(
        described["paths"]
    )
