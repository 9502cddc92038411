"""The spec of a stored job, as workers read it."""

from typing import Any

import pytest

from novacron.specs import VQE, Classical, parse_spec
from shared.db.jobs import WorkOrder
from workers.runtime.outcome import OutdatedError
from workers.runtime.stored import spec_of

CHAIN = {"model": "tfim", "n_qubits": 4}


def order(spec: dict[str, Any], **plan: Any) -> WorkOrder:
    return WorkOrder("job_1", spec, plan, None, 1)


def test_the_backend_chosen_stands_in_place_of_auto_and_nothing_else_changes() -> None:
    asked = VQE(hamiltonian=CHAIN, ansatz="hardware_efficient")
    read = spec_of(order(asked.model_dump(mode="json"), backend="statevector"))
    assert isinstance(read, VQE) and read.backend == "statevector"
    assert read.model_copy(update={"backend": "auto"}) == asked


def test_a_job_without_a_backend_stays_as_it_is() -> None:
    asked = Classical(function="noop")
    assert spec_of(order(asked.model_dump(mode="json"))) == asked
    assert spec_of(order(asked.model_dump(mode="json"), backend=None)) == asked


def test_circuits_are_taken_as_the_scheduler_has_parsed_them() -> None:
    record = {"n_qubits": 1, "parameters": [], "registers": [], "instructions": []}
    document = parse_spec({"kind": "pure_quantum", "circuit": {"record": record}}, stored=True)
    assert spec_of(order(document.model_dump(mode="json"), backend="statevector")).n_qubits == 1


@pytest.mark.parametrize(
    ("change", "told"), [({"kind": "annealing"}, "kind"), ({"qubits": 3}, "qubits"), ({"seed": None}, "seed")]
)
def test_what_is_no_job_any_more_is_told(change: dict[str, Any], told: str) -> None:
    asked = Classical(function="noop").model_dump(mode="json")
    with pytest.raises(OutdatedError, match=f"does not take the job: {told}") as caught:
        spec_of(order(asked | change))
    assert caught.value.hint
