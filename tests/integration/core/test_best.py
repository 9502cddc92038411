"""The best value of a job: one sign and one definition in listing, document and time-out."""

from typing import Any

import pytest

from shared.db import deadlines, reading
from shared.db.reading import Filter
from tests.integration.core.world import World, node

CUT = {"kind": "hybrid_qaoa", "problem": {"maxcut": {"n_nodes": 2, "edges": [[0, 1]], "weights": [3.0]}}}
QUBO = {"kind": "hybrid_qaoa", "problem": {"qubo": {"n_variables": 1, "linear": [-2.0]}}}
VQE = {"kind": "hybrid_vqe"}
LEARNT = {"kind": "quantum_ml"}


def listed(world: World, job: str) -> tuple[Any, Any]:
    tenant = world.tenant("one")
    rows = reading.listing(world.connection, tenant, Filter(), limit=9)
    document = reading.document(world.connection, tenant, job)
    assert document is not None
    return next(row["best_value"] for row in rows if row["job_id"] == job), document.about["best_value"]


@pytest.mark.parametrize(("spec", "expected"), [(CUT, 1.5), (QUBO, -1.5), (VQE, -1.5), (LEARNT, -1.5)])
def test_while_a_job_runs_it_is_the_best_expectation_in_the_problems_sign(
    world: World, spec: Any, expected: float
) -> None:
    job = world.job([node()], spec=spec)
    assert listed(world, job) == (None, None)
    world.evaluations(job, -0.5, -1.5, 0.25)
    assert listed(world, job) == (expected, expected)


@pytest.mark.parametrize(
    ("spec", "result", "expected"),
    [
        (CUT, {"best_value": 3.0, "expectation": 1.5}, 3.0),
        (QUBO, {"best_value": -2.0, "expectation": -1.5}, -2.0),
        (VQE, {"energy": -1.25}, -1.25),
        (LEARNT, {"loss": 0.5}, 0.5),
        (LEARNT, {"test_accuracy": 0.5}, None),
    ],
)
def test_a_completed_job_has_its_results_even_from_the_cache(
    world: World, spec: Any, result: Any, expected: Any
) -> None:
    job = world.job([node()], spec=spec, cached=result)
    assert listed(world, job) == (expected, expected)


def test_a_cut_that_ran_out_of_time_says_how_high_it_came(world: World) -> None:
    job = world.job([node()], spec=CUT | {"timeout_s": 5.0})
    world.evaluations(job, -0.5, -1.5)
    world.connection.execute(b"UPDATE jobs SET created_at = created_at - interval '1 hour'")
    assert list(deadlines.enforce(world.connection)) == [job]
    said = world.value("SELECT error ->> 'message' FROM jobs WHERE id = %s", job)
    assert said.endswith("; the highest value of its 2 evaluations so far was 1.5")
