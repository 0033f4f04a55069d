"""Where Prometheus reads a part's metrics: a port of its own, never the public site's.

One daemon thread does all of it. Once a second it looks at what has no event to be counted by
(connections in use), and answers who asks meanwhile.

Several processes may be given one address, as gunicorn's workers are: whoever finds it free
answers for all of them (they share their figures through files, see `PROMETHEUS_MULTIPROC_DIR`
in deploy/gunicorn.py), and when that one ends another takes over within a second. So nothing has
to run in the process that forks them, and a part of which none is alive shows no metrics.
"""

from __future__ import annotations

import math
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import TCPServer
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from monitoring import build, metrics
from monitoring.logs import get_logger
from monitoring.metric_rows import Part
from monitoring.processes import ProcessFamily

log = get_logger(__name__)

LOOK_EVERY_S = 1.0
#: A program that is replaced by a new version has the address a little longer.
TOLD_AFTER_S = 60.0
#: Who asks for metrics is a machine nearby, or nobody that we wait for.
CLIENT_WAIT_S = 5.0


def address_of(listen: str) -> tuple[str, int]:
    """'127.0.0.1:9400' -> ('127.0.0.1', 9400); '[::1]:9400' -> ('::1', 9400)."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def registry_of(part: Part, *, shared_folder: str = "") -> CollectorRegistry:
    """What `part` shows: its metrics, and what its processes use.

    With a `shared_folder` the figures are those of all processes that write there, the children
    of our parent.
    """
    registry = CollectorRegistry()
    registry.register(_Metrics(part, shared_folder))
    registry.register(ProcessFamily(os.getppid() if shared_folder else os.getpid()))
    return registry


def serve(
    part: Part,
    listen: str,
    *,
    schema: str,
    connections: Callable[[], Mapping[str, int]],
    shared_folder: str = "",
) -> MetricsPort | None:
    """Answer at `listen` ('127.0.0.1:9400') from now on; None: `listen` is ''.

    `schema` names the tables that the program was made for; `connections` is
    `Database.connections`, asked once a second.
    """
    if not listen:
        return None
    metrics.note_build(build.version(), schema)
    port = MetricsPort(
        registry_of(part, shared_folder=shared_folder),
        address_of(listen),
        look=lambda: metrics.note_pool(connections()),
        stands_in_line=bool(shared_folder),
    )
    port.start()
    return port


class MetricsPort(threading.Thread):
    """See the module. It ends with its process, or by `stop`."""

    def __init__(
        self,
        registry: CollectorRegistry,
        address: tuple[str, int],
        look: Callable[[], None] = lambda: None,
        *,
        stands_in_line: bool = False,
    ) -> None:
        super().__init__(name="metrics", daemon=True)
        self._registry = registry
        self._address = address
        self._look = look
        #: Never, where the address may well be another's of ours for good.
        self._tell_at_s = math.inf if stands_in_line else time.monotonic() + TOLD_AFTER_S
        self._server: _Server | None = None
        self._is_stopping = False

    def run(self) -> None:
        """The thread's work."""
        while not self._is_stopping:
            self._look()
            if self._server is None:
                self._server = self._bound()
            if self._server is None:
                time.sleep(LOOK_EVERY_S)
            else:
                self._server.handle_request()  # or nothing, for LOOK_EVERY_S
        if self._server is not None:
            self._server.server_close()

    def stop(self) -> None:
        """Give the address back; returns when it is free."""
        self._is_stopping = True
        self.join()

    def _bound(self) -> _Server | None:
        """None: somebody else has the address, perhaps one like us."""
        try:
            return _Server(self._address, self._registry)
        except (OSError, OverflowError) as ex:  # the latter: a port above 65535
            if time.monotonic() > self._tell_at_s:
                self._tell_at_s = math.inf
                log.warning("metrics_address_taken", listen=self._address, why=str(ex))
            return None


class _Metrics(Collector):
    """Those of one part; others would be shown as 0 and hide that their part is down."""

    def __init__(self, part: Part, shared_folder: str) -> None:
        self._shown = metrics.ROWS.shown_by(part)
        self._names = {described.name for metric in self._shown for described in metric.describe()}
        self._shared: Any = None
        if shared_folder:
            self._shared = MultiProcessCollector(None, shared_folder)  # type: ignore[no-untyped-call]

    def collect(self) -> Iterable[Metric]:
        if self._shared is None:
            for metric in self._shown:
                yield from metric.collect()
        else:
            yield from (found for found in self._shared.collect() if found.name in self._names)


class _Server(HTTPServer):
    """One request at a time."""

    timeout = LOOK_EVERY_S

    def __init__(self, address: tuple[str, int], registry: CollectorRegistry) -> None:
        self.registry = registry
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Without HTTPServer's question to the name server who we are."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "metrics", self.server_address[1]

    def handle_error(self, _request: object, _client_address: object) -> None:
        """A client that went away is no news; figures that can't be made are."""
        if not isinstance(sys.exception(), OSError):
            log.exception("metrics_not_shown")


class _Handler(BaseHTTPRequestHandler):
    """GET /metrics, and nothing else."""

    server: _Server
    timeout = CLIENT_WAIT_S

    def do_GET(self) -> None:
        """Prometheus' text format 0.0.4."""
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(404)
            return
        body = generate_latest(self.server.registry)
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE_PLAIN_0_0_4)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: it is asked every few seconds."""
