import numpy as np
import pytest

from workers.backends import load
from workers.simulation.full_space import FullSpace
from workers.simulation.pauli import PauliSum
from workers.simulation.program import Angle, Excitation, Op, PauliRotation, Program
from workers.simulation.reached_space import ReachedSpace, reached, suits

OPS = tuple(
    Excitation(sources, targets, Angle(((k % 3, 0.5 + k),), 0.1 * k))
    for k, (sources, targets) in enumerate([((0, 1), (2, 3)), ((0,), (2,)), ((1,), (5,)), ((2, 1), (4, 5))])
)
PROGRAM = Program(6, 3, OPS, 0b110000)


def test_the_reached_space_agrees_with_the_full_space_even_where_the_observable_leaves_it() -> None:
    rng = np.random.default_rng(5)
    observable = PauliSum.from_terms(
        ["".join(rng.choice(list("IXYZ"), size=6)), float(rng.normal())] for _ in range(200)
    )
    full, part = FullSpace(PROGRAM, observable), ReachedSpace(PROGRAM, observable)
    theta = rng.uniform(-2, 2, 3)
    np.testing.assert_allclose(part.state(theta), full.state(theta), atol=1e-14)
    energy, gradient = full.energy_and_gradient(theta)
    assert part.energy_and_gradient(theta)[0] == pytest.approx(energy, abs=1e-12)
    np.testing.assert_allclose(part.energy_and_gradient(theta)[1], gradient, atol=1e-12)


def test_only_states_of_the_same_particle_number_are_reached() -> None:
    assert set(np.bitwise_count(reached(PROGRAM)).tolist()) == {2}
    assert len(reached(PROGRAM)) < 15


def test_it_is_used_for_excitations_alone() -> None:
    assert suits(PROGRAM)
    assert not suits(Program(6, 3, (*OPS, PauliRotation(1, 0, Angle())), 0))
    assert not suits(Program(6, 0))


def test_a_long_program_over_the_tape_limit_has_the_same_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    ops: tuple[Op, ...] = (*OPS, PauliRotation(0b100001, 0b001001, Angle.parameter(1)), *OPS)
    observable = PauliSum.from_terms([("XZYIIZ", 0.7), ("ZZIIXX", -0.2), ("IIZZII", 1.0)])
    compiled = load("statevector").compile(Program(6, 3, ops, 0b110000), observable)
    theta = np.array([0.3, -0.8, 1.1])
    kept = compiled.energy_and_gradient(theta)
    monkeypatch.setattr("workers.simulation.full_space.TAPE_LIMIT", 0)
    undone = compiled.energy_and_gradient(theta)
    assert undone[0] == kept[0]
    np.testing.assert_allclose(undone[1], kept[1], atol=1e-13)
