"""A visit to the board, with a look over the reader's shoulder."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pytest
from PIL import Image

from templates.assets import asset_url

if TYPE_CHECKING:
    from playwright.sync_api import (
        Browser,
        ConsoleMessage,
        Expect,
        FloatRect,
        Locator,
        LocatorAssertions,
        Page,
        Request,
        Response,
        ViewportSize,
    )

#: Said where a visit does not want the service worker.
BLOCKED = "Service Worker registration blocked by Playwright"
#: In the words of Chromium and of Firefox.
CALLED_OFF = {"net::ERR_ABORTED", "NS_BINDING_ABORTED", "NS_ERROR_ABORT"}
#: What a request is told where there is no network.
OFFLINE = {"net::ERR_INTERNET_DISCONNECTED", "NS_ERROR_OFFLINE"}
#: Only what never comes takes as long.
WAIT_MS = 180_000


def expect(place: Locator) -> LocatorAssertions:
    """Playwright's, as patient as all else here."""
    return _patient_expect()(place)


@cache
def _patient_expect() -> Expect:
    # Here, since most test processes have no use for it.
    from playwright.sync_api import expect

    expect.set_options(timeout=WAIT_MS)
    return expect


#: The script of the page's head, once more: whoever imports it waits until all has begun.
_BEGUN = """async ([start, posts]) => {
    await import(start);
    await (await import(posts)).allSeen();
}"""


def begun(page: Page) -> None:
    """Wait until every feature of the page has begun, and has seen every post.

    One that can't be loaded is not waited for.

    Before that a button, a key or a link does what it does without scripts, or nothing.
    """
    page.evaluate(_BEGUN, [asset_url(f"scripts/{name}.js") for name in ("start", "posts")])


#: In the page, since a promise is true to Playwright's own wait, whatever it comes to.
_UNTIL = """async ([asked, arg, wait_ms]) => {
    const isSo = %s;
    const end = performance.now() + wait_ms;
    while (!(await isSo(arg))) {
        if (performance.now() > end) throw new Error(`never came: ${asked}`);
        await new Promise((goOn) => setTimeout(goOn, 20));
    }
}"""


def until(page: Page, asked: str, arg: object = None) -> None:
    """Wait until an async function of JavaScript says so of the page, which stays meanwhile."""
    page.evaluate(_UNTIL % f"({asked})", [asked, arg, WAIT_MS])


def pictures_there(page: Page) -> None:
    """Wait until all of them are drawn, also those that would come once somebody scrolls there."""
    page.evaluate(
        """Promise.all([...document.images].map(image => {
            image.loading = "eager";
            return image.decode();
        }))"""
    )


def painted(page: Page, clip: FloatRect | None = None) -> Image.Image:
    """What is to be seen in the window, or in a part of it.

    PERF: Chromium packs it for speed; as Playwright asks for it, a picture takes it 100 ms of CPU.
    """
    browser = page.context.browser
    if browser and browser.browser_type.name == "firefox":
        body = page.screenshot(clip=clip)
    else:
        devtools = page.context.new_cdp_session(page)
        asked: dict[str, Any] = {"format": "png", "optimizeForSpeed": True}
        if clip:
            asked["clip"] = {**clip, "scale": 1}
        body = base64.b64decode(devtools.send("Page.captureScreenshot", asked)["data"])
        devtools.detach()
    return Image.open(io.BytesIO(body)).convert("RGB")


@dataclass
class Shoulder:
    """What went wrong while a page was looked at, in the browser's own words."""

    page: Page
    #: Statuses that the test asks for: a refused form is no fault.
    expected_statuses: set[int] = field(default_factory=set)
    #: And what it does to the network, as Chromium names it: "net::ERR_INTERNET_DISCONNECTED". Who
    #: looks for news may be told of it at any time, also once the network is back.
    expected_failures: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        # A violation of the Content-Security-Policy is an error on the console.
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("requestfailed", self._note_failed)
        self.page.on("response", self._note_response)

    def _note_console(self, message: ConsoleMessage) -> None:
        text = message.text
        statuses = self._expected_of(message.location.get("url", ""))
        expected = {f"status of {status} " for status in statuses} | self.expected_failures
        is_expected = text == BLOCKED or any(words in text for words in expected)
        if message.type in ("error", "warning") and not is_expected:
            self.faults.append(f"console: {text}")

    def _note_failed(self, request: Request) -> None:
        # The reader went on before it came (an icon, mostly): the browser called it off itself. And
        # scripts that a page names beforehand it refuses as "csp" where there is no JavaScript;
        # what a policy forbids is told on the console.
        if request.failure not in CALLED_OFF | {"csp"} | self.expected_failures:
            self.faults.append(f"no answer: {request.url} ({request.failure})")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected_of(response.url):
            self.faults.append(f"{response.status}: {response.url}")

    def _expected_of(self, url: str) -> set[int]:
        # Of a thread that is just begun scripts ask whether its page is there; its feed comes a
        # moment after that, and they know.
        is_awaited = url.endswith(".latest.json") or "?seen=" in url
        return self.expected_statuses | ({404} if is_awaited else set())


class Visited(Protocol):
    """A board, by the address at which readers find it."""

    @property
    def url(self) -> str: ...


@contextmanager
def a_visit(
    browser: Browser,
    board: Visited,
    *,
    javascript: bool,
    viewport: ViewportSize | None = None,
    colour_scheme: Literal["light", "dark"] = "light",
    keeps_threads: bool = False,
) -> Iterator[Shoulder]:
    """A browser of somebody who was never here before. At the end nothing has gone wrong.

    `keeps_threads`: with the service worker, past which a test's routes do not get.
    """
    if browser.browser_type.name == "firefox" and not javascript:
        pytest.skip("by WebDriver BiDi, this Firefox can't do without scripts")
    context = browser.new_context(
        base_url=board.url,
        java_script_enabled=javascript,
        viewport=viewport,
        color_scheme=colour_scheme,
        service_workers="allow" if keeps_threads else "block",
    )
    context.set_default_timeout(WAIT_MS)
    shoulder = Shoulder(context.new_page())
    shoulder.watch()
    try:
        yield shoulder
    finally:
        context.close()
    assert not shoulder.faults, shoulder.faults
