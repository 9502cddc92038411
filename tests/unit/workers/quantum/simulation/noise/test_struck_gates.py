"""What noise strikes of modified gates, own gates and global phases."""

import pytest

from shared.circuits.reader import read
from tests.unit.workers.quantum.simulation.noise.noisy import HEADER, model, run
from workers.quantum.simulation.noise.circuit import noisy
from workers.quantum.simulation.noise.model import Struck

OWN = "gate pair a, b { h a; cx a, b; } "
EVERYWHERE = {"errors": [{"name": "bit_flip", "p": 0.1}]}


def struck(text, n=3):
    """The places struck after each gate, one list a gate."""
    record = read(HEADER + text)
    found: list[list[tuple[int, ...]]] = []
    for step in noisy(record.instructions, model(EVERYWHERE, n)):
        if isinstance(step, Struck):
            found[-1].append(step.qubits)
        else:
            found.append([])
    return [(getattr(item, "name", "unitary"), places) for item, places in
            zip(record.instructions, found, strict=True)]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("gphase(0.3);", [("gphase", [])]),
        ("ctrl @ gphase(0.3) q[1];", [("p", [(1,)])]),
        ("ctrl @ x q[0], q[1];", [("cx", [(0,), (1,)])]),
        ("negctrl @ x q[0], q[1];", [("x", []), ("cx", [(0,), (1,)]), ("x", [])]),
        ("ctrl @ negctrl @ x q[0], q[1], q[2];", [("x", []), ("ccx", [(0,), (1,), (2,)]), ("x", [])]),
        ("inv @ negctrl @ x q[0], q[1];", [("x", []), ("cx", [(0,), (1,)]), ("x", [])]),
        ("inv @ s q[0];", [("sdg", [(0,)])]),
        ("pow(2) @ s q[0];", [("s", [(0,)]), ("s", [(0,)])]),
        ("pow(0.5) @ x q[0];", [("unitary", [(0,)])]),
        ("ctrl(2) @ sx q[0], q[1], q[2];", [("unitary", [(0,), (1,), (2,)])]),
        ("pair q[0], q[1];", [("h", [(0,)]), ("cx", [(0,), (1,)])]),
    ],
)
def test_errors_follow_the_gates_that_the_record_holds(text, want):
    assert struck("qubit[3] q; " + OWN + text) == want


def test_flips_beside_a_negative_control_cost_nothing():
    text = HEADER + "qubit[2] q; negctrl @ x q[0], q[1];"
    noise = {"errors": [{"name": "bit_flip", "p": 0.1, "gates": ["x"]}]}
    assert run("density_matrix", text, noise)["probabilities"] == pytest.approx({"01": 1.0})
    found = run("density_matrix", text, {"errors": [{"name": "bit_flip", "p": 0.1, "gates": ["cx"]}]})
    want = {"01": 0.81, "11": 0.09, "00": 0.09, "10": 0.01}
    assert found["probabilities"] == pytest.approx(want)


@pytest.mark.parametrize("backend", ["density_matrix", "trajectories", "stabilizer"])
def test_a_global_phase_suffers_nothing(backend):
    text = HEADER + "qubit q; x q; gphase(0.3);"
    found = run(backend, text, {"errors": [{"name": "depolarizing", "p": 0.0}]}, shots=50)
    assert found["counts"] == {"1": 50}
