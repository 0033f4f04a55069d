"""The id that nginx gave a request goes with it: into log lines, and with calls to the workers."""

from __future__ import annotations

import re
from pathlib import Path

import falcon
import falcon.testing
import pytest
import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer

from imageboard.queue.queues import PUBLISH_QUEUE, QUEUE
from imageboard.queue.wake_up import WakeUp
from imageboard.queue.worker import Worker
from monitoring import logs
from writer.request_log import RequestLog

ID = "0123456789abcdef" * 2


class Asked:
    """A resource that notes for whom it works."""

    def __init__(self) -> None:
        self.request_ids: list[str] = []

    def on_get(self, _req: falcon.Request, _resp: falcon.Response) -> None:
        self.request_ids.append(logs.request_id())


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def client(asked: Asked) -> falcon.testing.TestClient:
    app = falcon.App(middleware=[RequestLog()])
    app.add_route("/", asked)
    return falcon.testing.TestClient(app)


def test_id_of_nginx_is_taken_over(client: falcon.testing.TestClient, asked: Asked) -> None:
    client.simulate_get("/", headers={"X-Request-ID": ID})
    assert asked.request_ids == [ID]


@pytest.mark.parametrize("given", [None, "", "forged", ID.upper(), ID + "0", f"{ID}\nx", "é" * 32])
def test_request_without_an_id_of_nginx_gets_one(
    client: falcon.testing.TestClient, asked: Asked, given: str | None
) -> None:
    client.simulate_get("/", headers={} if given is None else {"X-Request-ID": given})
    (request_id,) = asked.request_ids
    assert re.fullmatch("[0-9a-f]{32}", request_id)
    assert request_id != given


def test_id_is_forgotten_with_the_answer(client: falcon.testing.TestClient) -> None:
    client.simulate_get("/", headers={"X-Request-ID": ID})
    assert logs.request_id() == ""


def test_call_carries_the_id_to_the_renderer_and_to_the_publisher(queue: redis.Redis) -> None:
    wake_up = WakeUp(queue, request_id=logs.request_id)
    with logs.working_for(ID):
        wake_up.ask_for_render("b")
        wake_up.ask_for_publishing()
    for name in (QUEUE, PUBLISH_QUEUE):
        (job,) = Queue(name, connection=queue, serializer=JSONSerializer).jobs
        assert job.meta == {"request_id": ID}


def test_call_for_nobody_carries_nothing(queue: redis.Redis) -> None:
    WakeUp(queue, request_id=logs.request_id).ask_for_render("b")
    (job,) = Queue(QUEUE, connection=queue, serializer=JSONSerializer).jobs
    assert job.meta == {}


def note_for_whom(path: str) -> None:
    """A job."""
    Path(path).write_text(logs.request_id())


@pytest.mark.slow
def test_worker_works_for_the_request_that_called(queue: redis.Redis, tmp_path: Path) -> None:
    jobs = Queue("test", connection=queue, serializer=JSONSerializer)
    for name, meta in (("called", {"request_id": ID}), ("by itself", {})):
        path = tmp_path / name
        jobs.enqueue_call(f"{__name__}.note_for_whom", args=(str(path),), meta=meta)
    Worker([jobs], connection=queue, serializer=JSONSerializer).work(burst=True)
    assert (tmp_path / "called").read_text() == ID
    assert (tmp_path / "by itself").read_text() == ""
    assert logs.request_id() == ""


def test_no_thread_takes_the_id_of_another(client: falcon.testing.TestClient) -> None:
    """What is bound to one is not there in the next."""
    with logs.working_for(ID):
        assert structlog.contextvars.get_contextvars() == {"request_id": ID}
    assert structlog.contextvars.get_contextvars() == {}
