"""Who may do what, and whose jobs are whose."""

import pytest

from novacron import Client
from novacron.errors import Forbidden, NotFound, Unauthorized
from testing import plain_http
from testing.patience import PATIENCE_S, eventually
from tests.acceptance.stack import Stack, sleeping

NOOP = {"kind": "pure_classical", "function": "noop"}
JOBS = "/api/quantum/jobs"


@pytest.fixture(scope="module")
def neighbours(stack: Stack):
    tokens = [stack.new_token("submit", tenant) for tenant in ("north", "south")]
    with stack.client(tokens[0]) as north, stack.client(tokens[1]) as south:
        yield north, south


def test_tenants_see_nothing_of_each_other(stack: Stack, neighbours):
    north, south = neighbours
    job = stack.submit(NOOP | {"name": "private"}, north).wait(PATIENCE_S)
    assert [one.id for one in north.jobs()] == [job.id]
    assert south.jobs() == []
    assert job.id not in [one.id for one in stack.client().jobs(limit=500)]
    with pytest.raises(NotFound):
        south.job(job.id)


@pytest.mark.parametrize(
    "method, path",
    [("GET", ""), ("DELETE", ""), ("GET", "/events"), ("POST", "/replay"), ("GET", "?wait_s=1")],
)
def test_somebody_elses_job_is_no_job(stack: Stack, neighbours, method, path):
    theirs = stack.submit(sleeping(0.1), neighbours[0])
    token = stack.new_token("submit", "south")
    with stack.http(token) as http:
        answer = http.request(method, f"{JOBS}/{theirs.id}{path}")
        unknown = http.request(method, f"{JOBS}/0000000000000000{path}")
    assert answer.status_code == unknown.status_code == 404
    assert answer.text.replace(theirs.id, "") == unknown.text.replace("0000000000000000", "")
    assert theirs.wait(PATIENCE_S).status == "completed"


def test_nobody_can_wait_for_somebody_elses_job(stack: Stack, neighbours):
    theirs = stack.submit(NOOP, neighbours[0])
    before = stack.n_rows()[0]
    with stack.http(stack.new_token("submit", "south")) as http:
        answer = http.post(JOBS, json=NOOP | {"depends_on": [theirs.id]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "depends_on[0]"
    assert stack.n_rows()[0] == before


def test_an_after_cursor_of_somebody_else_shows_nothing(stack: Stack, neighbours):
    theirs = stack.submit(NOOP, neighbours[0])
    with stack.http(stack.new_token("read", "south")) as http:
        assert http.get(JOBS, params={"after": theirs.id}).json() == {"jobs": [], "next": None}


def test_roles_are_enforced(stack: Stack):
    job = stack.submit(NOOP).wait(PATIENCE_S)
    tokens = {role: stack.new_token(role) for role in ("read", "submit", "admin")}
    allowed = [
        ("GET", JOBS, None, {"read", "submit", "admin"}),
        ("GET", f"{JOBS}/{job.id}", None, {"read", "submit", "admin"}),
        ("POST", "/api/quantum/explain", NOOP, {"read", "submit", "admin"}),
        ("POST", JOBS, NOOP, {"submit", "admin"}),
        ("POST", f"{JOBS}/{job.id}/replay", None, {"submit", "admin"}),
        ("DELETE", f"{JOBS}/{job.id}", None, {"submit", "admin"}),
        ("POST", "/api/tokens", {"name": "x", "role": "read"}, {"admin"}),
    ]
    for role, token in tokens.items():
        with stack.http(token) as http:
            for method, path, body, roles in allowed:
                status = http.request(method, path, json=body).status_code
                assert (status == 403) == (role not in roles), (method, path, role, status)
                assert status in (200, 201, 202, 403, 409)


def test_a_forbidden_submission_writes_nothing(stack: Stack):
    with stack.client(stack.new_token("read")) as reader:
        before = stack.n_rows()
        with pytest.raises(Forbidden, match="submit"):
            reader.submit(NOOP)
    assert stack.n_rows() == before


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic abc", "wrong"])
def test_a_wrong_token_is_refused(stack: Stack, header):
    headers = {} if header is None else {"Authorization": header}
    with plain_http.client(stack.url, headers=headers) as http:
        answer = http.get(JOBS)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"


def refusal(client: Client) -> str:
    """Why the client's token is not taken; nothing while it is."""
    try:
        client.jobs(limit=1)
    except Unauthorized as error:
        return str(error)
    return ""


def test_an_expired_token_is_refused(stack: Stack):
    lasting, token = (stack.new_token("submit", expires_s=seconds) for seconds in (PATIENCE_S, 0.5))
    with stack.client(lasting) as client:
        assert client.jobs(limit=1) is not None
    with stack.client(token) as client:
        assert "expired" in eventually(lambda: refusal(client), "the end of the token")
    done = stack.run("jobs", token=token)
    assert (done.returncode, done.stdout) == (2, "") and "expired" in done.stderr


def test_tokens_are_hashed_at_rest(stack: Stack):
    token = stack.new_token("read")
    with stack.database() as connection:
        rows = connection.execute("SELECT row_to_json(t)::text FROM tokens t").fetchall()
    assert len(rows) > 1
    assert not [row for row in rows for secret in (token, stack.token) if secret in row[0]]


def test_an_operator_weighs_tenants(stack: Stack):
    made = stack.document("tenant", "set-weight", "heavy", "2.5", "--json")
    assert made == {"tenant": "heavy", "weight": 2.5}
    assert "tenant heavy has weight 3" in stack.run("tenant", "set-weight", "heavy", "3").stdout
    rows = {one["tenant"]: one for one in stack.document("tenant", "list", "--json")["tenants"]}
    assert rows["heavy"]["weight"] == 3 and rows["default"]["active_tokens"]
    assert "heavy" in stack.run("tenant", "list").stdout
    done = stack.run("tenant", "set-weight", "heavy", "0")
    assert done.returncode != 0 and "weight = 0.0: must be greater than 0" in done.stderr
    done = stack.run("tenant", "list", token=stack.new_token("admin"), url=stack.url)
    assert done.returncode != 0 and "operator" in done.stderr
