"""What a noise model says of gates, qubits and time; channels."""

import math
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.specs.named_noise import NAMED
from novacron.specs.noise import Noise, WrittenDrift
from shared.circuits.instruction import Barrier, Gate, If, Instruction, Measure, Reset, Unitary
from tests.unit.workers.quantum.simulation.noise.noisy import model
from workers.quantum.simulation.noise import channel
from workers.quantum.simulation.noise.circuit import Choice, noisy
from workers.quantum.simulation.noise.drift import factors
from workers.quantum.simulation.noise.model import Struck
from workers.quantum.simulation.noise.readout_error import misread

CX = Gate("cx", (0, 1))
FLIP = {"name": "bit_flip", "p": 0.1}


def places(noise, item, n_qubits=4):
    return [struck.qubits for struck in model(noise, n_qubits).after(item, 1.0)]


@pytest.mark.parametrize(
    ("error", "item", "want"),
    [
        (FLIP, CX, [(0,), (1,)]),
        ({**FLIP, "gates": ["cx"]}, Gate("cz", (0, 1)), []),
        ({**FLIP, "gates": ["reset"]}, Reset(2), [(2,)]),
        ({**FLIP, "gates": ["unitary"]}, Unitary((3,), ((1, 0), (0, 1))), [(3,)]),
        ({**FLIP, "gate_qubits": [[1, 0]]}, CX, [(0,), (1,)]),
        ({**FLIP, "gate_qubits": [[1, 2], 0]}, CX, []),
        ({**FLIP, "qubits": [1, 3]}, CX, [(1,)]),
        ({"name": "depolarizing", "p": 0.1}, CX, [(0, 1)]),
        ({"name": "depolarizing", "p": 0.1, "each": True}, CX, [(0,), (1,)]),
        ({"name": "depolarizing", "p": 0.1, "qubits": [0]}, CX, []),
        ({"name": "pauli", "probabilities": {"XZ": 0.1}}, CX, [(0, 1)]),
        ({"name": "pauli", "probabilities": {"XZ": 0.1}}, Gate("x", (0,)), []),
        ({"name": "crosstalk", "pairs": [[1, 2, 0.1], [0, 1, 0.1], [3, 0, 0.1]]}, CX, [(1, 2)]),
        (
            {"name": "thermal_relaxation", "t1_s": 1, "t2_s": 1, "duration_s": 1},
            Gate("x", (0,)),
            [(0,), (0,)],
        ),
    ],
)
def test_errors_strike_where_they_say(error, item, want):
    assert places({"errors": [error]}, item) == want


def test_crosstalk_to_a_qubit_that_the_circuit_lacks_is_left_out():
    assert places({"errors": [{"name": "crosstalk", "pairs": [[0, 3, 0.1]]}]}, Gate("x", (0,)), 2) == []


def test_noise_is_written_after_gates_and_resets_inside_conditions_too():
    instructions: list[Instruction] = [
        Gate("h", (0,)),
        Barrier((0,)),
        Measure(0, 0),
        If((0,), 1, (Gate("x", (0,)),)),
        Reset(0),
    ]
    steps = noisy(instructions, model({"errors": [FLIP]}, 1))
    assert [type(step).__name__ for step in steps] == [
        "Gate",
        "Struck",
        "Measure",
        "Choice",
        "Reset",
        "Struck",
    ]
    assert isinstance(steps[3], Choice)
    assert [type(step) for step in steps[3].then] == [Gate, Struck]


def complete(made):
    return np.einsum("mji,mjk->ik", made.kraus.conj(), made.kraus)


@given(p=st.floats(0, 1), q=st.floats(0, 1), t=st.floats(0, 10))
def test_channels_preserve_the_trace(p, q, t):
    made = [
        channel.depolarizing(p, 2), channel.phase_damping(p), channel.amplitude_damping(p, q),
        channel.pauli_channel({"XY": p / 2, "ZI": q / 2}), *channel.thermal_relaxation(1.0, 2.0, t, q),
    ]  # fmt: skip
    for one in made:
        assert complete(one) == pytest.approx(np.eye(1 << one.n_qubits), abs=1e-12)
        assert sum(one.twirled.values()) == pytest.approx(1.0)


def test_depolarizing_is_qiskits_convention():
    assert channel.depolarizing(0.4, 2).twirled["II"] == pytest.approx(1 - 0.4 * 15 / 16)


@pytest.mark.parametrize("name", NAMED)
def test_named_models_are_valid(name):
    assert model(name, 3).readout(0) is None or name != "depolarizing"
    assert places(name, CX)


def test_rates_drift_slowly_around_their_mean_and_are_the_models_own():
    drift: WrittenDrift = {"sigma": 0.4, "correlation_length": 50.0, "seed": 3}
    found = np.array(list(islice(factors(drift), 200_000)))
    assert found.mean() == pytest.approx(1.0, abs=0.05)
    x = np.log(found)
    x -= x.mean()
    for gap in (1, 50, 100):
        assert np.mean(x[gap:] * x[:-gap]) / np.mean(x * x) == pytest.approx(math.exp(-gap / 50), abs=0.05)
    assert found[:100].tolist() == list(islice(factors(drift), 100))
    assert list(islice(factors(None), 3)) == [1.0, 1.0, 1.0]


def test_drifting_rates_never_leave_the_probabilities():
    noise = {"errors": [{"name": "pauli", "probabilities": {"X": 0.5, "Z": 0.4}}, {**FLIP, "p": 0.9}],
             "drift": {"sigma": 3.0, "correlation_length": 1.0}}  # fmt: skip
    rates = [
        step.channel.twirled
        for step in noisy([Gate("x", (0,))] * 200, model(noise, 1))
        if isinstance(step, Struck)
    ]
    assert len({tuple(one.values()) for one in rates}) > 50
    assert all(min(one.values()) >= 0 and sum(one.values()) == pytest.approx(1.0) for one in rates)


def test_misreading_mixes_each_qubit_by_its_matrix():
    matrix = np.array([[0.9, 0.1], [0.2, 0.8]])
    assert misread(np.array([0.0, 0.0, 1.0, 0.0]), [None, matrix]) == pytest.approx([0, 0, 0.9, 0.1])
    assert misread(np.array([0.0, 0.0, 1.0, 0.0]), [matrix, None]) == pytest.approx([0.2, 0, 0.8, 0])


CALIBRATION = {
    "name": "device 2026-04-01",
    "qubits": [
        {"t1_s": 50e-6, "t2_s": 70e-6, "p1_given_0": 0.01, "p0_given_1": 0.03},
        {"t1_s": 60e-6, "t2_s": 40e-6},
        {},
    ],
    "gates": [
        {"gate": "cx", "qubits": [0, 1], "error": 0.02, "duration_s": 300e-9},
        {"gate": "sx", "qubits": [2], "error": 0.001},
        {"gate": "rz", "qubits": [0]},
    ],
}


def infidelity(steps, n_qubits):
    """Average gate infidelity of channels one after the other."""
    from workers.quantum.simulation.ir.transfer import transfer, widened

    whole = np.eye(4**n_qubits)
    for step in steps:
        whole = widened(transfer(step.channel.kraus), step.qubits, range(n_qubits)) @ whole
    size = 2**n_qubits
    return 1 - (size * np.trace(whole) / size**2 + 1) / (size + 1)


def test_a_calibration_gives_each_gate_the_error_that_was_measured():
    noise = Noise.from_backend(CALIBRATION)
    assert (noise.calibration, noise.n_qubits) == ("device 2026-04-01", 3)
    made = model({"calibration": CALIBRATION}, 3)
    assert infidelity(made.after(CX, 1.0), 2) == pytest.approx(0.02, abs=1e-12)
    strikes = [Struck(one.channel, (0,)) for one in made.after(Gate("sx", (2,)), 1.0)]
    assert infidelity(strikes, 1) == pytest.approx(0.001, abs=1e-12)
    assert list(made.after(Gate("rz", (0,)), 1.0)) == []
    assert made.readout(0) == pytest.approx(np.array([[0.99, 0.01], [0.03, 0.97]]))
    assert made.readout(1) is None
