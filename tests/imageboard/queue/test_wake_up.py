"""Calls to the render workers fold, and no order of them strands a change."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Iterator

import pytest
import redis
from rq import Queue, SimpleWorker, Worker
from rq.serializers import JSONSerializer

from imageboard.queue import queues
from imageboard.queue import wake_up as wake_ups
from imageboard.queue.queues import QUEUE
from imageboard.queue.wake_up import _SITE_PACE_KEY, RENDER_JOB, SITE_JOB, WakeUp, connect
from imageboard.queue.worker import KNOWN_FOR_S, TOLD_EVERY_S, worker_of


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def wake_up(queue: redis.Redis) -> WakeUp:
    return WakeUp(queue)


@pytest.fixture
def dead_url() -> Iterator[str]:
    """An address at which nothing answers: bound, so that nobody else can have it."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{holder.getsockname()[1]}/0"


def calls(queue: redis.Redis) -> list[str]:
    """The boards that workers are called to, oldest call first."""
    jobs = Queue(QUEUE, connection=queue, serializer=JSONSerializer).jobs
    assert {job.func_name for job in jobs} <= {RENDER_JOB}
    return [job.args[0] for job in jobs]


def take_call(queue: redis.Redis) -> None:
    """What a worker does before it runs a job: the call leaves the queue."""
    Queue(QUEUE, connection=queue, serializer=JSONSerializer).pop_job_id()


def test_calls_for_one_board_fold_into_one(queue: redis.Redis, wake_up: WakeUp) -> None:
    assert all(wake_up.ask_for_render("b") for _ in range(50))
    assert calls(queue) == ["b"]


def test_calls_of_two_writers_fold_too(queue: redis.Redis, wake_up: WakeUp) -> None:
    wake_up.ask_for_render("b")
    WakeUp(queue).ask_for_render("b")
    assert calls(queue) == ["b"]


def test_each_board_is_called_for(queue: redis.Redis, wake_up: WakeUp) -> None:
    wake_up.ask_for_render("b")
    wake_up.ask_for_render("c")
    assert calls(queue) == ["b", "c"]


def test_after_an_answer_the_next_change_calls_again(queue: redis.Redis, wake_up: WakeUp) -> None:
    wake_up.ask_for_render("b")
    take_call(queue)
    wake_up.ask_for_render("b")
    assert calls(queue) == ["b"]


@pytest.mark.slow
def test_queue_is_never_longer_than_there_are_boards_though_nobody_works(
    queue: redis.Redis, wake_up: WakeUp
) -> None:
    """Whoever asks: catch-up does for each late board in each second, an autoscaler counts them."""
    boards = [f"b{number}" for number in range(20)]
    for board in [board for _ in range(5) for board in boards]:
        wake_up.ask_again(board)
        WakeUp(queue).ask_for_render(board)
    assert calls(queue) == boards
    assert len(list(queue.scan_iter("rq:job:*"))) == len(boards), "a job is kept for each call"


def test_board_left_behind_is_called_for_though_its_call_was_lost_with_a_worker(
    queue: redis.Redis, wake_up: WakeUp
) -> None:
    wake_up.ask_for_render("b")
    take_call(queue)
    wake_up.ask_again("b")
    assert calls(queue) == ["b"]


def test_call_that_another_makes_at_the_same_moment_is_enough(
    queue: redis.Redis, wake_up: WakeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other comes between our look and our call."""
    other = WakeUp(queue)
    really_enqueue = Queue.enqueue_call

    def enqueue_after_another(*args: object, **named: object) -> object:
        monkeypatch.setattr(Queue, "enqueue_call", really_enqueue)
        assert other.ask_for_render("b")
        return really_enqueue(*args, **named)

    monkeypatch.setattr(Queue, "enqueue_call", enqueue_after_another)
    assert wake_up.ask_for_render("b")
    assert calls(queue) == ["b"]


@pytest.mark.parametrize(
    "order",
    sorted(
        {
            order
            for order in itertools.permutations(
                ["store 1", "ask 1", "store 2", "ask 2", "answer", "read"]
            )
            if order.index("store 1") < order.index("ask 1") < order.index("answer")
            and order.index("store 2") < order.index("ask 2")
            and order.index("answer") < order.index("read")
        }
    ),
    ids=" ".join,
)
def test_no_order_of_calls_and_answers_strands_a_change(
    queue: redis.Redis, wake_up: WakeUp, order: tuple[str, ...]
) -> None:
    """Two changes, and one job that was called for the first: what it did not read, another will.

    A writer stores, then asks; a job answers, then reads.
    """
    waiting: set[str] = set()
    for step in order:
        match step.split():
            case ["store", change]:
                waiting.add(change)
            case ["ask", _]:
                wake_up.ask_for_render("b")
            case ["answer"]:
                take_call(queue)
            case ["read"]:
                waiting.clear()
    assert not waiting or calls(queue) == ["b"]


def test_dead_queue_is_told_and_left_alone_for_a_moment(
    queue: redis.Redis, dead_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Posting does not wait for a dead queue, whoever posts next."""
    clock = Clock()
    wake_up = WakeUp(connect(dead_url), clock=clock)
    tries = []
    really_piped = redis.Redis.pipeline
    monkeypatch.setattr(
        redis.Redis,
        "pipeline",
        lambda *args, **named: tries.append(1) or really_piped(*args, **named),
    )
    assert [wake_up.ask_for_render("b") for _ in range(5)] == [False] * 5
    assert len(tries) == 1
    clock.now_s += 1.0
    assert not wake_up.ask_for_render("b")
    assert len(tries) == 2


def test_queue_that_is_back_is_used_again(
    queue: redis.Redis, wake_up: WakeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    wake_up = WakeUp(queue, clock=clock)

    def refuse(*_args: object, **_named: object) -> None:
        raise redis.ConnectionError("refused")

    with monkeypatch.context() as down:
        down.setattr(redis.Redis, "pipeline", refuse)
        assert not wake_up.ask_for_render("b")
    assert not wake_up.ask_for_render("b"), "the pause is not over"
    clock.now_s += 1.0
    assert wake_up.ask_for_render("b")
    assert calls(queue) == ["b"]


def test_call_for_a_board_left_behind_says_when_the_queue_is_dead(dead_url: str) -> None:
    with pytest.raises(redis.RedisError):
        WakeUp(connect(dead_url)).ask_again("b")


def test_own_call_is_no_other_board_that_waits(queue: redis.Redis) -> None:
    """Else a board that is posted to without end gives way to itself, and its calls pile up."""
    wake_up = WakeUp(queue)
    wake_up.ask_for_render("b")
    wake_up.ask_for_render("b")
    assert not wake_up.others_wait("b")
    wake_up.ask_for_render("c")
    assert wake_up.others_wait("b")
    assert queue.llen("rq:queue:render") == 2


# --- pages that show several boards ---


@pytest.fixture
def _no_pace_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the test says so, however busy the machine is."""
    monkeypatch.setattr(wake_ups, "_SITE_PACE_MS", 3_600_000)


def site_calls(queue: redis.Redis) -> int:
    jobs = Queue(QUEUE, connection=queue, serializer=JSONSerializer).jobs
    assert {job.func_name for job in jobs} <= {SITE_JOB}
    return len(jobs)


@pytest.mark.usefixtures("_no_pace_ends")
def test_site_is_called_for_at_once_and_then_at_its_pace(queue: redis.Redis) -> None:
    clock = Clock()
    wake_up = WakeUp(queue, clock=clock)
    assert wake_up.ask_for_site()
    take_call(queue)
    assert not any(wake_up.ask_for_site() for _ in range(50)), "too soon: catch-up sees to it"
    clock.now_s += 0.5
    assert not wake_up.ask_for_site(), "another process was faster"
    assert site_calls(queue) == 0
    queue.delete(_SITE_PACE_KEY)  # as time does
    clock.now_s += 0.5
    assert wake_up.ask_for_site()
    assert site_calls(queue) == 1


@pytest.mark.usefixtures("_no_pace_ends")
def test_catch_up_calls_for_the_site_at_its_pace_too(queue: redis.Redis, wake_up: WakeUp) -> None:
    """Else a busy site would be drawn twice a second: by whoever changed it, and by catch-up."""
    wake_up.ask_for_site()
    take_call(queue)
    assert not wake_up.ask_for_site_again()
    assert site_calls(queue) == 0
    queue.delete(_SITE_PACE_KEY)  # as time does
    assert wake_up.ask_for_site_again()
    assert site_calls(queue) == 1


def test_call_for_the_site_is_answered_by_one_worker(queue: redis.Redis, wake_up: WakeUp) -> None:
    """The one that takes it out of the queue: RQ's worker, or one that stays at a board."""
    wake_up.ask_for_render("c")
    wake_up.ask_for_site()
    others = [WakeUp(queue).take_site_call() for _ in range(2)]
    assert others == [True, False]
    assert calls(queue) == ["c"]
    assert len(list(queue.scan_iter("rq:job:*"))) == 1, "nothing is kept of it"


def test_dead_queue_is_left_alone_for_a_while_by_calls_for_the_site_too(dead_url: str) -> None:
    """A board's steps must not wait for it one by one."""
    clock = Clock()
    wake_up = WakeUp(connect(dead_url), clock=clock)
    assert not wake_up.ask_for_site()
    asked: list[object] = []
    wake_up._redis.set = lambda *args, **_: asked.append(args)  # type: ignore[method-assign]
    assert not wake_up.ask_for_site()
    assert asked == []
    clock.now_s += 10
    wake_up.ask_for_site()
    assert len(asked) == 1


def test_site_is_not_called_for_through_a_dead_queue(dead_url: str) -> None:
    wake_up = WakeUp(connect(dead_url))
    assert not wake_up.ask_for_site()
    assert not wake_up.take_site_call()
    with pytest.raises(redis.RedisError):
        wake_up.ask_for_site_again()


# --- RQ's own keys ---


def test_what_is_read_of_a_queue_is_what_rq_says(queue: redis.Redis, wake_up: WakeUp) -> None:
    """A new version of RQ may name its keys otherwise: then this fails, and no figure lies."""
    render_queue = Queue(QUEUE, connection=queue, serializer=JSONSerializer)
    for board in ("b", "c", "d"):
        wake_up.ask_for_render(board)
    worker = SimpleWorker([render_queue], connection=queue, serializer=JSONSerializer)
    worker.register_birth()
    failed = render_queue.fetch_job(render_queue.pop_job_id() or "")
    assert failed is not None
    with queue.pipeline() as pipeline:
        render_queue.failed_job_registry.add(failed, ttl=60, pipeline=pipeline)
        pipeline.execute()
    read = queues.state(queue, QUEUE)
    assert read.waiting == render_queue.count == 2
    assert read.running == render_queue.started_job_registry.get_job_count(cleanup=False) == 0
    assert read.failed == render_queue.failed_job_registry.get_job_count(cleanup=False) == 1
    assert read.workers == Worker.count(queue=render_queue) == 1
    assert read.oldest_s >= 0
    assert queues.worker_pids(queue, QUEUE) == {os.getpid()}


def test_worker_that_was_killed_is_not_counted(queue: redis.Redis) -> None:
    """RQ goes on listing it: what it knew of the worker is gone, and its name stays."""
    render_queue = Queue(QUEUE, connection=queue, serializer=JSONSerializer)
    for _ in range(2):
        worker = SimpleWorker([render_queue], connection=queue, serializer=JSONSerializer)
        worker.register_birth()
    queue.delete(worker.key)  # as the server does when its time is over
    assert queues.state(queue, QUEUE).workers == 1
    assert queues.worker_pids(queue, QUEUE) == {os.getpid()}


def test_worker_is_known_for_less_than_two_minutes_after_it_was_heard_of(
    queue: redis.Redis,
) -> None:
    worker = worker_of(Queue(QUEUE, connection=queue, serializer=JSONSerializer))
    worker.register_birth()
    assert worker.dequeue_timeout == TOLD_EVERY_S
    assert 0 < queue.ttl(worker.key) <= KNOWN_FOR_S
    worker.heartbeat()
    assert 0 < queue.ttl(worker.key) <= KNOWN_FOR_S
