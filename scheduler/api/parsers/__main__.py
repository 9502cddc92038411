"""`python -m scheduler.api.parsers`: a parser process that serves requests from standard input.

It serves only the API, one request at a time, under limits on memory and processor time. A forked copy
serves; a copy that used much processor time (and lowered its priority) or much memory is replaced.
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
from shared.traces.course import followed

log = logging.getLogger("novacron.intake")

RECURSION: Final = 10_000
MEMORY_BYTES: Final = 3 << 30
HEAVY_S: Final = 0.25
"""Processor seconds after which the process lowers its own priority."""
YIELD: Final = 10
HEAVY_KB: Final = 1 << 20
PR_SET_PDEATHSIG: Final = 1
ENDED, GO_ON = 0, 3
"""Exit statuses of a copy: end of input; another copy serves the next request."""


class Heaviness:
    """Detects requests that used much processor time or memory."""

    def __init__(self) -> None:
        self._yields = False
        signal.signal(signal.SIGVTALRM, self._yield)

    def begin(self) -> None:
        """Start measuring a request."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime + TIMEOUT_S) + 2
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
        signal.setitimer(signal.ITIMER_VIRTUAL, HEAVY_S)

    def end(self) -> bool:
        """Stop measuring; return whether this process should be replaced."""
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        return self._yields or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > HEAVY_KB

    def _yield(self, _: int, __: FrameType | None) -> None:
        if not self._yields:
            self._yields = True
            os.nice(YIELD)


def answer(calls: Calls, head: Request, body: bytes) -> tuple[Answer, bytes]:
    """Return the head and the body of the response to a request."""
    try:
        with followed(head.get("traceparent")) as course:
            headers, text = calls.run(head, body)
        answered: Answer = {"status": 200, "headers": headers}
        return answered if course is None else {**answered, "course": course.document()}, text
    except MemoryError:
        problem = problem_document.Problem(
            503, f"the parser process ran out of memory: {NO_FAULT}", headers=problem_document.retry_after(5)
        )
    except Exception as error:
        known = problem_document.of(error)
        if known is None:
            log.exception("%s failed", head["call"])
        elif known.status >= 500:
            log.warning("%s: %s", head["call"], error)
        problem = known or problem_document.Problem(500, problem_document.UNFORESEEN)
    return {"status": int(problem.status), "headers": dict(problem.headers)}, problem.body()


def _die_with_parent() -> None:
    """Have the kernel kill this process with the API: a busy process would not notice the end of its pipe."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def serve(calls: Calls, requests: IO[bytes], answers: IO[bytes]) -> bool:
    """Serve until the end of input or a heavy request; return whether another copy should continue."""
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
    """Fork a copy of this process, with everything loaded, and return its exit status once it has served."""
    pid = os.fork()
    if not pid:
        _die_with_parent()
        os._exit(GO_ON if serve(calls, requests, answers) else ENDED)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> int:
    """Serve requests until the end of standard input."""
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C signals the group; the API ends this process
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.setrecursionlimit(RECURSION)
    # Redirect stdout: output printed by a library must not mix with the messages.
    answers, requests = os.fdopen(os.dup(1), "wb"), sys.stdin.buffer
    os.dup2(2, 1)
    first = frames.read(requests)
    if first is None:
        return ENDED
    settings = Settings(**json.loads(first[1]))
    telemetry.set_up(settings.log_format)
    calls = Calls(settings)
    calls.warm()
    # Large circuits are many small objects: garbage collection while they grow would double the time.
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
