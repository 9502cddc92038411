"""Reads circuits in a child process, so that no text can hang, bloat or crash its caller.

`python -m shared.circuit.parser_process` is the child: frames on standard input and output, each four bytes
of length (big-endian) and that much JSON. `CircuitParser` is the caller's side.
"""

import gc
import json
import logging
import os
import resource
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, Final

from novacron.errors import BadInput, TooBusy, Unavailable

log = logging.getLogger(__name__)

TIMEOUT_S: Final = 120.0
"""Longest time for a circuit: a guard against a parser that hangs. Reading is limited by work."""
RECURSION: Final = 10_000
START_TIMEOUT_S: Final = 60.0
QUEUE_TIMEOUT_S: Final = 30.0
RETRY_S: Final = 5.0
MEMORY_BYTES: Final = 3 << 30
MAX_FRAME: Final = 1 << 28
_ROOT: Final = Path(__file__).resolve().parents[2]
_LENGTH: Final = struct.Struct(">I")


class CircuitParser:
    """A parser process that is started at the first call and again after it had to be killed.

    Calls are safe from several threads and run one at a time.

    Args:
        timeout_s: Longest time a circuit may take.
        memory_bytes: Address space of the child.
    """

    def __init__(self, timeout_s: float = TIMEOUT_S, memory_bytes: int = MEMORY_BYTES) -> None:
        self._timeout_s = timeout_s
        self._memory_bytes = memory_bytes
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def parse(self, text: str, filename: str | None = None) -> dict[str, Any]:
        """Read OpenQASM 2 or 3 text.

        Args:
            text: The circuit.
            filename: Named in errors.

        Returns:
            The circuit record as plain JSON data.

        Raises:
            BadInput: The text is malformed or over the limits, with line and column where they are known.
            TooBusy: Other circuits kept the parser busy for too long.
            Unavailable: The parser crashed, ran out of memory or hung; no fault of the circuit.
        """
        if not self._lock.acquire(timeout=QUEUE_TIMEOUT_S):
            raise TooBusy("other circuits are still being read", retry_after_s=RETRY_S)
        try:
            answer = self._ask({"text": text, "cpu_s": self._timeout_s})
        finally:
            self._lock.release()
        if "refused" in answer:
            raise BadInput(file=filename, **answer["refused"])
        record: dict[str, Any] = answer["record"]
        return record

    def close(self) -> None:
        """End the child process; the next call starts another."""
        with self._lock:
            self._kill()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        child = self._running()
        answer, late = _exchange(child, request, self._timeout_s)
        if answer is not None and "failed" not in answer:
            return answer
        self._kill()
        if late:
            cause = f"the circuit parser did not answer within {self._timeout_s:g} s"
        else:
            cause = answer["failed"] if answer is not None else "the circuit parser crashed"
        log.error("%s; text of %d characters", cause, len(request["text"]))
        raise Unavailable(f"{cause}: this is no fault of the circuit; try again, and report it if it stays")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._kill()
            path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
            # One thread: each arithmetic thread would take address space, and small matrices gain nothing.
            environment = {
                **os.environ,
                "PYTHONPATH": path,
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
            }
            self._child = subprocess.Popen(
                [sys.executable, "-m", "shared.circuit.parser_process", str(self._memory_bytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
            ready, _ = _exchange(self._child, None, START_TIMEOUT_S)
            if ready is None:
                self._kill()
                raise RuntimeError("the circuit parser process does not start")
        return self._child

    def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue


def _exchange(
    child: subprocess.Popen[bytes], request: dict[str, Any] | None, timeout_s: float
) -> tuple[dict[str, Any] | None, bool]:
    """Send a request if there is one and wait for a frame: the answer or None, and whether time ran out."""
    assert child.stdin is not None and child.stdout is not None
    late = threading.Event()

    def stop() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(timeout_s, stop)
    timer.daemon = True
    timer.start()
    try:
        if request is not None:
            _write(child.stdin, request)
        return _read(child.stdout), late.is_set()
    except (OSError, ValueError):
        return None, late.is_set()
    finally:
        timer.cancel()


def _write(pipe: IO[bytes], message: dict[str, Any]) -> None:
    body = json.dumps(message, separators=(",", ":")).encode()
    pipe.write(_LENGTH.pack(len(body)) + body)
    pipe.flush()


def _read(pipe: IO[bytes]) -> dict[str, Any] | None:
    """The next frame, or None at the end of the stream."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME:
        return None
    body = pipe.read(length)
    if len(body) < length:
        return None
    message: dict[str, Any] = json.loads(body)
    return message


def _limit_cpu(seconds: float) -> None:
    """Let this process use so many more seconds: a hung child dies even if its parent is gone."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _answer(text: str) -> dict[str, Any]:
    from shared.circuit.reader import read

    try:
        return {"record": read(text).to_json()}
    except BadInput as error:
        fields = ("rule", "line", "column", "hint")
        return {"refused": {name: getattr(error, name) for name in fields}}
    except MemoryError:
        return {"failed": "the circuit parser ran out of memory"}
    except Exception as error:
        return {"failed": f"the circuit parser failed with {type(error).__name__}: {error}"}


def main() -> None:
    """Answer frames until standard input ends."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.setrecursionlimit(RECURSION)
    # Whatever a library prints must not get between the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = sys.stdin.buffer
    for warm in (
        # An own gate under a library's name loads the matrices, too.
        'OPENQASM 2.0; include "qelib1.inc"; gate h a { x a; } qreg q[1]; h q[0];',
        "OPENQASM 3.0; qubit q; U(0, 0, 0) q;",
    ):
        _answer(warm)
    # Large circuits are many small objects: collecting while they grow would double the time.
    gc.disable()
    gc.collect()
    gc.freeze()
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    _write(answers, {"ready": True})
    while (request := _read(requests)) is not None:
        _limit_cpu(request["cpu_s"])
        _write(answers, _answer(request["text"]))
        gc.collect()


if __name__ == "__main__":
    main()
