"""One render worker, two boards: a burst on one of them does not hold up the other."""

from __future__ import annotations

import statistics
import time

import pytest

from tests.deploy.stand_ins import WAIT_S
from tests.walk.board_process import BoardProcess
from tests.walk.crowd import Crowd

pytestmark = pytest.mark.board

#: The burst has a board of its own: how many posts it comes to is the machine's, and others reckon
#: with the numbers of /b/.
QUIET_BOARD, BURST_BOARD = "quiet", "burst"
POSTS = 3
#: More than the machine can store: the burst has no gaps.
BURST_POSTS_PER_S = 2_000


def test_a_post_to_a_quiet_board_is_seen_while_another_board_has_a_burst(
    board_process: BoardProcess,
) -> None:
    """Each time before the burst ends, which it does when the last one was seen."""
    board = board_process
    board.cli("board", "add", QUIET_BOARD, "title=Nobody is here")
    board.cli("board", "add", BURST_BOARD, "title=Everybody is here")
    thread = board.post(board=QUIET_BOARD, body="A first post.")["thread"]
    board.settle()
    crowd = Crowd(board.url, BURST_POSTS_PER_S, clients=6, board=BURST_BOARD)
    with crowd.at_work():
        began_s = time.monotonic()
        waits_s = [seconds_until_seen(board, thread, number) for number in range(POSTS)]
        took_s = time.monotonic() - began_s
        posts_per_s = len(crowd.acknowledged) / took_s
    print(
        f"in a burst of {posts_per_s:.0f} posts/s on one board, a post to the other is seen after "
        f"{statistics.median(waits_s) * 1000:.0f} ms (p50), {max(waits_s) * 1000:.0f} ms at most"
    )
    assert len(crowd.acknowledged) > POSTS, "there was a burst"


def seconds_until_seen(board: BoardProcess, thread: str, number: int) -> float:
    """From before the form is sent until a reader's page shows it."""
    words = f"Quiet words, number {number}."
    sent_s = time.monotonic()
    board.post(board=QUIET_BOARD, thread=thread, body=words, address="198.51.100.1")
    while words not in board.http.get(f"/{QUIET_BOARD}/res/{thread}.html").text:
        assert time.monotonic() - sent_s < WAIT_S, f"{words} not seen while the burst lasts"
    return time.monotonic() - sent_s
