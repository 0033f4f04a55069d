"""One line and a few figures for each request: never who sent it or what it said."""

from __future__ import annotations

import http
import time

import falcon

from monitoring import logs, metrics
from monitoring.logs import get_logger
from writer.health import PROBES

log = get_logger(__name__)


class RequestLog:
    """Falcon middleware."""

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        req.context.started_s = time.perf_counter()
        metrics.running_requests.inc()
        logs.begin_request(req.get_header("X-Request-ID"))

    def process_response(
        self, req: falcon.Request, resp: falcon.Response, _resource: object, _succeeded: bool
    ) -> None:
        took_s = time.perf_counter() - req.context.started_s
        route = req.uri_template or "unknown"
        status = str(resp.status_code)
        metrics.running_requests.dec()
        metrics.request_seconds.labels(route).observe(took_s)
        metrics.responses.labels(status).inc()
        if route not in PROBES or resp.status_code != http.HTTPStatus.OK:
            log.info(
                "request_answered",
                method=req.method,
                route=route,
                status=resp.status_code,
                ms=round(took_s * 1000, 1),
            )
        logs.end_request()
