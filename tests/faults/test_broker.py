"""Redis flushed, away, silent, or repeating itself; notifications lost."""

import socket

import pytest

from shared.broker.publisher import Message, Publisher
from testing.faults import broker


def test_what_lay_on_a_flushed_broker_runs(rig):
    seen = broker.flushed(rig, count=200)
    assert seen["ran"] == 200


def test_every_message_three_times_has_one_effect(rig):
    seen = broker.tripled(rig, count=100)
    assert (seen["effects"], seen["twice"]) == (100, 0)


def test_jobs_are_accepted_while_redis_is_down_and_run_when_it_is_back(rig):
    seen = broker.redis_down(rig, seconds=4)
    assert seen["refused"] == 0
    assert seen["waiting"] > 0
    assert rig.value("SELECT count(*) FROM jobs WHERE state = 'completed'") == seen["accepted"] + 1


def test_a_worker_whose_connections_went_silent_says_so_and_connects_anew(rig):
    seen = broker.half_open(rig, away_s=0)
    assert seen["consumed"] == 4


def test_without_notifications_jobs_are_found_and_their_ends_told_all_the_same(rig):
    seen = broker.unnotified(rig, count=2)
    assert (seen["told"], seen["chained"]) == (2, 5)


def test_a_publisher_without_a_broker_tries_once_and_says_so(monkeypatch):
    publisher, tried, connect = Publisher("redis://127.0.0.1:1/0", ""), [], socket.socket.connect

    def counted(self, address):
        tried.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", counted)
    for call in (
        publisher.connect,
        lambda: publisher.publish([Message("cpu-sim", [(1, 1)])]),
        lambda: publisher.waiting("cpu-sim"),
    ):
        with pytest.raises(OSError, match="broker"):
            call()
    assert len(tried) == 3


def test_a_message_on_the_broker_is_told_from_a_lost_one(rig):
    publisher = Publisher(rig.redis_url, "")
    publisher.publish([Message("cpu-sim", [(1, 1), (2, 3)]), Message("crypto", [(4, 1)])])
    assert publisher.waiting("cpu-sim") == {(1, 1), (2, 3)}
    assert publisher.waiting("crypto") == {(4, 1)}
    rig.flush()
    assert publisher.waiting("cpu-sim") == set()
    publisher.close()
