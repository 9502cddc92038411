import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testing.asking import Asking
from workers.quantum.backends import load
from workers.quantum.objective import Frequencies
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import (
    Angle,
    DiagonalPhase,
    Excitation,
    PauliRotation,
    Program,
    RXLayer,
)
from workers.quantum.variational.spectrum import of_parameters
from workers.runtime.outcome import UserError

OBSERVABLE = PauliSum.from_terms([("XYZ", 0.7), ("ZZI", -1.0), ("IXX", 0.4), ("YIX", 0.9)])
OPS = (
    PauliRotation(0b010, 0b011, Angle.parameter(0, 1.5)),
    RXLayer(Angle.parameter(1)),
    DiagonalPhase(np.array([2.0, 0.5, -1.0, 0.5, 0.5, -1.0, 0.5, 2.0]), Angle.parameter(2, 2.0)),
    Excitation((0,), (2,), Angle(((0, 3.0), (3, 1.0)))),
    PauliRotation(0b101, 0b100, Angle.parameter(1, -2.0)),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=4, max_size=4).map(np.array), st.integers(0, 3))
def test_values_on_a_line_have_no_other_frequencies(theta, index):
    program = Program(3, 4, OPS, 0b110)
    spacing, harmonics = of_parameters(program)[index]
    compiled = Asking(load("statevector"), program, OBSERVABLE)
    size = 4 * harmonics + 4
    shifts = 2 * np.pi / spacing / size * np.arange(size)
    values = compiled.energies(theta + np.outer(shifts, np.eye(4)[index]))
    assert np.abs(np.fft.rfft(values)[harmonics + 1 :]).max() < 1e-9 * size


def test_frequencies_of_shared_parameters_add_up():
    found = of_parameters(Program(3, 5, OPS, 0))
    assert found == [
        Frequencies(1.5, 5), Frequencies(1.0, 5), Frequencies(3.0, 2), Frequencies(1.0, 2),
        Frequencies(1.0, 1),
    ]  # fmt: skip


def test_the_greatest_number_that_goes_into_all_levels_is_the_frequency():
    levels = np.array([0.0, 1.3, 2.3, 3.0])  # the cuts of a triangle with the weights 1, 2, 0.3
    (found,) = of_parameters(Program(2, 1, (DiagonalPhase(levels, Angle.parameter(0)),), 0))
    assert found.harmonics == 30 and found.spacing == pytest.approx(0.1, rel=1e-12)


@pytest.mark.parametrize(
    "ops",
    [
        (DiagonalPhase(np.array([0.0, 1.0, 2.0, 3.0 + 2**0.5]), Angle.parameter(0)),),
        (PauliRotation(1, 0, Angle.parameter(0)), PauliRotation(2, 0, Angle.parameter(0, 2**0.5))),
        tuple(PauliRotation(1, 0, Angle.parameter(0)) for _ in range(257)),
    ],
)
def test_rates_that_are_not_multiples_of_one_are_refused(ops):
    with pytest.raises(UserError, match="choose spsa, cobyla or nelder_mead"):
        of_parameters(Program(2, 1, ops))
