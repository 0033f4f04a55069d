"""Everything that adds up, at once: the short run of siege/."""

from __future__ import annotations

import pytest

from tests.walk.disks import NoDisk
from tests.walk.siege.run import run

#: Repeats who does what when, not the machine's pace.
SEED = 7


@pytest.mark.board
@pytest.mark.crash
def test_honest_people_read_and_post_through_a_siege() -> None:
    """Every honest read is answered and honest posts get in, no old thread is lost, somebody of
    the staff is let in and removes a flooded thread; afterwards verify and doctor find nothing.
    """
    try:
        outcome = run(seconds=20, seed=SEED)
    except NoDisk as ex:
        pytest.skip(str(ex))
    print("\n".join(outcome.lines() + outcome.slow()))
    assert outcome.problems == []
    assert outcome.reads_s
    assert outcome.posts_s
