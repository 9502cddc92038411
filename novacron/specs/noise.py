"""Noise models: errors after gates and at readout. One model applies to every backend."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import Annotated, Any, NotRequired, Self, TypedDict, cast

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from novacron.errors import BadInput
from novacron.specs.calibration import Calibration
from novacron.specs.channel import MAX_QUBITS, TOLERANCE, AnyError, Probability, Qubit
from novacron.specs.named_noise import NAMED, NO_MODEL
from novacron.specs.record import Record
from novacron.specs.refusal import FILES_STAY, did_you_mean, passed_on, refuse
from novacron.specs.scalars import Integer, Label, Number
from novacron.specs.schema import LIST_TOO

Row = tuple[Probability, Probability]


def _check_rows(matrix: tuple[Row, Row]) -> tuple[Row, Row]:
    for position, row in enumerate(matrix):
        if abs(sum(row) - 1) > TOLERANCE:
            raise refuse("must add up to 1", at=(position,), value=list(row))
    return matrix


class Readout(Record):
    """Readout error of measured qubits.

    Attributes:
        matrix: probability of reading column j when the qubit is in state i (row); rows sum to 1.
        qubits: affected qubits; None is all. Later entries take precedence.
    """

    matrix: Annotated[tuple[Row, Row], AfterValidator(_check_rows)]
    qubits: Annotated[tuple[Qubit, ...], Field(min_length=1, max_length=MAX_QUBITS)] | None = None


class Drift(Record):
    """Rates that drift slowly during a circuit: all are multiplied by exp(sigma x - sigma^2/2).

    x is a stationary Ornstein-Uhlenbeck process over the instructions of the circuit: the factor has mean 1,
    and x at instructions k apart has correlation exp(-k/correlation_length). Kraus operators and readout do
    not drift.

    Attributes:
        sigma: standard deviation of the logarithm of the factor.
        correlation_length: correlation length in instructions.
        seed: seed of the process, part of the model rather than of the job.
    """

    sigma: Annotated[Number, Field(gt=0, le=3)]
    correlation_length: Annotated[Number, Field(gt=0, le=1e9)] = 100.0
    seed: Annotated[Integer, Field(ge=0, lt=2**63)] = 0


class WrittenReadout(TypedDict):
    """A `Readout` as JSON."""

    matrix: Sequence[Sequence[float]]
    qubits: Sequence[int] | None


class WrittenDrift(TypedDict):
    """A `Drift` as JSON."""

    sigma: float
    correlation_length: float
    seed: int


class WrittenNoise(TypedDict):
    """A `Noise` as JSON, all defaults filled in: errors are discriminated by `name`."""

    errors: Sequence[Mapping[str, Any]]
    readout: Sequence[WrittenReadout]
    drift: WrittenDrift | None
    calibration: NotRequired[str | None]
    n_qubits: NotRequired[int | None]


def _one_matrix(value: object) -> object:
    """Expand a bare matrix to an entry for all qubits."""
    rows = value if isinstance(value, list | tuple) else ()
    return [{"matrix": value}] if rows and all(isinstance(row, list | tuple) for row in rows) else value


class Noise(Record):
    """A noise model: at least one error or readout.

    All errors that match a gate apply in the order listed, after the gate itself. Idle qubits have no errors.

    Attributes:
        errors: errors after gates and resets.
        readout: confusion matrices; a bare 2 x 2 matrix applies to every qubit.
        drift: slow drift of the rates.
        calibration: name of the device calibration it was derived from.
        n_qubits: qubits of that device; None if the model is for a circuit.
    """

    errors: Annotated[tuple[AnyError, ...], Field(max_length=20_000)] = ()
    readout: Annotated[
        tuple[Readout, ...], BeforeValidator(_one_matrix), Field(max_length=MAX_QUBITS), LIST_TOO
    ] = ()
    drift: Drift | None = None
    calibration: Label | None = None
    n_qubits: Annotated[Integer, Field(ge=1, le=MAX_QUBITS)] | None = None

    @cached_property
    def document(self) -> WrittenNoise:
        """The model as JSON, the form that content-based analysis of circuits uses."""
        return cast(WrittenNoise, self.model_dump(mode="json"))

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.calibration is not None and self.n_qubits is None:
            rule = "must be what the calibration holds: its qubits and gates"
            raise refuse(rule, at=("calibration",), value=self.calibration, hint=FILES_STAY)
        if not self.errors and not self.readout:
            what = "the calibration" if self.calibration is not None else "the model"
            raise refuse(f"{what} has no error and no readout", hint="leave noise out for no noise")
        return self

    @classmethod
    def from_backend(cls, calibration: "Calibration | Mapping[str, Any] | str | PathLike[str]") -> "Noise":
        """Return a device's noise model: relaxation during each gate, depolarizing up to its error, readout.

        Args:
            calibration: measured properties, or the path of a JSON or YAML file with them.

        Raises:
            BadInput: the file cannot be read, or the calibration breaks a rule.
        """
        if isinstance(calibration, str | PathLike):
            from novacron.inputs.files import Files

            files = Files(Path.cwd())
            with files.blamed():
                read = files.noise({"calibration": fspath(calibration)}, "noise")
                return cls.from_backend(Calibration(**read["calibration"]))
        found = calibration if isinstance(calibration, Calibration) else Calibration(**calibration)
        return cls(**found.noise())


def resolve(value: object) -> object:
    """Validate a noise model given by name, by calibration or as a mapping."""
    if isinstance(value, str):
        if value not in NAMED:
            raise refuse(NO_MODEL, value=value, hint=did_you_mean(value, list(NAMED)) or FILES_STAY)
        return NAMED[value]
    if isinstance(value, Mapping) and isinstance(value.get("calibration"), Mapping | Calibration):
        if len(value) > 1:
            other = next(str(key) for key in value if key != "calibration")
            raise refuse("is not taken beside a calibration, which must stand alone", at=(other,))
        return _calibrated(value["calibration"])
    if isinstance(value, Mapping) and "name" in value and not {"errors", "readout"} & value.keys():
        rule = "is a key of an error, and a model is a list of errors"
        hint = f"write errors: [{{name: {value['name']}, ...}}]"
        raise refuse(rule, at=("name",), value=value["name"], hint=hint)
    if value is not None and not isinstance(value, Mapping | Noise):
        raise refuse("must be the name of a noise model or a mapping")
    return value


def _calibrated(calibration: Calibration | Mapping[str, Any]) -> Noise:
    try:
        return Noise.from_backend(calibration)
    except BadInput as error:
        at = ("calibration", error.field) if error.field else ("calibration",)
        raise passed_on(error, at) from None


class Calibrated(Record):
    """Noise according to a device's calibration.

    Attributes:
        calibration: calibration of the device.
    """

    calibration: Calibration


NoiseModel = Annotated[
    Noise | None, BeforeValidator(resolve, json_schema_input_type=Noise | Calibrated | str | None)
]
