"""Workers that are killed, stopped, slow, poisoned, or told to end."""

from testing.faults import workers


def test_tasks_of_a_killed_worker_start_again_after_the_lease(rig):
    seen = workers.killed(rig, trials=1)
    assert (seen["attempts"], seen["unfinished"]) == (2, 0)


def test_results_of_a_worker_stopped_past_its_lease_are_turned_down(rig):
    seen = workers.stopped(rig, wanted=2, slots=4)
    assert (seen["accepted_late"], seen["twice"], seen["unfinished"]) == (0, 0, 0)


def test_a_healthy_task_of_five_leases_starts_once(rig):
    assert workers.slow(rig, leases=5) == {"starts": 1, "redeliverable": 0}


def test_a_poison_task_is_quarantined_and_its_neighbours_are_not(rig):
    seen = workers.poisoned(rig, neighbours=10)
    assert (seen["attempts"], seen["quarantined"], seen["neighbours_failed"]) == (3, 1, 0)
    error = rig.value("SELECT error FROM jobs WHERE state = 'failed'")
    assert error["class"] == "poison"


def test_sigterm_gives_tasks_back_whether_they_check_in_or_not(rig):
    seen = workers.terminated(rig)
    assert (seen["exited"], seen["checking_first"], seen["failures"]) == (1, 1, 0)


def test_cancelled_tasks_never_run_and_running_ones_stop(rig):
    seen = workers.cancelled(rig, count=20)
    assert (seen["ran_after_cancel"], seen["stopped"]) == (0, 2)


def test_delayed_tasks_do_not_weigh_on_workers(rig):
    seen = workers.delayed(rig, count=5000)
    assert seen["grown_mb"] < 20


def test_long_work_on_one_queue_does_not_delay_another(rig):
    seen = workers.isolated(rig, short=40)
    assert (seen["overtaken"], seen["hours_begun"]) == (40, 1)
