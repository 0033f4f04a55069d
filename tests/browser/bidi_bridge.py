"""Stands between Playwright and a Firefox that lacks one command of WebDriver BiDi.

    python -m tests.browser.bidi_bridge /usr/bin/firefox-esr --remote-debugging-port=0 …

Playwright asks each page for `emulation.setMediaFeaturesOverride`, which Debian's firefox-esr (153)
does not know. A light system, which is what a Firefox without a screen has anyway, is answered here
with success; all else is the browser's own answer. A dark one is refused by name: a test of it
fails, and is not shown a light page as if it were dark. How many were answered is told at the end.

It looks like the browser to whoever starts it: same arguments, same line about where it listens.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Event, Ping, Request, TextMessage
from wsproto.utilities import LocalProtocolError

from cli import programs

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

ANSWERED = "emulation.setMediaFeaturesOverride"
_LISTENS = re.compile(rb"WebDriver BiDi listening on ws://127\.0\.0\.1:(\d+)")
_PIECE_BYTES = 65_536
#: A new profile on a machine that is busy.
_LAUNCH_MS = 120_000


class Side:
    """One of the two connections, message by message."""

    def __init__(
        self, kind: ConnectionType, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._protocol = WSConnection(kind)
        self._reader = reader
        self._writer = writer

    async def send(self, event: Event) -> None:
        self._writer.write(self._protocol.send(event))
        await self._writer.drain()

    async def events(self) -> AsyncIterator[Event]:
        while piece := await self._reader.read(_PIECE_BYTES):
            self._protocol.receive_data(piece)
            for event in self._protocol.events():
                if isinstance(event, Ping):
                    await self.send(event.response())
                else:
                    yield event

    async def messages(self) -> AsyncIterator[str]:
        """Whole ones, until the other end has closed."""
        text = ""
        async for event in self.events():
            if isinstance(event, CloseConnection):
                return
            if isinstance(event, TextMessage):
                text += event.data
                if event.message_finished:
                    yield text
                    text = ""

    def close(self) -> None:
        with suppress(LocalProtocolError):
            self._writer.write(self._protocol.send(CloseConnection(code=1000)))
        self._writer.close()


class Bridge:
    def __init__(self, browser_port: int) -> None:
        self._browser_port = browser_port
        self.answered = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """All that one client says, to the browser and back."""
        client = Side(ConnectionType.SERVER, reader, writer)
        browser = Side(
            ConnectionType.CLIENT,
            *await asyncio.open_connection("127.0.0.1", self._browser_port),
        )
        async for event in client.events():
            if isinstance(event, Request):
                address = f"127.0.0.1:{self._browser_port}"
                await browser.send(Request(host=address, target=event.target))
                break
        async for event in browser.events():
            if isinstance(event, AcceptConnection):
                await client.send(AcceptConnection())
                break
        ways = (self._to_browser(client, browser), self._to_client(browser, client))
        tasks = [asyncio.create_task(way) for way in ways]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        client.close()
        browser.close()

    async def _to_browser(self, client: Side, browser: Side) -> None:
        async for text in client.messages():
            answer = self.answer_to(json.loads(text))
            if answer is None:
                await browser.send(TextMessage(text))
            else:
                await client.send(TextMessage(json.dumps(answer)))

    async def _to_client(self, browser: Side, client: Side) -> None:
        async for text in browser.messages():
            await client.send(TextMessage(text))

    def answer_to(self, command: dict[str, Any]) -> dict[str, Any] | None:
        """None: it is the browser's to answer."""
        if command["method"] != ANSWERED:
            return None
        if command["params"]["features"].get("prefers-color-scheme") == "dark":
            told = "a dark system can't be had in this Firefox"
            return {"type": "error", "id": command["id"], "error": told, "message": told}
        self.answered += 1
        return {"type": "success", "id": command["id"], "result": {}}


def launched(playwright: Playwright, folder: Path) -> Browser:
    """A Firefox that Playwright drives through a bridge; `folder` is its home."""
    firefox = programs.PROGRAMS["firefox-esr"].place
    assert firefox, "firefox-esr is not on this machine"
    bridged = folder / "firefox"
    command = shlex.join([sys.executable, "-P", "-m", __name__, firefox])
    bridged.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    bridged.chmod(0o700)
    return playwright.firefox.launch(
        channel="moz-firefox",
        executable_path=bridged,
        timeout=_LAUNCH_MS,
        # As root it starts in no home but its own.
        env=dict(os.environ) | {"HOME": str(folder)},
        # Pages are light for a system that says nothing.
        firefox_user_prefs={"layout.css.prefers-color-scheme.content-override": 1},
    )


async def run(command: list[str]) -> int:
    """The browser, with what it says passed on; its exit status."""
    browser = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    assert browser.stderr is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, browser.terminate)
    bridge: Bridge | None = None
    async for line in browser.stderr:
        told = line
        if found := _LISTENS.search(line):
            bridge = Bridge(int(found[1]))
            server = await asyncio.start_server(bridge.carry, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            told = line.replace(found[1], str(port).encode())
        sys.stderr.buffer.write(told)
        sys.stderr.flush()
    status = await browser.wait()
    print(f"{ANSWERED} answered {bridge.answered if bridge else 0} times", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(asyncio.run(run(sys.argv[1:])))
