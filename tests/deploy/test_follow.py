"""`up --verbose` shows each line of each part once."""

from __future__ import annotations

from pathlib import Path

from deploy.follow import LogFollower, for_people
from tests.tables import for_each


def test_lines_from_now_on_whole_and_once(tmp_path: Path) -> None:
    log = tmp_path / "writer.log"
    log.write_text("before\n")
    follower = LogFollower(tmp_path)
    with log.open("a", buffering=1) as writer:
        writer.write("first\nhalf of the")
        writer.flush()
        assert list(follower.new_lines()) == [("writer", "first")]
        writer.write(" second\n")
        assert list(follower.new_lines()) == [("writer", "half of the second")]
    assert list(follower.new_lines()) == []


def test_a_part_that_comes_later_and_a_log_that_is_begun_anew(tmp_path: Path) -> None:
    follower = LogFollower(tmp_path)
    (tmp_path / "nginx.log").write_text("one\ntwo\n")
    assert list(follower.new_lines()) == [("nginx", "one"), ("nginx", "two")]
    (tmp_path / "nginx.log").write_text("three\n")
    assert list(follower.new_lines()) == [("nginx", "three")]


@for_each(
    ("line", "shown"),
    [
        (
            '{"event": "post_stored", "level": "info", "part": "writer", "board": "b", "no": 7}',
            "post_stored  board=b no=7",
        ),
        ('{"event": "queue_lost", "level": "warning"}', "warning: queue_lost"),
        (
            '{"event": "request_failed", "level": "error", "exception": [{"exc_type": "E x"}]}',
            'error: request_failed  exception=[{"exc_type": "E x"}]',
        ),
        (
            '{"event": "x", "level": "info", "path": "two words"}',
            'x  path="two words"',
        ),
        ("LOG:  checkpoint starting: time", "LOG:  checkpoint starting: time"),
        ('{"no": "event"}', '{"no": "event"}'),
        ("[1]", "[1]"),
        ("7", "7"),
    ],
)
def test_lines_of_ours_are_for_people_and_others_as_they_were(line: str, shown: str) -> None:
    assert for_people(line) == shown
