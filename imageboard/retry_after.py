"""How long a server asks to be left alone: the Retry-After header."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: An hour: a wrong clock at the other end must not stop the board for a day.
WAIT_S_MAX = 3600.0


def wait_s(header: str | None, now: datetime) -> float | None:
    """'3' -> 3.0; an HTTP date -> seconds from `now` until then; None: it does not say.

    Never negative, and at most WAIT_S_MAX.
    """
    seconds = _seconds(header.strip(), now) if header else None
    return None if seconds is None else min(max(seconds, 0.0), WAIT_S_MAX)


def _seconds(value: str, now: datetime) -> float | None:
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds()
