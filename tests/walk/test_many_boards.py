"""Several render workers on several boards: none waits for another's front page."""

from __future__ import annotations

import pytest

from tests.walk import many_boards

pytestmark = pytest.mark.board

POSTS_EACH = 15


def test_no_worker_waits_for_another_s_front_page() -> None:
    outcome = many_boards.run(boards=6, workers=3, posts_each=POSTS_EACH)
    print(outcome.line())
    assert outcome.posts == 6 * POSTS_EACH
    assert outcome.site_waits == 0
    assert outcome.site_drawings > 0
