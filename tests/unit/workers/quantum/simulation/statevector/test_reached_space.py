import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testing.specs import hamiltonian
from workers.quantum.ansatz.uccsd import uccsd
from workers.quantum.simulation.ir.excitation import move, pairs
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Angle, Excitation, PauliRotation, Program
from workers.quantum.simulation.statevector import reached_space
from workers.quantum.simulation.statevector.reached_basis import most_states
from workers.quantum.simulation.statevector.reached_space import ReachedSpace, suits

DATA = Path(__file__).parents[5] / "data" / "hamiltonians"
N = 6
OPS = tuple(
    Excitation(sources, targets, Angle(((k % 3, 0.5 + k),), 0.1 * k))
    for k, (sources, targets) in enumerate([((0, 1), (2, 3)), ((0,), (2,)), ((1,), (5,)), ((2, 1), (4, 5))])
)
PROGRAM = Program(N, 3, OPS, 0b110000)


def ladder(mode, n_qubits, create):
    """a^ or a of a mode as a dense matrix, Jordan-Wigner."""
    lower = np.array([[0.0, 1.0], [0.0, 0.0]])
    matrix = np.eye(1)
    for q in range(n_qubits):
        factor = np.diag([1.0, -1.0]) if q < mode else np.eye(2)
        if q == mode:
            factor = lower.T if create else lower
        matrix = np.kron(matrix, factor)
    return matrix


def generator(op, n_qubits):
    """T - T^dagger as a dense matrix, from its definition."""
    matrix = np.eye(2**n_qubits)
    for mode in op.sources:
        matrix = ladder(mode, n_qubits, False) @ matrix
    for mode in reversed(op.targets):
        matrix = ladder(mode, n_qubits, True) @ matrix
    return matrix - matrix.T


def dense_state(program, theta, slope_of=None):
    """The final state, or its derivative by the angle of one op."""
    state = np.zeros(2**program.n_qubits)
    state[program.initial] = 1.0
    for k, op in enumerate(program.ops):
        g, angle = generator(op, program.n_qubits), op.angle.value(theta)
        # The eigenvalues of T - T^dagger are 0 and +-i.
        state = state + np.sin(angle) * (g @ state) + (1.0 - np.cos(angle)) * (g @ g @ state)
        state = g @ state if k == slope_of else state
    return state


def dense_observable(observable):
    return observable.apply(np.eye(2**observable.n_qubits, dtype=complex))


@st.composite
def excitations(draw):
    order = draw(st.integers(1, 3))
    modes = draw(st.permutations(range(N)))[: 2 * order]
    terms = draw(st.lists(st.tuples(st.integers(0, 2), st.floats(-2, 2)), max_size=2))
    return Excitation(tuple(modes[:order]), tuple(modes[order:]), Angle(tuple(terms), draw(st.floats(-3, 3))))


programs = st.builds(
    lambda ops, initial: Program(N, 3, tuple(ops), initial),
    st.lists(excitations(), max_size=6),
    st.integers(0, 2**N - 1),
)
observables = st.dictionaries(
    st.text("IXYZ", min_size=N, max_size=N), st.floats(-2, 2), min_size=1, max_size=12
).map(lambda terms: PauliSum.from_terms(list(terms.items())))
points = st.lists(st.floats(-3, 3), min_size=3, max_size=3).map(np.array)


@settings(max_examples=60, deadline=None)
@given(programs, observables, points)
def test_states_and_energies_are_those_of_dense_matrices(program, observable, theta):
    space = ReachedSpace(program, observable)
    state = dense_state(program, theta)
    assert np.allclose(space.state(theta), state, atol=1e-12)
    truth = float((state @ dense_observable(observable) @ state).real)
    assert space.energy(theta) == pytest.approx(truth, abs=1e-11)
    assert space.energy_and_gradient(theta)[0] == space.energy(theta)


@settings(max_examples=60, deadline=None)
@given(programs, observables, points)
def test_gradients_are_those_of_dense_matrices(program, observable, theta):
    matrix = dense_observable(observable).real
    image = matrix @ dense_state(program, theta)
    gradient = np.zeros(3)
    for k, op in enumerate(program.ops):
        slope = 2.0 * float(image @ dense_state(program, theta, slope_of=k))
        for index, scale in op.angle.terms:
            gradient[index] += scale * slope
    assert np.allclose(ReachedSpace(program, observable).energy_and_gradient(theta)[1], gradient, atol=1e-11)


@settings(max_examples=30, deadline=None)
@given(excitations())
def test_pairs_are_the_entries_of_the_generator(op):
    first, second = pairs(op, np.arange(2**N), N)
    matrix = np.zeros((2**N, 2**N))
    matrix[second, first], matrix[first, second] = 1.0, -1.0
    assert np.array_equal(matrix, generator(op, N))


@settings(max_examples=30, deadline=None)
@given(programs)
def test_the_reached_states_are_the_closure_and_no_more_than_estimated(program):
    basis = set(ReachedSpace(program, None).basis.tolist())
    joined = np.zeros((2**N, 2**N), dtype=bool)
    for op in program.ops:
        joined |= generator(op, N) != 0.0
    closure, size = {program.initial}, 0
    while size < len(closure):
        size = len(closure)
        closure |= set(np.flatnonzero(joined[:, sorted(closure)].any(axis=1)).tolist())
    assert basis == closure
    assert len(basis) <= most_states(N, program.initial, [move(op, N) for op in program.ops])


def test_states_without_spin_flips_are_estimated_by_spin():
    keeps = [move(Excitation((0, 1), (2, 3), Angle()), 12)]
    assert most_states(12, 0b111100000000, keeps) == 15 * 15
    assert most_states(12, 0b111100000000, [move(Excitation((0,), (5,), Angle()), 12)]) == 495


def test_only_states_of_the_same_particle_number_are_reached():
    basis = ReachedSpace(PROGRAM, None).basis
    assert set(np.bitwise_count(basis).tolist()) == {2}
    assert len(basis) < 15 and np.array_equal(basis, np.sort(basis))


@pytest.mark.parametrize("name", ["h2_sto3g_0.7414", "lih_sto3g_1.5957"])
def test_molecules_have_their_hartree_fock_energy_and_stay_in_their_sector(name):
    reference = json.loads((DATA / f"{name}.json").read_text())
    built = hamiltonian({"terms": reference["terms"], "hf_bitstring": reference["hf_bitstring"]})
    made = uccsd(built)
    space = ReachedSpace(made.program, built.operator)
    theta = np.zeros(len(made.center))
    assert space.energy(theta) == pytest.approx(reference["e_hf"], abs=1e-8)
    theta += np.random.default_rng(2).normal(size=theta.size)
    state = space.state(theta)
    assert np.linalg.norm(state) == pytest.approx(1.0, abs=1e-12)
    assert space.energy(theta) == pytest.approx(built.operator.expectation(state), abs=1e-12)
    assert set(np.bitwise_count(np.flatnonzero(state)).tolist()) == {reference["n_electrons"]}


def test_equal_calls_give_equal_bits():
    observable = PauliSum.from_terms([("XXIIII", 0.5), ("ZIIIIZ", 0.25), ("XYIIYX", 1.0)])
    theta = np.array([0.3, -0.8, 1.1])
    (a, slope), (b, again) = (ReachedSpace(PROGRAM, observable).energy_and_gradient(theta) for _ in range(2))
    assert a == b and np.array_equal(slope, again)


def test_memory_is_estimated_from_above():
    observable = PauliSum.from_terms([("XXIIII", 0.5), ("ZIIIIZ", 0.25)])
    space = ReachedSpace(PROGRAM, observable)
    assert space._rows is not None
    arrays = (space.basis, *space._pairs, *space._rows)
    assert sum(array.nbytes for array in arrays) < reached_space.memory_bytes(PROGRAM, observable)
    assert reached_space.memory_bytes(PROGRAM, None) < reached_space.memory_bytes(PROGRAM, observable)


def test_it_is_used_for_excitations_alone():
    assert suits(PROGRAM)
    assert not suits(Program(N, 3, (*OPS, PauliRotation(1, 0, Angle())), 0))


def test_without_an_observable_there_is_no_energy():
    with pytest.raises(LookupError, match="no observable"):
        ReachedSpace(PROGRAM, None).energy(np.zeros(3))
