"""`logs` shows what the parts have said, and goes on as they do."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.boards import call, command, surroundings
from tests.tables import for_each

STORED = '{"event": "post_stored", "level": "info", "part": "writer", "no": %d}\n'
FIRST, SECOND, THIRD = (f"writer: post_stored  no={no}\n" for no in range(1, 4))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a board of which two parts have said something."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/writer.log").write_text("".join(STORED % no for no in range(1, 4)) + "half")
    (tmp_path / "logs/nginx.log").write_text("started\n")
    return tmp_path


@for_each(
    ("arguments", "shown"),
    [
        (("writer", "nginx", "-n", "2"), f"{SECOND}{THIRD}nginx: started\n"),
        ((), f"nginx: started\n{FIRST}{SECOND}{THIRD}"),
        (("writer", "--lines", "1"), THIRD),
        (("nginx", "-n", "0"), ""),
    ],
)
def test_last_lines_of_each_part_are_shown_for_people(
    data: Path, arguments: tuple[str, ...], shown: str
) -> None:
    done = call("logs", "--data", str(data), *arguments)
    assert (done.returncode, done.stdout) == (0, shown)


def test_a_part_that_has_no_log_is_named_with_those_that_have(data: Path) -> None:
    done = call("logs", "wirter", "--data", str(data))
    assert done.returncode == 2
    assert "there is no log of wirter; there is nginx, writer" in done.stderr


def test_folder_without_logs_is_named(tmp_path: Path) -> None:
    done = call("logs", "--data", str(tmp_path))
    assert done.returncode == 1
    assert str(tmp_path / "logs") in done.stderr


@pytest.mark.slow
def test_what_is_said_from_now_on_follows_until_it_is_interrupted(data: Path) -> None:
    following = subprocess.Popen(
        # A shell starts what is in its background with Ctrl-C switched off.
        [
            *("env", "--default-signal=INT"),
            *command("logs", "writer", "--follow", "-n", "1", "--data", str(data)),
        ],
        env=surroundings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert following.stdout
    assert following.stderr
    try:
        assert following.stdout.readline() == "writer: post_stored  no=3\n"
        with (data / "logs/nginx.log").open("a") as other:
            other.write("not asked for\n")
        with (data / "logs/writer.log").open("a") as log:
            log.write("\n" + STORED % 4)
        assert following.stdout.readline() == "writer: half\n"
        assert following.stdout.readline() == "writer: post_stored  no=4\n"
        following.send_signal(signal.SIGINT)
        assert following.stdout.read() == ""
        assert "Traceback" not in following.stderr.read()
    finally:
        following.kill()
        following.communicate()
