"""A server that stands between two others, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Self


@dataclass
class InBetween(ABC):
    """A context; each connection to its `port` is given to `serve`."""

    _loop: asyncio.AbstractEventLoop = field(init=False, default_factory=asyncio.new_event_loop)
    port: int = field(init=False, default=0)

    @abstractmethod
    async def serve(self, asking: asyncio.StreamReader, answering: asyncio.StreamWriter) -> None:
        """One connection, until it ends; called off, it closes at once what it has opened."""

    def __enter__(self) -> Self:
        listening = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listening,))
        self._thread.start()
        listening.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _serve(self, asking: asyncio.StreamReader, answering: asyncio.StreamWriter) -> None:
        try:
            await self.serve(asking, answering)
        except asyncio.CancelledError:
            # At the end. Python 3.11 would log it.
            pass
        finally:
            answering.close()

    def _run(self, listening: threading.Event) -> None:
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        listening.set()
        self._loop.run_forever()
        server.close()
        # One that was just accepted has its task a moment later.
        while tasks := asyncio.all_tasks(self._loop):
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.wait(tasks))
        # What they have closed is closed in the loop's next turn.
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()
