"""The process that makes the load: `python -m loadtest.run`, with a Plan as the line on its stdin.

It writes a line of JSON to stdout for each second, and one at the end:

    {"second": {…}}               see loadtest.recording.Glance
    {"end": {"notes": {…}}}       the Run is in the file that the plan names
    {"refused": "a sentence"}     there is no Run

Locust replaces Python's sockets with its own as soon as it is imported, which is why this is a
process apart. SIGINT ends the run early, with all its figures; the end of stdin ends the process.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import gevent
import locust.runners
import locust.stats
from gevent.os import tp_read
from locust.contrib.fasthttp import LocustUserAgent
from locust.runners import MasterRunner

from loadtest import counts
from loadtest.crowd import CannotStart, Crowd
from loadtest.plan import Plan
from loadtest.recording import record

#: Workers tell their master how they are doing this often; Locust's own three are too coarse.
_REPORT_EVERY_S = 1.0
_WORKERS_WAIT_S_MAX = 120.0
OPEN_FILES_MAX = 65_536


def main() -> None:
    """Ends the process by itself: the thread that reads stdin would keep it."""
    plan = Plan.from_json(sys.stdin.readline())
    _adjust_locust()
    _raise_file_limit()
    gevent.spawn(_end_with_parent)
    try:
        work(plan) if plan.role == "worker" else lead(plan)
    except CannotStart as ex:
        _say("refused", str(ex))
    os._exit(0)


def _adjust_locust() -> None:
    """Three constants of Locust's that are not right for us."""
    # Two digits and whole milliseconds say too little of answers that take half of one.
    locust.stats.bucket_response_time = counts.round_ms  # type: ignore[assignment]
    locust.runners.WORKER_REPORT_INTERVAL = _REPORT_EVERY_S
    # Every status is an answer; which of them is right is judged by the request that it is to.
    LocustUserAgent.valid_response_codes = frozenset(range(100, 600))


def _raise_file_limit() -> None:
    """Each user has a connection of its own, and systems let a process have 1,024 by themselves."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES_MAX if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES_MAX)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def lead(plan: Plan) -> None:
    """The run of one process, or of a master and its workers. Raises CannotStart."""
    crowd = Crowd(plan)
    crowd.look_around()
    if plan.role == "master":
        master = crowd.create_master_runner(plan.master_host, plan.master_port)
        crowd.events.worker_report.add_listener(
            lambda client_id, data: crowd.tally.add(data["tally"])
        )
        _wait_for_workers(master, plan.workers)
    else:
        crowd.create_local_runner()
    gevent.signal_handler(signal.SIGINT, crowd.end)
    run = record(crowd, lambda glance: _say("second", glance))
    if crowd.tally.halted:
        raise CannotStart(crowd.tally.halted)
    run.write(Path(plan.out))
    _say("end", {"notes": dict(crowd.tally.notes.most_common(10))})


def work(plan: Plan) -> None:
    """A worker: its master says how many users it has, and hears what they saw."""
    crowd = Crowd(plan)
    crowd.look_around()
    runner = crowd.create_worker_runner(plan.master_host, plan.master_port)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def report(client_id: str, data: dict[str, Any]) -> None:
        data["tally"] = crowd.tally.take_news()

    def settle(environment: object) -> None:
        crowd.lookout.settle()
        crowd.tally.settled += 1
        # Else Locust waits as long again before it tells the master that this worker is free.
        crowd.stop_timeout = 0.0

    crowd.events.report_to_master.add_listener(report)
    crowd.events.test_stop.add_listener(settle)
    runner.greenlet.join()


def _wait_for_workers(master: MasterRunner, workers: int) -> None:
    try:
        with gevent.Timeout(_WORKERS_WAIT_S_MAX):
            while len(master.clients.ready) < workers:
                gevent.sleep(0.1)
    except gevent.Timeout:
        raise CannotStart(
            f"{len(master.clients.ready)} of {workers} workers came within "
            f"{_WORKERS_WAIT_S_MAX:.0f} s: do they reach the master's port?"
        ) from None


def _end_with_parent() -> None:
    """Whoever started us holds the other end of stdin for as long as it lives."""
    while tp_read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)


def _say(kind: str, value: object) -> None:
    print(json.dumps({kind: value}), flush=True)


if __name__ == "__main__":
    main()
