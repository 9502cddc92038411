"""The same data by Qiskit's mitigation library."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit.quantum_info import Pauli, SparsePauliOp
from qiskit_mitigation.utils.expectation_values import executor_expectation_values
from qiskit_mitigation.zne.extrapolation import _process_extrapolated_expectation_values as theirs

from novacron.specs.mitigation import Readout, Zne
from shared.circuits.reader import read
from shared.quantum import devices
from testing.mitigation.problems import Sampled
from workers.quantum import backends
from workers.quantum.backends.placed import placed
from workers.quantum.compiler import Options
from workers.quantum.mitigation.isa import Isa
from workers.quantum.mitigation.measurement import Histogram, Observables
from workers.quantum.mitigation.mitigate import mitigate
from workers.quantum.mitigation.problem import Problem
from workers.quantum.mitigation.readout import Uncorrected, corrector
from workers.quantum.mitigation.runner import BackendRunner
from workers.quantum.mitigation.zne import extrapolated

SINGLET = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; x q[0]; h q[0]; x q[1]; cx q[0], q[1];'


def extrapolate(scales, values, model, custom=None):
    errors = [1e-3] * len(scales)
    return theirs(values, errors, "ZZ", scales, model, custom_fit=custom)[0]


@settings(max_examples=20, deadline=None)
@given(st.floats(0.2, 1.0), st.floats(0.01, 0.2), st.lists(st.floats(-0.01, 0.01), min_size=3, max_size=3))
def test_extrapolations_agree(value, rate, noise):
    scales = (1, 3, 5)
    measured = [value * np.exp(-rate * s) + e for s, e in zip(scales, noise, strict=True)]
    rows = [np.array([one]) for one in measured]
    zero = np.zeros(1)
    assert extrapolated(scales, rows, "linear", zero)[0] == pytest.approx(
        extrapolate(scales, measured, "linear")
    )
    degree = extrapolate(scales, measured, "polynomial_degree_2")
    assert extrapolated(scales, rows, "richardson", zero)[0] == pytest.approx(degree, abs=1e-6)
    two = extrapolate((1, 3), measured[:2], "exponential")
    assert extrapolated((1, 3), rows[:2], "exponential", zero)[0] == pytest.approx(two, abs=1e-6)
    below = np.array([-0.5])
    model = (lambda x, a, b: -0.5 + a * np.exp(-b * x), [value, rate], ([0, 0], [10, 1]))
    custom = extrapolate((1, 3), measured[:2], "custom", model)
    if np.diff(measured[:2]) < -1e-3:
        assert extrapolated((1, 3), rows[:2], "exponential", below)[0] == pytest.approx(custom, abs=1e-5)


def test_values_of_twirled_readings_agree():
    rng = np.random.default_rng(2)
    bits = rng.random((8, 500, 3)) < np.array([0.1, 0.4, 0.3])
    flips = rng.random((8, 1, 3)) < 0.5
    terms = [("ZIZ", 0.7), ("IZI", -0.2), ("ZZZ", 0.4)]
    factors = {"ZIZ": 1 / 0.9, "IZI": 1 / 0.95, "ZZZ": 1 / 0.87}
    operator = SparsePauliOp([string[::-1] for string, _ in terms], [c for _, c in terms])
    ((mean, _),) = executor_expectation_values(
        bits, {Pauli("ZZZ"): [operator]}, avg_axis=0, measurement_flips=np.broadcast_to(flips, bits.shape),
        rescale_factors={string[::-1]: factor for string, factor in factors.items()},
    )  # fmt: skip
    observables = Observables([terms])
    (setting,) = observables.settings
    found = np.zeros(3)
    for copy in range(8):
        flipped = int("".join("01"[int(bit)] for bit in flips[copy, 0]), 2)
        rows, times = np.unique(bits[copy].astype(np.uint8), axis=0, return_counts=True)
        outcomes = Histogram(rows, times.astype(float), 500).flipped(flipped)
        frequencies = outcomes.weights / outcomes.weights.sum()
        found[list(setting.terms)] += frequencies @ Uncorrected().values(outcomes.outcomes, setting)[0] / 8
    scaled = found * [factors[string] for string in observables.strings]
    assert observables.energies(scaled)[0] == pytest.approx(float(np.squeeze(mean)), abs=1e-12)


def test_a_twirled_corrector_divides_by_the_attenuation_of_each_term():
    observables = Observables([[("ZZ", 1.0), ("ZI", 1.0)]])
    (setting,) = observables.settings
    every = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.uint8)
    calibration = {0: Histogram(every, np.array([0.9, 0.02, 0.03, 0.05]), None)}
    made = corrector("twirled", calibration, 0, np.random.default_rng(0))
    attenuations = {"ZZ": 0.9 - 0.02 - 0.03 + 0.05, "ZI": 0.9 + 0.02 - 0.03 - 0.05}
    values = made.values(every[:1], setting)[0, 0]
    strings = [observables.strings[k] for k in setting.terms]
    assert values == pytest.approx([1 / attenuations[string] for string in strings])


def test_intervals_are_honest_where_statistical_ones_are_not():
    """ZZ of a singlet is -1, the end of its range; the noise of the device is no exponential decay to 0."""
    device = devices.load("quito")
    made = placed(read(SINGLET), device, Options(level=2))
    isa = Isa(made.record, made.final, made.noise(made.document))
    problem = Problem(isa, [[("ZZ", 1.0)]])
    exact = BackendRunner(backends.load("density_matrix"), isa.noise)
    known: dict[object, Histogram] = {}
    ours = others = 0
    for seed in range(20):
        runner = Sampled(exact, known, np.random.default_rng(seed))  # type: ignore[arg-type]
        (one,) = mitigate(problem, [Readout(), Zne()], 1_000_000, runner, seed).estimates
        ours += one.interval[0] <= -1.0 <= one.interval[1]
        others += abs(one.value + 1.0) <= 1.96 * one.std_error
    assert ours >= 18
    assert others <= ours
