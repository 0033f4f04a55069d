"""Asking for a board or the site to be rendered, or for what comes after: folded calls.

That is: for the cloud to be brought up, for files that wait to be made ready, and for readers to be
told of replies.

The truth about what is to be rendered is in the outbox, about what waits with the files. A call
says only "look at this board", so one that is lost is made good by the catch-up pass, and one too
many finds nothing to do.

Calls fold: a key names the call that was made last for a board, and no other is made while that one
waits in the queue. A worker takes a call out of the queue *before* its job reads the outbox. So a
change that comes after the read finds no call that waits and makes one; one that comes before it is
read. A queue is never longer than there are boards, whoever asks and however long nobody works.

While a worker stays at a board it is told directly (`holders.py`), and no call is made.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from imageboard.queue import connections, holders, queues
from imageboard.queue.holders import Line
from imageboard.queue.queues import (
    ALL_QUEUES,
    MEDIA_QUEUE,
    PUBLISH_QUEUE,
    PUSH_QUEUE,
    QUEUE,
    QueueState,
)

#: Named, not imported: the writer must not know the renderer.
RENDER_JOB = "renderer.jobs.render_board"
SITE_JOB = "renderer.jobs.render_site"
PUBLISH_JOB = "renderer.publisher.jobs.publish"
MEDIA_JOB = "writer.developer.jobs.develop_next"
PUSH_JOB = "writer.courier.jobs.deliver"

#: One board's job may take this long; a whole board rendered from nothing is well below.
JOB_TIMEOUT_S = 600
#: Pages that show several boards are drawn at once after a change, and then no more often than
#: this: what comes in between is seen by catch-up, so no later than twice as long.
_SITE_PACE_MS = 1_000
#: A process that has asked for them lately does not ask again.
_SITE_ASKED_EVERY_S = 0.1
#: After a failed call the next is not tried before that: posting does not wait for a dead queue.
_PAUSE_AFTER_FAILURE_S = 1.0


def connect(url: str) -> redis.Redis:
    """A connection that gives up early: nobody who posts may hang on the queue."""
    return connections.connect(url, connect_wait_s=0.5, answer_wait_s=1.0)


class WakeUp:
    """Wakes the render workers for a board, the publisher, the developer, and the courier.

    A call carries the id of the request that made it (`request_id`, '' for none), so that the
    logs of those who work for it can name it.
    """

    def __init__(
        self,
        connection: redis.Redis,
        *,
        clock: Callable[[], float] = time.monotonic,
        request_id: Callable[[], str] = lambda: "",
    ) -> None:
        self._redis = connection
        self._request_id = request_id
        self._queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
        self._publish_queue = Queue(PUBLISH_QUEUE, connection=connection, serializer=JSONSerializer)
        self._media_queue = Queue(MEDIA_QUEUE, connection=connection, serializer=JSONSerializer)
        self._push_queue = Queue(PUSH_QUEUE, connection=connection, serializer=JSONSerializer)
        self._clock = clock
        self._quiet_until = 0.0
        self._site_quiet_until = 0.0

    def ask_for_render(self, board: str, *, lists_too: bool = False) -> bool:
        """Call for `board`; False when the queue can't be reached: catch-up will see to it.

        `lists_too`: somebody waits for the pages that list threads.
        """
        return self._asked(lambda: self.ask_again(board, lists_too=lists_too))

    def tell_holder(self, board: str, *, lists_too: bool = False) -> bool:
        """Wake whoever stays at the board; False: nobody does. Raises redis.RedisError."""
        return holders.tell(self._redis, board, lists_too=lists_too)

    def line(self, board: str) -> Line:
        """What whoever stays at the board is told by."""
        return Line(self._redis, board)

    def ask_for_site(self) -> bool:
        """Call for the pages that show several boards, unless they were called for a moment ago.

        False when that was so, or when the queue can't be reached: catch-up will see to it.
        """
        now_s = self._clock()
        if now_s < max(self._quiet_until, self._site_quiet_until):
            return False
        self._site_quiet_until = now_s + _SITE_ASKED_EVERY_S
        try:
            return self.ask_for_site_again()
        except redis.RedisError:
            self._quiet_until = now_s + _PAUSE_AFTER_FAILURE_S
            return False

    def ask_for_site_again(self) -> bool:
        """The same, whatever went wrong a moment ago. Raises redis.RedisError."""
        is_time = self._redis.set(_SITE_PACE_KEY, 1, nx=True, px=_SITE_PACE_MS)
        if is_time:
            self._call(_SITE, self._queue, SITE_JOB)
        return bool(is_time)

    def take_site_call(self) -> bool:
        """Take the call for the site's pages out of the queue: who does has to answer it.

        False: none waits, another worker has taken it, or the queue can't be reached.
        """
        with suppress(redis.RedisError):
            call_id: Any = self._redis.get(_key(_SITE))
            if call_id is not None and self._redis.lrem(self._queue.key, 1, call_id.decode()):
                self._redis.delete(Job.key_for(call_id.decode()))
                return True
        return False

    def ask_for_publishing(self) -> bool:
        """Call the publisher; False when the queue can't be reached: catch-up will see to it."""
        return self._asked(lambda: self._call(_PUBLISH, self._publish_queue, PUBLISH_JOB))

    def ask_for_media(self) -> bool:
        """Call the developer; False when the queue can't be reached: catch-up will see to it."""
        return self._asked(lambda: self._call(_MEDIA, self._media_queue, MEDIA_JOB))

    def ask_for_push(self) -> bool:
        """Call the courier; False when the queue can't be reached: catch-up will see to it."""
        return self._asked(lambda: self._call(_PUSH, self._push_queue, PUSH_JOB))

    def ask_again(self, board: str, *, lists_too: bool = False) -> bool:
        """The same, whatever went wrong a moment ago: for boards that were left behind.

        False: no call was needed, somebody is there. Raises redis.RedisError.
        """
        if self.tell_holder(board, lists_too=lists_too):
            return False
        self._call(board, self._queue, RENDER_JOB, board)
        return True

    def others_wait(self, board: str) -> bool:
        """Whether another board's call than `board`'s waits for a render worker.

        False when the queue can't be asked: then nobody can call through it either.
        """
        try:
            own_call = _waits(self._redis, board, self._queue)
            return bool(self._redis.llen(self._queue.key) > own_call)
        except redis.RedisError:
            return False

    def queues(self) -> list[QueueState]:
        """All of them. Raises redis.RedisError."""
        return [queues.state(self._redis, name) for name in ALL_QUEUES]

    def _asked(self, call: Callable[[], object]) -> bool:
        if self._clock() < self._quiet_until:
            return False
        try:
            call()
        except redis.RedisError:
            self._quiet_until = self._clock() + _PAUSE_AFTER_FAILURE_S
            return False
        return True

    def _call(self, subject: str, queue: Queue, job: str, *arguments: str) -> None:
        with self._redis.pipeline() as pipeline:
            pipeline.watch(_key(subject))  # type: ignore[no-untyped-call]
            if _waits(pipeline, subject, queue):
                return
            call_id = str(uuid.uuid4())
            pipeline.multi()
            pipeline.set(_key(subject), call_id)
            queue.enqueue_call(
                job,
                args=arguments,
                meta=self._meta(),
                job_id=call_id,
                pipeline=pipeline,
                **_JOB_LIMITS,
            )
            if queue is self._queue:
                pipeline.publish(holders.CALLED, "")
            # Somebody else called meanwhile: whoever answers that reads what we have stored.
            with suppress(redis.WatchError):
                pipeline.execute()

    def _meta(self) -> dict[str, str]:
        request_id = self._request_id()
        return {"request_id": request_id} if request_id else {}


_JOB_LIMITS = {"timeout": JOB_TIMEOUT_S, "result_ttl": 0, "failure_ttl": 3600}
# No board can have such names.
_PUBLISH = "@publish"
_MEDIA = "@media"
_PUSH = "@push"
_SITE = "@site"
_SITE_PACE_KEY = "stillboard:pace:@site"


def _key(subject: str) -> str:
    """Where the call that was made last for a board is named, or for what is no board."""
    return f"stillboard:call:{subject}"


def _waits(connection: Any, subject: str, queue: Queue) -> bool:
    """Whether the call that was made last has not been taken. A pipeline answers while it watches.

    PERF: LPOS looks through the queue, which has a call for each board at most: 0.1 ms for 1,000
    (both cores busy), as much as a PING.
    """
    call_id = connection.get(_key(subject))
    return call_id is not None and connection.lpos(queue.key, call_id.decode()) is not None
