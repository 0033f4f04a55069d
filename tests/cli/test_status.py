"""What `./stillboard status` says, line by line."""

from __future__ import annotations

import pytest

from cli.status import _size, lines
from deploy.inspection import PartStatus, Status, duration
from tests.tables import for_each


def test_a_board_that_is_up() -> None:
    now = Status(
        data="/srv/board",
        is_up=True,
        url="http://127.0.0.1:8080/",
        up_s=7300,
        parts=[PartStatus("postgres", 7, True), PartStatus("nginx", 8, False)],
        lag={"b": {"changes": 3, "oldest_s": 1.25}},
        site_is_behind=True,
        queue={"waiting": 1, "failed": 0},
        cloud={
            "files_behind": 3,
            "oldest_s": 130,
            "takedowns_open": 0,
            "oldest_takedown_s": 0,
            "publishers": 1,
        },
        disk_bytes={"pages": 1_500_000, "free": 20},
        versions={"nginx": "1.31.3"},
    )
    assert lines(now) == [
        ("board", "up for 2 h, http://127.0.0.1:8080/ (data in /srv/board)"),
        ("postgres", "runs, process 7"),
        ("nginx", "does not run"),
        ("lag", "/b/ 3 changes, the oldest 1.2 s; the front page"),
        ("queue", "1 waiting, 0 failed"),
        ("cloud", "1 publishers; 3 files behind, the oldest for 2 min; 0 takedowns open"),
        ("disk", "pages 1.5 MB, free 20 B"),
        ("versions", "nginx 1.31.3"),
    ]


def test_a_board_that_is_down() -> None:
    said = dict(lines(Status(data="/srv/board", is_up=False)))
    assert said["board"] == "not up (data in /srv/board)"
    assert said["lag"] == "unknown: no database answers"
    assert said["queue"] == "unknown: no queue answers"
    assert "cloud" not in said


@for_each(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7200, "2 h"), (172_800, "2 d")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (2.5e12, "2.5 TB")]
)
def test_sizes(count: float, text: str) -> None:
    assert _size(count) == text
