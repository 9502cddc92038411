"""Compilation as a whole: legal on the device, equal to the source, the same for the same seed."""

import math

import pytest
from qiskit.transpiler.passes import VF2Layout, VF2PostLayout

from shared.circuits.instruction import Affine, Gate, If, Measure
from shared.circuits.record import CircuitRecord
from shared.quantum import devices
from workers.quantum.compiler import Options, compile
from workers.quantum.compiler.region import region_of

GATES = (
    Gate("h", (0,)), Gate("cx", (0, 1)), Gate("ccx", (0, 1, 2)), Gate("cp", (0, 3), (0.3,)),
    Gate("rzz", (1, 3), (0.7,)), Gate("swap", (0, 2)), Gate("iswap", (1, 2)), Gate("t", (3,)),
)  # fmt: skip
SOURCE = CircuitRecord(4, (), (("c", 4),), (*GATES, *(Measure(q, 3 - q) for q in range(4))))


@pytest.mark.parametrize("name", ["manila", "cairo", "kingston"])
@pytest.mark.parametrize("level", range(4))
def test_a_compiled_circuit_is_verified_and_uses_what_the_device_has(name, level):
    device = devices.load(name)
    made = compile(SOURCE, device, Options(level=level, budget_s=0.2))
    assert made.verified == "unitary"
    assert made.record.n_qubits == device.n_qubits
    for item in made.record.instructions:
        if isinstance(item, Gate) and len(item.qubits) == 2:
            known = device.figures[item.name, frozenset(item.qubits)]
            assert known.error < 1
            assert item.name == "cz" or item.qubits in device.coupling
        elif isinstance(item, Gate) and item.qubits:
            assert item.name in device.basis_gates


@pytest.mark.parametrize("routing", ["sabre", "qiskit_sabre", "lookahead", "basic"])
def test_every_router_gives_an_equal_circuit(routing):
    made = compile(SOURCE, devices.load("guadalupe"), Options(level=2, routing=routing))
    assert made.verified == "unitary"


def test_searches_for_layouts_are_bounded(monkeypatch):
    """VF2PostLayout without a limit takes more than a minute for 6 qubits."""
    limits = []
    for one in (VF2Layout, VF2PostLayout):

        def run(self, dag, whole=one.run):
            limits.append((type(self).__name__, self.call_limit))
            return whole(self, dag)

        monkeypatch.setattr(one, "run", run)
    for level in range(4):
        compile(SOURCE, devices.load("kingston"), Options(level=level, budget_s=0.05))
    assert {name for name, _ in limits} == {"VF2Layout", "VF2PostLayout"}
    assert all(limit is not None for _, limit in limits)


def test_broken_pairs_are_not_used():
    device = devices.load("kingston")
    broken = {gate.qubits for gate in device.gates if len(gate.qubits) == 2 and gate.error >= 1}
    assert broken
    region = region_of(device)
    places = [tuple(region.sites[k] for k in place) for place in region.target.build_coupling_map()]
    assert not {frozenset(pair) for pair in broken} & set(map(frozenset, places))


def test_each_pair_of_a_device_with_two_kinds_has_its_own():
    device = devices.load("cairo")
    n = device.size
    gates = [Gate("h", (0,)), *(Gate("cx", (q, q + 1)) for q in range(n - 1)), Gate("t", (n - 1,))]
    made = compile(CircuitRecord(n, (), (), tuple(gates)), device, Options(level=1))
    pairs = [item for item in made.record.instructions if isinstance(item, Gate) and len(item.qubits) == 2]
    assert {item.name for item in pairs} == {"cx", "ecr"}
    assert all(device.figures[item.name, frozenset(item.qubits)].error < 1 for item in pairs)
    assert made.verified == "interactions"


def test_a_seed_gives_the_same_circuit_again():
    device = devices.load("guadalupe")
    first, second = (compile(SOURCE, device, Options(level=3, seed=5, budget_s=0.2)) for _ in range(2))
    assert first.record == second.record


def test_parameters_stay_free():
    angles = Affine((("a", 2.0),), 0.1), Affine((("a", 1.0), ("b", -0.5)))
    gates = (Gate("rx", (0,), angles[:1]), Gate("rzz", (0, 2), angles[1:]), Gate("cx", (1, 2)))
    source = CircuitRecord(3, ("a", "b"), (), gates)
    made = compile(source, devices.load("manila"), Options(level=2, exact_unitary=True))
    assert made.verified == "unitary"
    assert made.record.parameters == ("a", "b")


def test_conditions_are_compiled_and_verified_by_histories():
    flip = If((0, 1), 1, (Gate("x", (2,)),), (Gate("h", (2,)),))
    source = CircuitRecord(
        3, (), (("c", 2),), (Gate("h", (0,)), Gate("cx", (0, 1)), Measure(0, 0), Measure(1, 1), flip)
    )
    made = compile(source, devices.load("manila"), Options(level=2))
    assert made.verified == "histories"
    conditions = [item for item in made.record.instructions if isinstance(item, If)]
    assert [(item.bits, item.value) for item in conditions] == [((0, 1), 1)]


def test_wide_clifford_circuits_are_verified_by_tableau():
    ghz = CircuitRecord(40, (), (), (Gate("h", (0,)), *(Gate("cx", (0, k)) for k in range(1, 40))))
    made = compile(ghz, devices.load("kingston"), Options(level=2))
    assert made.verified == "tableau"


def test_qubits_wait_less_at_the_start_when_started_late():
    source = CircuitRecord(3, (), (), (Gate("x", (0,)), Gate("cx", (1, 2)), Gate("cx", (0, 1))))
    device = devices.load("manila")
    early, late = (
        compile(source, device, Options(level=1, scheduling=how)).schedule for how in ("asap", "alap")
    )
    assert math.isclose(early["duration_s"], late["duration_s"])
    assert sum(early["starts_s"]) < sum(late["starts_s"])
