"""What goes over the wire, as a Celery worker will read it."""

import base64
import json

import pytest
from redis import Redis

from shared.broker import celery_protocol
from shared.broker.publisher import Message, Publisher
from shared.queues import QUEUES
from testing.patience import PATIENCE_S


@pytest.fixture
def publisher(redis_server, redis_url):
    redis_server.empty()
    made = Publisher(redis_url, "")
    yield made
    made.close()


def test_messages_are_found_where_they_were_put(publisher: Publisher) -> None:
    publisher.publish([Message("cpu-sim", [(7, 1), (8, 2)]), Message("crypto", [(9, 1)])])
    assert publisher.waiting("cpu-sim") == {(7, 1), (8, 2)}
    assert publisher.waiting("crypto") == {(9, 1)}
    assert publisher.waiting("gpu-sim") == set()


def test_a_message_is_a_call_of_the_one_celery_task(publisher: Publisher, redis_url: str) -> None:
    publisher.publish([Message("cpu-sim", [(7, 1), (8, 2)])])
    with Redis.from_url(redis_url) as connection:
        [raw] = connection.lrange("cpu-sim", 0, -1)
    message = json.loads(raw)
    arguments, keywords, _ = json.loads(base64.b64decode(message["body"]))
    assert (arguments, keywords) == ([[[7, 1], [8, 2]]], {})
    assert message["headers"]["task"] == celery_protocol.EXECUTE
    assert message["content-type"] == "application/json"
    assert message["properties"]["delivery_info"]["routing_key"] == "cpu-sim"


def test_first_in_is_first_out(publisher: Publisher, redis_url: str) -> None:
    publisher.publish([Message("cpu-sim", [(task, 1)]) for task in range(20)])
    with celery_protocol.application(redis_url, "").connection_for_read() as connection:
        queue = connection.SimpleQueue("cpu-sim", no_ack=True)
        read = [queue.get(timeout=PATIENCE_S).payload[0][0][0][0] for _ in range(20)]
        queue.close()
    assert read == list(range(20))


@pytest.fixture
def two(redis_server, redis_url):
    """Publishers of two installations that share one Redis."""
    redis_server.empty()
    made = Publisher(redis_url, "one:"), Publisher(redis_url, "two:")
    yield made
    for publisher in made:
        publisher.close()


def test_installations_with_prefixes_share_a_redis_and_no_message(two, redis_url: str) -> None:
    for number, publisher in enumerate(two, 1):
        publisher.publish([Message("cpu-sim", [(number, 1)])])
    assert [publisher.waiting("cpu-sim") for publisher in two] == [{(1, 1)}, {(2, 1)}]
    with Redis.from_url(redis_url) as connection:
        keys = {key.decode() for key in connection.scan_iter()}
    assert {"one:cpu-sim", "two:cpu-sim"} <= keys
    assert all(key.startswith(("one:", "two:")) for key in keys)
    with celery_protocol.application(redis_url, "two:").connection_for_read() as connection:
        queue = connection.SimpleQueue("cpu-sim", no_ack=True)
        assert queue.get(timeout=PATIENCE_S).payload[0][0] == [[2, 1]]
        with pytest.raises(queue.Empty):
            queue.get(block=False)
        queue.close()
    assert [publisher.waiting("cpu-sim") for publisher in two] == [{(1, 1)}, set()]


def test_every_message_has_a_name_of_its_own(publisher: Publisher, redis_url: str) -> None:
    publisher.publish([Message("cpu-sim", [(7, 1)])] * 3)
    with Redis.from_url(redis_url) as connection:
        names = {json.loads(raw)["headers"]["id"] for raw in connection.lrange("cpu-sim", 0, -1)}
    assert len(names) == 3


def test_a_broker_that_is_away_is_an_os_error_and_then_works_again(
    publisher: Publisher, redis_server
) -> None:
    publisher.publish([Message("cpu-sim", [(1, 1)])])
    redis_server.child.kill()
    for call in (
        lambda: publisher.publish([Message("cpu-sim", [(2, 1)])]),
        lambda: publisher.waiting("cpu-sim"),
    ):
        with pytest.raises(OSError, match="broker"):
            call()
    redis_server.ensure()
    publisher.publish([Message("cpu-sim", [(3, 1)])])
    assert publisher.waiting("cpu-sim") == {(3, 1)}


def test_celery_carries_json_and_keeps_no_results(redis_url: str) -> None:
    conf = celery_protocol.application(redis_url, "").conf
    assert conf.accept_content == ["json"] and conf.task_serializer == "json"
    assert conf.task_ignore_result and conf.result_backend is None
    assert [queue.name for queue in conf.task_queues] == list(QUEUES)
    assert not conf.task_create_missing_queues
