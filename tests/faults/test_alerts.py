"""An alert in a live stack; benchmarks/faults does the same for all of them."""

from testing.faults import alerts


def test_a_killed_worker_raises_an_alert_which_is_resolved_when_it_is_forgotten(rig):
    assert alerts.worker_killed(rig, waiting=False).keys() == {"fires_s", "resolved_s"}
