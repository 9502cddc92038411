"""The point at which a variational loop starts."""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Identifier, Number
from novacron.specs.schema import LIST_TOO

MOST_PARAMETERS = 100_000


class InitialPoint(Record):
    """The parameters of the first start: given, or those of an earlier job's result.

    Attributes:
        job: id of the job; this one waits for it.
        values: the parameters, radians, in the order of `parameters` of a result; those of `job` once
            they are known.
    """

    job: Identifier | None = None
    values: Annotated[tuple[Number, ...], Field(max_length=MOST_PARAMETERS)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.job is None and self.values is None:
            raise refuse("must be a list of parameters, or have the key job")
        return self


def _listed(value: Any) -> Any:
    return {"values": value} if isinstance(value, list | tuple) else value


def awaited(spec: object) -> str | None:
    """Return the job at whose parameters a loop is to start; None once they are known, or without one."""
    start = getattr(spec, "initial_point", None)
    return start.job if isinstance(start, InitialPoint) and start.values is None else None


Start = Annotated[InitialPoint, BeforeValidator(_listed), LIST_TOO]
