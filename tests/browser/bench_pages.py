"""What a thread costs its reader's browser: paints, tasks, answers to a press, memory, polls.

    python -m tests.browser.bench_pages --runs 5 --idle
    python -m tests.browser.bench_pages --runs 0 --idle

A board of its own, through its nginx; Chromium on a network of 1.6 Mbit/s down, 0.75 up and 150 ms
(`--latency-ms 562`: what Chrome's own "Slow 4G" adds to each request), its processor slowed down
four times. Tasks are told by the processor time of the page's main thread, which others on the
machine do not lengthen (Chromium slows it down by keeping it busy); paints and presses are told by
the clock, and the load of the machine beside them. Medians of the runs, the least and the most.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from cli import programs
from imageboard.addresses import thread_latest_path
from templates.assets import asset_url
from tests.browser.visits import begun
from tests.edge_twin.running import a_board_behind_an_edge
from tests.walk.board_process import BoardProcess, Upload, a_board_process
from tests.writer.media import hostile

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, CDPSession

#: As a phone of the middle sort shows it.
SCREEN: dict[str, Any] = {"viewport": {"width": 412, "height": 823}, "device_scale_factor": 1.75}
DOWN_BYTES = 1_600_000 / 8
UP_BYTES = 750_000 / 8
LATENCY_MS = 150
SLOWER = 4
#: A task that takes longer blocks its reader, by the part above.
BLOCKING_MS = 50
IDLE_S = 30
LINE = "The water was so still that the far shore stood in it. "
TABS = 50
EDGE_POSTS = 20

OBSERVED = """
    window.seen = {paint: 0, shift: 0, events: []};
    const watch = (type, note, more) => new PerformanceObserver(
        (list) => list.getEntries().forEach(note)).observe({type, buffered: true, ...more});
    watch("largest-contentful-paint", (entry) => { seen.paint = entry.startTime; });
    watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shift += entry.value; });
    watch("event", (entry) => { if (entry.interactionId) seen.events.push(entry.duration); },
        {durationThreshold: 16});
"""
BEGUN = """import(%s).then(() => import(%s)).then((posts) => posts.allSeen())"""
COMES = """new Promise((done) => {
    const look = () => document.getElementById("%s") && done();
    new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
    look();
})"""
#: A frame each, as fast as the page can: 30 of 2,000 px, then its end and its beginning.
SCROLLED = """new Promise((done) => {
    let frame = 0;
    const step = () => {
        frame += 1;
        if (frame <= 30) scrollBy(0, 2000);
        if (frame === 34) scrollTo(0, document.documentElement.scrollHeight);
        if (frame === 38) scrollTo(0, 0);
        if (frame === 42) done(); else requestAnimationFrame(step);
    };
    step();
})"""
CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]


@dataclass(frozen=True)
class Threads:
    """Two of /b/: fifty replies with ten pictures, a thousand with three hundred for the runs."""

    short: int
    long: int


def fill(board: BoardProcess, runs: int) -> Threads:
    pictures = [hostile.a_png(hostile.scene(640 + n, 480)) for n in range(20)]

    def a_thread(replies: int, pictures_each: tuple[int, int]) -> int:
        no = int(board.post(board="b", subject="Out of the window", body="What do you see?")["id"])
        share, of = pictures_each
        for n in range(replies):
            files = [Upload(f"{n}.png", pictures[n % 20])] if n % of < share else []
            text = f">>{no + n}\n" + "The water was so still that the far shore stood in it. " * (
                n % 4 + 1
            )
            board.post(board="b", thread=no, body=text, email="sage", files=files)
        return no

    threads = Threads(a_thread(50, (1, 5)), a_thread(1000 if runs else 0, (3, 10)))
    board.settle()
    return threads


class Reader:
    """One page, its network and processor slowed down, and what CDP tells of it."""

    def __init__(self, browser: Browser, context: BrowserContext, latency_ms: int) -> None:
        self._browser = browser
        self.page = context.new_page()
        self.cdp: CDPSession = context.new_cdp_session(self.page)
        self.cdp.send("Network.enable")
        self.cdp.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": latency_ms,
                "downloadThroughput": DOWN_BYTES,
                "uploadThroughput": UP_BYTES,
            },
        )
        self.cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        self.page.add_init_script(OBSERVED)

    def tasks_ms(self, what: Callable[[], object]) -> list[float]:
        """Processor times of the main thread's tasks meanwhile, the longest first."""
        self._browser.start_tracing(page=self.page, categories=CATEGORIES)
        what()
        events = json.loads(self._browser.stop_tracing())["traceEvents"]
        mains = {
            (each["pid"], each["tid"])
            for each in events
            if each["name"] == "thread_name" and each["args"]["name"] == "CrRendererMain"
        }
        tasks = [
            each["tdur"] / 1000
            for each in events
            # Each task stands there twice, the other time as `ThreadControllerImpl::RunTask`.
            if each["name"] == "RunTask" and (each["pid"], each["tid"]) in mains and "tdur" in each
        ]
        return sorted(tasks, reverse=True)

    def wait_for(self, promise: str) -> None:
        """Of the page. Playwright's own ways search all of its posts, which is a long task."""
        told = self.cdp.send("Runtime.evaluate", {"expression": promise, "awaitPromise": True})
        assert "exceptionDetails" not in told, told

    def seen(self, what: str) -> Any:
        return self.page.evaluate(f"seen.{what}")

    def answers_ms(self, press: Callable[[], object]) -> float:
        """How long a press took until its frame was painted, in steps of 8; 0: less than 16."""
        self.page.evaluate("seen.events.length = 0")
        press()
        # Two frames and a task later the observer has heard of it.
        self.page.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame("
            "() => setTimeout(done, 100))))"
        )
        return max(self.seen("events"), default=0)


@contextmanager
def a_reader(browser: Browser, url: str, latency_ms: int) -> Iterator[Reader]:
    context = browser.new_context(base_url=url, service_workers="block", **SCREEN)
    context.set_default_timeout(120_000)
    yield Reader(browser, context, latency_ms)
    context.close()


def page_of(thread: int) -> str:
    return f"/b/res/{thread}.html"


def begun_here() -> str:
    """A promise of the page: all that its scripts do by themselves has begun."""
    start, posts = (json.dumps(asset_url(f"scripts/{name}.js")) for name in ("start", "posts"))
    return BEGUN % (start, posts)


def loading(reader: Reader, path: str, begun_there: str) -> dict[str, float]:
    """A first visit, with all that scripts do by themselves at its beginning."""

    def visit() -> None:
        answer = reader.page.goto(path, wait_until="load")
        assert answer, path
        assert answer.status < 400, path
        reader.wait_for(begun_there)
        reader.page.wait_for_timeout(1000)

    tasks = reader.tasks_ms(visit)
    return {
        "largest paint, ms": reader.seen("paint"),
        "layout shift": reader.seen("shift"),
        "blocking, ms": sum(max(0, each - BLOCKING_MS) for each in tasks),
        "longest task while loading, ms": tasks[0],
    }


def pressing(reader: Reader, thread: int) -> dict[str, float]:
    page = reader.page
    reply = page.locator(f'[id="{thread + 2}"]')
    presses = {
        "quick reply": lambda: reply.locator("a.post_no").last.click(),
        "Escape": lambda: page.keyboard.press("Escape"),
        "expand a picture": lambda: page.locator("a.file-link").first.click(),
        "close it": lambda: page.locator("a.file-link").first.click(),
        "post's menu": lambda: reply.locator(".post-menu-button").click(),
        "hide the post": lambda: reply.get_by_role("menuitem", name="Hide this post").first.click(),
        "watch the thread": lambda: page.locator("button.watch").first.click(),
        "keys": lambda: page.keyboard.press("?"),
    }
    return {f"{name}, ms": reader.answers_ms(press) for name, press in presses.items()}


def scrolling(reader: Reader) -> dict[str, float]:
    tasks = reader.tasks_ms(lambda: reader.wait_for(SCROLLED))
    return {
        "longest task while scrolling, ms": tasks[0],
        "blocking while scrolling, ms": sum(max(0, each - BLOCKING_MS) for each in tasks),
    }


def updating(reader: Reader, board: BoardProcess, thread: int) -> dict[str, float]:
    def update() -> None:
        no = board.post(board="b", thread=thread, body=f">>{thread}\nNew.", email="sage")["id"]
        reader.wait_for(COMES % no)
        reader.page.wait_for_timeout(500)

    return {"longest task while updating, ms": reader.tasks_ms(update)[0]}


def memory(browser: Browser, reader: Reader) -> dict[str, float]:
    """Of JavaScript, and of the page's whole process: its share of pages that it shares (PSS)."""
    reader.cdp.send("HeapProfiler.collectGarbage")
    reader.cdp.send("Performance.enable")
    metrics = reader.cdp.send("Performance.getMetrics")["metrics"]
    heap = next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize")
    return {
        "JavaScript's heap, MB": heap / 1e6,
        "page's process (PSS), MB": pss_bytes(browser) / 1e6,
    }


def pages_process(browser: Browser) -> int:
    """Of one page alone: the renderer that has worked most."""
    told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    renderers = [each for each in told if each["type"] == "renderer"]
    return int(max(renderers, key=lambda each: each["cpuTime"])["id"])


def pss_bytes(browser: Browser) -> int:
    rollup = Path(f"/proc/{pages_process(browser)}/smaps_rollup").read_text()
    return 1024 * int(rollup.split("\nPss:")[1].split()[0])


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idling(browser: Browser, reader: Reader) -> dict[str, float]:
    """A tab that is looked at while nothing happens: each look is answered by 304."""
    sizes: list[int] = []
    reader.cdp.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    reader.cdp.on(
        "Network.responseReceivedExtraInfo",
        lambda told: sizes.append(len(told.get("headersText", ""))),
    )
    pid = pages_process(browser)
    before_s = cpu_s(pid)
    reader.page.wait_for_timeout(IDLE_S * 1000)
    return {
        "idle tab's processor, %": 100 * (cpu_s(pid) - before_s) / IDLE_S,
        "looks a minute": len(sizes) * 60 / IDLE_S,
        "bytes an idle look": statistics.median(sizes),
    }


def many_tabs(browser: Browser, board: BoardProcess, thread: int) -> dict[str, float]:
    context = browser.new_context(base_url=board.url, service_workers="block", **SCREEN)
    context.set_default_timeout(120_000)
    asked: list[float] = []
    context.on("request", lambda made: asked.append(time.monotonic()))
    pages = [context.new_page() for _ in range(TABS)]
    for page in pages:
        page.goto(f"/b/res/{thread}.html")
        begun(page)
    asked.clear()
    pages[0].wait_for_timeout(IDLE_S * 1000)
    context.close()
    return {f"requests a minute of {TABS} tabs": len(asked) * 60 / IDLE_S}


def through_the_edge(browser: Browser) -> dict[str, float]:
    """From when the feed at the origin has a post until a reader has it on screen."""
    seen_s: list[float] = []
    with a_board_behind_an_edge() as behind:
        thread = int(behind.board.post(board="b", body="For two.")["id"])
        behind.board.settle()
        feed = behind.board.web_root / thread_latest_path("b", thread)
        context = browser.new_context(base_url=behind.url, service_workers="block")
        page = context.new_page()
        page.goto(f"/b/res/{thread}.html")
        begun(page)
        for n in range(EDGE_POSTS):
            # Somewhere between two looks.
            page.wait_for_timeout(n * 2200 / EDGE_POSTS)
            no = behind.board.post(board="b", thread=thread, body=f"Number {n}.")["id"]
            while f'"no":{no},' not in feed.read_text():
                time.sleep(0.005)
            at_origin = time.monotonic()
            page.locator(f'[id="{no}"]').wait_for()
            seen_s.append(time.monotonic() - at_origin)
        context.close()
    return {
        "through the edge, s from origin to screen, median": statistics.median(seen_s),
        "and at most": max(seen_s),
    }


def one_run(
    browser: Browser, board: BoardProcess, threads: Threads, latency_ms: int
) -> dict[str, float]:
    found: dict[str, float] = {}
    with a_reader(browser, board.url, latency_ms) as reader:
        found |= {
            f"50 replies: {k}": v
            for k, v in loading(reader, page_of(threads.short), begun_here()).items()
        }
        found |= {f"50 replies: {k}": v for k, v in pressing(reader, threads.short).items()}
    with a_reader(browser, board.url, latency_ms) as reader:
        of_long = loading(reader, page_of(threads.long), begun_here()) | scrolling(reader)
        of_long |= updating(reader, board, threads.long) | memory(browser, reader)
        of_long |= pressing(reader, threads.long)
        found |= {f"1,000 replies: {k}": v for k, v in of_long.items()}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--latency-ms", type=int, default=LATENCY_MS)
    parser.add_argument("--idle", action="store_true", help="idle tabs too: two minutes more")
    parser.add_argument("--edge", action="store_true", help="two readers behind a CDN too")
    chosen = parser.parse_args()
    with a_board_process() as board, sync_playwright() as playwright:
        threads = fill(board, chosen.runs)
        browser = playwright.chromium.launch(
            executable_path=programs.PROGRAMS["chromium"].place, args=["--no-sandbox"]
        )
        runs = []
        for _ in range(chosen.runs):
            runs.append(one_run(browser, board, threads, chosen.latency_ms))
            print(f"load {os.getloadavg()[0]:.1f}", flush=True)
        for name in runs[0] if runs else ():
            found = sorted(run[name] for run in runs)
            print(f"{name}: {statistics.median(found):.3g} ({found[0]:.3g} to {found[-1]:.3g})")
        if chosen.edge:
            for name, value in through_the_edge(browser).items():
                print(f"{name}: {value:.3g}")
        if chosen.idle:
            with a_reader(browser, board.url, chosen.latency_ms) as reader:
                loading(reader, page_of(threads.short), begun_here())
                for name, value in idling(browser, reader).items():
                    print(f"{name}: {value:.3g}")
            for name, value in many_tabs(browser, board, threads.short).items():
                print(f"{name}: {value:.3g}")
        browser.close()


if __name__ == "__main__":
    main()
