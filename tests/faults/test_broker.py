"""Redis flushed, away, silent, or repeating itself; notifications lost."""

import time

import pytest

from benchmarks.faults import broker
from shared.broker import Message, Publisher
from tests.patience import BUSY_S


def test_what_lay_on_a_flushed_broker_runs(rig):
    seen = broker.flushed(rig, count=200)
    assert seen["finished_s"] < seen["lease_s"] + 5 + BUSY_S
    assert seen["ran"] == 200


def test_every_message_three_times_has_one_effect(rig):
    seen = broker.tripled(rig, count=100)
    assert (seen["effects"], seen["twice"]) == (100, 0)


def test_jobs_are_accepted_while_redis_is_down_and_run_when_it_is_back(rig):
    seen = broker.redis_down(rig, seconds=4)
    assert seen["refused"] == 0
    assert seen["waiting"] > 0
    assert seen["resumed_s"] < 5 + BUSY_S


def test_a_worker_whose_connections_went_silent_says_so_and_connects_anew(rig):
    seen = broker.half_open(rig, away_s=0)
    assert seen["unhealthy_s"] < 15 + BUSY_S
    assert seen["consuming_s"] < 60 + BUSY_S


def test_without_notifications_a_job_is_half_a_second_late_for_each(rig):
    seen = broker.unnotified(rig, count=2)
    assert seen["slowest_s"] < 2 * 0.5 + 1 + BUSY_S


def test_a_publisher_without_a_broker_says_so_at_once():
    publisher = Publisher("redis://127.0.0.1:1/0")
    begin = time.monotonic()
    for call in (
        publisher.connect,
        lambda: publisher.publish([Message("cpu-sim", [(1, 1)])]),
        lambda: publisher.waiting("cpu-sim"),
    ):
        with pytest.raises(OSError, match="broker"):
            call()
    assert time.monotonic() - begin < 1 + BUSY_S


def test_a_message_on_the_broker_is_told_from_a_lost_one(rig):
    publisher = Publisher(rig.redis_url)
    publisher.publish([Message("cpu-sim", [(1, 1), (2, 3)]), Message("crypto", [(4, 1)])])
    assert publisher.waiting("cpu-sim") == {(1, 1), (2, 3)}
    assert publisher.waiting("crypto") == {(4, 1)}
    rig.flush()
    assert publisher.waiting("cpu-sim") == set()
    publisher.close()
