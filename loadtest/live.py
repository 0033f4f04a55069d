"""A run as it goes on, in the terminal: a table that changes, or a line for every few seconds."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

#: Where nobody watches, a log needs no line for each second.
_LINE_EVERY_S = 5.0


class LiveView:
    """A context in which `show` is called with each second's glance (loadtest.recording.Glance)."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._live = Live(console=console, refresh_per_second=4, transient=True)
        self._next_line_s = 0.0

    def __enter__(self) -> LiveView:
        if self._console.is_terminal:
            self._live.start()
        else:
            self._console.print(self._title)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _ex: BaseException | None,
        _at: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, glance: dict[str, Any]) -> None:
        if self._console.is_terminal:
            self._live.update(_picture(self._title, glance))
        elif glance["at_s"] >= self._next_line_s or glance["phase"]:
            self._next_line_s = glance["at_s"] + _LINE_EVERY_S
            self._console.print(line(glance), soft_wrap=True)


def line(glance: dict[str, Any]) -> str:
    """'  10 s   50 users   98/s   0 failed   page p99 4.3 ms   …'"""
    parts = [
        f"{glance['at_s']:4.0f} s",
        f"{glance['users']} users",
        f"{glance['requests_per_s']}/s",
        f"{glance['failures']} failed",
        *(f"{kind} p99 {row[3]:.3g} ms" for kind, row in glance["kinds"].items()),
        _posts(glance),
        *([glance["phase"]] if glance["phase"] else []),
    ]
    return "   ".join(parts)


def _posts(glance: dict[str, Any]) -> str:
    waiting = glance["acknowledged"] - glance["visible"] - glance["late"]
    said = f"{glance['acknowledged']} posts, {max(0, waiting)} awaited"
    return said + (f", {glance['late']} late" if glance["late"] else "")


def _picture(title: str, glance: dict[str, Any]) -> Group:
    times = Table(box=None, pad_edge=False)
    times.add_column("")
    for name in ("requests", "p50 ms", "p95 ms", "p99 ms"):
        times.add_column(name, justify="right")
    for kind, (count, *cuts) in glance["kinds"].items():
        times.add_row(kind, f"{count:,.0f}", *(f"{cut:,.3g}" for cut in cuts))
    amiss = {
        name: glance[name] for name in ("failures", "late", "wrong_status", "torn", "backward")
    }
    return Group(
        Text(title, style="bold"),
        ProgressBar(total=glance["seconds"], completed=glance["at_s"], width=60),
        Text(
            f"{glance['phase'] or 'under way'}: {glance['at_s']:.0f} of {glance['seconds']:.0f} s, "
            f"{glance['users']} users, {glance['requests_per_s']} requests/s"
        ),
        times,
        Text(_posts(glance)),
        Text(
            ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in amiss.items()),
            style="red" if any(amiss.values()) else "green",
        ),
        Text("Ctrl-C ends it now, with all its figures", style="dim"),
    )
