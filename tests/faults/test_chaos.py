"""Everything dies at random moments."""

from testing.faults import chaos


def test_nothing_is_lost_repeated_or_out_of_order(rig):
    seen = chaos.chaos(rig, seed=4, tasks=600, faults=6)
    assert seen["lost"] == seen["effects_twice"] == seen["order_violations"] == seen["results_missing"] == 0
