"""Structured logs: a constant event name and facts as fields, JSON in production.

Never an address, a password or a post's text. docs/logs.md lists the events.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, Protocol

import structlog

#: SECURITY: frames without their local variables, which hold what people typed.
_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


class LogSettings(Protocol):
    """What of the settings the logs need."""

    @property
    def environment(self) -> str: ...
    @property
    def log_level(self) -> str: ...


def configure(settings: LogSettings, *, part: str) -> None:
    """Log to stderr from now on, as the settings have it; every line names its `part`."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    is_production = settings.environment == "production"
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if is_production
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([_TRACEBACKS] if is_production else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(part=part)
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr)


def get_logger(name: str) -> Any:
    return structlog.get_logger(module=name)
