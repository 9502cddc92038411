"""The processor's time in a receipt: of this process, its threads and its children, for final tasks."""

import subprocess
import sys
from typing import Any

from shared.db.claims import Claim
from shared.db.jobs import WorkOrder
from workers.runtime.hooks import Attempt
from workers.runtime.processor_time import ProcessorTime, used_s

BUSY = "import time\nwhile time.process_time() < 0.2: pass"


def attempt(*, final: bool) -> Attempt:
    def unread(job_id: str) -> WorkOrder:
        raise AssertionError(job_id)

    claim = Claim(
        1,
        1,
        "j",
        "noop",
        {},
        has_inputs=False,
        final=final,
        cost_s=0.0,
        memory_bytes=0,
        failures=0,
        tenant_id=1,
    )
    return Attempt(claim, "cpu-sim", "host:1/2", unread)


def measured(work: Any, *, final: bool = True) -> dict[str, Any]:
    hook, one = ProcessorTime(), attempt(final=final)
    hook.before_perform(one)
    work()
    hook.before_record(one)
    return one.receipt


def burn() -> None:
    until = used_s() + 0.1
    while used_s() < until:
        pass


def test_it_counts_this_process_and_its_children():
    assert 0.1 <= measured(burn)["cpu_s"]
    child = measured(lambda: subprocess.run([sys.executable, "-S", "-c", BUSY], check=True))
    assert 0.2 <= child["cpu_s"]


def test_waiting_takes_none_and_tasks_without_a_receipt_are_not_measured():
    assert 0.0 <= measured(lambda: None)["cpu_s"] < 0.1
    assert measured(burn, final=False) == {}
