from typing import Any

import numpy as np
import pytest

from testing.asking import Asking
from workers.quantum.backends import load
from workers.quantum.simulation.ir.gates import GATES, GateError, matrix
from workers.quantum.simulation.ir.program import Angle, Program, ProgramError, Unitary
from workers.quantum.simulation.lowering.circuit_record import LoweringError, lower, lower_gate

PARAMETRISED = sorted(name for name, gate in GATES.items() if gate.n_angles)


def record(
    instructions: list[Any], n_qubits: int = 3, parameters: tuple[str, ...] = ("a", "b")
) -> dict[str, Any]:
    return {
        "n_qubits": n_qubits,
        "parameters": list(parameters),
        "registers": [],
        "instructions": instructions,
    }


@pytest.mark.parametrize("name", PARAMETRISED)
def test_parametrised_gates_have_the_matrix_of_the_gate(name: str) -> None:
    gate = GATES[name]
    rng = np.random.default_rng(3)
    scales, offsets = rng.uniform(-2, 2, (2, gate.n_angles))
    theta = np.array([0.7, -1.3])
    params = [{"terms": {"ab"[k % 2]: scales[k]}, "offset": offsets[k]} for k in range(gate.n_angles)]
    qubits = [2, 0, 1][: gate.n_qubits]
    random = np.linalg.qr(rng.normal(size=(8, 8)) + 1j * rng.normal(size=(8, 8)))[0]
    mixer = {
        "gate": "unitary",
        "qubits": [0, 1, 2],
        "matrix": np.stack([random.real, random.imag], -1).tolist(),
    }
    program = lower(record([mixer, {"gate": name, "qubits": qubits, "params": params}]))
    angles = [scales[k] * theta[k % 2] + offsets[k] for k in range(gate.n_angles)]
    if name == "gphase":
        expected = np.exp(1j * angles[0]) * random[:, 0]
    else:
        fixed = Program(3, 0, (program.ops[0], Unitary(tuple(qubits), matrix(name, angles))))
        expected = Asking(load("statevector"), fixed).state(np.empty(0))
    np.testing.assert_allclose(Asking(load("statevector"), program).state(theta), expected, atol=1e-14)


def test_constant_gates_become_fixed_unitaries() -> None:
    (op,) = lower_gate({"gate": "crx", "qubits": [1, 0], "params": [0.3]}, 2)
    assert isinstance(op, Unitary) and op.qubits == (1, 0)
    np.testing.assert_array_equal(op.matrix, matrix("crx", [0.3]))


def test_barriers_and_final_measurements_are_dropped() -> None:
    program = lower(record([{"gate": "h", "qubits": [0]}, {"barrier": [0]}, {"measure": 0, "bit": 0}]))
    assert len(program.ops) == 1 and program.n_parameters == 2


@pytest.mark.parametrize(
    ("instructions", "message"),
    [
        ([{"reset": 0}], "instruction 0: 'reset' is not unitary"),
        ([{"if": {"bits": [0], "value": 1}, "then": []}], "'if' is not unitary"),
        (
            [{"measure": 1, "bit": 0}, {"gate": "x", "qubits": [1]}],
            "instruction 1: gate 'x' acts on qubit 1 after",
        ),
        ([{"gate": "nope", "qubits": [0]}], "unknown gate"),
        ([{"gate": "cx", "qubits": [0]}], "acts on 2 qubits, got 1"),
        ([{"gate": "rx", "qubits": [0], "params": [{"terms": {"c": 1.0}}]}], "unknown parameter 'c'"),
    ],
)
def test_what_is_not_a_unitary_circuit_is_refused(instructions: list[Any], message: str) -> None:
    with pytest.raises(LoweringError, match=message):
        lower(record(instructions))


def test_a_single_gate_is_checked_too() -> None:
    with pytest.raises(GateError, match="takes 3 angles"):
        lower_gate({"gate": "u", "qubits": [0], "params": [1.0]}, 1)


def test_programs_refuse_ops_that_do_not_fit() -> None:
    with pytest.raises(ProgramError, match=r"op 0 \(Unitary\): qubit 2 of 2"):
        Program(2, 0, (Unitary((2,), matrix("x")),))
    with pytest.raises(ProgramError, match="not unitary"):
        Program(1, 0, (Unitary((0,), 2 * matrix("x")),))
    with pytest.raises(ProgramError, match="parameter 1 of 1"):
        lower(record([{"gate": "rx", "qubits": [0], "params": [{"terms": {"a": 1.0}}]}]))
        Program(
            1, 1, tuple(lower_gate({"gate": "rx", "qubits": [0], "params": [{"terms": {"b": 1}}]}, 1, "ab"))
        )


def test_angles_are_affine() -> None:
    angle = (Angle.parameter(0, 2.0) + Angle(((1, -1.0),), 0.5)) * 3.0
    assert angle.value(np.array([0.1, 0.2])) == pytest.approx(3 * (0.2 - 0.2 + 0.5))
