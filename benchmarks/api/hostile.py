"""Denial-of-service loads on an API: `python -m benchmarks.api.hostile PORT`, token on stdin.

Each kind of load is a separate task that runs until stopped: JSON bombs, circuits that are slow to parse,
bodies without a token, and connections with half a request. At the end the statuses of the responses are
printed, as JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections import Counter, defaultdict

EXPLAIN, EXECUTE = "/api/quantum/explain", "/api/quantum/circuits/execute"
OCSP = "/api/crypto/certificates/certificate_1/ocsp"
ONES = b"[" + b"1," * (15 << 20) + b"1]"
KEYS = b"{" + b",".join(b'"%07d":1' % n for n in range(2_200_000)) + b"}"
SLOW = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit q;\n' + "inv @ inv @ x q;\n" * 25_000
CIRCUIT = json.dumps({"circuit": SLOW}).encode()
PAUSE_S = 0.2
N_SLOW, N_HALF = 45, 1100


class Hostile:
    """The loads, and the responses to each."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token
        self.answers: dict[str, Counter[str]] = defaultdict(Counter)

    async def run(self) -> None:
        """Run until cancelled."""
        loads = [
            self._again("ones", EXPLAIN, ONES), self._again("keys", EXPLAIN, KEYS),
            self._again("ocsp", OCSP, b"x" * (32 << 20), token=False),
            *(self._again("slow circuits", EXECUTE, CIRCUIT) for _ in range(N_SLOW)),
            *(self._half() for _ in range(N_HALF)),
        ]  # fmt: skip
        await asyncio.gather(*loads)

    async def _again(self, what: str, path: str, body: bytes, *, token: bool = True) -> None:
        while True:
            try:
                status = await self._post(path, body, token=token)
            except (OSError, asyncio.IncompleteReadError):
                status = "closed"
            self.answers[what][status] += 1
            await asyncio.sleep(PAUSE_S)

    async def _post(self, path: str, body: bytes, *, token: bool) -> str:
        """Return the status of the response."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            head = f"POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
            if token:
                head += f"Authorization: Bearer {self._token}\r\n"
            writer.write(head.encode() + b"\r\n")
            writer.write(body)
            return (await reader.readuntil(b"\r\n")).split()[1].decode()
        finally:
            writer.close()

    async def _half(self) -> None:
        """Send half a request, hold it open until the server closes it, and repeat."""
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                try:
                    writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Half: ")
                    answer = await reader.read(100)
                    self.answers["half-sent"][answer.split(b" ")[1].decode() if answer else "closed"] += 1
                finally:
                    writer.close()
            await asyncio.sleep(PAUSE_S)


async def main() -> None:
    """Run the loads until SIGTERM."""
    hostile = Hostile(int(sys.argv[1]), sys.stdin.readline().strip())
    task = asyncio.create_task(hostile.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
    sys.stdout.write(json.dumps(hostile.answers))


if __name__ == "__main__":
    asyncio.run(main())
