"""The fields every job has, and reading the files a spec made in Python names."""

from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from novacron.roles import Role
from novacron.specs.described import described
from novacron.specs.duration import Seconds
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
    """The values, none of them twice: a validator."""
    for position, value in enumerate(values):
        if value in values[:position]:
            raise refuse("is given twice", at=(position,), value=value)
    return values


Shots = Annotated[Integer, Field(ge=1, le=MAX_SHOTS)]
Starts = Annotated[Integer, Field(ge=1, le=1024)]
Precision = Literal["double", "single"]
Layers = Annotated[Integer, Field(ge=1, le=1000)]
Backend = Annotated[
    str,
    Field(strict=True, max_length=100),
    matching(
        r"[a-z][a-z0-9_-]*(:[A-Za-z0-9_.-]+)?", "must be a backend such as auto, statevector or ibm:<device>"
    ),
]


class Budget(Record):
    """What a job may spend at most; None is no limit."""

    qpu_seconds: Annotated[Number, Field(gt=0)] | None = None
    usd: Annotated[Number, Field(ge=0)] | None = None


class Spec(Record):
    """The fields every job has.

    Made in Python, a spec reads the files it names, relative to the working directory, so that it holds
    everything the job needs. `model_validate` and `parse_spec` never read a file.

    Attributes:
        kind: the stable name of the kind.
        name: what listings call the job.
        backend: `auto`, or the backend to insist on, with its device after a colon.
        shots: samples of each circuit; None is exact.
        noise: a noise model by name, made from a calibration, or written out.
        mitigation: names of error mitigation methods, in the order they are applied.
        seed: of everything random in the job.
        priority: -100 to 100, greater first.
        timeout_s: wall time in seconds after which the job fails; None is no limit.
        cache: whether a cached result will do.
        max_retries: of each task, after failures that are not the job's own fault.
        depends_on: ids of the jobs that must complete first.
        budget: what it may spend.
        granularity: whether a loop runs inside one task or as many; `auto` chooses by cost.
        role: that a token must have to submit such a job.
    """

    role: ClassVar[Role] = "submit"

    kind: str
    name: Label | None = None
    backend: Backend = "auto"
    shots: Shots | None = None
    noise: NoiseModel = None
    mitigation: Annotated[tuple[Identifier, ...], Field(max_length=16), AfterValidator(distinct)] = ()
    seed: Annotated[Integer, Field(ge=0, lt=2**63)] = 0
    priority: Annotated[Integer, Field(ge=-100, le=100)] = 0
    timeout_s: Annotated[Seconds, Field(gt=0, le=YEAR_S)] | None = None
    cache: Flag = True
    max_retries: Annotated[Integer, Field(ge=0, le=100)] = 3
    depends_on: Annotated[tuple[Identifier, ...], Field(max_length=1000), AfterValidator(distinct)] = ()
    budget: Budget | None = None
    granularity: Literal["auto", "fused", "fanned_out"] = "auto"

    @described
    def __init__(self, /, **data: Any) -> None:
        """Read the files named, then validate.

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
        """The data with every file it names replaced by what the job needs of it.

        What is not as it should be is left for validation.

        Raises:
            BadInput: a file cannot be read.
        """
        return {**data, "noise": files.noise(data["noise"], "noise")} if "noise" in data else data

    def warnings(self) -> list[str]:
        """Say what a user should know of the result before the job runs; they become part of the result.

        Depends on what determines the result and on nothing else. A kind that has more to say extends it.
        """
        return []

    @property
    def needed_role(self) -> Role:
        """The role that a token must have to submit this very job."""
        return self.role

    @property
    def n_qubits(self) -> int | None:
        """Qubits of the largest circuit; None where only the worker can tell."""
        return None

    @property
    def n_parameters(self) -> int | None:
        """Parameters of the variational circuit, estimated.

        None where there is no such circuit or only the worker can tell.
        """
        return None


def _plain(value: Any, depth: int = 0) -> Any:
    """Arrays and paths as JSON has them, down to where no spec reaches."""
    if depth > 2 * MAX_DEPTH:
        return value
    if isinstance(value, dict):
        return {key: _plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, PathLike):
        return fspath(value)
    return value.tolist() if hasattr(value, "tolist") else value
