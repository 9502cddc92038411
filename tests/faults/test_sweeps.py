"""Error-correction studies under faults."""

from testing.faults import sweeps


def test_a_struck_sweep_has_the_counts_of_an_undisturbed_one(rig):
    seen = sweeps.same_counts(rig, seed=1, errors=20, kills=2)
    assert seen["kills"] > 0 and sweeps.kept(seen), seen
