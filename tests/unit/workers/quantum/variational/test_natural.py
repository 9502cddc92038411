import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testing.asking import Asking
from workers.quantum.backends import load
from workers.quantum.simulation.ir.program import (
    Angle,
    DiagonalPhase,
    Excitation,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)
from workers.quantum.variational import natural
from workers.quantum.variational.natural import Tangents
from workers.runtime.outcome import ResourceExhaustedError

HADAMARD = np.array([[1, 1], [1, -1]], dtype=np.complex128) * 0.5**0.5
# Every kind of op; parameter 0 in two ops, one angle with two parameters and an offset.
OPS = (
    Unitary((0,), HADAMARD),
    PauliRotation(0b010, 0b011, Angle(((0, 1.5), (1, -0.5)), 0.3)),
    RXLayer(Angle.parameter(1)),
    DiagonalPhase(np.array([2.0, 0.5, -1.3, 0.5, 0.1, -1.0, 0.5, 2.0]), Angle.parameter(2, 0.7)),
    DiagonalPhase(np.zeros(8), Angle.parameter(2)),
    Excitation((0,), (2,), Angle.parameter(0)),
    PauliRotation(0b101, 0b100, Angle.parameter(3)),
    RXLayer(Angle((), 0.4)),
)
PROGRAM = Program(3, 4, OPS, 0b110)


def numeric_metric(program, theta, step=1e-5):
    compiled = Asking(load("statevector"), program)
    slopes = []
    for k in range(theta.size):
        moved = step * np.eye(theta.size)[k]
        slopes.append((compiled.state(theta + moved) - compiled.state(theta - moved)) / (2 * step))
    state, tangents = compiled.state(theta), np.array(slopes)
    projected = tangents - np.outer(tangents @ state.conj(), state)
    return (projected.conj() @ projected.T).real


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=4, max_size=4).map(np.array))
def test_the_metric_is_that_of_states_nearby(theta):
    found = Tangents(PROGRAM, load("statevector")).metric(theta)
    assert np.allclose(found, numeric_metric(PROGRAM, theta), atol=1e-8)
    assert np.array_equal(found, found.T)


def test_the_metric_of_one_rotation_is_a_quarter():
    program = Program(1, 1, (PauliRotation(1, 0, Angle.parameter(0)),))
    assert Tangents(program, load("statevector")).metric(np.array([0.3])) == pytest.approx(0.25, abs=1e-15)


def test_excitations_alone_have_their_metric_too():
    ops = (Excitation((0, 1), (2, 3), Angle.parameter(0)), Excitation((0,), (2,), Angle.parameter(1, 2.0)))
    program, theta = Program(4, 2, ops, 0b1100), np.array([0.4, -0.3])
    found = Tangents(program, load("statevector")).metric(theta)
    assert np.allclose(found, numeric_metric(program, theta), atol=1e-8)


def test_batches_leave_no_trace_in_the_bits(monkeypatch):
    theta = np.array([0.3, -0.8, 0.5, 1.1])
    whole = Tangents(PROGRAM, load("statevector")).metric(theta)
    monkeypatch.setattr(natural, "BATCH_BYTES", 1)
    assert np.array_equal(Tangents(PROGRAM, load("statevector")).metric(theta), whole)


def test_redundant_angles_share_their_natural_step():
    ops = (PauliRotation(1, 0, Angle.parameter(0)), PauliRotation(1, 0, Angle.parameter(1)))
    found = Tangents(Program(1, 2, ops), load("statevector"))
    for shift in (1e-6, 1e-320):  # the latter is lost in the metric, which is singular
        step = found.natural(np.array([0.1, 0.2]), np.array([1.0, 1.0]), shift)
        assert step == pytest.approx([2.0, 2.0], rel=1e-5)


def test_too_many_derivatives_are_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr("workers.runtime.memory.available", lambda: 1 << 20)
    with pytest.raises(ResourceExhaustedError, match="1,048,576 are available"):
        Tangents(PROGRAM, load("statevector")).metric(np.zeros(4))
