"""A thread's page beside another engine's of the same thread: weights, paints, tasks, memory.

    python -m tests.browser.bench_beside FOLDER --runs 5

FOLDER has thread_50.html and thread_1000.html of the other engine, with whatever they link to by
addresses that begin with "/". An nginx of its own serves it: gzip as nginx does it when told to,
nothing said of caches. Both are measured in turns, as `bench_pages` measures ours: what both have,
and no more. Weights are those of Resource Timing: bodies as they came, and 300 bytes an answer.
"""

from __future__ import annotations

import argparse
import getpass
import os
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from cli import programs
from deploy.embedded.service import free_port
from tests.browser.bench_pages import (
    LATENCY_MS,
    Reader,
    a_reader,
    begun_here,
    fill,
    loading,
    memory,
    page_of,
    scrolling,
)
from tests.nginx.front import Front
from tests.walk.board_process import a_board_process

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: Its scripts do at the page's load what they do.
BEGUN_THERE = "true"
CONF = """
daemon off; worker_processes 1; user %(user)s; pid %(run)s/nginx.pid; error_log stderr crit;
events {}
http {
    types { text/html html; text/css css; application/javascript js; image/png png;
        image/jpeg jpg; image/gif gif; image/webp webp; image/avif avif; font/woff2 woff2; }
    access_log off;
    client_body_temp_path %(run)s; proxy_temp_path %(run)s; fastcgi_temp_path %(run)s;
    uwsgi_temp_path %(run)s; scgi_temp_path %(run)s;
    gzip on; gzip_types text/css application/javascript;
    server { listen 127.0.0.1:%(port)d; root "%(pages)s"; }
}
"""
#: More answers than Chromium keeps of itself: a long thread has as many pictures.
KEPT = "performance.setResourceTimingBufferSize(10000)"
WEIGHED = """() => {
    const [page] = performance.getEntriesByType("navigation");
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    const all = [page, ...performance.getEntriesByType("resource")]
        .filter((each) => each.transferSize);
    const sum = (some) => some.reduce((bytes, each) => bytes + each.transferSize, 0) / 1000;
    const named = (ending) => all.filter((each) => new URL(each.name).pathname.endsWith(ending));
    const early = all.filter((each) => each === page || each.responseEnd <= paint.startTime);
    return {
        "requests": all.length,
        "all, kB": sum(all),
        "HTML, kB": sum([page]),
        "styles, kB": sum(named(".css")),
        "scripts, kB": sum(named(".js")),
        "before the first paint, kB": sum(early),
        "first paint, ms": paint.startTime,
    };
}"""


@dataclass(frozen=True)
class Side:
    """An engine's pages: where they are, and what says that their scripts have begun."""

    url: str
    short: str
    long: str
    begun: str


@dataclass(frozen=True)
class Folder:
    """The other engine's pages, and where its web server keeps what it needs."""

    pages: Path
    run_dir: Path
    listen_port: int
    listen_host: str = "127.0.0.1"


@dataclass
class FolderFront(Front):
    """nginx with little more than its own defaults in front of a folder."""

    site: Folder  # type: ignore[assignment]

    def configuration(self) -> str:
        pages, run = self.site.pages.resolve(), self.site.run_dir
        user, port = getpass.getuser(), self.site.listen_port
        return CONF % {"pages": pages, "run": run, "port": port, "user": user}


@contextmanager
def a_site_of(pages: Path) -> Iterator[str]:
    """Its address, while it is served."""
    with tempfile.TemporaryDirectory(prefix="beside") as run:
        folder = Folder(pages, Path(run), free_port())
        with FolderFront(folder):
            yield f"http://{folder.listen_host}:{folder.listen_port}"


def visits(browser: Browser, side: Side, path: str, latency_ms: int) -> dict[str, float]:
    """A first visit, what is scrolled past, and a second visit while nothing has changed."""
    with a_reader(browser, side.url, latency_ms) as reader:
        reader.page.add_init_script(KEPT)
        tasks = loading(reader, path, side.begun)
        found = {f"first visit: {name}": value for name, value in weights(reader).items()}
        found |= tasks | scrolling(reader) | memory(browser, reader)
        loading(reader, path, side.begun)
        again = weights(reader)
    found |= {f"second visit: {name}": again[name] for name in ("requests", "all, kB")}
    return found


def weights(reader: Reader) -> dict[str, float]:
    told: dict[str, float] = reader.page.evaluate(WEIGHED)
    return told


def beside(
    ours: Sequence[Mapping[str, float]], theirs: Sequence[Mapping[str, float]]
) -> Iterator[str]:
    """A line for each thing measured: the medians, and how many times ours theirs is."""
    for name in ours[0]:
        here, there = (statistics.median(run[name] for run in runs) for runs in (ours, theirs))
        ratio = f"{there / here:.2f}" if here else "–"
        yield f"| {name} | {here:.3g} | {there:.3g} | {ratio} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--latency-ms", type=int, default=LATENCY_MS)
    chosen = parser.parse_args()
    with (
        a_board_process() as board,
        a_site_of(chosen.folder) as site,
        sync_playwright() as playwright,
    ):
        threads = fill(board, chosen.runs)
        sides = [
            Side(board.url, page_of(threads.short), page_of(threads.long), begun_here()),
            Side(site, "/thread_50.html", "/thread_1000.html", BEGUN_THERE),
        ]
        browser = playwright.chromium.launch(
            executable_path=programs.PROGRAMS["chromium"].place, args=["--no-sandbox"]
        )
        for title, which in (("50 replies", "short"), ("1,000 replies", "long")):
            runs: tuple[list[dict[str, float]], ...] = ([], [])
            for _ in range(chosen.runs):
                for side, found in zip(sides, runs, strict=True):
                    path = getattr(side, which)
                    found.append(visits(browser, side, path, chosen.latency_ms))
                print(f"load {os.getloadavg()[0]:.1f}", flush=True)
            print(f"| {title} | here | there | there / here |\n|---|---|---|---|")
            print("\n".join(beside(*runs)), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
