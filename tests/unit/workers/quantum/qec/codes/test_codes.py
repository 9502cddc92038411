"""Circuits of all families of codes."""

from math import sqrt

import pytest
import stim

from novacron import codes
from novacron.specs.qec_point import FAMILIES, Point
from workers.quantum.qec.codes import CODES
from workers.quantum.qec.experiment import experiment


def test_every_family_has_circuits():
    assert set(CODES) == set(FAMILIES)


BASES = [(name, basis) for name, one in FAMILIES.items() for basis in one.bases]


@pytest.mark.parametrize(("code", "basis"), BASES)
def test_the_circuit_keeps_the_distance_of_the_code(code, basis):
    distance = {"color_666": 3, "bivariate_bicycle": 6}.get(code, 5)
    for decoder in {FAMILIES[code].decoders[0], "bposd"}:
        assert experiment(Point(code, distance, distance, basis, 0.001, decoder)).distance() == distance


@pytest.mark.parametrize(("code", "basis"), BASES)
def test_circuits_measure_the_stabilizers_of_the_code_and_keep_its_logical_operators(code, basis):
    known = codes.code(code)
    circuit = CODES[code](Point(code, known.distance, 2, basis, 0.01, "")).without_noise().flattened()
    readout = max(k for k, one in enumerate(circuit) if one.name in ("M", "MX"))
    qubits = dict(enumerate(_data(code, circuit, known)))
    state = stim.TableauSimulator()
    state.do(circuit[:readout])

    def value(one: codes.Operator) -> int:
        letters = {qubits[qubit]: one.pauli for qubit in one.qubits}
        return int(state.peek_observable_expectation(stim.PauliString(letters)))

    measured = [one for one in known.stabilizers if code != "toric" or one.pauli == basis.upper()]
    assert all(value(one) for one in measured)
    assert all(value(one) == (one.pauli == basis.upper()) for one in known.logicals)
    assert circuit.num_measurements == len(measured) * 2 + known.n


def _data(code: str, circuit: stim.Circuit, known: codes.Code) -> list[int]:
    """The circuit's qubits that are the data qubits of a code."""
    if code.endswith("surface"):
        at = {tuple(place): qubit for qubit, place in circuit.get_final_qubit_coordinates().items()}
        return [at[place] for place in known.places]
    if code == "repetition":
        return [int(x) for x, _ in known.places]
    first = len(known.stabilizers) // 2 if code == "bivariate_bicycle" else 0
    return [*range(first, first + known.n)]


@pytest.mark.parametrize(
    ("code", "distance", "rounds", "p", "shots", "errors"),
    [
        ("color_666", 3, 3, 0.01, 360_000, 2038),
        ("color_666", 5, 5, 0.01, 140_000, 261),
        ("toric", 4, 1, 0.1, 20_000, 5731),
        ("toric", 8, 1, 0.08, 20_000, 2593),
        ("toric", 6, 6, 0.025, 4000, 231),
    ],
)
def test_toric_and_colour_codes_fail_as_often_as_in_the_reference_tables(
    code, distance, rounds, p, shots, errors
):
    """Tables made with other circuits and with matrices: code capacity and phenomenological noise."""
    made = experiment(Point(code, distance, rounds, "z", p, FAMILIES[code].decoders[0]))
    stream, n = made.stream(1), 0
    found = 0
    while n < shots / 2:
        found += made.errors(stream, n // made.chunk_shots)
        n += made.chunk_shots
    rate, expected = found / n, errors / shots
    assert abs(rate - expected) <= 3 * sqrt(expected * (1 - expected) * (1 / n + 1 / shots))
