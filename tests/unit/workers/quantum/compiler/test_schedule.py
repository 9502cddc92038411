"""Start times of compiled instructions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.circuits.instruction import Barrier, Gate, Instruction, Measure
from shared.quantum.devices import Device
from workers.quantum.compiler.compiled import Method
from workers.quantum.compiler.schedule import schedule

X_S, CX_S, READOUT_S = 50e-9, 300e-9, 1e-6
N_QUBITS = 6
PAIRS = [(i, i + 1) for i in range(N_QUBITS - 1)]


def device(**limits: int) -> Device:
    gates: list[dict[str, Any]] = [
        *({"gate": "x", "qubits": [i], "duration_s": X_S} for i in range(N_QUBITS)),
        *({"gate": "cx", "qubits": pair, "duration_s": CX_S} for pair in PAIRS),
    ]
    return Device.model_validate({
        "name": "trap 1", "provider": "lab", "date": "2026-11-30", "basis_gates": ["rz", "sx", "x", "cx"],
        "coupling": PAIRS, "qubits": [{"readout_s": READOUT_S}] * N_QUBITS, "gates": gates,
        "max_parallel": [{"instruction": name, "maximum": limit} for name, limit in limits.items()],
    })  # fmt: skip


cx = st.sampled_from(PAIRS).map(lambda pair: Gate("cx", pair))
x = st.integers(0, N_QUBITS - 1).map(lambda qubit: Gate("x", (qubit,)))
measure = st.integers(0, N_QUBITS - 1).map(lambda qubit: Measure(qubit, qubit))
circuits: st.SearchStrategy[list[Instruction]] = st.lists(cx | x | measure, max_size=25)


@given(circuits, st.sampled_from(["asap", "alap"]), st.integers(1, 3), st.integers(1, 3))
def test_no_qubit_is_used_twice_at_a_time_and_no_limit_is_exceeded(
    circuit: list[Instruction], method: Method, pairs: int, readouts: int
) -> None:
    found = schedule(circuit, device(cx=pairs, measure=readouts), method)
    spans = list(zip(circuit, found.starts_s, found.durations_s, strict=True))
    for at in found.starts_s:
        middle = at + X_S / 2
        running = [item for item, start, length in spans if start <= middle < start + length]
        used = [q for item in running for q in (item.qubits if isinstance(item, Gate) else (item.qubit,))]  # type: ignore[union-attr]
        assert len(used) == len(set(used))
        assert sum(isinstance(item, Gate) and item.name == "cx" for item in running) <= pairs
        assert sum(isinstance(item, Measure) for item in running) <= readouts
    assert min(found.starts_s, default=0.0) == pytest.approx(0.0, abs=1e-15)


def test_a_limit_of_one_runs_pairs_one_after_another() -> None:
    pairs = [Gate("cx", (0, 1)), Gate("cx", (2, 3)), Gate("cx", (4, 5))]
    assert schedule(pairs, device(cx=1), "asap").starts_s == pytest.approx((0.0, CX_S, 2 * CX_S))
    assert schedule(pairs, device(cx=2), "asap").starts_s == pytest.approx((0.0, 0.0, CX_S))
    assert schedule(pairs, device(), "asap").starts_s == (0.0, 0.0, 0.0)


def test_gaps_that_hold_two_x_gates_are_decoupling_slots() -> None:
    long = [Gate("x", (0,)), Gate("x", (1,)), Gate("cx", (1, 2)), Gate("cx", (0, 1))]
    found = schedule(long, device(), "asap")
    assert [slot.qubit for slot in found.slots] == [0]
    assert found.slots[0].duration_s == pytest.approx(CX_S)
    short = [Gate("x", (0,)), Gate("x", (1,)), Gate("x", (1,)), Gate("cx", (0, 1))]
    found = schedule(short, device(), "asap")
    assert [gap.qubit for gap in found.gaps] == [0] and found.slots == ()


def test_a_barrier_takes_no_time_and_orders_what_is_around_it() -> None:
    found = schedule([Gate("x", (0,)), Barrier((0, 1)), Gate("x", (1,))], device(), "asap")
    assert found.starts_s == (0.0, X_S, X_S)
