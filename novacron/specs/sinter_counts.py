"""Counts that were sampled elsewhere, by sinter's strong id."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Integer, Number, Text

Seed = Annotated[Integer, Field(ge=0, lt=2**63)]
Count = Annotated[Integer, Field(ge=0, le=10**15)]


class SinterRow(Record):
    """The counts of one point.

    Attributes:
        strong_id: sinter's id of circuit, decoder and metadata.
        shots: number of shots.
        errors: shots with a wrong prediction.
        discards: shots discarded by postselection.
        seconds: processor seconds.
        seeds: seeds of the `qec_memory` jobs that sampled some of the shots.
    """

    strong_id: Annotated[Text, Field(min_length=1, max_length=200)]
    shots: Count
    errors: Count
    discards: Count = 0
    seconds: Annotated[Number, Field(ge=0)] = 0.0
    seeds: Annotated[tuple[Seed, ...], Field(max_length=100_000)] = ()

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if self.errors + self.discards > self.shots:
            rule = f"cannot be more than the {self.shots:,} shots, with discards"
            raise refuse(rule, at=("errors",), value=self.errors)
        return self


class SinterCounts(Record):
    """The counts of a CSV file of sinter.

    Attributes:
        rows: one for each strong id.
    """

    rows: Annotated[tuple[SinterRow, ...], Field(max_length=100_000)]
