"""What events call a message: its title, for people who watch Celery."""

from types import SimpleNamespace
from typing import Any

import pytest

from scheduler.dispatch import outbox
from shared.broker import celery_protocol, publisher
from shared.broker.consuming import Unacknowledged
from shared.broker.publisher import Message
from shared.db.dispatch import Title


def sent(message: Message) -> tuple[Any, dict[str, Any]]:
    """Body and headers of a message as it is published."""
    published: list[Any] = []
    producer = SimpleNamespace(publish=lambda body, **rest: published.append((body, rest["headers"])))
    publisher.Publisher("redis://127.0.0.1:1/0", "")._send(producer, message)
    return published[0][0], published[0][1]


def test_titles_name_kind_operation_and_job():
    titles = {1: Title("hybrid_vqe", "optimize", "j1"), 2: Title("hybrid_vqe", "optimize", "j2")}
    [named] = outbox.named([Message("cpu-sim", [(1, 1), (2, 1)])], titles)
    assert named.title == ("hybrid_vqe/optimize", "j1 j2")
    _, headers = sent(named)
    assert headers["title"] == "hybrid_vqe/optimize"
    assert headers["task"] == celery_protocol.EXECUTE
    assert headers["id"].startswith("j1-1-1-")
    assert headers["argsrepr"] == "job j1 j2, tasks (1, 2)"


def test_many_jobs_are_counted_and_deleted_ones_left_out():
    titles = {task: Title("k", "o", f"j{task}") for task in range(1, 9)}
    [named] = outbox.named([Message("cpu-sim", [(task, 1) for task in range(1, 12)])], titles)
    assert named.title == ("k/o", "j1 j2 j3 j4 j5 and 3 more")
    assert outbox.named([Message("cpu-sim", [(99, 1)])], titles)[0].title is None


def test_without_a_title_nothing_is_added():
    body, headers = sent(Message("cpu-sim", [(7, 2)]))
    assert "title" not in headers
    assert body[0] == [[[7, 2]]]


@pytest.mark.parametrize(
    ("headers", "name"), [({}, "execute"), ({"title": "kind/operation"}, "kind/operation")]
)
def test_the_request_is_called_so_and_runs_the_one_task(headers, name):
    app = celery_protocol.application("redis://127.0.0.1:1/0", "")

    @app.task(name=celery_protocol.EXECUTE)
    def task(messages):
        pass

    given = {"id": "i", "task": celery_protocol.EXECUTE, "lang": "py", **headers}
    message = SimpleNamespace(
        headers=given, content_type="application/json", content_encoding="utf-8", properties={}, body=b"[]",
        delivery_info={}, payload=([], {}, {}),
    )  # fmt: skip
    request = Unacknowledged(message, app=app, task=task, headers=given, body=b"[]", decoded=False)
    assert (request.name, request.type) == (name, celery_protocol.EXECUTE)


def test_every_queue_goes_by_its_own_name():
    app = celery_protocol.application("redis://127.0.0.1:1/0", "")
    for queue in app.conf.task_queues:
        assert (queue.exchange.name, queue.routing_key) == (queue.name, queue.name)
