"""What every backend in BACKENDS must do, against dense Kronecker-product linear algebra."""

import math
import tracemalloc
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.quantum.backends import BACKENDS
from shared.quantum.wants import Want
from testing.asking import Asking
from workers.quantum.backends import load, missing
from workers.quantum.simulation.ir.pauli import PauliSum, string
from workers.quantum.simulation.ir.program import (
    Angle,
    DiagonalPhase,
    Excitation,
    Op,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
    angle_of,
)
from workers.quantum.simulation.ir.refusal import LimitError, MemoryLimitError

DENSE = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
    "-": np.array([[0, 1], [0, 0]]),
}
HADAMARD = np.array([[1, 1], [1, -1]], dtype=np.complex128) * math.sqrt(0.5)
CNOT = np.eye(4, dtype=np.complex128)[[0, 1, 3, 2]]

HERE = [name for name, row in sorted(BACKENDS.items()) if row.loops and not missing(name)]
pytestmark = pytest.mark.parametrize("name", HERE)


def kron(letters: str) -> Any:
    result = np.eye(1)
    for letter in letters:
        result = np.kron(result, DENSE[letter])
    return result


def dense_sum(observable: PauliSum) -> Any:
    return sum(c * kron(letters) for letters, c in observable.terms())


def annihilator(mode: int, n: int) -> Any:
    return kron("Z" * mode + "-" + "I" * (n - mode - 1))


def exponential(generator: Any) -> Any:
    """exp of an anti-Hermitian matrix."""
    values, vectors = np.linalg.eigh(1j * generator)
    return (vectors * np.exp(-1j * values)) @ vectors.conj().T


def generator(op: Any, n: int) -> Any:
    if isinstance(op, PauliRotation):
        return -0.5j * kron(string(op.x, op.z, n))
    if isinstance(op, RXLayer):
        return sum(-0.5j * kron("I" * q + "X" + "I" * (n - q - 1)) for q in range(n))
    if isinstance(op, DiagonalPhase):
        return -1j * np.diag(op.diagonal)
    raising = np.eye(2**n)
    for mode in op.targets:
        raising = raising @ annihilator(mode, n).T
    for mode in reversed(op.sources):
        raising = raising @ annihilator(mode, n)
    return raising - raising.T


def embedded(op: Unitary, n: int) -> Any:
    """The matrix of a Unitary on all qubits, element by element."""
    k = len(op.qubits)
    full = np.zeros((2**n, 2**n), dtype=complex)
    for column in range(2**n):
        bits = [column >> (n - 1 - q) & 1 for q in range(n)]
        local = sum(bits[q] << (k - 1 - i) for i, q in enumerate(op.qubits))
        for image in range(2**k):
            new = list(bits)
            for i, q in enumerate(op.qubits):
                new[q] = image >> (k - 1 - i) & 1
            full[sum(b << (n - 1 - q) for q, b in enumerate(new)), column] += op.matrix[image, local]
    return full


def dense_state(program: Program, theta: Any) -> Any:
    state = np.zeros(2**program.n_qubits, dtype=complex)
    state[program.initial] = 1
    for op in program.ops:
        if isinstance(op, Unitary):
            state = embedded(op, program.n_qubits) @ state
        else:
            state = exponential(angle_of(op).value(theta) * generator(op, program.n_qubits)) @ state
    return state


def random_unitary(rng: np.random.Generator, size: int) -> Any:
    return np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]


def random_angle(rng: np.random.Generator, n_parameters: int) -> Angle:
    """Affine in none, one or two parameters, perhaps the same one twice."""
    terms = tuple(
        (int(rng.integers(n_parameters)), float(rng.uniform(-2, 2))) for _ in range(rng.choice([0, 1, 1, 2]))
    )
    return Angle(terms, float(rng.choice([0.0, 0.3])))


def random_op(rng: np.random.Generator, n: int, n_parameters: int) -> Op:
    angle = random_angle(rng, n_parameters)
    kind = rng.integers(6)
    if kind == 0:
        k = int(rng.integers(1, min(n, 3) + 1))
        return Unitary(tuple(rng.permutation(n)[:k].tolist()), random_unitary(rng, 2**k))
    if kind == 1:
        return DiagonalPhase(rng.normal(size=2**n), angle)
    if kind == 2:
        return DiagonalPhase(rng.integers(-3, 4, size=2**n) / 2, angle)
    if kind == 3:
        return RXLayer(angle)
    if kind == 4 and n >= 2:
        modes = rng.permutation(n).tolist()
        k = 2 if n >= 4 and rng.integers(2) else 1
        return Excitation(tuple(modes[:k]), tuple(modes[k : 2 * k]), angle)
    return PauliRotation(int(rng.integers(2**n)), int(rng.integers(2**n)), angle)


def random_program(rng: np.random.Generator, n: int, n_ops: int = 8, n_parameters: int = 3) -> Program:
    ops = tuple(random_op(rng, n, n_parameters) for _ in range(n_ops))
    return Program(n, n_parameters, ops, int(rng.integers(2**n)))


def random_sum(rng: np.random.Generator, n: int, n_terms: int = 7) -> PauliSum:
    return PauliSum.from_terms(
        ["".join(rng.choice(list("IXYZ"), size=n)), float(rng.normal())] for _ in range(n_terms)
    )


def excitation_program(rng: np.random.Generator) -> Program:
    """Excitations alone, with a shared and an affine parameter."""
    ops = [
        Excitation((0, 1), (4, 5), Angle.parameter(0)),
        Excitation((1, 2), (3, 4), Angle(((1, 0.7), (0, -0.4)), 0.2)),
        Excitation((0,), (4,), Angle.parameter(2, -1.5)),
        Excitation((3,), (5,), Angle(offset=0.4)),
        Excitation((2, 0), (5, 3), Angle.parameter(2)),
    ]
    return Program(6, 3, tuple(ops), 0b111000)


def test_bell_state(name: str) -> None:
    program = Program(2, 0, (Unitary((0,), HADAMARD), Unitary((0, 1), CNOT)))
    compiled = Asking(load(name), program, PauliSum.from_terms([("XX", 1.0), ("ZZ", 0.5), ("YY", 0.25)]))
    np.testing.assert_allclose(compiled.state(np.empty(0)), np.array([1, 0, 0, 1]) / math.sqrt(2), atol=1e-15)
    assert compiled.energy(np.empty(0)) == pytest.approx(1.25, abs=1e-14)


def test_qubit_zero_is_the_most_significant_bit(name: str) -> None:
    program = Program(3, 1, (PauliRotation(0b100, 0, Angle.parameter(0)),))
    compiled = Asking(load(name), program)
    np.testing.assert_allclose(compiled.probabilities(np.array([math.pi])), np.eye(8)[0b100], atol=1e-15)
    rng = np.random.default_rng(0)
    assert set(compiled.sample(np.array([math.pi]), 20, rng).tolist()) == {0b100}


def test_rotation_by_a_known_angle(name: str) -> None:
    compiled = Asking(
        load(name),
        Program(1, 1, (PauliRotation(1, 1, Angle.parameter(0)),)),
        PauliSum.from_terms([("Z", 1.0)]),
    )
    for angle in (0.0, 0.3, 2.0):
        energy, gradient = compiled.energy_and_gradient(np.array([angle]))
        assert energy == pytest.approx(math.cos(angle), abs=1e-14)
        assert gradient == pytest.approx([-math.sin(angle)], abs=1e-14)


def test_global_phase_is_kept(name: str) -> None:
    compiled = Asking(load(name), Program(1, 1, (PauliRotation(0, 0, Angle.parameter(0)),)))
    np.testing.assert_allclose(compiled.state(np.array([0.8])), [np.exp(-0.4j), 0], atol=1e-15)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 5))
def test_random_programs_match_dense_algebra(name: str, seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    program, observable = random_program(rng, n), random_sum(rng, n)
    theta = rng.uniform(-3, 3, program.n_parameters)
    compiled = Asking(load(name), program, observable)
    expected = dense_state(program, theta)
    np.testing.assert_allclose(compiled.state(theta), expected, atol=1e-12)
    np.testing.assert_allclose(compiled.probabilities(theta), abs(expected) ** 2, atol=1e-12)
    energy = np.vdot(expected, dense_sum(observable) @ expected).real
    assert compiled.energy(theta) == pytest.approx(energy, abs=1e-11)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 5))
def test_gradients_match_central_differences(name: str, seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    program, observable = random_program(rng, n), random_sum(rng, n)
    theta = rng.uniform(-3, 3, program.n_parameters)
    compiled = Asking(load(name), program, observable)
    energy, gradient = compiled.energy_and_gradient(theta)
    assert energy == pytest.approx(compiled.energy(theta), abs=1e-12)
    step = 1e-5
    for k, unit in enumerate(np.eye(program.n_parameters)):
        difference = compiled.energy(theta + step * unit) - compiled.energy(theta - step * unit)
        assert gradient[k] == pytest.approx(difference / (2 * step), abs=2e-7)


def test_gradients_match_parameter_shift(name: str) -> None:
    rng = np.random.default_rng(5)
    paulis = [(int(x), int(z)) for x, z in rng.integers(1, 32, size=(12, 2))]
    ops = tuple(PauliRotation(x, z, Angle.parameter(k)) for k, (x, z) in enumerate(paulis))
    compiled = Asking(load(name), Program(5, 12, ops), random_sum(rng, 5, 20))
    theta = rng.uniform(-3, 3, 12)
    shifts = math.pi / 2 * np.eye(12)
    shifted = (compiled.energies(theta + shifts) - compiled.energies(theta - shifts)) / 2
    np.testing.assert_allclose(compiled.energy_and_gradient(theta)[1], shifted, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_excitation_programs_match_dense_algebra(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    program, observable = excitation_program(rng), random_sum(rng, 6, 40)
    theta = rng.uniform(-2, 2, 3)
    compiled = Asking(load(name), program, observable)
    expected = dense_state(program, theta)
    np.testing.assert_allclose(compiled.state(theta), expected, atol=1e-13)
    energy, gradient = compiled.energy_and_gradient(theta)
    assert energy == pytest.approx(np.vdot(expected, dense_sum(observable) @ expected).real, abs=1e-12)
    for k, unit in enumerate(1e-5 * np.eye(3)):
        difference = compiled.energy(theta + unit) - compiled.energy(theta - unit)
        assert gradient[k] == pytest.approx(difference / 2e-5, abs=1e-7)


def test_excitations_keep_the_particle_number(name: str) -> None:
    theta = np.array([0.4, -1.1, 2.3])
    probabilities = Asking(load(name), excitation_program(np.random.default_rng(0))).probabilities(theta)
    counts = np.bitwise_count(np.arange(64))
    assert probabilities[counts == 3].sum() == pytest.approx(1.0, abs=1e-13)
    assert not probabilities[counts != 3].any()


@pytest.mark.parametrize("make", [excitation_program, lambda rng: random_program(rng, 4, 12)])
def test_batches_have_the_bits_of_single_calls(name: str, make: Any) -> None:
    rng = np.random.default_rng(11)
    program = make(rng)
    compiled = Asking(load(name), program, random_sum(rng, program.n_qubits))
    thetas = rng.uniform(-3, 3, (5, program.n_parameters))
    assert compiled.energies(thetas).tolist() == [compiled.energy(theta) for theta in thetas]
    np.testing.assert_array_equal(compiled.state(thetas), [compiled.state(theta) for theta in thetas])
    assert compiled.energies(thetas[:0]).shape == (0,)


def test_equal_calls_give_equal_bits(name: str) -> None:
    rng = np.random.default_rng(12)
    program, observable = random_program(rng, 5, 15), random_sum(rng, 5)
    theta = rng.uniform(-3, 3, 3)
    first = Asking(load(name), program, observable).energy_and_gradient(theta)
    compiled = Asking(load(name), program, observable)
    compiled.energy_and_gradient(-theta)
    again = compiled.energy_and_gradient(theta)
    assert first[0] == again[0]
    np.testing.assert_array_equal(first[1], again[1])


def test_a_returned_state_is_the_callers_own(name: str) -> None:
    compiled = Asking(load(name), Program(2, 0, (Unitary((0,), HADAMARD),)))
    before = compiled.state(np.empty(0))
    compiled.state(np.empty(0))[:] = 0
    np.testing.assert_array_equal(compiled.state(np.empty(0)), before)


def test_samples_follow_the_probabilities(name: str) -> None:
    from scipy.stats import chi2

    rng = np.random.default_rng(3)
    program = random_program(rng, 4, 10)
    theta = rng.uniform(-3, 3, 3)
    compiled = Asking(load(name), program)
    shots = 20_000
    expected = shots * compiled.probabilities(theta)
    samples = compiled.sample(theta, shots, np.random.default_rng(4))
    assert samples.dtype == np.int64 and samples.shape == (shots,)
    counts = np.bincount(samples, minlength=16)
    likely = expected > 5
    statistic = ((counts - expected)[likely] ** 2 / expected[likely]).sum()
    assert statistic < chi2.ppf(1 - 1e-4, likely.sum() - 1)


def test_the_same_seed_gives_the_same_samples(name: str) -> None:
    rng = np.random.default_rng(3)
    compiled = Asking(load(name), random_program(rng, 4, 10))
    theta = rng.uniform(-3, 3, 3)
    first, second, other = (compiled.sample(theta, 50, np.random.default_rng(s)) for s in (7, 7, 8))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()


def test_what_is_declared_is_what_it_is(name: str) -> None:
    declared = BACKENDS[name]
    assert load(name).name == name
    assert declared.max_qubits >= 20 and declared.gradients and declared.shots
    assert declared.programs >= {Want.EXPECTATIONS, Want.ESTIMATES, Want.GRADIENTS, Want.SAMPLES}


def test_too_many_qubits_are_refused(name: str) -> None:
    backend = load(name)
    n = BACKENDS[name].max_qubits + 1
    with pytest.raises(LimitError, match=str(n)) as caught:
        Asking(backend, Program(n, 1, (RXLayer(Angle.parameter(0)),))).state([0.1])
    assert caught.value.wanted == n and caught.value.had == n - 1


def test_what_memory_cannot_hold_is_refused_before_it_is_made(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = load(name)
    program = Program(24, 1, (RXLayer(Angle.parameter(0)),))
    wanted = Asking(load(name, memory_limit=1 << 40), program).memory_bytes
    assert wanted > 16 * 2**24
    monkeypatch.setattr("workers.quantum.simulation.cuda.device.CupyDevice.free_bytes", lambda device: 2**28)
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(total=2**28, available=2**28))
    tracemalloc.start()
    with pytest.raises(MemoryLimitError, match=f"{wanted:,}") as caught:
        Asking(backend, program).state([0.1])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.wanted == wanted and caught.value.had <= 2**28
    assert peak < 2**20


def test_strange_points_and_shots_are_refused(name: str) -> None:
    compiled = Asking(
        load(name), Program(2, 1, (RXLayer(Angle.parameter(0)),)), PauliSum.from_terms([("ZI", 1.0)])
    )
    with pytest.raises(ValueError, match="shape"):
        compiled.energy(np.zeros(2))
    with pytest.raises(ValueError, match="finite"):
        compiled.energy(np.array([math.nan]))
    with pytest.raises(ValueError, match="shots"):
        compiled.sample(np.zeros(1), 0, np.random.default_rng(0))


def test_an_observable_is_needed_for_energies_and_must_fit(name: str) -> None:
    program = Program(2, 1, (RXLayer(Angle.parameter(0)),))
    with pytest.raises(ValueError, match="observable"):
        Asking(load(name), program).energies(np.zeros((1, 1)))
    with pytest.raises(ValueError, match="3 qubits"):
        Asking(load(name), program, PauliSum.from_terms([("ZII", 1.0)])).energy([0.1])
