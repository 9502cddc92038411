import numpy as np
import pytest

from shared.circuits import instruction as circuits
from shared.circuits.instruction import Affine, Barrier, Gate, If, Instruction, Measure, Reset
from shared.circuits.record import CircuitRecord
from testing.asking import Asking
from workers.quantum.backends import load
from workers.quantum.simulation.ir.gates import GATES, GateError, matrix
from workers.quantum.simulation.ir.program import Angle, Program, ProgramError, Unitary
from workers.quantum.simulation.lowering.circuit_record import LoweringError, lower, lower_gate

PARAMETRISED = sorted(name for name, gate in GATES.items() if gate.n_angles)


def record(*instructions: Instruction) -> CircuitRecord:
    return CircuitRecord(3, ("a", "b"), (("c", 2),), instructions)


def rx(parameter: str, factor: float = 1.0) -> Gate:
    return Gate("rx", (0,), (Affine(((parameter, factor),)),))


@pytest.mark.parametrize("name", PARAMETRISED)
def test_parametrised_gates_have_the_matrix_of_the_gate(name: str) -> None:
    gate = GATES[name]
    rng = np.random.default_rng(3)
    scales, offsets = rng.uniform(-2, 2, (2, gate.n_angles))
    theta = np.array([0.7, -1.3])
    params = tuple(Affine((("ab"[k % 2], scales[k]),), offsets[k]) for k in range(gate.n_angles))
    qubits = (2, 0, 1)[: gate.n_qubits]
    random = np.linalg.qr(rng.normal(size=(8, 8)) + 1j * rng.normal(size=(8, 8)))[0]
    mixer = circuits.Unitary((0, 1, 2), tuple(map(tuple, random.tolist())))
    program = lower(record(mixer, Gate(name, qubits, params)))
    angles = [scales[k] * theta[k % 2] + offsets[k] for k in range(gate.n_angles)]
    if name == "gphase":
        expected = np.exp(1j * angles[0]) * random[:, 0]
    else:
        fixed = Program(3, 0, (program.ops[0], Unitary(qubits, matrix(name, angles))))
        expected = Asking(load("statevector"), fixed).state(np.empty(0))
    np.testing.assert_allclose(Asking(load("statevector"), program).state(theta), expected, atol=1e-14)


def test_constant_gates_become_fixed_unitaries() -> None:
    (op,) = lower_gate(Gate("crx", (1, 0), (0.3,)), 2)
    assert isinstance(op, Unitary) and op.qubits == (1, 0)
    np.testing.assert_array_equal(op.matrix, matrix("crx", [0.3]))


def test_barriers_and_final_measurements_are_dropped() -> None:
    program = lower(record(Gate("h", (0,)), Barrier((0,)), Measure(0, 0)))
    assert len(program.ops) == 1 and program.n_parameters == 2


@pytest.mark.parametrize(
    ("instructions", "message"),
    [
        ([Reset(0)], "instruction 0: 'reset' is not unitary"),
        ([If((0,), 1, ())], "'if' is not unitary"),
        (
            [Measure(1, 0), Gate("x", (1,))],
            "instruction 1: gate 'x' acts on qubit 1 after",
        ),
        ([Gate("nope", (0,))], "unknown gate"),
        ([Gate("cx", (0,))], "acts on 2 qubits, got 1"),
        ([rx("c")], "unknown parameter 'c'"),
    ],
)
def test_what_is_not_a_unitary_circuit_is_refused(instructions: list[Instruction], message: str) -> None:
    with pytest.raises(LoweringError, match=message):
        lower(record(*instructions))


def test_a_single_gate_is_checked_too() -> None:
    with pytest.raises(GateError, match="takes 3 angles"):
        lower_gate(Gate("u", (0,), (1.0,)), 1)


def test_programs_refuse_ops_that_do_not_fit() -> None:
    with pytest.raises(ProgramError, match=r"op 0 \(Unitary\): qubit 2 of 2"):
        Program(2, 0, (Unitary((2,), matrix("x")),))
    with pytest.raises(ProgramError, match="not unitary"):
        Program(1, 0, (Unitary((0,), 2 * matrix("x")),))
    with pytest.raises(ProgramError, match="parameter 1 of 1"):
        lower(record(rx("a")))
        Program(1, 1, tuple(lower_gate(rx("b"), 1, "ab")))


def test_angles_are_affine() -> None:
    angle = (Angle.parameter(0, 2.0) + Angle(((1, -1.0),), 0.5)) * 3.0
    assert angle.value(np.array([0.1, 0.2])) == pytest.approx(3 * (0.2 - 0.2 + 0.5))
