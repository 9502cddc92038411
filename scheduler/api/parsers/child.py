"""One parser process from the API's side: started on demand, killed when it hangs."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

import psutil

from novacron.errors import Unavailable
from scheduler.api.parsers import frames
from scheduler.api.parsers.frames import Answer, Request
from shared.settings import Settings

log = logging.getLogger("novacron.intake")

START_S: Final = 120.0
TIMEOUT_S: Final = 120.0
"""Processor seconds of a request, and seconds without any processor time after which a process counts as
hung; it is measured from the first timeout on.

Size and work limits bound the input. Wall time says nothing: on a busy machine a process of low priority may
get a hundredth of a core.
"""
_ROOT: Final = Path(__file__).resolve().parents[3]
NO_FAULT: Final = "this is not caused by the request; retry, and report it if it persists"


class Child:
    """A parser process; serves one request at a time.

    Args:
        settings: the installation's settings.
        timeout_s: time without processor time after which the process counts as hung.
    """

    def __init__(self, settings: Settings, timeout_s: float = TIMEOUT_S) -> None:
        self._settings = settings
        self._timeout_s = timeout_s
        self._process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Process id; None while it does not run."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start the process unless it runs.

        Raises:
            Unavailable: it does not start.
        """
        async with self._starting:
            if self.pid is None:
                self._process = await self._started()

    async def ask(self, head: Request, chunks: Sequence[bytes]) -> tuple[Answer, bytes]:
        """Send a request; return the head and the body of the response.

        Raises:
            Unavailable: the process crashed, ran out of memory or hung.
        """
        await self.start()
        process = self._process
        assert process is not None
        answering = asyncio.ensure_future(_exchange(process, head, chunks))
        try:
            # Not read before the first timeout: it visits all processes of the machine.
            used_s: float | None = None
            while not (await asyncio.wait([answering], timeout=self._timeout_s))[0]:
                before_s, used_s = used_s, _processor_s(process.pid)
                if used_s == before_s:
                    raise TimeoutError
            answer, body = answering.result()
        except TimeoutError:
            await self.end()
            raise self._failure(f"the parser process hung for {self._timeout_s:g} s") from None
        except (asyncio.IncompleteReadError, OSError):
            await self.end()
            raise self._failure("the parser process crashed") from None
        except BaseException:
            await self.end()
            raise
        finally:
            answering.cancel()
        return answer, body

    async def end(self) -> None:
        """Kill the process; the next request starts another."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _started(self) -> asyncio.subprocess.Process:
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        # One thread: each BLAS or OpenMP thread would take address space, and small matrices gain nothing.
        alone = {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "scheduler.api.parsers",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env={**os.environ, **alone},
        )  # fmt: skip
        try:
            async with asyncio.timeout(START_S):
                assert process.stdin is not None
                settings = json.dumps(asdict(self._settings)).encode()
                process.stdin.write(frames.opening({}, len(settings)) + settings)
                await _read(process)
        except BaseException as error:
            if process.returncode is None:
                process.kill()
            await process.wait()
            if isinstance(error, TimeoutError | asyncio.IncompleteReadError | OSError):
                raise self._failure("the parser process does not start") from None
            raise
        return process

    def _failure(self, cause: str) -> Unavailable:
        log.error("%s", cause)
        return Unavailable(f"{cause}: {NO_FAULT}")


async def _exchange(
    process: asyncio.subprocess.Process, head: Request, chunks: Sequence[bytes]
) -> tuple[Answer, bytes]:
    assert process.stdin is not None
    process.stdin.write(frames.opening(head, frames.size(chunks)))
    for chunk in chunks:
        process.stdin.write(chunk)
        await process.stdin.drain()
    return await _read(process)


def _processor_s(pid: int) -> float:
    """Processor seconds that a process and its running children have used."""
    used_s = 0.0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (process, *process.children()):
            with suppress(psutil.Error):
                times = one.cpu_times()
                used_s += times.user + times.system
    return used_s


async def _read(process: asyncio.subprocess.Process) -> tuple[Answer, bytes]:
    assert process.stdout is not None
    head_bytes, body_bytes = frames.LENGTHS.unpack(await process.stdout.readexactly(frames.LENGTHS.size))
    head: Answer = json.loads(await process.stdout.readexactly(head_bytes))
    return head, await process.stdout.readexactly(body_bytes)
