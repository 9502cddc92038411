"""`deploy/sql/delete_old_jobs.sql` deletes ended jobs whole, and leaves what is still needed."""

from shared.db import invariants, qec_blocks
from tests.integration.core.world import LEASE_S, World, node
from tests.servers import ROOT

SCRIPT = (ROOT / "deploy" / "sql" / "delete_old_jobs.sql").read_text()
HELD = ("jobs", "tasks", "dependencies", "results", "events", "ledger", "journal", "log_lines")


def delete(world: World, days: float) -> None:
    world.connection.execute(SCRIPT.replace(":days", str(days)).encode(), prepare=False)


def counts(world: World) -> dict[str, int]:
    return {table: world.value(f"SELECT count(*) FROM {table}") for table in HELD}


def test_an_old_job_goes_whole_and_a_recent_one_stays(world: World) -> None:
    world.drive(world.job([node(), node(0), node(0), node(1, 2)]))
    one = counts(world)
    old = world.job([node(), node(0), node(0), node(1, 2)])
    world.drive(old)
    world.connection.execute(
        "INSERT INTO journal (job_id, loop, position, point, value) VALUES (%s, 0, 0, '{1}', 1)", (old,)
    )
    world.connection.execute(
        "UPDATE jobs SET finished_at = finished_at - interval '91 days' WHERE id = %s", (old,)
    )
    assert all(counts(world)[table] == 2 * one[table] > 0 for table in HELD[:6])
    delete(world, 90)
    assert counts(world) == one
    assert invariants.violations(world.connection, lease_s=LEASE_S) == {}
    delete(world, 0)
    assert set(counts(world).values()) == {0}


def test_old_counts_of_error_correction_go(world: World) -> None:
    tenant = world.tenant("one")
    for stream, first in (("old", 0), ("old", 1), ("new", 0)):
        qec_blocks.record(world.connection, tenant, stream, first, [1], 1.0)
    world.connection.execute("UPDATE qec_blocks SET at = at - interval '91 days' WHERE stream = 'old'")
    delete(world, 90)
    assert world.rows("SELECT stream FROM qec_blocks") == [("new",)]


def test_jobs_that_run_or_that_others_wait_for_stay(world: World) -> None:
    needed, running = world.job([node()]), world.job([node(), node(0)])
    world.finish([claim for claim in world.claim() if claim.job_id == needed])
    world.job(None, spec={"depends_on": [needed]})
    assert world.status(needed) == "completed" and world.status(running) != "completed"
    delete(world, 0)
    assert {row[0] for row in world.rows("SELECT id FROM jobs")} >= {needed, running}
