"""How long a browser without JavaScript takes: form, redirect, the page with its post on it.

    python -m loadtest.rounds --clients 8 --seconds 10

Each client posts to a thread of its own, over one connection, and follows where it is led. Run it
against a board that was started with --no-limits.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus

from loadtest import forms, texts
from loadtest.connection import Connection
from loadtest.percentiles import percentiles_ms
from loadtest.sustained import fill

_VISIBLE_WAIT_S_MAX = 10.0


@dataclass
class Browser:
    """One poster with one connection."""

    url: str
    board: str
    thread: str
    rounds_s: list[float] = field(default_factory=list)
    #: Led to a page that did not show the post yet.
    too_early: int = 0

    def run(self, until_s: float) -> None:
        with Connection(self.url) as connection:
            while time.perf_counter() < until_s:
                began_s = time.perf_counter()
                self._round(connection, f"{texts.ONE_TEXT} round {len(self.rounds_s)}.")
                self.rounds_s.append(time.perf_counter() - began_s)

    def _round(self, connection: Connection, text: str) -> None:
        fields = forms.post_fields(self.board, self.thread, text)
        del fields["json_response"]
        form = forms.urlencoded(fields)
        place, page = connection.post_as_browser(form.body, form.headers)
        deadline_s = time.perf_counter() + _VISIBLE_WAIT_S_MAX
        if text.encode() not in page:
            self.too_early += 1
        while text.encode() not in page:
            if time.perf_counter() > deadline_s:
                sys.exit(f"{place} does not show the post after {_VISIBLE_WAIT_S_MAX:.0f} s")
            status, page = connection.get(place)
            if status != HTTPStatus.OK:
                sys.exit(f"{place} is answered with {status}")


def measure(
    url: str, board: str, *, clients: int, replies: int, seconds: float
) -> dict[str, object]:
    """The figures of so many browsers at once."""
    browsers = [Browser(url, board, thread) for thread in fill(url, board, clients, replies)]
    began_s = time.perf_counter()
    threads = [
        threading.Thread(target=browser.run, args=(began_s + seconds,)) for browser in browsers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took_s = time.perf_counter() - began_s
    rounds_s = [round_s for browser in browsers for round_s in browser.rounds_s]
    return {
        "clients": clients,
        "rounds": len(rounds_s),
        "rounds_per_s": round(len(rounds_s) / took_s, 1),
        "too_early": sum(browser.too_early for browser in browsers),
        "ms": percentiles_ms(rounds_s),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--board", default="b")
    parser.add_argument("--clients", type=int, default=1)
    parser.add_argument("--replies", type=int, default=50, help="replies that a thread has before")
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    figures = measure(
        options.url,
        options.board,
        clients=options.clients,
        replies=options.replies,
        seconds=options.seconds,
    )
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
