"""Results recorded together."""

from shared.tasks import TaskSpec

WORST = "SELECT coalesce(max(failures), 0), coalesce(max(attempt), 1) FROM tasks"


def test_jobs_of_one_shape_that_end_in_one_message_are_recorded_at_once(rig):
    rig.scheduler()
    jobs = [rig.submit([TaskSpec("noop", "cpu-sim", cost_s=0.0001)], shape="same") for _ in range(40)]
    rig.worker()
    rig.finish()
    assert rig.rows(WORST) == [(0, 1)]
    assert rig.value("SELECT n FROM runtimes WHERE shape = 'same'") == len(jobs)
