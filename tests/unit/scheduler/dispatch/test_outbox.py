"""How ready tasks share messages."""

from hypothesis import given
from hypothesis import strategies as st

from scheduler.dispatch.outbox import SPREAD, pack
from shared.db.completion import CHEAP_S
from shared.db.dispatch import Ready
from shared.queues import QUEUES

READY = st.builds(
    Ready, st.integers(1, 10**9), st.integers(1, 5), st.sampled_from(sorted(QUEUES)),
    st.sampled_from([CHEAP_S / 2, CHEAP_S, 2 * CHEAP_S, 60.0]), st.integers(0, 2),
)  # fmt: skip


def ready(n, *, cost_s=CHEAP_S, queue="cpu-sim", failures=0):
    return [Ready(task, 1, queue, cost_s, failures) for task in range(n)]


def sizes(tasks, **options):
    return [len(message.tasks) for message in pack(tasks, **options)]


@given(st.lists(READY, max_size=80), st.booleans())
def test_every_task_travels_once_in_order_on_its_queue(tasks, chunk):
    messages = pack(tasks, chunk=chunk)
    sent = [(message.queue, *pair) for message in messages for pair in message.tasks]
    assert sent == [(task.queue, task.task_id, task.attempt) for task in tasks]
    assert all(1 <= len(message.tasks) <= QUEUES[message.queue].chunk for message in messages)


def test_dear_tasks_travel_alone():
    assert sizes(ready(3, cost_s=2 * CHEAP_S)) == [1, 1, 1]


def test_few_cheap_tasks_are_spread_over_several_workers():
    assert sizes(ready(SPREAD)) == [1] * SPREAD
    assert sizes(ready(SPREAD + 1)) == [2, 2, 1]
    assert sizes(ready(3 * SPREAD)) == [3] * SPREAD


def test_many_cheap_tasks_fill_their_messages():
    most = QUEUES["cpu-sim"].chunk
    assert sizes(ready(SPREAD * most + 5)) == [most] * SPREAD + [5]


def test_chunks_can_be_switched_off():
    assert sizes(ready(20), chunk=False) == [1] * 20


def test_a_queue_that_does_not_chunk_is_left_alone():
    assert sizes(ready(20, queue="crypto")) == [1] * 20


def test_a_task_that_failed_before_travels_alone():
    assert sizes([*ready(8), *ready(3, failures=1), *ready(8)]) == [2] * 4 + [1] * 3 + [2] * 4
