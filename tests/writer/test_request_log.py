"""Requests are counted while they are under way, however they end; a probe is no news."""

from __future__ import annotations

import falcon
import falcon.testing
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from tests.tables import for_each
from writer.request_log import RequestLog


def under_way() -> float:
    return REGISTRY.get_sample_value("stillboard_running_requests") or 0.0


class Looks:
    """A resource that notes what is under way, and fails when it is told to."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def on_get(self, req: falcon.Request, _resp: falcon.Response) -> None:
        self.seen.append(under_way())
        if req.has_param("fails"):
            raise ValueError
        if req.has_param("refuses"):
            raise falcon.HTTPConflict


@pytest.mark.parametrize("query", ["", "fails=1", "refuses=1"])
def test_request_is_under_way_until_it_is_answered(query: str) -> None:
    looks = Looks()
    app = falcon.App(middleware=[RequestLog()])
    app.add_route("/", looks)
    before = under_way()
    answer = falcon.testing.TestClient(app).simulate_get("/", query_string=query)
    assert looks.seen == [before + 1]
    assert under_way() == before, answer.status


def test_request_for_nothing_is_not_under_way_for_ever() -> None:
    before = under_way()
    falcon.testing.TestClient(falcon.App(middleware=[RequestLog()])).simulate_get("/nowhere")
    assert under_way() == before


class Answers:
    """A resource with the status that it is asked for."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.status = req.get_param("status")


@for_each(
    ("path", "status", "told"),
    [
        ("/healthz", "200", []),
        ("/readyz", "200", []),
        # Since when nobody could post is news.
        ("/readyz", "503", ["request_answered"]),
        ("/post", "200", ["request_answered"]),
    ],
)
def test_probe_that_goes_well_is_no_news(path: str, status: str, told: list[str]) -> None:
    """A pod is probed 26,000 times a day, and would log nothing else."""
    app = falcon.App(middleware=[RequestLog()])
    app.add_route(path, Answers())
    with capture_logs() as lines:
        falcon.testing.TestClient(app).simulate_get(path, params={"status": status})
    assert [line["event"] for line in lines] == told
