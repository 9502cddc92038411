"""Encoded circuits: their outcomes are those of the bare circuit, their distance that of the code."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.specs.noise import Noise
from shared.circuits.instruction import Gate, Measure
from shared.circuits.record import CircuitRecord
from shared.quantum.wants import Want
from workers.quantum import backends
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.immediate import answers
from workers.quantum.qec.decoders import DECODERS
from workers.quantum.qec.encoded.circuit import encode
from workers.quantum.qec.encoded.sampling import Sampler, merged
from workers.quantum.simulation.ir.refusal import CircuitError

ONE, TWO = ("id", "x", "y", "z", "h"), ("cx", "cz", "swap")


def noise(p):
    """Depolarizing of strength p after every gate and reset, and as much readout error."""
    error = {
        "name": "depolarizing",
        "p": p,
        "each": False,
        "gates": None,
        "gate_qubits": None,
        "qubits": None,
    }
    return {
        "errors": [error],
        "readout": [{"matrix": [[1 - p, p], [p, 1 - p]], "qubits": None}],
        "drift": None,
    }


def circuit(n_qubits, *gates, measured=None):
    """A circuit of gates; by default every qubit is measured into the bit of its number."""
    places = list(enumerate(range(n_qubits))) if measured is None else measured
    ends = [Measure(qubit, bit) for qubit, bit in places]
    return CircuitRecord(n_qubits, (), (("c", 3),), (*(Gate(name, where) for name, where in gates), *ends))


X_THEN_MEMORY = circuit(1, ("x", (0,)))
BELL = circuit(2, ("h", (0,)), ("cx", (0, 1)))
EVERYTHING = circuit(2, ("h", (0,)), ("cz", (1, 0)), ("y", (1,)), ("h", (0,)), ("swap", (0, 1)))


@st.composite
def circuits(draw):
    n = draw(st.integers(1, 2))
    one = st.tuples(st.sampled_from(ONE), st.sampled_from([(0,), (n - 1,)]))
    two = st.tuples(st.sampled_from(TWO), st.sampled_from([(0, 1), (1, 0)]))
    gates = draw(st.lists(st.one_of(one, two) if n == 2 else one, max_size=5))
    bits = draw(st.permutations(range(3)))
    return circuit(n, *gates, measured=list(zip(draw(st.permutations(range(n))), bits, strict=False)))


def probabilities(record):
    batch = Batch((Pub(record),), frozenset({Want.DISTRIBUTION}))
    (answer,) = answers(backends.load("statevector"), batch)
    assert answer.distributions is not None
    return answer.distributions.item()


@settings(max_examples=25, deadline=None)
@given(circuits(), st.integers(0, 2**32))
def test_without_noise_the_outcomes_are_those_of_the_bare_circuit(record, seed):
    encoded = encode(record, 3)
    ideal = probabilities(record)
    assert encoded.ideal() == pytest.approx(ideal)
    found = Sampler(encoded, seed).block(0, 400)
    assert found.errors == found.uncorrected_errors == 0
    assert found.counts == found.uncorrected
    assert set(found.counts) == set(ideal)
    for outcome, p in ideal.items():
        assert abs(found.counts[outcome] - 400 * p) <= 6 * (400 * p * (1 - p)) ** 0.5


@pytest.mark.parametrize(
    ("record", "distance"),
    [
        (X_THEN_MEMORY, 3), (X_THEN_MEMORY, 5), (BELL, 3), (BELL, 5),
        (EVERYTHING, 3),
    ],
)  # fmt: skip
def test_the_distance_of_the_circuit_is_that_of_the_code(record, distance):
    assert encode(record, distance, noise(0.001)).distance() == distance


@pytest.mark.parametrize("record", [BELL, EVERYTHING])
def test_every_single_fault_is_corrected(record):
    circuit = encode(record, 3, noise(0.001)).circuit
    decode = DECODERS["pymatching"].compile(
        circuit.detector_error_model(decompose_errors=True, approximate_disjoint_errors=True)
    )
    model = circuit.detector_error_model(approximate_disjoint_errors=True).flattened()
    faults = [one.targets_copy() for one in model if one.type == "error"]
    detections = np.zeros((len(faults), circuit.num_detectors), dtype=np.uint8)
    flips = np.zeros((len(faults), circuit.num_observables), dtype=np.uint8)
    for number, targets in enumerate(faults):
        detections[number, [one.val for one in targets if one.is_relative_detector_id()]] = 1
        flips[number, [one.val for one in targets if one.is_logical_observable_id()]] = 1
    assert flips.any()
    predicted = decode(np.packbits(detections, axis=1, bitorder="little"))
    assert np.array_equal(predicted, np.packbits(flips, axis=1, bitorder="little"))


@pytest.mark.parametrize(("record", "p", "shots"), [(X_THEN_MEMORY, 0.003, 40_000), (BELL, 0.002, 8000)])
def test_below_threshold_a_larger_distance_leaves_fewer_errors(record, p, shots):
    three, five = (Sampler(encode(record, d, noise(p)), seed=5).block(0, shots) for d in (3, 5))
    assert three.uncorrected_errors > 5 * three.errors
    assert three.errors - five.errors > 3 * (three.errors + five.errors) ** 0.5


def test_blocks_are_the_same_wherever_they_run():
    encoded = encode(BELL, 3, noise(0.01))
    one, other = Sampler(encoded, 1), Sampler(encode(BELL, 3, noise(0.01)), 1)
    parts = [one.block(number, 100) for number in range(4)]
    assert merged(reversed([other.block(number, 100) for number in (0, 1, 2, 3)])) == merged(parts)
    assert parts[0] != parts[1]
    assert Sampler(encoded, 2).block(0, 100) != parts[0]


def test_certain_faults_are_decoded():
    every = Noise(readout=[[0, 1], [1, 0]]).document
    found = Sampler(encode(X_THEN_MEMORY, 3, every), 1).block(0, 100)
    assert (found.errors, found.uncorrected_errors) == (0, 100)  # all readings are inverted


def test_a_gate_without_an_encoded_form_is_refused():
    with pytest.raises(CircuitError, match="'s'"):
        encode(circuit(1, ("s", (0,))), 3)
