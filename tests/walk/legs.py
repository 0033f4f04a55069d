"""The way of a form through writer, render worker and publisher, each leg run in this process.

The parts are the real ones, from the settings that they are always made of; only who runs them
differs: the worker of each queue works until the queue is empty instead of for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from typing import Any, Self

import httpx
import redis
from falcon import testing
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from imageboard.queue.queues import PUBLISH_QUEUE, QUEUE
from imageboard.settings import Settings
from imageboard.store import board_removals, cloud_ledger, outbox, site_moment, takedowns
from imageboard.store.kept_files import KeptFiles
from renderer import jobs
from renderer.keeper.catch_up import CatchUp
from renderer.keeper.expiry import Expiry
from renderer.keeper.indexing import Indexing
from renderer.publisher import jobs as publisher_jobs
from renderer.verify import Verifier
from writer import app as writer

#: Longer than every lease, key and pause on the way.
_LONG_S = 120


class _Deaf(SimpleWorker):
    """Is told nothing while it works: RQ waits up to a second for the thread that would listen."""

    def subscribe(self) -> None:
        pass


class Legs:
    """One process that is writer, render worker, publisher and catch-up pass in turn."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open = ExitStack()
        # Told to stop from the beginning: a job ends as soon as all is drawn.
        parts = replace(jobs.build_parts(settings), is_told_to_stop=lambda: True)
        self._renderer = parts
        self._publisher = publisher_jobs.build_parts(settings, parts.database)
        self._queue = redis.Redis.from_url(settings.redis_url)

    def __enter__(self) -> Self:
        jobs.prepare(self._renderer)
        publisher_jobs.prepare(self._publisher)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        self._renderer.database.close()
        self._queue.close()

    @cached_property
    def _writer(self) -> testing.TestClient:
        """PERF: made by the first form; most processes have none to send."""
        parts = writer.build_parts(self._settings)
        self._open.callback(parts.database.close)
        self._open.callback(parts.darkroom.close)
        return testing.TestClient(writer.create_app(parts))

    def send(self, fields: Mapping[str, str], picture: bytes | None = None, key: str = "") -> Any:
        """A form that is accepted; its answer as JSON. `key`: see Idempotency-Key."""
        parts: list[tuple[str, Any]] = [(name, (None, value)) for name, value in fields.items()]
        if picture is not None:
            parts.append(("file", ("tulip.jpeg", picture)))
        form = httpx.Request("POST", "http://board.example/post", files=parts)
        headers = {"Content-Type": form.headers["Content-Type"], "Accept": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        answer = self._writer.simulate_post("/post", body=form.read(), headers=headers)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json

    def remove_board(self, name: str) -> None:
        """As the desk does it: the board is marked, and those are woken who draw it."""
        parts = self._renderer
        stale = parts.database.again_on_deadlock(lambda db: board_removals.begin(db, name))
        for board in stale:
            parts.wake_up.ask_for_render(board)

    def render(self) -> None:
        self._work_off(QUEUE)

    def publish(self) -> None:
        self._work_off(PUBLISH_QUEUE)

    def catch_up(self) -> None:
        """One pass."""
        loop = self._renderer.loop
        CatchUp(
            database=self._renderer.database,
            wake_up=self._renderer.wake_up,
            loop=loop,
            verifier=Verifier(
                self._renderer.database, loop.web_root, loop.uploads, loop.site_name, repair=True
            ),
            expiry=Expiry(
                self._renderer.database,
                loop.uploads,
                scratch=self._settings.data / "scratch",
                kept=KeptFiles(self._settings.data / "kept"),
                address_kept_days=self._settings.address_kept_days,
                hash_kept_days=self._settings.address_hash_kept_days,
                log_names_kept_days=self._settings.log_names_kept_days,
            ),
            indexing=Indexing(self._renderer.database),
            has_cloud=self._settings.has_cloud,
        ).run_once()

    def let_time_pass(self) -> None:
        """As if nobody had touched anything for a while: leases end, keys expire."""
        with self._renderer.database.transaction() as db:
            db.execute(_LATER, {"seconds": _LONG_S})
        for key in self._queue.scan_iter():
            if (left_s := self._queue.ttl(key)) >= 0:
                self._queue.expire(key, max(0, left_s - _LONG_S))

    def left(self) -> list[object]:
        """What pages, bucket or edge do not show yet; empty when all is done."""
        with self._renderer.database.connection() as db:
            counted = (outbox.lag(db), cloud_ledger.backlog(db), takedowns.still_open(db))
            going = list(board_removals.going(db))
            site_is_behind = site_moment.is_behind(db)
        left: list[object] = [*going, *(one for one in counted if one and one[0])]
        return [*left, "the site's own pages"] if site_is_behind else left

    def _work_off(self, queue_name: str) -> None:
        queue = Queue(queue_name, connection=self._queue, serializer=JSONSerializer)
        worker = _Deaf(
            [queue],
            connection=self._queue,
            serializer=JSONSerializer,
            log_job_description=False,
            default_result_ttl=0,
        )
        worker.work(burst=True, logging_level="WARNING")


_LATER = """
    WITH changes AS (
        UPDATE outbox SET added_at = added_at - make_interval(secs => %(seconds)s)
    ), files AS (
        UPDATE publications SET not_before = not_before - make_interval(secs => %(seconds)s)
    ), of_site AS (
        UPDATE site_pages_shown SET drawn_at = drawn_at - make_interval(secs => %(seconds)s)
    )
    UPDATE takedowns SET asked_at = asked_at - make_interval(secs => %(seconds)s),
        origin_gone_at = origin_gone_at - make_interval(secs => %(seconds)s),
        edge_due_at = edge_due_at - make_interval(secs => %(seconds)s)
"""
