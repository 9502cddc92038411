"""Plans with a database behind them: `explain` tells what `plan` does."""

from typing import Any

import pytest

from novacron.errors import BadInput
from novacron.specs import Spec, parse_spec
from scheduler.planning import dag, planner
from scheduler.planning.placement import place
from shared.db import workers
from shared.db.jobs import Plan
from shared.db.runtimes import Forecast
from tests.integration.core.world import World, node

TFIM = {"kind": "hybrid_vqe", "hamiltonian": {"model": "tfim", "n_qubits": 4}, "ansatz": "hardware_efficient"}
SPECS: list[dict[str, Any]] = [
    {"kind": "pure_classical", "function": "noop"},
    {"kind": "pure_classical", "function": "noop", "map": [{}, {}]},
    {**TFIM, "starts": 2},
    {**TFIM, "granularity": "fanned_out"},
    {"kind": "hybrid_qaoa", "problem": {"maxcut": {"n_nodes": 3, "edges": [[0, 1], [1, 2]]}}},
    {"kind": "quantum_ml", "data": {"name": "moons", "n_samples": 40}, "model": "kernel_svm"},
    {"kind": "cryptographic", "operation": "sign_verify", "algorithm": "ML-DSA-65"},
]  # fmt: skip


def planned(world: World, spec: Spec) -> Plan:
    """The plan of a spec where it is placed now."""
    return planner.plan(
        Forecast(world.connection), spec, place(spec, workers.live_queues(world.connection), {})
    )


@pytest.mark.parametrize("asked", SPECS)
def test_explain_tells_what_plan_does_and_writes_nothing(world: World, asked) -> None:
    world.serve()
    spec = parse_spec(asked)
    before = world.everything()
    told = planner.explain(world.connection, spec, {})
    done = planned(world, spec)
    assert world.everything() == before
    assert told["tasks"] == dag.summary(done.tasks) and told["n_tasks"] == len(done.tasks)
    for key in ("granularity", "why", "backend", "queue", "placement_why", "loop", "estimate"):
        assert told[key] == done.facts[key], key


def test_the_placement_is_told_as_an_event_and_the_lines_to_compare_with_too(world: World) -> None:
    terms = {"terms": [["ZZ", 1.0]], "e_exact": -1.0}
    spec = parse_spec({"kind": "hybrid_vqe", "hamiltonian": terms, "ansatz": "hardware_efficient"})
    (kind, placed), reference = planned(world, spec).events
    assert (kind, placed["queue"], placed["backend"], placed["granularity"]) == (
        "placement", "cpu-sim", "statevector", "fused",
    )  # fmt: skip
    why = str(placed["why"])
    assert "state vector on CPU" in why and "an evaluation costs" in why
    assert reference == ("reference", {"e_exact": -1.0})


def test_a_budget_is_said_to_limit_nothing(world: World) -> None:
    spec = parse_spec({**SPECS[0], "budget": {"usd": 1.0}})
    assert planner.explain(world.connection, spec, {})["notices"] == [planner.NOT_SPENT]
    assert planned(world, spec).events[-1] == ("notice", {"message": planner.NOT_SPENT})
    told = planner.explain(world.connection, parse_spec(SPECS[0]), {})
    assert told["warnings"] == told["notices"] == []


def test_estimates_are_learnt_from_jobs_of_the_same_shape(world: World) -> None:
    spec = parse_spec(SPECS[0])
    shape = planned(world, spec).facts["shape"]
    fresh = planner.explain(world.connection, spec, {})["estimate"]
    assert (fresh["learnt_from"], fresh["takes_s"], fresh["finish_s"], fresh["cpu_s"]) == (
        0,
        None,
        None,
        None,
    )
    assert fresh["modelled_s"] > 0
    world.connection.execute("INSERT INTO runtimes VALUES (%s, 1, 2.0, 0.0, 2.0, 2.0)", (shape,))
    once = planner.explain(world.connection, spec, {})["estimate"]
    assert (once["learnt_from"], once["takes_s"], once["finish_s"]) == (1, 2.0, 2.0)
    assert once["finish_deviation_s"] is once["takes_least_s"] is once["takes_most_s"] is None
    world.connection.execute("UPDATE runtimes SET n = 5, mean_s = 2.5, m2 = 4.0, most_s = 4.25")
    learnt = planner.explain(world.connection, spec, {})["estimate"]
    assert (learnt["learnt_from"], learnt["cpu_s"], learnt["finish_deviation_s"]) == (5, 2.5, 1.0)
    assert (learnt["takes_least_s"], learnt["takes_most_s"]) == (2.0, 4.25)
    world.job([node(cost_s=8.0)])
    world.serve(slots=4)
    later = planner.explain(world.connection, spec, {})["estimate"]
    assert (later["start_s"], later["finish_s"]) == (2.0, 4.5)


def test_what_cannot_be_placed_is_refused_before_anything_is_written(world: World) -> None:
    before = world.everything()
    with pytest.raises(BadInput, match="gpu"):
        planned(world, parse_spec({**SPECS[2], "backend": "gpu"}))
    assert world.everything() == before
