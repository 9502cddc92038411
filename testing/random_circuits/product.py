"""The product's result: a circuit job from text to result, without the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from novacron.specs import parse_spec
from scheduler.planning.placement import place
from shared.circuits.reader import read
from testing.contexts import context
from testing.outcomes import value
from workers.operations.quantum.circuit import circuit


def answer(
    text: str,
    *,
    backend: str = "auto",
    noise: dict[str, Any] | None = None,
    observables: Sequence[str] = (),
    shots: int | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Return the result document of a circuit.

    Raises:
        BadInput: the circuit is rejected.
        UserError: it cannot be simulated as requested.
    """
    body = {
        "kind": "pure_quantum",
        "circuit": {"qasm": "OPENQASM 3.0;"},
        "noise": noise,
        "observables": list(observables),
        "shots": shots,
        "backend": backend,
        "seed": seed,
    }
    document = parse_spec(body).model_dump(mode="json") | {"circuit": {"record": read(text).to_json()}}
    spec = parse_spec(document, stored=True)
    placed = place(spec, {"cpu-sim"}, {})
    return dict(value(circuit(context(spec.model_copy(update={"backend": placed.backend})))))
