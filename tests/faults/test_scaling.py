"""Workers added and removed under load, and a worker told to end in the middle of a loop."""

import signal

import pytest

from testing.faults import scaling


@pytest.fixture(autouse=True)
def as_installed(rig, monkeypatch):
    """Workers load the simulators ahead: a first task that did it would lose its lease on a busy machine."""
    monkeypatch.setattr(rig, "quick", False)


def test_workers_come_and_go_under_load_and_nothing_is_lost_or_computed_again(rig):
    seen = scaling.scaled(rig, jobs=60, most=3, iterations=200, schedulers=1)
    assert (seen["accepted"], seen["lost"], seen["different"], seen["computed_again"]) == (60, 0, 0, 0)
    assert (seen["removed"], seen["killed"], seen["rescued"]) == (2, 0, 0)
    assert seen["removed_amid_a_loop"] > 0


def test_a_loop_whose_worker_is_told_to_end_goes_on_elsewhere_with_the_same_bits(rig):
    seen = scaling.removed(rig, signal.SIGTERM, trials=1, iterations=500)
    assert (seen["different"], seen["computed_again"], seen["unfinished"]) == (0, 0, 0)
    assert rig.value("SELECT max(attempt) FROM tasks") == 2
    assert rig.value(scaling.GIVEN_BACK) == 1
