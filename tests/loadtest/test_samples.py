"""What processes use is seen, their children's and those of later children too."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from loadtest import machine, samples
from loadtest.samples import Sampler

#: Says "ready", works as soon as it is told to, or waits until its stdin ends.
_BUSY = "print('ready', flush=True); input(); sum(n * n for n in range(3 * 10**6)); "
_IDLE = "print('ready', flush=True); "
_WAIT = "print('done', flush=True); import sys; sys.stdin.read()"
#: The child has its parent's stdin.
_PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {_BUSY + _WAIT!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print('ready', child.pid, flush=True)
child.stdout.readline()
print('done', flush=True)
child.wait()
"""


@contextmanager
def a_process(code: str) -> Iterator[subprocess.Popen[str]]:
    """A Python that runs `code`, once it has said that it is ready."""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


def work(process: subprocess.Popen[str]) -> None:
    """Have it work, to the end: whoever is to see it looks already."""
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()
    assert line_of(process) == "done\n"


@pytest.mark.slow
def test_memory_and_processor_time_of_a_process_are_seen() -> None:
    with a_process(_IDLE + _WAIT) as idle, a_process(_BUSY + _WAIT) as busy:
        assert line_of(idle) == line_of(busy) == "ready\n"
        sampler = Sampler({"writer-2": busy.pid}, {"generator": idle.pid}, every_s=0.01)
        sampler.start()
        work(busy)
        generator, writer = sampler.stop()
    assert (writer.name, writer.pid, writer.is_generator) == ("writer", busy.pid, False)
    assert (generator.name, generator.is_generator) == ("generator", True)
    assert writer.cpu_s > generator.cpu_s
    assert len(writer.at_s) == len(writer.rss_mb) == len(writer.cpu_cores) >= 2
    assert min(writer.rss_mb) > 3
    assert max(writer.cpu_cores) > 0


@pytest.mark.slow
def test_children_go_by_the_name_of_their_parent() -> None:
    with a_process(_PARENT) as parent:
        child = int(line_of(parent).split()[1])
        sampler = Sampler({"postgres": parent.pid}, every_s=0.01)
        sampler.start()
        work(parent)
        seen = sampler.stop()
    assert {(each.name, each.pid) for each in seen} == {
        ("postgres", parent.pid),
        ("postgres", child),
    }
    assert next(each for each in seen if each.pid == child).cpu_s > 0


def test_a_process_that_ends_keeps_what_was_seen_of_it() -> None:
    with a_process(_IDLE + _WAIT) as process:
        line_of(process)
        sampler = Sampler({"nginx": process.pid}, every_s=0.01)
        sampler.start()
    (seen,) = sampler.stop()
    assert seen.pid == process.pid
    assert len(seen.at_s) >= 1


def test_a_process_that_is_not_there_is_no_error() -> None:
    with a_process(_IDLE) as process:
        line_of(process)
    sampler = Sampler({"nginx": process.pid})
    sampler.start()
    assert sampler.stop() == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (json.dumps({"parts": {"writer": {"pid": 7, "started": "x"}}}), {"writer": 7}),
        (json.dumps({"parts": {"writer": {}}}), {}),
        ("{", {}),
        (None, {}),
    ],
)
def test_parts_are_those_of_the_board_that_is_up(
    tmp_path: Path, text: str | None, parts: dict[str, int]
) -> None:
    if text is not None:
        (tmp_path / "run.json").write_text(text)
    assert samples.parts_of(tmp_path) == parts


@pytest.mark.parametrize(
    ("name", "part"), [("renderer-2", "renderer"), ("catch-up", "catch_up"), ("nginx", "nginx")]
)
def test_parts_have_the_names_of_their_figures(name: str, part: str) -> None:
    assert samples.part_name(name) == part


def test_no_setting_is_shown_that_is_not_on_the_list() -> None:
    environment = {"STILLBOARD_LIMITS": "off", "DATABASE_URL": "postgresql://a:secret@b/c"}
    assert machine.shown_settings(environment) == {"STILLBOARD_LIMITS": "off"}


def test_machine_is_described() -> None:
    described = machine.describe()
    assert described["cores"] >= 1  # type: ignore[operator]
    assert described["processor"]
