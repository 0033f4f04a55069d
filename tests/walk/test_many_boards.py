"""Several render workers on several boards: none waits for another's front page."""

from __future__ import annotations

import pytest

from tests.walk import many_boards

pytestmark = pytest.mark.board


def test_no_worker_waits_for_another_s_front_page() -> None:
    outcome = many_boards.run(boards=6, workers=3, seconds=4)
    print(outcome.line())
    assert outcome.posts > 6, "they were all posted to"
    assert outcome.site_waits == 0
    assert outcome.site_drawings > 0
