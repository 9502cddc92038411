"""Every whole number that a job may hold has a least and a greatest value: nothing loops without end."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from novacron.specs import SPECS, Crypto
from novacron.specs.crypto import OPERATIONS
from shared import functions

ELSEWHERE = {
    "edges": "nodes are compared with n_nodes", "quadratic": "variables are compared with n_variables",
    "J": "spins are compared with n_spins", "labels": "a class is any integer of 64 bits, and only compared",
}  # fmt: skip
"""Fields whose whole numbers are checked against another field."""
UNBOUNDED = {("exact_diagonalization", "n_electrons"), ("exact_diagonalization", "two_sz")}
"""Compared with the qubits by `shared.quantum.diagonalization.check_sector`."""

MODELS = {**SPECS, **OPERATIONS}
MODELS = {name: model for name, model in MODELS.items() if model is not Crypto}


def numbers(schema: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Every integer of a JSON schema, with the names of the fields it stands in."""
    if isinstance(schema, Mapping):
        if schema.get("type") == "integer":
            yield at, schema
        for key, inner in schema.items():
            named = key in ("properties", "$defs")
            if named and isinstance(inner, Mapping):
                for name, one in inner.items():
                    yield from numbers(one, (*at, name))
            elif isinstance(inner, Mapping | list):
                yield from numbers(inner, at)
    elif isinstance(schema, list):
        for inner in schema:
            yield from numbers(inner, at)


@pytest.mark.parametrize("name", MODELS)
def test_integers_of_a_job_have_bounds(name: str) -> None:
    found = list(numbers(MODELS[name].model_json_schema()))
    assert {("seed",), ("priority",), ("max_retries",)} <= {at for at, _ in found}
    for at, schema in found:
        if at[-1] in ELSEWHERE or "enum" in schema or "const" in schema:
            continue
        least = schema.get("minimum", schema.get("exclusiveMinimum"))
        most = schema.get("maximum", schema.get("exclusiveMaximum"))
        assert least is not None and most is not None, ".".join(at)


def test_integers_of_functions_have_bounds() -> None:
    for function in functions.functions().values():
        for argument in function.arguments:
            if argument.type == "integer" and (function.name, argument.name) not in UNBOUNDED:
                bounded = argument.minimum is not None and argument.maximum is not None
                assert bounded or argument.choices, (function.name, argument.name)
