"""Parser processes as they are; what they do needs no database here, as it ends before one is asked."""

import asyncio
import json
import os
import signal
from dataclasses import replace
from itertools import count

import psutil
import pytest

from novacron.errors import BadInput, TooBusy, Unavailable
from scheduler.api.parsers import __main__ as process
from scheduler.api.parsers import child
from scheduler.api.parsers import pool as pools
from scheduler.api.parsers.calls import Calls, read_circuit
from scheduler.api.parsers.frames import Caller
from scheduler.api.parsers.pool import Pool
from scheduler.api.problem_document import Refused
from shared.circuits.reader import read
from shared.db.tokens import Bearer
from shared.settings import Settings
from testing.patience import PATIENCE_S

WHO = Bearer(1, "a", "token", "submit")
OTHER = replace(WHO, tenant_id=2)
NOWHERE = Settings(database_url="postgresql://novacron@127.0.0.1:1/none", parsers=2)
WRONG = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh r;\n'
BELL = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\ncx q[0],q[1];\n'
HEAVY, SLOW = (
    'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit q;\n' + "inv @ inv @ x q;\n" * n for n in (6_000, 25_000)
)
"""A second of processor time, and what is ended before it is done."""


def circuit(text):
    return [json.dumps({"kind": "pure_quantum", "circuit": {"qasm": text}}).encode()]


def with_pool(test):
    async def run():
        pool = Pool(NOWHERE)
        try:
            await asyncio.wait_for(test(pool), 4 * PATIENCE_S)  # which starts several processes
        finally:
            await pool.close()
        assert pool.pids == []

    asyncio.run(run())


async def refusal(pool, body, who=WHO, call="explain"):
    with pytest.raises(Refused) as told:
        await pool.call(who, call, body)
    return told.value.status, json.loads(told.value.body)


def test_refusals_come_as_problem_documents():
    async def test(pool):
        status, told = await refusal(pool, circuit(WRONG))
        assert status == 422
        assert told["errors"][0]["field"] == "circuit"
        assert told["errors"][0]["rule"].startswith("line 4, column 3")
        status, told = await refusal(pool, [b'{"kind": ', b"[1" * 3, b"}"])
        assert (status, told["title"]) == (422, "Unprocessable Entity")
        status, _ = await refusal(pool, circuit(BELL))  # well-formed, so that the database is asked
        assert status == 503
        status, _ = await refusal(pool, [b"[1"], call="import_cbom")
        assert status == 422

    with_pool(test)


def test_bombs_leave_the_process_as_it_was():
    async def test(pool):
        await refusal(pool, circuit(WRONG))
        pids = pool.pids
        status, told = await refusal(pool, [b"[" + b"1," * 1_000_000] * 15 + [b"1]"])
        assert status == 422
        status, told = await refusal(
            pool, [b'{"kind": "pure_classical"', *[b',"aaaaaa":1'] * 1_100_000, b"}"]
        )
        assert status == 422 and "members" in told["detail"]
        assert pool.pids == pids

    with_pool(test)


def test_a_process_that_dies_or_hangs_is_no_fault_of_the_request_and_the_next_one_is_served():
    async def test(pool):
        await refusal(pool, circuit(WRONG))
        (pid,) = pool.pids
        asked = asyncio.create_task(pool.call(WHO, "explain", circuit(SLOW)))
        await asyncio.sleep(0.2)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(Unavailable, match="crashed: this is not caused by the request"):
            await asked
        assert (await refusal(pool, circuit(WRONG)))[0] == 422
        for one in pool._children:
            one._timeout_s = 0.3
        (copy,) = copies(pool)
        os.kill(copy, signal.SIGSTOP)
        with pytest.raises(Unavailable, match=r"hung for 0\.3 s"):
            await pool.call(WHO, "explain", circuit(WRONG))
        assert (await refusal(pool, circuit(WRONG)))[0] == 422


def test_a_process_that_uses_processor_time_is_waited_for(monkeypatch):
    looks = count()
    monkeypatch.setattr(child, "_processor_s", lambda _pid: float(next(looks)))

    async def test(pool):
        await refusal(pool, circuit(WRONG))
        for one in pool._children:
            one._timeout_s = 0.01
        assert (await refusal(pool, circuit(HEAVY)))[0] in (422, 503)  # 503: it has asked for the database
        assert next(looks) > 3

    with_pool(test)


def test_one_tenants_slow_circuits_leave_a_process_for_others():
    async def test(pool):
        slow = [asyncio.create_task(pool.call(WHO, "explain", circuit(SLOW))) for _ in range(45)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        told = [task for task in slow if task.done()]
        assert len(told) == 45 - 1 - 16
        assert all(isinstance(task.exception(), TooBusy) for task in told)
        assert (await refusal(pool, circuit(WRONG), OTHER))[0] == 422
        assert not slow[0].done()
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)

    with_pool(test)


def copies(pool):
    """The processes that answer, each a copy of one that has loaded everything."""
    return [copy.pid for pid in pool.pids for copy in psutil.Process(pid).children()]


def test_after_a_heavy_request_there_is_a_new_process_at_full_priority():
    async def test(pool):
        await refusal(pool, circuit(WRONG))
        (before,), (pid,) = copies(pool), pool.pids
        priority = os.getpriority(os.PRIO_PROCESS, before)
        status, _ = await refusal(pool, circuit(HEAVY))
        assert status in (422, 503)
        while copies(pool) in ([], [before]):
            await asyncio.sleep(0.1)  # each look visits all processes of the machine
        (after,) = copies(pool)
        assert os.getpriority(os.PRIO_PROCESS, after) == priority
        assert (await refusal(pool, circuit(WRONG)))[0] == 422
        assert pool.pids == [pid]

    with_pool(test)


def test_a_copy_that_is_killed_is_no_fault_of_the_request():
    async def test(pool):
        await refusal(pool, circuit(WRONG))
        asked = asyncio.create_task(pool.call(WHO, "explain", circuit(SLOW)))
        await asyncio.sleep(0.2)
        os.kill(copies(pool)[0], signal.SIGKILL)
        with pytest.raises(Unavailable, match="crashed"):
            await asked
        assert (await refusal(pool, circuit(WRONG)))[0] == 422

    with_pool(test)


@pytest.mark.parametrize("asked", [0, 1, 3, 9])
def test_there_are_two_processes_at_least(asked, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    assert pools.size(Settings(parsers=asked)) == {0: 4, 1: 2}.get(asked, asked)


@pytest.mark.parametrize(
    ("error", "status"),
    [(MemoryError(), 503), (KeyError("x"), 500), (RecursionError(), 422), (BadInput("no"), 422)],
)
def test_what_fails_inside_is_told_apart_from_wrong_input(error, status):
    class Broken(Calls):
        def __init__(self):
            pass

        def run(self, head, body):
            raise error

    who: Caller = {"tenant_id": 1, "tenant": "t", "name": "n", "role": "submit", "token_id": ""}
    head, body = process.answer(Broken(), {"call": "submit", "who": who, "arguments": {}}, b"")
    assert head["status"] == json.loads(body)["status"] == status


def test_records_are_those_of_the_reader():
    assert read_circuit(BELL) == read(BELL).to_json()
