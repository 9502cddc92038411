"""Circuits with measurements in between: equal ones are recognized, and no different ones."""

from dataclasses import replace

import numpy as np
import pytest

from shared.circuits.instruction import Affine, Gate, If, Instruction, Measure, Reset
from shared.circuits.record import CircuitRecord
from shared.quantum import devices
from workers.quantum.compiler import Options, compile
from workers.quantum.compiler.compiled import Candidate
from workers.quantum.compiler.histories import DifferentError, compare

TOLERANCE = 1e-9
TELEPORTED = (
    Gate("ry", (0,), (0.8,)), Gate("h", (1,)), Gate("cx", (1, 2)), Gate("cx", (0, 1)), Gate("h", (0,)),
    Measure(0, 0), Measure(1, 1), If((1,), 1, (Gate("x", (2,)),)), If((0,), 1, (Gate("z", (2,)),)),
    Reset(0), Gate("cx", (2, 0)), Reset(1),
)  # fmt: skip


def record(*items, n=3, parameters=()):
    return CircuitRecord(n, parameters, (("c", n),), items)


def itself(source, final=None):
    """Return a circuit as its own compiled form."""
    layout = tuple(range(source.n_qubits))
    return Candidate(source, layout, final or layout, "none")


@pytest.mark.parametrize("level", range(4))
def test_compiled_circuits_are_verified(level):
    made = compile(record(*TELEPORTED), devices.load("manila"), Options(level=level, budget_s=0.05))
    assert made.verified == "histories"


def test_resets_alone_are_routed_by_our_router_and_verified():
    rng = np.random.default_rng(0)
    items: list[Instruction] = [Gate("u", (q,), tuple(rng.uniform(0, 3, 3))) for q in range(4)]
    for _ in range(12):
        a, b, c = rng.permutation(4).tolist()[:3]
        items += [Gate("cx", (a, b)), Gate("ry", (b,), (float(rng.uniform(0, 3)),)), Reset(c)]
    made = compile(record(*items, Measure(0, 0), n=4), devices.load("manila"), Options(level=3, budget_s=0.2))
    assert made.verified == "histories"
    assert made.metadata["strategies"][-1]["name"] not in ("qiskit_level_2", "qiskit_level_3_seed_3")


def test_free_parameters_are_bound():
    turned = If((0,), 1, (Gate("rx", (1,), (Affine((("a", 2.0),)),)),))
    source = record(Gate("h", (0,)), Measure(0, 0), turned, n=2, parameters=("a",))
    assert compile(source, devices.load("manila"), Options(level=2)).verified == "histories"


@pytest.mark.parametrize(
    "changed",
    [
        {7: If((1,), 0, (Gate("x", (2,)),))},
        {8: If((0,), 1, (Gate("s", (2,)),))},
        {5: Measure(0, 1), 6: Measure(1, 0)},
        {9: Gate("x", (0,))},
        {0: Gate("ry", (0,), (0.801,))},
    ],
)
def test_different_circuits_are_refused(changed):
    source = record(*TELEPORTED)
    other = record(*(changed.get(number, item) for number, item in enumerate(TELEPORTED)))
    assert compare(source, itself(source), TOLERANCE, 0) == "histories"
    with pytest.raises(DifferentError):
        compare(source, itself(other), TOLERANCE, 0)


def test_the_final_layout_counts():
    source = record(*TELEPORTED)
    with pytest.raises(DifferentError):
        compare(source, itself(source, final=(0, 2, 1)), TOLERANCE, 0)
    exchanged = replace(source, instructions=(*TELEPORTED, Gate("swap", (1, 2))))
    assert compare(source, itself(exchanged, final=(0, 2, 1)), TOLERANCE, 0) == "histories"


def test_outcomes_are_sampled_where_there_are_too_many():
    """Twelve qubits in superposition are measured, in another order, and rotate one more."""
    n = 13
    each = [(Gate("ry", (q,), (0.9,)), Measure(q, q), If((q,), 1, (Gate("rx", (12,), (0.3,)),)))
            for q in range(12)]  # fmt: skip
    source = record(*(item for part in each for item in part), n=n)
    other = record(*(item for part in each[::-1] for item in part), n=n)
    assert compare(source, itself(other), TOLERANCE, 0) == "sampled histories"
    wrong = record(*(item for part in each for item in part), Gate("rx", (12,), (0.1,)), n=n)
    with pytest.raises(DifferentError):
        compare(source, itself(wrong), TOLERANCE, 0)
