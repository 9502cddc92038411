"""Placement of compilations, and what is refused at submission."""

import pytest

from novacron.errors import BadInput
from novacron.specs import parse_spec
from scheduler.planning.placement import place
from shared.circuits.reader import read

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0], q[1]; measure q -> c;'
WIDE = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[30]; h q;'
LOOP = "OPENQASM 3.0; qubit q; bit b; b = measure q; while (b) { U(0.3, 0, 0) q; b = measure q; }"


def job(text, backend="fake:manila", **given):
    record = read(text).to_json()
    return parse_spec(
        {"kind": "compile", "circuit": {"record": record}, "backend": backend, **given}, stored=True
    )


def test_a_compilation_runs_on_the_simulators_queue_for_one_calibration():
    placed = place(job(BELL), frozenset({"cpu-sim"}), {})
    assert (placed.queue, placed.device) == ("cpu-sim", "manila")
    assert placed.calibration is not None and placed.calibration.startswith("manila")


@pytest.mark.parametrize(
    ("text", "backend", "said"),
    [
        (WIDE, "fake:manila", "30 qubits are more than the 5 of manila"),
        (BELL, "fake:manilla", "did you mean 'fake:manila'"),
        (BELL, "ibm:manila", "fake:DEVICE"),
        (LOOP, "fake:manila", "a computation with measured bits"),
    ],
)
def test_what_cannot_be_compiled_is_refused(text, backend, said):
    with pytest.raises(BadInput) as error:
        place(job(text, backend), frozenset({"cpu-sim"}), {})
    assert said in f"{error.value} {error.value.hint}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"optimization_level": 4}, "optimization_level"),
        ({"routing": "sabra"}, "routing"),
        ({"backend": "auto"}, "device to compile for"),
    ],
)
def test_wrong_options_are_refused_by_name(given, said):
    with pytest.raises(BadInput, match=said):
        job(BELL, **given)


def test_shots_do_not_apply():
    with pytest.raises(BadInput, match="shots"):
        place(job(BELL, shots=100), frozenset({"cpu-sim"}), {})
