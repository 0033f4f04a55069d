"""Every way in which a server may say how long to wait."""

from __future__ import annotations

from datetime import UTC, datetime

from imageboard.retry_after import wait_s
from tests.tables import for_each

NOW = datetime(2026, 11, 24, 8, 0, 0, tzinfo=UTC)


@for_each(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        (" 7 ", 7),
        ("Tue, 24 Nov 2026 08:01:30 GMT", 90),
        ("Tue, 24 Nov 2026 07:59:00 GMT", 0),
        ("Tue, 24 Nov 2026 08:01:30 -0000", 90),
        ("Wed, 24 Nov 2027 08:00:00 GMT", 3600),
        ("9" * 5000, 3600),
        ("-3", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("Tue, 99 Nov 2026 08:01:30 GMT", None),
    ],
)
def test_a_wait_is_read_and_bounded(header: str | None, expected: float | None) -> None:
    assert wait_s(header, NOW) == expected
