import asyncio
from contextlib import suppress

import pytest

from novacron.errors import TooBusy
from scheduler.api.parsers import turns
from scheduler.api.parsers.turns import MOST_WAITING, Turns


class Visitors:
    """Requests that hold a turn until they are let go; `order` is who got one."""

    def __init__(self, n: int, share: int) -> None:
        self.turns = Turns(n, share)
        self.order: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._go: dict[str, asyncio.Event] = {}

    async def come(self, name: str, tenant_id: int) -> None:
        self._go[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._hold(name, tenant_id))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def let_go(self, name: str) -> None:
        self._go[name].set()
        await self.tasks[name]
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _hold(self, name: str, tenant_id: int) -> None:
        async with self.turns.turn(tenant_id):
            self.order.append(name)
            await self._go[name].wait()


def test_a_tenant_never_has_all_turns_and_those_who_wait_are_served_in_turn():
    async def run():
        seen = Visitors(3, 2)
        for name in ("a1", "a2", "a3", "a4"):
            await seen.come(name, 1)
        assert seen.order == ["a1", "a2"]
        await seen.come("b1", 2)
        await seen.come("b2", 2)
        await seen.come("c1", 3)
        assert seen.order == ["a1", "a2", "b1"]
        for name in ("a1", "b1", "a2", "a3", "b2", "c1", "a4"):
            await seen.let_go(name)
        assert seen.order == ["a1", "a2", "b1", "a3", "b2", "c1", "a4"]

    asyncio.run(run())


def test_too_many_of_one_tenant_are_told_at_once_and_others_are_not():
    async def run():
        seen = Visitors(2, 1)
        for k in range(MOST_WAITING + 1):
            await seen.come(f"a{k}", 1)
        with pytest.raises(TooBusy):
            seen.turns.check(1)
        seen.turns.check(2)
        with pytest.raises(TooBusy) as told:
            async with seen.turns.turn(1):
                pass
        assert told.value.retry_after_s >= 1
        await seen.come("b", 2)
        assert seen.order == ["a0", "b"]
        for name in [*(f"a{k}" for k in range(MOST_WAITING + 1)), "b"]:
            await seen.let_go(name)

    asyncio.run(run())


def test_who_waits_too_long_is_told(monkeypatch):
    monkeypatch.setattr(turns, "LONGEST_WAIT_S", 0.01)

    async def run():
        seen = Visitors(2, 1)
        await seen.come("a", 1)
        with pytest.raises(TooBusy):
            async with seen.turns.turn(1):
                pass
        await seen.let_go("a")
        async with seen.turns.turn(1):
            pass

    asyncio.run(run())


def test_who_leaves_while_waiting_takes_no_turn_along():
    async def run():
        seen = Visitors(2, 1)
        await seen.come("a", 1)
        await seen.come("left", 1)
        await seen.come("after", 1)
        seen.tasks["left"].cancel()
        seen._go["a"].set()
        await seen.tasks["a"]
        with suppress(asyncio.CancelledError):
            await seen.tasks["left"]
        await asyncio.sleep(0)
        assert seen.order == ["a", "after"]
        await seen.let_go("after")
        assert (seen.turns._free, dict(seen.turns._running), seen.turns._waiting) == (2, {}, {})

    asyncio.run(run())


def test_a_turn_granted_to_one_who_leaves_goes_on_to_the_next():
    async def run():
        seen = Visitors(2, 1)
        await seen.come("a", 1)
        await seen.come("left", 1)
        await seen.come("after", 1)
        seen._go["a"].set()
        while seen.turns._waiting.get(1) and len(seen.turns._waiting[1]) == 2:
            await asyncio.sleep(0)
        seen.tasks["left"].cancel()
        with suppress(asyncio.CancelledError):
            await seen.tasks["left"]
        await asyncio.sleep(0)
        assert seen.order[-1] == "after" or "left" in seen.order
        for name in ("left", "after"):
            seen._go[name].set()
        await asyncio.gather(*seen.tasks.values(), return_exceptions=True)
        assert (seen.turns._free, dict(seen.turns._running), seen.turns._waiting) == (2, {}, {})

    asyncio.run(run())
