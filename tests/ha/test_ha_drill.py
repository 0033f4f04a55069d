"""Of each part the one in use is killed while people post: the short run of drill.py."""

from __future__ import annotations

import pytest

from tests.ha import drill

#: Repeats what happens when, not the machine's pace.
SEED = 7


@pytest.mark.board
@pytest.mark.crash
def test_whichever_part_dies_acknowledged_posts_stay_and_posting_goes_on() -> None:
    """Valkey's primary, PostgreSQL's primary (the replica is promoted), a writer: every post that
    was acknowledged is on its page once, every read succeeds, verify finds nothing against the new
    primary, none is refused that need not be, and people post again after each. For how long they
    can't says the long run.
    """
    outcome = drill.run(seconds=10, seed=SEED, posts_per_s=20)
    print("\n".join(outcome.lines() + outcome.slow()))
    assert outcome.problems == []
    assert [row.event.name for row in outcome.rows] == ["begin", "valkey", "postgres", "writer"]
    assert all(row.acknowledged >= drill.POSTS_BETWEEN_MIN for row in outcome.rows)


def test_a_plan_is_the_same_for_the_same_seed() -> None:
    assert drill.planned(SEED, 60) == drill.planned(SEED, 60)
    assert drill.planned(SEED, 60) != drill.planned(SEED + 1, 60)
