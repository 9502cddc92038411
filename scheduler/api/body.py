"""Request bodies of operations as models: dependencies that parse them and that `/openapi.json` describes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from novacron.errors import BadInput
from novacron.json_types import JsonObject
from novacron.specs.base import Spec
from novacron.specs.record import Record
from novacron.specs.refusal import validated
from scheduler.api.parsers import json_text
from shared import content

Wanted = TypeVar("Wanted", bound=Record)
AnySpec = TypeVar("AnySpec", bound=Spec)
MOST_VALUES: Final = 20_000
"""Largest number of values in an operation's body, which is parsed on the event loop."""
OF_ANY_JOB: Final = frozenset({"name", "priority", "timeout_s", "max_retries", "depends_on"})
"""Fields common to all jobs that operations document, too."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How a request body is documented.

    Attributes:
        models: models of which the body is one.
        fixed: fields of those models that are left out of the schema because no client sends them.
    """

    models: tuple[type[BaseModel], ...]
    fixed: frozenset[str] = frozenset()


MODELS: Final[dict[Callable[..., Any], Taken]] = {}
"""Body-reading dependency -> what it accepts."""


@dataclass(frozen=True, slots=True)
class Operation(Generic[AnySpec]):
    """A requested operation.

    Attributes:
        spec: the job that performs it.
        given: that job as received: the body merged with the path parameters.
        digest: of `given`; recognises a repeated request under the same Idempotency-Key.
    """

    spec: AnySpec
    given: JsonObject
    digest: str


def record(model: type[Wanted]) -> Any:
    """Make a dependency that returns the body as a record; an empty body counts as an empty object."""

    async def read(request: Request) -> Wanted:
        return validated(model, await _object(request))

    MODELS[read] = Taken((model,))
    return Depends(read)


def operation(model: type[AnySpec], *, secret: bool = False, **instead: type[AnySpec]) -> Any:
    """Make a dependency that returns an `Operation`; path parameters are fields of its spec.

    Args:
        model: model of the spec.
        secret: whether errors omit the values of the body.
        instead: for each key: the model that applies when the body has this key.
    """

    async def read(request: Request) -> Operation[AnySpec]:
        body = await _object(request)
        wanted = next((other for key, other in instead.items() if key in body), model)
        fixed = {name: wanted.model_fields[name].default for name in ("kind", "operation")}
        given = {**body, **request.path_params, **fixed}
        try:
            return await run_in_threadpool(_operation, wanted, given)
        except BadInput as error:
            if secret:
                hide_values(error)
            raise

    MODELS[read] = Taken(
        (model, *instead.values()), frozenset(Spec.model_fields) - OF_ANY_JOB | {"operation"}
    )
    return Depends(read)


def hide_values(error: BadInput) -> None:
    """Remove the submitted values from an error."""
    for one in error.all:
        one.value = None


def _operation(model: type[AnySpec], given: JsonObject) -> Operation[AnySpec]:
    return Operation(validated(model, given), given, content.digest(given))


async def _object(request: Request) -> JsonObject:
    """Return the JSON object in a request's body.

    Raises:
        BadInput: it is not JSON, has too many values, or is not an object.
    """
    raw = await request.body()
    if raw.count(b",") > MOST_VALUES:
        raise BadInput(f"the body has more than {MOST_VALUES:,} values")
    body = json_text.loads(raw) if raw else {}
    if not isinstance(body, dict):
        raise BadInput("the body must be a JSON object")
    return body
