"""Which candidate wins, in one task or after many."""

import json

from shared.circuits.instruction import Gate
from shared.circuits.record import CircuitRecord
from shared.quantum import devices, portfolio
from workers.quantum.compiler import Options, compile, conclude, enter
from workers.quantum.compiler.contest import Score, best

FAN = CircuitRecord(6, (), (), (Gate("h", (0,)), *(Gate("cx", (0, k)) for k in range(1, 6))))


def score(log_success=-0.5, depth=5, *, from_zero=False):
    return Score("any", log_success, from_zero, 7, depth, 0.1)


def test_the_likeliest_to_succeed_wins_then_the_exact_then_the_shallow():
    assert best([score(-0.5), score(-0.4, 9, from_zero=True)]) == 1
    assert best([score(-0.5, 4, from_zero=True), score(-0.5 - 1e-12, 9)]) == 1
    assert best([score(depth=6), score(depth=5), score(depth=5)]) == 1


def test_tasks_that_choose_among_stored_candidates_find_what_one_task_finds():
    device, options = devices.load("guadalupe"), Options(level=3, seed=3, budget_s=0.1)
    names = portfolio.strategies(3, "sabre")
    made = [enter(FAN, device, options, name) for name in names]
    stored = [json.loads(json.dumps(one.to_json())) for one in made if one is not None]
    one, many = compile(FAN, device, options), conclude(FAN, device, options, stored)
    assert (many.record, many.layout, many.final) == (one.record, one.layout, one.final)
    assert many.schedule == one.schedule and many.verified == one.verified
    assert [row["name"] for row in many.metadata["strategies"]] == [
        name for name in names if not name.endswith("gadgets")
    ]
    assert one.metadata["two_qubit_count"] == 5
