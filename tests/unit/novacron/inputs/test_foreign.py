"""Objects of other libraries are refused with two lines that convert them; those of Qiskit are run."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import Operator, Pauli, SparsePauliOp

import novacron
from novacron import QAOA, QML, VQE, Circuit
from novacron.errors import BadInput
from novacron.inputs import foreign
from novacron.inputs.spec import document_of

OPERATOR = SparsePauliOp(["XIZ", "IYI", "ZZI"], [0.5, 0.25, -1.0])
ELSEWHERE = [
    (conversion, name)
    for conversion in foreign.CONVERSIONS
    for name in conversion.names
    if conversion.library != "qiskit"
]


def lines(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(BadInput) as caught:
        act()
    first, second = str(caught.value).splitlines()[-2:]
    return first.strip(), second.strip()


def converted(it: Any, act: Callable[[], object]) -> Any:
    """What the two lines make of an object: a job, or the field."""
    first, second = lines(act)
    names: dict[str, Any] = {**{name: getattr(novacron, name) for name in novacron.__all__}, "it": it}
    exec(first, names)
    exec(second, names)
    return names.get("job") or names[second.partition("=")[0]]


def terms_of(job: Any) -> dict[str, float]:
    return dict(job.hamiltonian.terms)


@pytest.mark.parametrize("it", [OPERATOR, Operator(OPERATOR)])
def test_a_qiskit_operator_becomes_terms_with_qubit_0_leftmost(it: Any) -> None:
    job = converted(it, lambda: document_of(it))
    assert terms_of(job) == pytest.approx({"ZIX": 0.5, "IYI": 0.25, "IZZ": -1.0})


def test_a_field_is_named_and_converted() -> None:
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    found = converted(circuit, lambda: Circuit(circuit={"qasm": circuit}))
    assert Circuit(circuit=found).n_qubits is None or "x q[0]" in found["qasm"]
    model = {"model": "tfim", "n_qubits": 2}
    found = converted(circuit, lambda: VQE(hamiltonian=model, ansatz=circuit))
    assert found["qasm"].startswith("OPENQASM 3.0;")
    observed = converted(
        Pauli("XZ"),
        lambda: Circuit(circuit="OPENQASM 2.0; qreg q[2];", observables=[Pauli("XZ")]),
    )
    assert observed == [{"name": "observable", "terms": [["ZX", 1.0]]}]


def test_a_dict_with_an_object_inside_is_refused_before_it_is_sent() -> None:
    with pytest.raises(BadInput, match="qiskit's SparsePauliOp") as caught:
        document_of({"kind": "hybrid_vqe", "hamiltonian": {"terms": OPERATOR}, "ansatz": "uccsd"})
    assert caught.value.field == "hamiltonian.terms"


def test_square_matrices_are_no_hamiltonians_and_no_graphs_but_rows_of_numbers_are_taken() -> None:
    matrix = OPERATOR.to_matrix()
    found = converted(matrix, lambda: VQE(hamiltonian=matrix, ansatz="hardware_efficient"))
    assert dict(found["terms"]) == pytest.approx({"ZIX": 0.5, "IYI": 0.25, "IZZ": -1.0})
    q = np.array([[1.0, 2.0], [0.5, -3.0]])
    found = converted(q, lambda: QAOA(problem={"qubo": q}))
    assert found == {"qubo": {"linear": [1.0, -3.0], "quadratic": [[0, 1, 2.5]]}}
    first, second = lines(lambda: QAOA(problem={"maxcut": q}))
    assert "from_numpy_array" in first and second.startswith('problem={"maxcut"')
    features = np.arange(16.0).reshape(4, 4)
    assert QML(data={"features": features, "labels": [0, 1, 0, 1]}, model="kernel_svm").n_qubits == 4


@pytest.mark.parametrize(("conversion", "name"), ELSEWHERE)
def test_libraries_are_known_by_name_alone(conversion: foreign.Conversion, name: str) -> None:
    kind = type(name, (), {"__module__": f"{conversion.library}.inside"})
    derived = type("Derived", (kind,), {"__module__": "mine"})
    for it in (kind(), derived()):
        first, second = lines(lambda it=it: document_of(it))  # type: ignore[misc]
        ast.parse(first)
        (assigned,) = ast.parse(second).body
        assert isinstance(assigned, ast.Assign) and isinstance(assigned.value, ast.Call)
        keys = {keyword.arg for keyword in assigned.value.keywords}
        assert keys <= set(getattr(novacron, ast.unparse(assigned.value.func)).model_fields)
        first, second = lines(lambda it=it: document_of({"kind": "x", "problem": it}))  # type: ignore[misc]
        assert second.startswith("problem=")


def test_a_mapping_of_another_library_is_not_taken_for_a_job() -> None:
    tape = type("QuantumScript", (dict,), {"__module__": "pennylane.tape"})
    assert "to_openqasm" in lines(lambda: document_of(tape()))[1]


def test_what_is_nobodys_is_refused_as_before() -> None:
    with pytest.raises(BadInput, match="a job is a spec such as"):
        document_of(object())
