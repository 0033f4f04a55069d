"""What nginx says while it serves: how often it fails, and its own errors, without an address.

nginx sends a datagram for each answer of a status of 400 or more, and one for each line of its
error log (`NginxSite.log_to`, nginx/templates/logs.conf.jinja), in the words of syslog. Catch-up
hears them, counts the failures and logs the errors. nginx waits for nobody: while nobody listens,
or listens too slowly, what it says is lost, and readers are served as ever.

SECURITY: nginx ends each line about a request with "client: ADDRESS", and the request, which
may hold anything. All of it is cut off here, before the line is counted, kept or logged, and
whatever looks like an address in the rest.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from monitoring import logs, metrics
from monitoring.logs import get_logger
from monitoring.metrics_port import address_of

log = get_logger(__name__)

#: nginx cuts its own lines at 2,048.
DATAGRAM_BYTES_MAX = 4096
SAID_CHARS_MAX = 500
#: A flood of wrong addresses must not keep a processor: so many datagrams are read, then there is a
#: rest, and what comes beyond 2,000 a second is dropped by the kernel.
BATCH = 200
REST_S = 0.1
#: And must not fill the logs.
LINES_A_MINUTE_MAX = 60
LOOK_EVERY_S = 1.0

#: The client spoke another HTTP than nginx does.
_ANOTHER_HTTP = ("501", "505")
_SYSLOG = re.compile(r"<\d{1,3}>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (\w+): (.*)", re.DOTALL)
_FAILURE = re.compile(r"([45]\d\d) (\w+) ([0-9a-f]{32}) ([\d, :-]*)")
#: '2026/11/29 03:00:00 [error] 12#12: *5 open() …'
_ERROR = re.compile(r"(?:[\d/]+ [\d:]+ )?\[(\w+)\] \d+#\d+: (?:\*\d+ )?(.*)", re.DOTALL)
_OF_THE_CLIENT = re.compile(r", client: .*", re.DOTALL)
_ADDRESS = re.compile(
    r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,}(?:\.\d{1,3}){0,3}|\d{1,3}(?:\.\d{1,3}){3}"
)


class Failure(NamedTuple):
    """An answer of a status of 400 or more."""

    status: str
    #: 'page', 'media', 'writer', 'other'
    asked_for: str
    request_id: str
    #: Of the writer's answer; '-' when it was not asked.
    writer_status: str


class Said(NamedTuple):
    """A line of nginx's error log."""

    level: str
    text: str


def heard(datagram: bytes) -> Failure | Said | None:
    """What a datagram says; None: nothing that nginx would send."""
    found = _SYSLOG.fullmatch(datagram.decode(errors="replace"))
    if found is None:
        return None
    tag, text = found.groups()
    if tag == "nginx_failed":
        failure = _FAILURE.fullmatch(text)
        return failure and Failure(*failure.groups())
    error = _ERROR.fullmatch(text)
    return error and Said(error[1], without_addresses(error[2]))


def without_addresses(line: str) -> str:
    """'x while reading response, client: 192.0.2.7, …' -> 'x while reading response'."""
    return _ADDRESS.sub("(address)", _OF_THE_CLIENT.sub("", line))[:SAID_CHARS_MAX]


class NginxLog(threading.Thread):
    """Listens at 'unix:/run/nginx.sock' or 'host:port'; ends with its process, or by `stop`."""

    def __init__(self, listen: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(name="nginx-log", daemon=True)
        self._listen = listen
        self._clock = clock
        self._stopping = threading.Event()
        self._minute = 0
        self._lines = 0

    def run(self) -> None:
        """The thread's work."""
        listener: socket.socket | None = None
        while not self._stopping.is_set():
            if listener is None:
                listener = self._bound()
            if listener is None:
                self._stopping.wait(LOOK_EVERY_S)
            elif self._read(listener) == BATCH:
                self._stopping.wait(REST_S)
        if listener is not None:
            listener.close()

    def stop(self) -> None:
        """Returns when nothing is listened to any more."""
        self._stopping.set()
        self.join()

    def _bound(self) -> socket.socket | None:
        """None: it can't be had yet; the version of before may have it a little longer."""
        try:
            return _socket_at(self._listen)
        except OSError:
            return None

    def _read(self, listener: socket.socket) -> int:
        """Take what came, or wait a moment for it; how many datagrams."""
        for place in range(BATCH):
            listener.settimeout(0 if place else LOOK_EVERY_S)
            try:
                datagram = listener.recv(DATAGRAM_BYTES_MAX)
            except (TimeoutError, BlockingIOError):
                return place
            self.take(datagram)
        return BATCH

    def take(self, datagram: bytes) -> None:
        """Count it, and log what deserves a line."""
        told = heard(datagram)
        if isinstance(told, Failure):
            metrics.nginx_failures.labels(told.status, told.asked_for).inc()
            if told.status >= "5" and told.status not in _ANOTHER_HTTP and self._has_room():
                with logs.working_for(told.request_id):
                    log.warning(
                        "request_not_served",
                        status=int(told.status),
                        asked_for=told.asked_for,
                        writer_status=told.writer_status,
                    )
        elif isinstance(told, Said):
            metrics.nginx_errors.labels(told.level).inc()
            if self._has_room():
                log.warning("nginx_said", nginx_level=told.level, said=told.text)

    def _has_room(self) -> bool:
        """Whether a line may be logged; the first that may not says so in its place."""
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute, self._lines = minute, 0
        self._lines += 1
        if self._lines == LINES_A_MINUTE_MAX + 1:
            log.warning("nginx_says_more", lines_a_minute_max=LINES_A_MINUTE_MAX)
        return self._lines <= LINES_A_MINUTE_MAX


def _socket_at(listen: str) -> socket.socket:
    """Raises OSError."""
    if not listen.startswith("unix:"):
        host, port = address_of(listen)
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        return _bound_to(family, address)
    path = Path(listen.removeprefix("unix:"))
    # Of one who listened here before. Never when we end: another may listen by then.
    with suppress(FileNotFoundError):
        path.unlink()
    listener = _bound_to(socket.AF_UNIX, str(path))
    # nginx may be another user: who gets at the folder may tell.
    path.chmod(0o666)
    return listener


def _bound_to(family: int, address: Any) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_DGRAM)
    try:
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener
