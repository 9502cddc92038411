import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.quantum.simulation.cpu.split import ROTATION, Split, euler_angles
from workers.quantum.simulation.ir.gates import GATES, matrix
from workers.quantum.simulation.ir.program import Angle, PauliRotation, Program, RXLayer, Unitary
from workers.quantum.simulation.lowering import flat

FIXED_GATES = [name for name, gate in GATES.items() if gate.n_qubits == 1 and not gate.n_angles]


def rz(angle):
    return np.diag(np.exp([-0.5j * angle, 0.5j * angle]))


def ry(angle):
    cos, sin = np.cos(angle / 2), np.sin(angle / 2)
    return np.array([[cos, -sin], [sin, cos]])


def composed(phase, x, y, z):
    return np.exp(1j * phase) * rz(x) @ ry(y) @ rz(z)


@given(st.lists(st.floats(-7, 7), min_size=4, max_size=4))
def test_euler_angles_make_the_matrix(angles):
    wanted = composed(*angles)
    assert np.allclose(composed(*euler_angles(*wanted.ravel())), wanted, atol=1e-14)


@pytest.mark.parametrize("name", FIXED_GATES)
def test_euler_angles_make_the_gates(name):
    wanted = matrix(name)
    assert np.allclose(composed(*euler_angles(*wanted.ravel())), wanted, atol=1e-15)


def test_a_layer_and_turns_become_rotations_and_fixed_gates_angles_of_their_own():
    turns = [PauliRotation(0b10, 0b10, Angle.parameter(0)), PauliRotation(0, 0b10, Angle.parameter(1))]
    cz = Unitary((0, 1), matrix("cz"))
    program = Program(2, 3, (cz, *turns, Unitary((0,), matrix("h")), cz, RXLayer(Angle.parameter(2))))
    parts = Split(flat.flatten(program))
    kinds = [kind for kind, *_ in parts.ops]
    assert kinds == [flat.DIAGONAL, *[ROTATION] * 4, flat.DIAGONAL, *[ROTATION] * 2]
    axes = [axis for kind, _, axis, _, _ in parts.ops if kind == ROTATION]
    assert axes == [flat.AXIS_Y, flat.AXIS_Z, flat.AXIS_Z, flat.AXIS_Y, flat.AXIS_X, flat.AXIS_X]
    angles = parts.angles(np.array([0.3, 0.5, 0.7]))
    turned = [angles[angle] for kind, *_, angle in parts.ops if kind == ROTATION]
    assert turned == pytest.approx([0.3, 0.5, -np.pi, np.pi / 2, 0.7, 0.7])
    assert parts.phase == pytest.approx(-np.pi / 2)
    assert [(item.moved, item.read) for item in parts.items][:3] == [(0, 0b11), (0b10, 0), (0, 0b10)]
