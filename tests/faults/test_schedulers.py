"""Schedulers that die or are stopped while they publish, and two at once."""

from testing.faults import schedulers


def test_a_scheduler_killed_before_amid_or_after_publishing_loses_nothing(rig):
    seen = schedulers.killed(rig, trials=1)
    assert seen["not_completed"] == 0
    assert seen["starts"] == seen["tasks"]


def test_two_schedulers_start_nothing_twice(rig):
    seen = schedulers.two(rig, jobs=3, handovers=2)
    assert seen["handovers"] == 2
    assert seen["starts"] == seen["calls"]


def test_a_stopped_leader_is_replaced_and_steps_back_when_continued(rig):
    seen = schedulers.stopped(rig, trials=1)
    assert seen["stops"] == 1
    assert seen["starts"] == seen["calls"]
