"""What a person sees of a run while it goes on."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from loadtest.live import LiveView


def a_glance(**more: Any) -> dict[str, Any]:
    return {
        "at_s": 10.0,
        "seconds": 60.0,
        "users": 200,
        "requests_per_s": 312,
        "failures": 0,
        "kinds": {"page": [1500, 0.91, 4.2, 12.34], "visible": [3, 8.0, 9.0, 31.0]},
        "acknowledged": 4,
        "visible": 3,
        "late": 0,
        "wrong_status": 0,
        "torn": 0,
        "backward": 0,
        "phase": "",
        **more,
    }


def shown(*glances: dict[str, Any], is_terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, width=100, force_terminal=is_terminal, color_system=None)
    with LiveView(console, "mixed: 200 users") as view:
        for glance in glances:
            view.show(glance)
    return out.getvalue()


def test_log_has_a_line_for_every_five_seconds_and_for_the_end() -> None:
    seconds = [a_glance(at_s=float(number)) for number in range(1, 12)]
    said = shown(
        *seconds, a_glance(at_s=11.5, phase="waiting for the last posts"), is_terminal=False
    )
    lines = said.splitlines()
    assert lines[0] == "mixed: 200 users"
    assert [line.split()[0] for line in lines[1:]] == ["1", "6", "11", "12"]
    assert lines[-1].endswith("waiting for the last posts")


def test_line_tells_rates_times_and_posts() -> None:
    said = shown(a_glance(), is_terminal=False).splitlines()[1]
    assert said == (
        "  10 s   200 users   312/s   0 failed   page p99 12.3 ms   visible p99 31 ms   "
        "4 posts, 1 awaited"
    )


def test_terminal_shows_a_row_for_each_kind() -> None:
    said = shown(a_glance(late=1, torn=2), is_terminal=True)
    for part in ("10 of 60 s, 200 users, 312 requests/s", "page", "1,500", "12.3"):
        assert part in said
    assert "1 late, 0 wrong status, 2 torn, 0 backward" in said
