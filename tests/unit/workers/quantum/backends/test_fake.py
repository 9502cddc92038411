"""Simulated devices: what they count is what Qiskit Aer counts with the same calibration."""

import math

import numpy as np
import pytest

from novacron.specs.base import DEFAULT_LEVEL
from shared.circuits.instruction import Gate, If, Measure
from shared.circuits.record import CircuitRecord
from shared.quantum import devices
from shared.quantum.wants import Want
from testing import aer_devices
from workers.quantum.backends import load
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.immediate import answers
from workers.quantum.compiler import Options, compile
from workers.quantum.simulation.ir.refusal import LimitError, UnsupportedError

SHOTS = 40_000


def chain(n, turn=0.3):
    """A GHZ state, turned, read on all qubits."""
    gates = [Gate("h", (0,)), *(Gate("cx", (q, q + 1)) for q in range(n - 1))]
    gates += [Gate("ry", (q,), (turn * q,)) for q in range(n)]
    return CircuitRecord(n, (), (("c", n),), (*gates, *(Measure(q, q) for q in range(n))))


def ask(device, record, *want, **more):
    (answer,) = answers(load("fake", device), Batch((Pub(record),), frozenset(want), **more))
    return answer


@pytest.mark.parametrize(("name", "n_qubits"), [("manila", 5), ("cairo", 4), ("almaden", 4), ("kingston", 7)])
def test_probabilities_are_those_that_aer_counts(name, n_qubits):
    record = chain(n_qubits)
    found = ask(name, record, Want.DISTRIBUTION).distributions.item()
    compiled = compile(record, devices.load(name), Options(level=DEFAULT_LEVEL))
    counts = aer_devices.counts(compiled.record, devices.load(name), SHOTS, seed=1)
    assert sum(found.values()) == pytest.approx(1)
    for outcome, p in found.items():
        spread = math.sqrt(p * (1 - p) * SHOTS)
        assert abs(counts.get(outcome, 0) - p * SHOTS) <= 4.5 * spread + 3, outcome


def test_counts_follow_the_probabilities_and_the_seed():
    record = chain(3)
    exact = ask("manila", record, Want.DISTRIBUTION).distributions.item()
    counts, same, other = (
        ask("manila", record, Want.COUNTS, shots=4000, seed=s).counts.item() for s in (0, 0, 1)
    )
    assert counts == same != other
    assert all(abs(counts.get(k, 0) - 4000 * p) <= 5 * math.sqrt(4000 * p) + 3 for k, p in exact.items())


@pytest.mark.parametrize(("turn", "simulator"), [(0.0, "stabilizer"), (0.3, "trajectories")])
def test_wide_circuits_are_sampled(turn, simulator):
    answer = ask("kingston", chain(12, turn), Want.COUNTS, shots=64)
    assert answer.notes["simulated_by"] == simulator and sum(answer.counts.item().values()) == 64


def test_idle_qubits_are_read_with_their_errors():
    record = CircuitRecord(2, (), (("c", 2),), (Gate("x", (0,)), Measure(0, 0), Measure(1, 1)))
    found = ask("manila", record, Want.DISTRIBUTION).distributions.item()
    final = compile(record, devices.load("manila"), Options(level=DEFAULT_LEVEL)).final
    wrong = found["01"] + found["11"]
    assert wrong == pytest.approx(devices.load("manila").qubits[final[1]].p1_given_0)


def test_expectations_are_of_the_state_before_it_is_read():
    record = CircuitRecord(2, (), (), (Gate("h", (0,)), Gate("cx", (0, 1))))
    observables = np.empty(2, dtype=object)
    observables[:] = [[("ZZ", 1.0)], [("II", 1.0)]]
    batch = Batch((Pub(record, observables=observables),), frozenset({Want.EXPECTATIONS}))
    (answer,) = answers(load("fake", "manila"), batch)
    assert answer.expectations is not None
    assert answer.expectations[1] == pytest.approx(1) and 0.9 < answer.expectations[0] < 1 - 1e-4


def test_conditions_follow_noisy_bits():
    body = (Gate("x", (0,)), Measure(0, 0), If((0,), 1, (Gate("x", (1,)),)), Measure(1, 1))
    found = ask("manila", CircuitRecord(2, (), (("c", 2),), body), Want.DISTRIBUTION).distributions.item()
    assert found["11"] > 0.9 and found["00"] > found["10"] > 0


def test_what_a_device_cannot_do_is_refused():
    with pytest.raises(LimitError, match="manila takes up to 5"):
        load("fake", "manila").prepare(Batch((Pub(chain(6)),), frozenset({Want.COUNTS}), shots=1))
    with pytest.raises(UnsupportedError, match="no purity"):
        ask("manila", chain(2), Want.PURITY)
