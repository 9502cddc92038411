from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter

from novacron.answers.answer import Answer
from scheduler.api.app import create
from scheduler.api.description import PROBLEMS
from scheduler.api.models.model import Model
from shared.settings import Settings
from tests.unit.scheduler.api.openapi import document

OPEN = ("/healthz", "/readyz", "/crl", "/ocsp", "/ocsp/{question}")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of each."""
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_operation_tells_every_problem():
    for path, method, operation in operations():
        for status in PROBLEMS:
            told = operation["responses"][str(status)]["content"]
            problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
            assert told["application/problem+json"] == problem, (method, path, status)
            assert len(told) == 1 or (path, status) == ("/readyz", 503), (method, path, status)
        for refused in ("429", "503"):
            assert "Retry-After" in operation["responses"][refused]["headers"], (method, path, refused)


def test_every_operation_tells_whether_it_needs_a_token():
    for path, method, operation in operations():
        assert ("security" in operation) != path.endswith(OPEN), (method, path)


def test_bodies_are_told():
    for path, methods in document()["paths"].items():
        without = path in ("/api/crypto/audit/sign",) or path.endswith(
            ("/replay", "/retry", "/end", "/results/{job_id}/sign", "/tokens/{token_id}/revoke")
        )
        assert "post" not in methods or without or "requestBody" in methods["post"], path


def test_no_page_loads_scripts_from_elsewhere():
    app = create(Settings())
    assert (app.docs_url, app.redoc_url) == (None, None)


class ToldAnswer(Answer):
    told: int


class ToldModel(Model):
    told: int


@pytest.mark.parametrize("model", [ToldAnswer, ToldModel])
def test_routes_declare_responses_without_building_their_schemas(model):
    response: Any = Annotated[model, Field()]
    declared = TypeAdapter(response)  # as FastAPI does for each route, at start
    assert declared.pydantic_complete is False
    assert declared.json_schema()["properties"]["told"]["type"] == "integer"
