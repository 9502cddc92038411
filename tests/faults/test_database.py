"""PostgreSQL killed under load."""

from testing.faults import database


def test_no_acknowledged_job_is_lost_when_postgresql_is_killed(rig):
    seen = database.killed(rig, trials=3, seed=1)
    assert seen["accepted"] > 0
    assert (seen["lost"], seen["not_completed"]) == (0, 0)
    assert seen["resumed"] == seen["trials"] == 3
