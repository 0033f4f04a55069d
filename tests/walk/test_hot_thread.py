"""However hot a thread is, the bucket is asked for no more than it takes, and ends up right.

A short run; `python -m tests.walk.hot_thread` is the long one.
"""

from __future__ import annotations

import pytest

from tests.walk import hot_thread

pytestmark = pytest.mark.board


def test_hot_thread_is_put_once_a_second_and_the_last_version_wins() -> None:
    outcome = hot_thread.run(seconds=3, posts_per_s=20, clients=4)
    assert outcome.problems == []
    assert outcome.posts > 0
    assert outcome.shortest_s is not None, "a key was put more than once"
