from __future__ import annotations

import pytest
import redis

from imageboard.queue import connections


@pytest.fixture(autouse=True)
def _queue_that_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever posts gives up on a queue that says nothing for a second, as on a busy machine."""
    connect = connections.connect

    def patiently(url: str, **_waits: float) -> redis.Redis:
        return connect(url)

    monkeypatch.setattr(connections, "connect", patiently)
