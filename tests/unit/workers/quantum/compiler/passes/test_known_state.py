"""Rewriting that uses the input |0...0>."""

from shared.circuits.instruction import Gate
from shared.circuits.record import CircuitRecord
from shared.quantum import devices
from workers.quantum.compiler import Options, compile

DEVICE = devices.load("toronto")
STAR = CircuitRecord(27, (), (), (Gate("h", (0,)), *(Gate("cx", (0, k)) for k in range(1, 27))))


def test_a_star_becomes_a_tree_of_as_many_gates_as_targets():
    made = compile(STAR, DEVICE, Options(level=2))
    assert made.metadata["two_qubit_count"] == 26
    assert made.metadata["from_zero"]
    assert made.verified == "tableau"


def test_an_exact_unitary_keeps_the_controls():
    made = compile(STAR, DEVICE, Options(level=2, exact_unitary=True))
    assert not made.metadata["from_zero"]
    assert made.metadata["two_qubit_count"] > 26
    assert made.verified == "interactions"


def test_values_that_changed_are_not_used():
    """The copies are made anew, after a rotation of the first one."""
    gates = [Gate("ry", (0,), (0.4,)), Gate("cx", (0, 1)), Gate("cx", (0, 2)), Gate("ry", (1,), (0.7,))]
    gates += [
        Gate("cx", (1, 3)),
        Gate("cx", (2, 4)),
        Gate("cx", (0, 2)),
        Gate("cx", (2, 3)),
        Gate("cx", (0, 5)),
    ]
    made = compile(CircuitRecord(6, (), (), tuple(gates)), DEVICE, Options(level=3, budget_s=0.1))
    assert made.verified in ("unitary", "states")


def test_a_qubit_back_in_zero_is_no_longer_a_copy():
    gates = [Gate("h", (0,)), *(Gate("cx", (0, k)) for k in (1, 2, 3, 1, 1))]
    made = compile(CircuitRecord(4, (), (), tuple(gates)), DEVICE, Options(level=2))
    assert made.metadata["two_qubit_count"] == 3
    assert made.verified == "states" if made.metadata["from_zero"] else "unitary"
