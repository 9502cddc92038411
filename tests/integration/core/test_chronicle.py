"""Events of all jobs as the leader's hooks are told them, on a real database."""

import time

import pytest

from scheduler.dispatch import chronicle
from scheduler.dispatch.chronicle import Chronicle
from scheduler.dispatch.hooks import DispatchHook
from shared.db import jobs
from shared.db.events import Fact
from shared.hooks import together
from tests.integration.core.world import World, node


class Listening(DispatchHook):
    """Keeps the facts it is told."""

    def __init__(self) -> None:
        self.jobs: list[str] = []

    def on_fact(self, fact: Fact) -> None:
        self.jobs.append(fact.job_id)


def test_what_comes_before_the_second_pass_of_a_new_leader_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chronicle, "LAG_S", 0.05)
    heard = Listening()
    told = Chronicle(together(DispatchHook, [heard]))
    before, after = world.job([node()]), world.job([node()])
    jobs.cancel(world.connection, before)
    told.tell(world.connection)
    jobs.cancel(world.connection, after)
    told.tell(world.connection)
    time.sleep(0.1)
    told.tell(world.connection)
    assert heard.jobs == [after]
