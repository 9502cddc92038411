"""A TCP proxy whose connections can go silent without being closed."""

from __future__ import annotations

import asyncio
import contextlib
import threading

from scheduler.embedded import ports


class Proxy:
    """Forwards to an address until it is told to swallow what is sent, in both directions."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._generation = self._deaf_below = 0
        self._refusing = False
        self.port = ports.choose()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def silence(self, *, new_too: bool = False) -> None:
        """Every connection there is goes silent, and while `new_too` those made later."""
        self._deaf_below = self._generation + 1
        self._refusing = new_too

    def heal(self) -> None:
        """Connections made from now on work; those that went silent never speak again."""
        self._refusing = False

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._serve, ports.LOOPBACK, self.port))
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(self._loop), return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._generation += 1
        number = self._generation
        if self._refusing:
            self._deaf_below = number + 1
        to_reader, to_writer = await asyncio.open_connection(*self._address)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(
                self._pump(number, reader, to_writer), self._pump(number, to_reader, writer)
            )

    async def _pump(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                if number >= self._deaf_below:
                    writer.write(data)
                    await writer.drain()
        finally:
            if number >= self._deaf_below:
                writer.close()
