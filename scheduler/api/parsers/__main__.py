"""`python -m scheduler.api.parsers`: a parser process, which answers what it is asked on standard input.

It works for the API alone, one request at a time, within limits of memory and processor time. A copy of it
answers; one that took long or much memory has made itself yield to others, or has grown, and is replaced.
"""

from __future__ import annotations

import ctypes
import gc
import json
import logging
import os
import resource
import signal
import sys
from types import FrameType
from typing import IO, Final

from scheduler.api import problem_document
from scheduler.api.parsers import frames
from scheduler.api.parsers.calls import Calls
from scheduler.api.parsers.child import NO_FAULT, TIMEOUT_S
from scheduler.api.parsers.frames import Answer, Request
from shared import telemetry
from shared.settings import Settings

log = logging.getLogger("novacron.intake")

RECURSION: Final = 10_000
MEMORY_BYTES: Final = 3 << 30
HEAVY_S: Final = 0.25
"""Seconds of the processor after which a request yields to everything else on the machine."""
YIELD: Final = 10
HEAVY_KB: Final = 1 << 20
PR_SET_PDEATHSIG: Final = 1
ENDED, GO_ON = 0, 3
"""Statuses of a copy: the messages have ended; another copy is to take the next one."""


class Heaviness:
    """Whether a request took much."""

    def __init__(self) -> None:
        self._yields = False
        signal.signal(signal.SIGVTALRM, self._yield)

    def begin(self) -> None:
        """Count from here."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime + TIMEOUT_S) + 2
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
        signal.setitimer(signal.ITIMER_VIRTUAL, HEAVY_S)

    def end(self) -> bool:
        """Whether it was too much for this process to go on."""
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        return self._yields or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > HEAVY_KB

    def _yield(self, _: int, __: FrameType | None) -> None:
        if not self._yields:
            self._yields = True
            os.nice(YIELD)


def answer(calls: Calls, head: Request, body: bytes) -> tuple[Answer, bytes]:
    """Head and body of the answer to a request."""
    try:
        headers, text = calls.run(head, body)
        return {"status": 200, "headers": headers}, text
    except MemoryError:
        told = problem_document.Problem(
            503, f"the parser process ran out of memory: {NO_FAULT}", headers=problem_document.retry_after(5)
        )
    except Exception as error:
        known = problem_document.of(error)
        if known is None:
            log.exception("%s failed", head["call"])
        elif known.status >= 500:
            log.warning("%s: %s", head["call"], error)
        told = known or problem_document.Problem(500, problem_document.UNFORESEEN)
    return {"status": int(told.status), "headers": dict(told.headers)}, told.body()


def _die_with_parent() -> None:
    """Be killed when the API is; a busy process would not notice that its pipe has ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def serve(calls: Calls, requests: IO[bytes], answers: IO[bytes]) -> bool:
    """Answer until the messages end or a request was heavy; whether another process is to go on."""
    heaviness = Heaviness()
    while (request := frames.read(requests)) is not None:
        heaviness.begin()
        head, body = answer(calls, *request)
        last = heaviness.end()
        frames.write(answers, head, body)
        if last:
            return True
        del request, head, body
        gc.collect()
    return False


def served(calls: Calls, requests: IO[bytes], answers: IO[bytes]) -> int:
    """The status of a copy of this process, which has loaded everything already, after it has served."""
    pid = os.fork()
    if not pid:
        _die_with_parent()
        os._exit(GO_ON if serve(calls, requests, answers) else ENDED)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> int:
    """Answer messages until standard input ends."""
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's; the API ends this process
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.setrecursionlimit(RECURSION)
    # Whatever a library prints must not get between the messages.
    answers, requests = os.fdopen(os.dup(1), "wb"), sys.stdin.buffer
    os.dup2(2, 1)
    first = frames.read(requests)
    if first is None:
        return ENDED
    settings = Settings(**json.loads(first[1]))
    telemetry.set_up(settings.log_format)
    calls = Calls(settings)
    calls.warm()
    # Large circuits are many small objects: collecting while they grow would double the time.
    gc.disable()
    gc.collect()
    gc.freeze()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    frames.write(answers, {})
    status = GO_ON
    while status == GO_ON:
        status = served(calls, requests, answers)
    return status


if __name__ == "__main__":
    sys.exit(main())
