"""Parts are killed at random while people post: the short run of faults.py."""

from __future__ import annotations

import pytest

from tests.walk import faults

#: Repeats the faults, not the machine's pace.
SEED = 7
#: Each part once.
SECONDS, FAULTS, POSTS_PER_S = 9, len(faults.PARTS), 10.0


@pytest.mark.board
@pytest.mark.crash
def test_after_a_storm_of_faults_every_post_is_everywhere_once() -> None:
    """All who wanted to post get in, some of them late. Every acknowledged post is on its page,
    none twice; verify finds nothing, neither in the web root nor in the bucket, which holds the
    same; nothing is left running. Of a board that was removed meanwhile nothing is left either.
    """
    outcome = faults.run(seconds=SECONDS, faults=FAULTS, seed=SEED, posts_per_s=POSTS_PER_S)
    print("\n".join(outcome.lines()))
    assert outcome.problems == []
    assert sum(outcome.faults.values()) == FAULTS
    assert outcome.acknowledged >= SECONDS * 9, "whoever was refused sent again, and got in"


def test_a_plan_of_faults_is_the_same_for_the_same_seed() -> None:
    assert faults.planned(SEED, 30, 15) == faults.planned(SEED, 30, 15)
    assert faults.planned(SEED, 30, 15) != faults.planned(SEED + 1, 30, 15)
