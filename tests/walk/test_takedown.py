"""The short run of tests.walk.takedown: what one press removes is gone wherever readers look."""

from __future__ import annotations

import pytest

from tests.walk import takedown

pytestmark = pytest.mark.board


def test_what_one_press_removes_is_gone_everywhere_and_comes_back_nowhere() -> None:
    """By counts, and not by the clock: how soon it is gone says the long run."""
    outcome = takedown.run(takedown.Wish(posts=12, threads=4, posts_per_s=0, crowd_s=0, seed=7))
    assert outcome.problems == []
    assert outcome.shown == dict.fromkeys(("origin", "bucket", "edge"), outcome.addresses)
    assert all(outcome.requests[place] >= outcome.addresses for place in outcome.gone_s)
    assert outcome.addresses <= outcome.purged_urls
    # Addresses share calls. How many do hangs on how the pages' ends fall together: a few calls
    # more on a slow machine, never one for each address (some twenty share one on a quick one).
    assert outcome.purge_calls <= outcome.purged_urls // 4
