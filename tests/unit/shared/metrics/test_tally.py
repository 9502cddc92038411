"""The tally: what is added, drained and merged, from any thread."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.metrics.table import METRICS
from shared.metrics.tally import Tally

CLAIMS = "novacron_claim_seconds"


@pytest.fixture
def tally() -> Tally:
    made = Tally()
    made.on = True
    return made


def test_one_that_is_off_counts_nothing():
    tally = Tally()
    tally.add("novacron_lease_rescues_total", 1.0)
    tally.observe(CLAIMS, 0.1, "crypto")
    tally.put("novacron_broker_up", 1.0)
    tally.replace("novacron_queue_seconds", {("crypto",): 1.0})
    assert tally.shown() == {} and tally.drain() == []


def test_a_value_falls_in_the_bucket_whose_bound_it_does_not_exceed(tally):
    bounds = METRICS[CLAIMS].buckets
    for value in (0.0, bounds[0], bounds[1], bounds[-1], bounds[-1] + 1):
        tally.observe(CLAIMS, value, "crypto")
    kept = tally.shown()[CLAIMS]["crypto",]
    assert kept == [2.0, 1.0, *[0.0] * (len(bounds) - 3), 1.0, 1.0, pytest.approx(sum(bounds[:2]) + 21)]


@pytest.mark.parametrize("values", [[0.002], [0.0, 0.0001], [0.0, 0.02, 7.0, 99.0]])
def test_values_together_count_as_one_by_one(tally, values):
    for value in values:
        tally.observe(CLAIMS, value, "crypto")
    alone = tally.drain()
    tally.observe_each(CLAIMS, values, "crypto")
    assert tally.drain() == alone


def test_a_value_counts_as_often_as_is_said(tally):
    tally.observe("quantum_circuit_depth", 7, "gpu", times=2.5)
    assert tally.shown()["quantum_circuit_depth"]["gpu",][2] == 2.5
    assert tally.shown()["quantum_circuit_depth"]["gpu",][-1] == 17.5


def test_what_children_were_drained_of_adds_up_to_what_one_process_would_have_counted(tally):
    parent, alone = Tally(), Tally()
    alone.on = True
    for number in range(3):
        for one in (tally, alone):
            one.observe(CLAIMS, 0.004 * number, "crypto")
            one.observe("quantum_fidelity_average", 1 - 0.25 * number, "gpu")
            one.add("novacron_retries_total", 1.0, "crypto", "transient")
            one.put("quantum_coherence_time", float(number), "gpu", "t1")
        parent.merge(json.loads(json.dumps(tally.drain())))
    assert tally.shown() == {} and parent.shown() == alone.shown()


def test_series_that_are_not_said_again_are_gone(tally):
    tally.replace("novacron_queue_seconds", {("crypto",): 1.0, ("old",): 2.0})
    tally.replace("novacron_queue_seconds", {("crypto",): 3.0})
    assert tally.shown() == {"novacron_queue_seconds": {("crypto",): 3.0}}
    tally.forget({"novacron_queue_seconds"})
    assert tally.shown() == {}


def test_a_gauge_that_is_looked_up_may_have_nothing_to_say(tally):
    tally.live("novacron_leader", lambda: 1.0)
    tally.live("novacron_data_free_ratio", lambda: None)
    assert tally.shown() == {"novacron_leader": {(): 1.0}}


def test_what_is_held_counts_until_it_is_let_go(tally):
    name = "novacron_events_stream_clients"
    with tally.holding(name), tally.holding(name):
        assert tally.shown()[name] == {(): 2.0}
    assert tally.shown()[name] == {(): 0.0}


def test_threads_lose_no_count_while_another_drains(tally):
    total = Tally()

    def count(_: int) -> None:
        for _ in range(500):
            tally.add("novacron_lease_rescues_total", 1.0)

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(count, number) for number in range(4)]
        while not all(one.done() for one in running):
            total.merge(tally.drain())
    total.merge(tally.drain())
    assert total.shown() == {"novacron_lease_rescues_total": {(): 2000.0}}


def test_a_forked_process_begins_with_nothing_and_with_a_lock_of_its_own(tally):
    tally.add("novacron_lease_rescues_total", 1.0)
    tally._lock.acquire()
    tally.begin()
    tally.add("novacron_lease_rescues_total", 2.0)
    assert tally.shown() == {"novacron_lease_rescues_total": {(): 2.0}}
