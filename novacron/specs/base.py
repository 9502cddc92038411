"""The fields common to all jobs, and inlining of files in specs created in Python."""

from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from novacron.roles import Role
from novacron.specs.described import described
from novacron.specs.duration import Seconds
from novacron.specs.mitigation import Mitigation
from novacron.specs.noise import NoiseModel
from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import (
    MAX_DEPTH,
    Flag,
    Identifier,
    Integer,
    Label,
    Number,
    matching,
)

if TYPE_CHECKING:
    from novacron.inputs.files import Files

MAX_SHOTS = 100_000_000
YEAR_S = 366 * 86400.0


def distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    """Validate that no value is repeated."""
    for position, value in enumerate(values):
        if value in values[:position]:
            raise refuse("is given twice", at=(position,), value=value)
    return values


Shots = Annotated[Integer, Field(ge=1, le=MAX_SHOTS)]
Tags = Annotated[tuple[Identifier, ...], Field(max_length=20), AfterValidator(distinct)]
Starts = Annotated[Integer, Field(ge=1, le=1024)]
Precision = Literal["double", "single"]
Layers = Annotated[Integer, Field(ge=1, le=1000)]
Level = Annotated[Integer, Field(ge=0, le=3)]
"""Effort of compilation for a device, from 0 (only translate) to 3 (search)."""
DEFAULT_LEVEL = 2
Backend = Annotated[
    str,
    Field(strict=True, max_length=100),
    matching(
        r"[a-z][a-z0-9_-]*(:[A-Za-z0-9_.-]+)?", "must be a backend such as auto, statevector or ibm:<device>"
    ),
]


class Budget(Record):
    """Limits on what a job may spend; None is no limit."""

    qpu_seconds: Annotated[Number, Field(gt=0)] | None = None
    usd: Annotated[Number, Field(ge=0)] | None = None


class Spec(Record):
    """The fields common to all jobs.

    When created in Python, a spec reads the files it names, relative to the working directory, so that it
    contains everything the job needs. `model_validate` and `parse_spec` never read a file.

    Attributes:
        kind: stable name of the kind.
        name: name of the job in listings.
        backend: `auto`, or a required backend, with its device after a colon.
        shots: samples of each circuit; None is exact.
        noise: a noise model by name, derived from a calibration, or as a mapping.
        mitigation: error mitigation methods by name or as mappings, or `auto`.
        seed: seed of all randomness in the job.
        priority: -100 to 100; higher runs first.
        timeout_s: wall time in seconds after which the job fails; None is no limit.
        cache: whether a cached result is acceptable.
        max_retries: retries of each task after failures that are not the job's own fault.
        depends_on: ids of the jobs that must complete first.
        budget: spending limits.
        tags: words by which jobs are found.
        session: id of the open session that the job is a call of.
        granularity: whether a loop runs inside one task or as many tasks; `auto` chooses by cost.
        role: role that a token needs to submit such a job.
    """

    role: ClassVar[Role] = "submit"

    kind: str
    name: Label | None = None
    backend: Backend = "auto"
    shots: Shots | None = None
    noise: NoiseModel = None
    mitigation: Mitigation = ()
    seed: Annotated[Integer, Field(ge=0, lt=2**63)] = 0
    priority: Annotated[Integer, Field(ge=-100, le=100)] = 0
    timeout_s: Annotated[Seconds, Field(gt=0, le=YEAR_S)] | None = None
    cache: Flag = True
    max_retries: Annotated[Integer, Field(ge=0, le=100)] = 3
    depends_on: Annotated[tuple[Identifier, ...], Field(max_length=1000), AfterValidator(distinct)] = ()
    budget: Budget | None = None
    tags: Tags = ()
    session: Identifier | None = None
    granularity: Literal["auto", "fused", "fanned_out"] = "auto"

    @described
    def __init__(self, /, **data: Any) -> None:
        """Read the named files, then validate.

        Raises:
            BadInput: a file cannot be read or the data breaks a rule; it carries all the errors. Objects of
                other libraries are refused with the two lines that convert them.
        """
        from novacron.inputs import foreign
        from novacron.inputs.files import Files

        for key, value in data.items():
            foreign.check(value, key)
        files = Files(Path.cwd())
        with files.blamed():
            super().__init__(**self.inline({key: _plain(value) for key, value in data.items()}, files))

    @classmethod
    def inline(cls, data: dict[str, Any], files: "Files") -> dict[str, Any]:
        """Return the data with every named file replaced by its relevant content.

        Invalid values are left for validation.

        Raises:
            BadInput: a file cannot be read.
        """
        return {**data, "noise": files.noise(data["noise"], "noise")} if "noise" in data else data

    def warnings(self) -> list[str]:
        """Return warnings about the result, known before the job runs; they become part of the result.

        They depend only on what determines the result. Kinds with further warnings extend this method.
        """
        return []

    @property
    def needed_role(self) -> Role:
        """The role that a token needs to submit this particular job."""
        return self.role

    @property
    def n_qubits(self) -> int | None:
        """Qubits of the largest circuit; None if only the worker can tell."""
        return None

    @property
    def n_parameters(self) -> int | None:
        """Parameters of the variational circuit, estimated.

        None if there is no such circuit or only the worker can tell.
        """
        return None


def _plain(value: Any, depth: int = 0) -> Any:
    """Convert arrays and paths to JSON, down to a depth that no spec exceeds."""
    if depth > 2 * MAX_DEPTH:
        return value
    if isinstance(value, dict):
        return {key: _plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, PathLike):
        return fspath(value)
    return value.tolist() if hasattr(value, "tolist") else value
