"""What the bridge to Firefox answers itself."""

from __future__ import annotations

from typing import Any

from tests.browser.bidi_bridge import ANSWERED, Bridge
from tests.tables import for_each


def asked(scheme: str | None) -> dict[str, Any]:
    features = {"prefers-color-scheme": scheme}
    return {"id": 7, "method": ANSWERED, "params": {"features": features}}


@for_each("scheme", ["light", None])
def test_a_light_system_is_had_and_counted(scheme: str | None) -> None:
    bridge = Bridge(browser_port=1)
    assert bridge.answer_to(asked(scheme)) == {"type": "success", "id": 7, "result": {}}
    assert bridge.answered == 1


def test_a_dark_one_is_refused_and_all_else_is_the_browsers() -> None:
    bridge = Bridge(browser_port=1)
    refused = bridge.answer_to(asked("dark"))
    assert refused is not None
    assert (refused["type"], refused["id"]) == ("error", 7)
    assert bridge.answer_to({"id": 8, "method": "session.new", "params": {}}) is None
    assert bridge.answered == 0
