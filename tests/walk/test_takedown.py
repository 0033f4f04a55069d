"""The short run of tests.walk.takedown: what one press removes is gone wherever readers look."""

from __future__ import annotations

import pytest

from cdn.purger import URLS_PER_CALL_MAX
from tests.walk import takedown

pytestmark = pytest.mark.board


def test_what_one_press_removes_is_gone_everywhere_and_comes_back_nowhere() -> None:
    """By counts, and not by the clock: how soon it is gone says the long run."""
    outcome = takedown.run(takedown.Wish(posts=12, threads=4, posts_per_s=0, crowd_s=0, seed=7))
    assert outcome.problems == []
    assert outcome.shown == dict.fromkeys(("origin", "bucket", "edge"), outcome.addresses)
    assert all(outcome.requests[place] >= outcome.addresses for place in outcome.gone_s)
    # Twice, since a fetch that was under way may bring the old page back: then it is looked at.
    calls_at_least = -(-outcome.purged_urls // URLS_PER_CALL_MAX)
    assert outcome.addresses <= outcome.purged_urls
    # Puts and deletions end at different times, and so do the pages of the site and of the board.
    assert outcome.purge_calls <= calls_at_least + 5
