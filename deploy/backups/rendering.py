"""All pages of a restored board, drawn from nothing into its web root."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from imageboard.settings import Settings
from imageboard.store import boards
from imageboard.store.database import Database
from renderer.verify import Finding, Verifier

#: With fewer, starting another process takes longer than it saves.
POSTS_OF_SEVERAL_PROCESSES = 20_000


def render_everything(settings: Settings) -> list[str]:
    """Draw every file that the database tells of; the paths of pictures that are lost.

    Boards are drawn by as many processes as there are cores: drawing is most of what a restore
    takes.
    """
    with _verifier(settings) as verifier:
        with verifier.database.connection() as db:
            posts = {name: count for name, (_threads, count) in boards.counts(db).items()}
        # The largest first, so that the last to be done is a small one.
        names = sorted(posts, key=lambda name: -posts[name])
        findings = [
            finding
            for of_board in _render_boards(settings, verifier, names, sum(posts.values()))
            for finding in of_board
        ]
        findings += verifier.verify_site()
    return sorted(finding.path for finding in findings if finding.wrong == "lost")


def _render_boards(
    settings: Settings, verifier: Verifier, names: list[str], posts: int
) -> Iterator[list[Finding]]:
    processes = min(len(names), _cores())
    if posts < POSTS_OF_SEVERAL_PROCESSES or processes < 2:
        yield from map(verifier.verify_board, names)
        return
    # Spawned: a forked copy would share our connections.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield from pool.map(_render_board, [settings] * len(names), names)


def _render_board(settings: Settings, name: str) -> list[Finding]:
    """In a process of the pool."""
    with _verifier(settings) as verifier:
        return verifier.verify_board(name)


@contextmanager
def _verifier(settings: Settings) -> Iterator[Verifier]:
    database = Database(settings.database_url, connections_max=4, name="stillboard restore")
    database.open()
    try:
        yield Verifier.from_settings(settings, database, repair=True)
    finally:
        database.close()


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
