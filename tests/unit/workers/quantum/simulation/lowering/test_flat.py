"""The rows of a flat program, run by their documented meaning, and what fusion leaves of a program."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.workers.quantum.simulation import programs
from tests.unit.workers.quantum.simulation.reference import final_state
from workers.quantum.simulation.ir.gates import matrix
from workers.quantum.simulation.ir.program import Angle, Op, PauliRotation, Program, Unitary
from workers.quantum.simulation.lowering import flat
from workers.quantum.simulation.lowering.blocks import Turns, controlled_x, fused
from workers.quantum.simulation.lowering.flat import Diagonal, FlatProgram, flatten

AXES = {flat.AXIS_X: np.array([[0, 1], [1, 0]]), flat.AXIS_Y: np.array([[0, -1j], [1j, 0]])}
AXES[flat.AXIS_Z] = np.diag([1, -1])


def on_bits(gate, bits, state, n):
    """A matrix whose index has bits[0] as its most significant bit."""
    k, qubits = len(bits), [n - 1 - bit for bit in bits]
    tensor = np.reshape(gate, [2] * (2 * k))
    moved = np.tensordot(tensor, state.reshape([2] * n), (range(k, 2 * k), qubits))
    return np.moveaxis(moved, range(k), qubits).ravel()


def interpreted(program: FlatProgram, theta):
    """The table in the docstring of `FlatProgram`, row by row."""
    angles = program.angles(theta)
    state = np.ones(1, dtype=complex)
    for pair in program.product:
        state = np.kron(state, pair)
    for kind, a, b, c, number in program.ops.tolist():
        meaning = MEANINGS[kind]
        state = meaning(
            program, state, np.arange(len(state)), a, b, c, angles if number < 0 else angles[number]
        )
    return state * np.exp(-0.5j * angles[0])


def unitary(program, state, index, k, bit, entry, angles):
    gate = program.matrices[entry : entry + 4**k].reshape(2**k, 2**k)
    return on_bits(gate, program.bits[bit : bit + k].tolist(), state, program.n_qubits)


def diagonal(program, state, index, k, bit, entry, angles):
    gate = np.diag(program.matrices[entry : entry + 2**k])
    return on_bits(gate, program.bits[bit : bit + k].tolist(), state, program.n_qubits)


def flipped(program, state, index, target, controls, _, angles):
    return np.where(index & controls == controls, state[index ^ target], state)


def turned(axis, angle):
    return np.cos(angle / 2) * np.eye(2) - 1j * np.sin(angle / 2) * AXES[axis]


def turns(program, state, index, bit, first, end, angles):
    for axis, place in program.elements[first:end].tolist():
        fixed = axis == flat.FIXED
        gate = program.matrices[place : place + 4].reshape(2, 2) if fixed else turned(axis, angles[place])
        state = on_bits(gate, [bit], state, program.n_qubits)
    return state


def string(program, state, index, x, z, _, angle):
    sign = (-1.0) ** np.bitwise_count((index ^ x) & z) * 1j ** (x & z).bit_count()
    return np.cos(angle / 2) * state - 1j * np.sin(angle / 2) * sign * state[index ^ x]


def excited(program, state, index, sources, targets, signs, angle):
    i = index[index & (sources | targets) == sources]
    j, s = i ^ (sources | targets), np.sin(angle) * (-1.0) ** np.bitwise_count(i & signs)
    result = state.copy()
    result[i], result[j] = np.cos(angle) * state[i] - s * state[j], np.cos(angle) * state[j] + s * state[i]
    return result


def phases(program, state, index, number, _, __, angle):
    values, levels = program.diagonals[number].values, program.diagonals[number].index
    return np.exp(-1j * angle * (values if levels is None else values[levels])) * state


def layer(program, state, index, _, __, ___, angle):
    for bit in range(program.n_qubits):
        state = on_bits(turned(flat.AXIS_X, angle), [bit], state, program.n_qubits)
    return state


MEANINGS = {
    flat.UNITARY: unitary,
    flat.DIAGONAL: diagonal,
    flat.CONTROLLED_X: flipped,
    flat.TURNS: turns,
    flat.PAULI: string,
    flat.EXCITATION: excited,
    flat.PHASES: phases,
    flat.RX_LAYER: layer,
}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6))
def test_flat_programs_do_what_their_programs_do(seed, n):
    rng = np.random.default_rng(seed)
    program = programs.program(rng, n)
    theta = rng.uniform(-3, 3, program.n_parameters)
    np.testing.assert_allclose(interpreted(flatten(program), theta), final_state(program, theta), atol=1e-12)


def test_gradients_by_angles_become_gradients_by_parameters():
    shared = Angle(((0, 2.0), (1, -1.0)), 0.3)
    ops = (PauliRotation(0b11, 0, shared), PauliRotation(0b01, 0b10, Angle.parameter(0, 0.5)))
    program = flatten(Program(2, 3, ops))
    np.testing.assert_allclose(program.angles(np.array([1.0, 4.0, 9.0])), [0.0, -1.7, 0.5])
    np.testing.assert_allclose(program.gradient(np.array([7.0, 1.0, 10.0])), [7.0, -1.0, 0.0])


def test_a_diagonal_with_few_levels_is_an_index_into_them():
    values = np.tile([2.0, -1.0, 2.0, 0.5], 8)
    diagonal = Diagonal.of(values)
    np.testing.assert_array_equal(diagonal.values, [-1.0, 0.5, 2.0])
    np.testing.assert_array_equal(diagonal.values[diagonal.index], values)
    assert Diagonal.of(np.random.default_rng(0).normal(size=64)).index is None


def test_leading_single_gates_become_the_starting_product():
    ops = (Unitary((0,), matrix("h")), Unitary((1,), matrix("x")), Unitary((0,), matrix("s")))
    product, blocks = fused(Program(2, 0, ops))
    assert blocks == []
    np.testing.assert_allclose(product, [[np.sqrt(0.5), 1j * np.sqrt(0.5)], [0, 1]])


def test_rotations_on_one_qubit_share_a_block_and_a_gate_between_stays_in_place():
    turns = [PauliRotation(0b10, 0, Angle.parameter(0)), PauliRotation(0, 0b10, Angle.parameter(1))]
    ops: list[Op] = [*turns, Unitary((0,), matrix("h")), Unitary((0, 1), matrix("cx")), turns[0]]
    _, blocks = fused(Program(2, 2, ops))
    assert [type(block).__name__ for block in blocks] == ["Turns", "Unitary", "Turns"]
    assert isinstance(blocks[0], Turns) and len(blocks[0].parts) == 3


def test_gates_are_multiplied_only_where_that_is_cheaper():
    rng = np.random.default_rng(1)
    dense = [np.linalg.qr(rng.normal(size=(2, 2)))[0].astype(np.complex128) for _ in range(2)]
    entangle, single = Unitary((0, 1), matrix("cx")), [Unitary((q,), dense[q]) for q in range(2)]
    _, blocks = fused(Program(2, 0, (entangle, *single, Unitary((0, 1), matrix("cz")))))
    assert isinstance(blocks[0], Unitary) and isinstance(blocks[1], Unitary)
    np.testing.assert_array_equal(blocks[0].matrix, entangle.matrix)
    np.testing.assert_allclose(blocks[1].matrix, matrix("cz") @ np.kron(*dense), atol=1e-15)
    assert len(blocks) == 2
    chain = tuple(Unitary((q, q + 1), matrix("cx")) for q in range(3))
    assert len(fused(Program(4, 0, chain))[1]) == 3


@pytest.mark.parametrize(
    ("name", "target"), [("x", 0), ("cx", 1), ("ccx", 2), ("swap", None), ("cz", None), ("cy", None)]
)
def test_controlled_x_is_found_by_its_matrix(name, target):
    assert controlled_x(matrix(name)) == target
