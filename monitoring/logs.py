"""Structured logs: a constant event name and facts as fields, JSON unless a person is watching.

Never an address, a password or a post's text. docs/logs.md lists the events.
"""

from __future__ import annotations

from monitoring import lean_start  # noqa: F401  # before structlog is imported

# isort: split
import json
import logging
import re
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TextIO, cast

import orjson
import structlog
from structlog.typing import EventDict

#: SECURITY: frames without their local variables, which hold what people typed.
_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


#: nginx's $request_id.
_REQUEST_ID = re.compile("[0-9a-f]{32}")


class LogSettings(Protocol):
    """What of the settings the logs need."""

    @property
    def environment(self) -> str: ...
    @property
    def log_level(self) -> str: ...


def configure(settings: LogSettings, *, part: str) -> None:
    """Log to stderr from now on, as the settings have it; every line names its `part`.

    PERF: JSON goes into files in development too. Lines for people take three times as long, 25 µs
    of each post's 600 in the writer.
    """
    level = logging.getLevelNamesMapping()[settings.log_level]
    is_for_people = sys.stderr.isatty() and settings.environment != "production"
    rendering: list[Any] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if is_for_people
        else [_TRACEBACKS, structlog.processors.JSONRenderer(serializer=_to_json)]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _naming(part),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *rendering,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _Lenient(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr)


@contextmanager
def warnings_alone() -> Iterator[None]:
    """On stderr; for a command, which says itself what it has done."""
    before = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        yield
    finally:
        structlog.configure(**before)


class _Lenient:
    """A log that can't be written, on a full disk for one, fails nobody.

    A post was stored, and its poster must not be told otherwise.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def _to_json(line: EventDict, default: Callable[[Any], Any]) -> str:
    try:
        return orjson.dumps(line, default=default).decode()
    except TypeError:
        # A file name that is not UTF-8, a number beyond 64 bits: json writes those too.
        return json.dumps(line, default=default)


def _naming(part: str) -> structlog.typing.Processor:
    """Puts `part` into every line, whichever thread writes it."""

    def name_part(_logger: object, _method: str, line: EventDict) -> EventDict:
        line["part"] = part
        return line

    return name_part


@contextmanager
def working_for(request_id: str) -> Iterator[None]:
    """Every line of this thread names the request, until the block ends; '' is none."""
    if not request_id:
        yield
        return
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        yield


def begin_request(given: str | None) -> None:
    """Every line of this thread names the request from now on, until `end_request`.

    SECURITY: `given` is what nginx made; anything of another shape came from somewhere else and
    is not repeated in our logs.
    """
    request_id = given if given and _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
    structlog.contextvars.bind_contextvars(request_id=request_id)


def end_request() -> None:
    structlog.contextvars.unbind_contextvars("request_id")


def request_id() -> str:
    """Of the request that this thread works for; '' when there is none."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def get_logger(name: str) -> Any:
    return structlog.get_logger(module=name)
