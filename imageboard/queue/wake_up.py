"""Asking for a board or the site to be rendered, or for what comes after: folded calls.

That is: for the cloud to be brought up, and for files that wait to be made ready.

The truth about what is to be rendered is in the outbox, about what waits with the files. A call
says only "look at this board", so one that is lost is made good by the catch-up pass, and one too
many finds nothing to do.

Calls fold: the caller sets a key (SET NX, with a time to live) and enqueues only when it was
not set; the job deletes the key *before* it reads the outbox. So a change that comes after the
read finds no key and calls again; one that comes before it is read.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import redis
from rq import Queue
from rq.serializers import JSONSerializer

from imageboard.queue import connections, queues
from imageboard.queue.queues import MEDIA_QUEUE, PUBLISH_QUEUE, QUEUE, QueueState

#: Named, not imported: the writer must not know the renderer.
RENDER_JOB = "renderer.jobs.render_board"
SITE_JOB = "renderer.jobs.render_site"
PUBLISH_JOB = "renderer.publisher.jobs.publish"
MEDIA_JOB = "writer.developer.jobs.develop_next"

#: A key outlives its job by this at most: the job was lost with its worker.
_KEY_TTL_S = 10
#: One board's job may take this long; a whole board rendered from nothing is well below.
JOB_TIMEOUT_S = 600
#: Pages that show several boards are drawn at once after a change, and then no more often than
#: this: what comes in between is seen by catch-up, so no later than twice as long.
_SITE_PACE_MS = 1_000
#: After a failed call the next is not tried before that: posting does not wait for a dead queue.
_PAUSE_AFTER_FAILURE_S = 1.0


def connect(url: str) -> redis.Redis:
    """A connection that gives up early: nobody who posts may hang on the queue."""
    return connections.connect(url, connect_wait_s=0.5, answer_wait_s=1.0)


class WakeUp:
    """Wakes the render workers for a board, the publisher, and the developer.

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
        self._clock = clock
        self._quiet_until = 0.0

    def ask_for_render(self, board: str) -> bool:
        """Call for `board`; False when the queue can't be reached: catch-up will see to it."""
        return self._ask_once(_key(board), lambda: self._enqueue_render(board))

    def ask_for_site(self) -> bool:
        """Call for the pages that show several boards, unless they were called for a moment ago.

        False when that was so, or when the queue can't be reached: catch-up will see to it.
        """
        if self._clock() < self._quiet_until:
            return False
        try:
            is_time = self._redis.set(_SITE_PACE_KEY, 1, nx=True, px=_SITE_PACE_MS)
        except redis.RedisError:
            self._quiet_until = self._clock() + _PAUSE_AFTER_FAILURE_S
            return False
        return bool(is_time) and self.ask_for_site_now()

    def ask_for_site_now(self) -> bool:
        """The same at any moment; False when the queue can't be reached."""
        return self._ask_once(_SITE_KEY, self._enqueue_site)

    def ask_for_publishing(self) -> bool:
        """Call the publisher; False when the queue can't be reached: catch-up will see to it."""
        return self._ask_once(_PUBLISH_KEY, self._enqueue_publish)

    def ask_for_media(self) -> bool:
        """Call the developer; False when the queue can't be reached: catch-up will see to it."""
        return self._ask_once(_MEDIA_KEY, self._enqueue_media)

    def ask_again(self, board: str) -> None:
        """Call for `board` whether or not someone has: for boards that were left behind.

        Raises redis.RedisError.
        """
        self._redis.set(_key(board), 1, ex=_KEY_TTL_S)
        self._enqueue_render(board)

    def answered(self, board: str) -> None:
        """The job's first step: from here on a new change makes a new call."""
        self._redis.delete(_key(board))

    def site_answered(self) -> None:
        """The site's job's first step."""
        self._redis.delete(_SITE_KEY)

    def publishing_answered(self) -> None:
        """The publisher's first step."""
        self._redis.delete(_PUBLISH_KEY)

    def media_answered(self) -> None:
        """The developer's first step."""
        self._redis.delete(_MEDIA_KEY)

    def others_wait(self, board: str) -> bool:
        """Whether another board's call than `board`'s waits for a render worker.

        False when the queue can't be asked: then nobody can call through it either.
        """
        try:
            own_call = self._redis.exists(_key(board))
            return bool(self._redis.llen(self._queue.key) > own_call)
        except redis.RedisError:
            return False

    def queues(self) -> list[QueueState]:
        """Both queues. Raises redis.RedisError."""
        return [queues.state(self._redis, name) for name in (QUEUE, PUBLISH_QUEUE)]

    def _ask_once(self, key: str, enqueue: Callable[[], object]) -> bool:
        if self._clock() < self._quiet_until:
            return False
        try:
            if self._redis.set(key, 1, nx=True, ex=_KEY_TTL_S):
                enqueue()
        except redis.RedisError:
            self._quiet_until = self._clock() + _PAUSE_AFTER_FAILURE_S
            return False
        return True

    def _enqueue_render(self, board: str) -> None:
        self._queue.enqueue_call(RENDER_JOB, args=(board,), meta=self._meta(), **_JOB_LIMITS)

    def _enqueue_site(self) -> None:
        self._queue.enqueue_call(SITE_JOB, meta=self._meta(), **_JOB_LIMITS)

    def _enqueue_publish(self) -> None:
        self._publish_queue.enqueue_call(PUBLISH_JOB, meta=self._meta(), **_JOB_LIMITS)

    def _enqueue_media(self) -> None:
        # A file may take longer than the key lives. A call that waits behind it is enough: whoever
        # answers it will see all that waits by then.
        if not self._redis.llen(self._media_queue.key):
            self._media_queue.enqueue_call(MEDIA_JOB, meta=self._meta(), **_JOB_LIMITS)

    def _meta(self) -> dict[str, str]:
        request_id = self._request_id()
        return {"request_id": request_id} if request_id else {}


_JOB_LIMITS = {"timeout": JOB_TIMEOUT_S, "result_ttl": 0, "failure_ttl": 3600}
# No board can have such names.
_PUBLISH_KEY = "stillboard:wake:@publish"
_MEDIA_KEY = "stillboard:wake:@media"
_SITE_KEY = "stillboard:wake:@site"
_SITE_PACE_KEY = "stillboard:pace:@site"


def _key(board: str) -> str:
    return f"stillboard:wake:{board}"
