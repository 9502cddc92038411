import json
from pathlib import Path

import numpy as np
import pytest

from testing.asking import Asking
from testing.specs import ansatz, hamiltonian, replay
from workers.quantum.ansatz.adapt import Adapt
from workers.quantum.ansatz.base import AnsatzError
from workers.quantum.backends import load
from workers.quantum.objective import End, Evaluation, Request, Stage, measure
from workers.quantum.simulation.ir.excitation import pairs
from workers.quantum.simulation.ir.program import Angle, Excitation
from workers.quantum.variational.replay import entry_of
from workers.quantum.variational.vqe import ExactEnergy

DATA = Path(__file__).parents[4] / "data" / "hamiltonians"
CHEMICAL_ACCURACY = 1.6e-3


def molecule(name):
    (path,) = DATA.glob(f"{name}_*.json")
    reference = json.loads(path.read_text())
    terms = {"terms": reference["terms"], "hf_bitstring": reference["hf_bitstring"]}
    return reference, hamiltonian(terms)


def adapt(built, pool="singles_doubles", tolerance=3e-2, most=50):
    made = ansatz(
        {"name": "adapt", "pool": pool, "gradient_tolerance": tolerance, "max_operators": most}, built
    )
    assert isinstance(made, Adapt)
    return made


def run(built, made):
    target = ExactEnergy(made, built.operator, load("statevector"))

    def live(requests):
        return [entry_of(request, measure(target, request), target.constant) for request in requests]

    return replay(target, {"name": "lbfgs"}, 7, 0, [], live)


@pytest.mark.parametrize("pool", ["singles_doubles", "generalized"])
@pytest.mark.parametrize("name", ["h2", "lih", "beh2", "h2o"])
def test_molecules_come_to_chemical_accuracy_within_their_sector(name, pool):
    reference, built = molecule(name)
    made = adapt(built, pool)
    end = run(built, made)
    assert end.converged and "no operator lowers the energy" in end.message
    assert -1e-9 < end.value - reference["e_fci"] < CHEMICAL_ACCURACY
    assert end.values[0] == pytest.approx(reference["e_hf"], abs=1e-8)
    state = Asking(load("statevector"), made.circuit(tuple(end.operators))).state(np.array(end.point))
    found = np.flatnonzero(np.abs(state) > 1e-12)
    assert set(np.bitwise_count(found).tolist()) == {reference["n_electrons"]}
    named = made.named(tuple(end.operators))
    assert len({parameter.name for parameter in named}) == len(named) == len(end.point)
    assert made.chosen([parameter.operator for parameter in named]) == tuple(end.operators)


def test_screening_gives_the_commutators_with_the_hamiltonian():
    _, built = molecule("lih")
    made = adapt(built)
    target = ExactEnergy(made, built.operator, load("statevector"))
    asked = []

    def screen(stage):
        asked.append(stage)
        return measure(target, Request(0, 0, stage.point, True, operators=stage.operators))

    operators, point = (3, 0, 7), np.array([0.1, -0.2, 0.3])
    grown = made.grow(Stage(point, operators), screen)
    state = Asking(load("statevector"), made.circuit(operators)).state(point)
    image = built.operator.apply(state)
    slopes = []
    for sources, targets in made.pool:
        op = Excitation(sources, targets, Angle())
        first, second = pairs(op, np.arange(2**12), 12)
        slopes.append(2 * (np.vdot(image[second], state[first]) - np.vdot(image[first], state[second])).real)
    (stage,) = asked
    assert stage.operators == (*operators, *range(len(made.pool)))
    assert np.array_equal(stage.point, np.append(point, np.zeros(len(made.pool))))
    assert np.allclose(screen(stage).gradient[3:], slopes, atol=1e-12)
    slopes[7] = 0.0
    assert isinstance(grown, Stage)
    assert grown.operators == (*operators, int(np.argmax(np.abs(slopes))))
    assert np.array_equal(grown.point, np.append(point, 0.0))


def stubbed(slopes):
    return lambda stage: Evaluation(0.0, np.append(np.zeros(stage.point.size - len(slopes)), slopes))


def test_the_first_of_equal_slopes_is_taken_and_the_last_operator_is_not_taken_again():
    _, built = molecule("h2")
    made = adapt(built, "generalized")
    slopes = np.zeros(len(made.pool))
    slopes[:2] = 1.0, -1.0 - 1e-13
    first = made.grow(Stage(np.zeros(0)), stubbed(slopes))
    assert isinstance(first, Stage) and first.operators == (0,) and first.point.tolist() == [0.0]
    again = made.grow(Stage(np.zeros(1), (0,)), stubbed(slopes))
    assert isinstance(again, Stage) and again.operators == (0, 1)


def test_it_ends_where_the_pool_is_flat_or_full():
    _, built = molecule("h2")
    made = adapt(built, most=1)
    assert made.initial(0, np.random.default_rng(0)).size == 0
    flat = made.grow(Stage(np.zeros(0)), stubbed([1e-3]))
    assert flat == End(True, "no operator lowers the energy: the pool's gradient is 1.0e-03")
    _, larger = molecule("lih")
    full = adapt(larger, most=1).grow(Stage(np.zeros(1), (0,)), stubbed(np.ones(34)))
    assert isinstance(full, End) and not full.reached and "stopped at 1 operators" in str(full.message)


def test_a_hamiltonian_without_electrons_is_refused():
    with pytest.raises(AnsatzError, match="ansatz adapt: the hamiltonian needs n_electrons"):
        adapt(hamiltonian({"model": "tfim", "n_qubits": 2}), "generalized")
