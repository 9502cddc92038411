"""Circuits at points with observables, as the PUBs of Qiskit's primitives (V2).

Points of shape (*P, n_parameters) and observables of shape O give values of the shape that P and O broadcast
to, as in NumPy.
"""

import re
from collections.abc import Mapping, Sequence
from math import prod
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from novacron.arrays import Array
from novacron.errors import BadInput
from novacron.specs.circuit_text import Source
from novacron.specs.hamiltonian import Terms
from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Integer, Label
from novacron.specs.schema import TEXT_TOO

MAX_NUMBERS = 10_000_000
MAX_OBSERVABLES = 1000
PAULIS = re.compile("[IXYZ]+")
RULE = "must be numbers of shape (..., n_parameters): nested lists, or dtype, shape and base64"


class Observable(Record):
    """A named sum of Pauli strings; character i acts on qubit i."""

    _filled = ("name",)

    name: Label
    terms: Terms


def _shorthand(value: object) -> object:
    """Convert a bare Pauli string, or a mapping of strings to coefficients, to named terms."""
    if isinstance(value, str):
        return {"name": value, "terms": [[value, 1.0]]}
    if not isinstance(value, Mapping) or "name" in value:
        return value
    if value and all(isinstance(key, str) and PAULIS.fullmatch(key) for key in value):
        value = {"terms": [[string, coefficient] for string, coefficient in value.items()]}
    name = _name(value.get("terms"))
    return value if name is None else {**value, "name": name}


def _name(terms: object) -> str | None:
    """Return the first strings of a sum as its name, None if these are no terms."""
    if not isinstance(terms, list | tuple):
        return None
    if not all(isinstance(one, list | tuple) and len(one) == 2 and isinstance(one[0], str) for one in terms):
        return None
    return " + ".join(string for string, _ in terms[:3])[:190] + " + ..." * (len(terms) > 3)


def _check_widths(observables: tuple[Observable, ...]) -> tuple[Observable, ...]:
    for position, observable in enumerate(observables):
        n, first = len(observable.terms[0][0]), len(observables[0].terms[0][0])
        if n != first:
            raise refuse(f"acts on {n} qubits, the first observable on {first}", at=(position, "terms"))
    return observables


def _canonical(value: object) -> object:
    """Validate points; return them in the form in which they are stored."""
    try:
        found = Array.from_json(value)
    except BadInput as error:
        at = tuple(int(place) for place in re.findall(r"\[(\d+)\]", error.field or ""))
        raise refuse(error.rule, at=at, value=error.value, hint=error.hint) from None
    if found.dtype != "float64" or not found.shape:
        raise refuse(RULE)
    if prod(found.shape) > MAX_NUMBERS:
        raise refuse(f"must be at most {MAX_NUMBERS:,} numbers, are {prod(found.shape):,}")
    return found.to_json()


Points = Annotated[
    Any,
    AfterValidator(_canonical),
    WithJsonSchema({"anyOf": [{"type": "array"}, {"type": "object"}], "description": RULE}),
]
Observables = Annotated[
    tuple[Annotated[Observable, BeforeValidator(_shorthand), TEXT_TOO], ...],
    Field(max_length=MAX_OBSERVABLES),
    AfterValidator(_check_widths),
]
Shape = Annotated[tuple[Annotated[Integer, Field(ge=0, le=MAX_OBSERVABLES)], ...], Field(max_length=8)]
Wanted = Literal[
    "expectations", "gradient", "variances", "probabilities", "counts", "bits", "state",
]  # fmt: skip


def flattened(data: Any) -> Any:
    """Return the data of a record with nested `observables` as a flat list, and their shape beside it.

    Raises:
        PydanticCustomError: rows of different lengths.
    """
    if not isinstance(data, Mapping) or data.get("observables_shape") is not None:
        return data
    given = data.get("observables")
    nested = isinstance(given, list | tuple) and any(isinstance(one, list | tuple) for one in given)
    if not nested and not isinstance(given, str | Mapping):
        return data
    flat: list[Any] = []
    shape = _flatten(given, flat, ())
    return {**data, "observables": flat, "observables_shape": shape}


def _flatten(value: Any, flat: list[Any], at: tuple[int, ...]) -> tuple[int, ...]:
    if not isinstance(value, list | tuple):
        flat.append(value)
        return ()
    shapes = [_flatten(inner, flat, (*at, position)) for position, inner in enumerate(value)]
    for position, shape in enumerate(shapes):
        if shape != shapes[0]:
            rule = f"has the shape {list(shape)}, the first of its rows {list(shapes[0])}"
            raise refuse(rule, at=("observables", *at, position), hint="all rows must have the same shape")
    return (len(value), *(shapes[0] if shapes else ()))


class PubSpec(Record):
    """One circuit of several, with its own points and observables in place of the job's.

    Attributes:
        circuit: OpenQASM text, or the path of an OpenQASM file.
        points: values of the parameters in radians, of shape (..., n_parameters).
        observables: sums of Pauli strings, nested lists of any shape.
        observables_shape: shape of `observables`, which are stored flat; follows from their nesting.
    """

    circuit: Source
    points: Points | None = None
    observables: Observables | None = None
    observables_shape: Shape | None = None

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, data: Any) -> Any:
        return flattened(data)

    @model_validator(mode="after")
    def _check_shape(self) -> Self:
        check_shape(self.observables or (), self.observables_shape)
        return self


def bare(value: object) -> object:
    """Convert a bare circuit in a list of circuits to a `PubSpec`."""
    keyed = isinstance(value, Mapping) and ("qasm" in value or "record" in value)
    return {"circuit": value} if keyed else value


def check_shape(observables: Sequence[Observable], shape: tuple[int, ...] | None) -> None:
    """Refuse a shape that does not hold as many observables as there are.

    Raises:
        PydanticCustomError: names both numbers.
    """
    if shape is not None and prod(shape) != len(observables):
        rule = f"holds {prod(shape)} observables, there are {len(observables)}"
        raise refuse(rule, at=("observables_shape",), value=list(shape))
