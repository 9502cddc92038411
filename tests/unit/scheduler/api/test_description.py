import pytest

from scheduler.api.app import create
from scheduler.api.description import PROBLEMS
from shared.settings import Settings

DESCRIBED = create(Settings()).openapi()
OPERATIONS = [
    pytest.param(path, operation, id=f"{method} {path}")
    for path, methods in DESCRIBED["paths"].items()
    for method, operation in methods.items()
]
OPEN = ("/healthz", "/readyz", "/crl", "/ocsp", "/ocsp/{question}")


@pytest.mark.parametrize(("path", "operation"), OPERATIONS)
def test_every_operation_tells_every_problem(path, operation):
    for status in PROBLEMS:
        told = operation["responses"][str(status)]["content"]
        assert told["application/problem+json"] == {"schema": {"$ref": "#/components/schemas/Problem"}}
        assert len(told) == 1 or (path, status) == ("/readyz", 503)
    for refused in ("429", "503"):
        assert "Retry-After" in operation["responses"][refused]["headers"]


@pytest.mark.parametrize(("path", "operation"), OPERATIONS)
def test_every_operation_tells_whether_it_needs_a_token(path, operation):
    assert ("security" in operation) != path.endswith(OPEN)


def test_bodies_are_told():
    for path, methods in DESCRIBED["paths"].items():
        without = path in ("/api/crypto/audit/sign",) or path.endswith(
            ("/replay", "/results/{job_id}/sign", "/tokens/{token_id}/revoke")
        )
        assert "post" not in methods or without or "requestBody" in methods["post"], path


def test_no_page_loads_scripts_from_elsewhere():
    app = create(Settings())
    assert (app.docs_url, app.redoc_url) == (None, None)
