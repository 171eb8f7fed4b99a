"""A line to a mail server that is cut at random moments: after so many bytes, either way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread


class Cutter:
    """Passes bytes on between a caller and a server; some connections end in the middle."""

    def __init__(self, to: int, dice: random.Random, share: float, longest: int) -> None:
        self.to, self.dice, self.share, self.longest = to, dice, share, longest
        self.port = self.calls = self.cuts = 0

    async def serve(self, caller: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends, or its bytes are used up."""
        self.calls += 1
        left = [self.dice.randrange(self.longest)] if self.dice.random() < self.share else [-1]
        with suppress(OSError):
            answers, server = await asyncio.open_connection("127.0.0.1", self.to)
            both = (self._pass(caller, server, left), self._pass(answers, back, left))
            tasks = [asyncio.ensure_future(each) for each in both]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            self.cuts += left[0] == 0
            for writer in (server, back):
                writer.transport.abort()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, left: list[int]
    ) -> None:
        while left[0] and (some := await source.read(4096)):
            if left[0] > 0:
                some = some[: left[0]]
                left[0] -= len(some)
            sink.write(some)
            await sink.drain()


@contextmanager
def cut(
    to: int, dice: random.Random, share: float = 1.0, longest: int = 200_000
) -> Iterator[Cutter]:
    """Listen before a server; `share` of the connections end within `longest` bytes."""
    cutter, loop = Cutter(to, dice, share, longest), asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(cutter.serve, "127.0.0.1", 0))
    cutter.port = server.sockets[0].getsockname()[1]
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield cutter
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.1))
        loop.close()
