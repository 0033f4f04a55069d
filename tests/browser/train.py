"""People on trains post: the network is slow, loses what it carries and goes away; then the proof.

    python -m tests.browser.train --seeds 5
    python -m tests.browser.train --seeds 1 --latency-ms 0 --journeys reloaded

Each journey is one person with one post, in a thread and from an address of their own. A person
does what people do who look at their screen: they wait as long as something is said there, press
again when the form is open and what they wrote stands in it, and load the page anew when there is
nothing else. Exit status 1 when a post is not there, or twice; when what was written, or its
picture, is neither on the board nor in the form; or when a form that takes nothing says nothing.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Error, sync_playwright

from cli import programs
from templates.assets import asset_url
from tests.browser.visits import begun
from tests.browser.weak_network import Fate, WeakNetwork
from tests.cli.boards import RunningBoard
from tests.walk.board_process import BoardProcess, until_done
from tests.writer.media import hostile

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

LATENCY_S = 3.0
LOSS = 0.3
#: What a person does before they give up, which nobody should have to.
DEEDS_MAX = 20
#: How often a tab is closed, or loaded anew, after its first try has begun.
_BEGUN = 0.8
#: As long as anything may take: the pauses between tries grow to a minute.
PATIENCE_MS = 240_000
#: A page that does not come at all is asked for again.
PATIENCE_FOR_A_PAGE_MS = 30_000

#: What somebody sees who looks at the page: whether their text is posted, or in the form; or what
#: is said while it is neither. `silent` must not be: the form takes nothing, and says nothing.
_LOOKED = """text => {
    if (!location.protocol.startsWith("http")) {
        return {state: "no page"};
    }
    const form = document.querySelector("form[name=post]");
    const seen = (element) => element.checkVisibility() && element.textContent.trim();
    const told = [...document.querySelectorAll("[role=status], [role=alert]")]
        .filter(seen).map(seen);
    const has = (post) => post.textContent.includes(text);
    if ([...document.querySelectorAll("article.post .body")].some(has)) {
        return {state: "posted", told};
    }
    if (!form) {
        return {state: "no form", told};
    }
    if (form.inert || document.querySelector(".sending-line")) {
        return {state: told.length ? "waiting" : "silent", told};
    }
    const isWritten = form.elements.namedItem("body").value.includes(text);
    return {state: isWritten ? "written" : "empty", told};
}"""


@dataclass
class Trip:
    """One journey, and all that the person knows."""

    page: Page
    network: WeakNetwork
    draw: random.Random
    thread: int
    text: str
    javascript: bool
    picture: Path | None
    problems: list[str] = field(default_factory=list)
    #: What was said to the person, each sentence once.
    told: list[str] = field(default_factory=list)
    deeds: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"/b/res/{self.thread}.html"

    def write(self) -> None:
        """At the station, where the network is good."""
        self.page.goto(self.address)
        if self.javascript:
            begun(self.page)
            self.page.locator(f'a.post_no[href$="#q{self.thread}"]').click()
            self.page.locator(".reply-panel.quick").wait_for()
        self.page.locator("textarea[name=body]").fill(self.text)
        if self.picture:
            self.page.locator("#post-file1").set_input_files(self.picture)
        if self.javascript:
            self._wait_for_draft()
        self.network.weaken()

    def press(self) -> None:
        self.deeds.append("press")
        try:
            self.page.get_by_role("button", name="Post the reply").click(no_wait_after=True)
        except Error as ex:
            self.deeds.append(f"in vain: {ex.message.splitlines()[0]}")

    def load_anew(self) -> None:
        self.deeds.append("reload")
        try:
            self.page.reload(wait_until="domcontentloaded", timeout=PATIENCE_FOR_A_PAGE_MS)
        except Error as ex:
            self.deeds.append(f"in vain: {ex.message.splitlines()[0]}")

    def look(self) -> str:
        """What the person sees."""
        for _ in range(20):
            try:
                seen = self.page.evaluate(_LOOKED, self.text)
                break
            except Error:
                # Between two pages.
                self.page.wait_for_timeout(100)
        else:
            return "no page"
        self.told += [line for line in seen.get("told", ()) if line not in self.told]
        return str(seen["state"])

    def go_on(self) -> None:
        """Until the post stands on the page."""
        state = ""
        for _ in range(DEEDS_MAX):
            state = self._settled()
            if state == "posted":
                return
            if state == "written":
                self._look_for_picture()
                self.press()
            else:
                self.load_anew()
        self.problems.append(f"given up at {state!r}, after {self.deeds}")

    def _look_for_picture(self) -> None:
        """It comes back a little later than the text."""
        if not self.picture:
            return
        chosen = "() => document.querySelector('form[name=post] input[type=file]').files.length"
        try:
            self.page.wait_for_function(chosen, timeout=PATIENCE_MS / 4)
        except Error:
            self.problems.append("the text is still there, and its picture is not")

    def _settled(self) -> str:
        """What is seen when nothing moves by itself any more."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        last = ""
        while time.monotonic() < deadline:
            state = self.look()
            if state == last == "silent":
                self.problems.append("the form takes nothing and says nothing")
            if state not in ("waiting", "silent") and state == last:
                return state
            last = state
            self.page.wait_for_timeout(500)
        self.problems.append(f"still {last} after {PATIENCE_MS / 1000:.0f} s: {self.told[-1:]}")
        return last

    def _wait_for_draft(self) -> None:
        self.page.wait_for_function(
            "name => localStorage[name]", arg=f"stillboard:draft:b/{self.thread}"
        )
        self.page.evaluate(
            "async address => { await import(address); }", asset_url("scripts/sending.js")
        )


def in_time(trip: Trip) -> None:
    trip.write()
    trip.press()
    trip.go_on()


def offline(trip: Trip) -> None:
    """No network at the press; then it comes and goes."""
    trip.write()
    context = trip.page.context
    context.set_offline(True)
    trip.press()
    trip.page.get_by_text("You are offline. Your post is kept here").wait_for()
    trip.look()
    for _ in range(trip.draw.randrange(1, 3)):
        context.set_offline(False)
        trip.page.wait_for_timeout(1000 * trip.network.latency_s * trip.draw.random())
        context.set_offline(True)
        trip.page.wait_for_timeout(500)
    context.set_offline(False)
    trip.go_on()


def closed(trip: Trip) -> None:
    """The tab is closed in the middle, and the thread opened in another."""
    trip.write()
    trip.press()
    _somewhere_in_the_middle(trip)
    another = trip.page.context.new_page()
    trip.page.close()
    trip.deeds.append("another tab")
    trip.page = another
    try:
        another.goto(trip.address, wait_until="domcontentloaded")
    except Error as ex:
        trip.deeds.append(f"in vain: {ex.message.splitlines()[0]}")
    trip.go_on()


def reloaded(trip: Trip) -> None:
    trip.write()
    trip.press()
    _somewhere_in_the_middle(trip)
    trip.load_anew()
    trip.go_on()


def _somewhere_in_the_middle(trip: Trip) -> None:
    """Before it is sent, while it goes, while its answer comes, or between two tries."""
    has_begun = trip.draw.random() < _BEGUN
    while has_begun and not trip.network.posts:
        trip.page.wait_for_timeout(20)
    trip.page.wait_for_timeout(trip.draw.random() * 3 * trip.network.latency_s * 1000)


@dataclass(frozen=True)
class Journey:
    deed: Callable[[Trip], None]
    javascript: bool = True
    has_picture: bool = False


JOURNEYS = {
    "plain form": Journey(in_time, javascript=False),
    "plain form with a picture": Journey(in_time, javascript=False, has_picture=True),
    "quick reply": Journey(in_time),
    "with a picture": Journey(in_time, has_picture=True),
    "offline, then online": Journey(offline, has_picture=True),
    "closed": Journey(closed, has_picture=True),
    "reloaded": Journey(reloaded, has_picture=True),
}


@dataclass
class Arrival:
    """How a journey ended."""

    name: str
    seed: int
    posts: list[Fate]
    told: list[str]
    deeds: list[str]
    problems: list[str]

    def lines(self) -> list[str]:
        fates = ", ".join(fate.name.lower() for fate in self.posts)
        return [
            f"{self.name}, seed {self.seed}: tries {fates or 'none'}; {', '.join(self.deeds)}",
            *(f"    told: {line}" for line in self.told),
            *(f"    WRONG: {line}" for line in self.problems),
        ]


def travel(
    browser: Browser, board: BoardProcess, name: str, seed: int, *, latency_s: float, loss: float
) -> Arrival:
    """One person's journey, to the post that stands in its thread once."""
    journey = JOURNEYS[name]
    draw = random.Random(f"{seed} {name}")
    beginner, address = _an_address(draw), _an_address(draw)
    thread = int(board.post(board="b", address=beginner, body=f"{name} {seed}.")["id"])
    board.settle()
    text = f"From the train: {name}, {seed}."
    picture: Path | None = None
    if journey.has_picture:
        # On a disk, as people have theirs: where an error is loaded anew it is read again.
        picture = board.data.with_name(f"view-{thread}.png")
        picture.write_bytes(hostile.a_png(hostile.scene(160 + seed, 120)))
    network = WeakNetwork(
        board.running.port, seed=draw.randrange(2**32), latency_s=latency_s, loss=loss
    )
    with network, a_person(browser, network, address, javascript=journey.javascript) as context:
        trip = Trip(context.new_page(), network, draw, thread, text, journey.javascript, picture)
        journey.deed(trip)
        network.is_weak = False
        if journey.javascript:
            _look_into(trip)
    board.settle()
    posts = board.read(f"/b/res/{thread}.json")["posts"][1:]
    standing = [post for post in posts if post.get("raw") == text]
    if len(standing) != 1 or len(posts) != 1:
        trip.problems.append(f"{len(standing)} posts with its text, {len(posts)} in all")
    if picture and standing and not standing[0].get("tim"):
        trip.problems.append("the post stands without its picture")
    return Arrival(name, seed, network.posts, trip.told, trip.deeds, trip.problems)


def _an_address(draw: random.Random) -> str:
    """Nobody else's: whoever posts twice within seconds is told to wait, and so are neighbours."""
    return ".".join(["10", *(str(draw.randrange(1, 255)) for _ in range(3))])


@contextmanager
def a_person(
    browser: Browser, network: WeakNetwork, address: str, *, javascript: bool
) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=network.url,
        java_script_enabled=javascript,
        extra_http_headers={"X-Forwarded-For": address},
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


def _look_into(trip: Trip) -> None:
    """Nothing waits any more, and nothing is kept of what was posted."""
    kept = """() => Object.keys(localStorage).filter(
        name => name.startsWith("stillboard:draft") || name === "stillboard:outbox-waits")"""
    try:
        trip.page.wait_for_function(f"() => ({kept})().length === 0", timeout=PATIENCE_MS)
    except Error:
        trip.problems.append(f"left behind: {trip.page.evaluate(kept)}")


@contextmanager
def a_board() -> Iterator[BoardProcess]:
    """One that keeps to its limits: by them it knows a form that comes twice and has no key."""
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        running = RunningBoard(Path(folder) / "data", STILLBOARD_TRUSTED_PROXIES="127.0.0.1")
        with until_done(running) as board:
            yield board


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--latency-ms", type=int, default=int(LATENCY_S * 1000))
    parser.add_argument("--loss", type=float, default=LOSS)
    parser.add_argument("--journeys", nargs="*", default=list(JOURNEYS), choices=list(JOURNEYS))
    chosen = parser.parse_args()
    arrivals: list[Arrival] = []
    with a_board() as board, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=programs.PROGRAMS["chromium"].place, args=["--no-sandbox"]
        )
        for seed in range(chosen.first_seed, chosen.first_seed + chosen.seeds):
            for name in chosen.journeys:
                arrivals.append(
                    travel(
                        browser,
                        board,
                        name,
                        seed,
                        latency_s=chosen.latency_ms / 1000,
                        loss=chosen.loss,
                    )
                )
                print("\n".join(arrivals[-1].lines()), flush=True)
        browser.close()
    wrong = [arrival for arrival in arrivals if arrival.problems]
    tries = [fate for arrival in arrivals for fate in arrival.posts]
    cut = sum(fate is not Fate.PASSES for fate in tries)
    print(f"{len(arrivals)} journeys, {len(wrong)} with a fault; {len(tries)} tries, {cut} cut")
    print(f"processor of this process and its children: {sum(os.times()[:4]):.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
