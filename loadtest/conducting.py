"""Starts the processes that make the load, hears them out, and ends them whatever happens."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import IO, Any

from loadtest.plan import Plan
from loadtest.ports import free_port
from loadtest.results import Run

#: For a process to end once nobody needs it any more.
_END_WAIT_S = 5.0
_LOG_LINES = 5
_ENVIRONMENT = ("PATH", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH")


class LoadTestRefused(Exception):
    """The run would say nothing; the message says why, in one line."""


class GeneratorDied(Exception):
    """The process that makes the load has ended without a word; the message holds its last ones."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run, and what went wrong in it in so many words."""

    run: Run
    notes: Mapping[str, int] = field(default_factory=dict)


def conduct(
    plan: Plan,
    *,
    log: Path,
    environ: Mapping[str, str],
    on_start: Callable[[list[int]], None] = lambda pids: None,
    on_second: Callable[[dict[str, Any]], None] = lambda glance: None,
) -> Outcome:
    """Run the plan to its end, or to the first SIGINT, with all figures either way.

    `on_start` is told the ids of the processes: of one, or of a master and `plan.workers` workers
    if the plan has any and its role is "alone".

    Raises:
        LoadTestRefused: there is no board, its limits are on …
        GeneratorDied: see `log`.
    """
    with _started(_cast(plan), log, environ) as (lead, *others):
        on_start([lead.pid, *(process.pid for process in others)])
        for kind, value in _lines(lead):
            if kind == "second":
                on_second(value)
            elif kind == "refused":
                raise LoadTestRefused(value)
            elif kind == "end":
                return Outcome(Run.read(Path(plan.out)), value["notes"])
    raise GeneratorDied(f"the load generator died: {_last_words(log)}")


def serve(plan: Plan, *, log: Path, environ: Mapping[str, str]) -> None:
    """Be a worker of a master elsewhere until that one is done. Raises as `conduct` does."""
    with _started([plan], log, environ) as (worker,):
        for kind, value in _lines(worker):
            if kind == "refused":
                raise LoadTestRefused(value)
        status = worker.wait()
    if status:
        raise GeneratorDied(f"the load generator died: {_last_words(log)}")


def _cast(plan: Plan) -> list[Plan]:
    """Who is started here, the one that leads first."""
    if plan.role != "alone" or not plan.workers:
        return [plan]
    here = replace(plan, master_host="127.0.0.1", master_port=free_port())
    return [replace(here, role="master"), *[replace(here, role="worker")] * plan.workers]


@contextmanager
def _started(
    plans: list[Plan], log: Path, environ: Mapping[str, str]
) -> Iterator[list[subprocess.Popen[str]]]:
    with ExitStack() as stack:
        output = stack.enter_context(log.open("w"))
        processes: list[subprocess.Popen[str]] = []
        stack.callback(_end, processes)
        processes += [_start(plan, output, environ) for plan in plans]
        yield processes


def _start(plan: Plan, log: IO[str], environ: Mapping[str, str]) -> subprocess.Popen[str]:
    # No secret of the board, no proxy between it and us.
    kept = {name: environ[name] for name in _ENVIRONMENT if name in environ}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "loadtest.run"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        # Ctrl-C is for us: we tell it to end early, and wait for its figures.
        start_new_session=True,
        env={**kept, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
    )
    assert process.stdin
    # Left open afterwards: the process ends when we do, however we end.
    process.stdin.write(plan.to_json() + "\n")
    process.stdin.flush()
    return process


def _lines(process: subprocess.Popen[str]) -> Iterator[tuple[str, Any]]:
    """What it says, each as (kind, value); the first SIGINT makes it come to its end."""
    assert process.stdout
    with _interrupts_passed_on(process):
        for line in process.stdout:
            yield from json.loads(line).items()


@contextmanager
def _interrupts_passed_on(process: subprocess.Popen[str]) -> Iterator[None]:
    """The first SIGINT goes to the process, whatever we are at; the second is ours.

    In a handler, since a KeyboardInterrupt may be raised while a line is shown as well.
    """
    was_interrupted = False

    def pass_on(number: int, frame: FrameType | None) -> None:
        nonlocal was_interrupted
        if was_interrupted:
            signal.default_int_handler(number, frame)
        was_interrupted = True
        process.send_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, pass_on)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _end(processes: list[subprocess.Popen[str]]) -> None:
    for process in processes:
        assert process.stdin
        assert process.stdout
        process.stdin.close()
    for process in processes:
        try:
            process.wait(_END_WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout
        process.stdout.close()


def _last_words(log: Path) -> str:
    return " / ".join(log.read_text().strip().splitlines()[-_LOG_LINES:]) or f"{log} is empty"
