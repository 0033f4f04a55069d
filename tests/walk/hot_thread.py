"""One thread that everybody replies to, on a board with a bucket: what the bucket is asked for.

`python -m tests.walk.hot_thread --seconds 30 --rate 200` prints figures; exit status 1 when a key
was put more than once a second, a put failed, or the bucket does not end as the web root does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from deploy.embedded.seaweedfs import SeaweedFS
from loadtest import sustained
from tests.cdn.buckets import a_seaweedfs
from tests.walk.board_process import BoardProcess, a_board_process
from tests.walk.bucket_tap import BucketTap
from tests.walk.proofs import compared_with_bucket, findings, seconds_until_settled

#: R2 takes one write a second to a key: https://developers.cloudflare.com/r2/platform/limits/
#: (read 2026-11-24).
KEY_PACE_S = 1.0
_ANSWERED_WELL = range(200, 300)


@dataclass
class Outcome:
    """What a run came to."""

    posts: int
    posts_per_s: float
    missing: int
    puts: int
    keys: int
    #: The shortest time from a put's answer until the next one of its key; None: no key was put
    #: twice.
    shortest_s: float | None
    #: From the last post until the bucket held everything.
    bucket_after_s: float
    problems: list[str]

    def lines(self) -> list[str]:
        shortest = "-" if self.shortest_s is None else f"{self.shortest_s:.2f} s"
        return [
            f"{self.posts} posts acknowledged, {self.posts_per_s:.0f} a second",
            f"{self.puts} puts of {self.keys} keys; two of one key {shortest} apart at least",
            f"all in the bucket {self.bucket_after_s:.1f} s after the last post",
            *(self.problems or ["bucket and web root hold the same; no put failed"]),
        ]


def run(*, seconds: float, posts_per_s: float, clients: int = 8) -> Outcome:
    """One run on a board of its own, to its end. Nothing of it is left running."""
    problems: list[str] = []
    with a_bucket() as bucket, BucketTap(bucket.url) as tap, a_board_with(bucket, tap.url) as board:
        wish = sustained.Wish(
            url=board.url,
            board="b",
            threads=sustained.fill(board.url, "b", threads=1, replies=50),
            clients=clients,
            readers=0,
            rate=posts_per_s,
            seconds=seconds,
        )
        figures = sustained.run(wish)
        ended_s = time.monotonic()
        seconds_until_settled(board, "pages", ended_s, problems)
        bucket_after_s = seconds_until_settled(board, "cloud", ended_s, problems)
        problems += findings(board)
        problems += compared_with_bucket(board)[1]
    puts = tap.by_key()
    # From the answer, which is here before the publisher knows of it: from one beginning to the
    # next it is less wherever a request waits on its way here.
    gaps = [b.began_s - a.answered_s for of_key in puts.values() for a, b in pairwise(of_key)]
    problems += [f"{gap:.2f} s between two puts" for gap in gaps if gap < KEY_PACE_S]
    problems += [
        f"a put of {put.key} was answered {put.status}"
        for put in tap.puts
        if put.status not in _ANSWERED_WELL
    ]
    if figures["missing_at_the_end"] or figures["refused"]:
        problems.append(f"missing or refused: {figures}")
    return Outcome(
        posts=int(str(figures["posts"])),
        posts_per_s=float(str(figures["posts_per_s"])),
        missing=int(str(figures["missing_at_the_end"])),
        puts=len(tap.puts),
        keys=len(puts),
        shortest_s=min(gaps, default=None),
        bucket_after_s=bucket_after_s,
        problems=problems,
    )


@contextmanager
def a_bucket() -> Iterator[SeaweedFS]:
    """On a server of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="sb-") as folder, a_seaweedfs(Path(folder)) as server:
        yield server


def a_board_with(bucket: SeaweedFS, url: str) -> AbstractContextManager[BoardProcess]:
    """Its publisher reaches the bucket at `url`."""
    return a_board_process(
        S3_ENDPOINT_URL=url,
        R2_BUCKET_NAME=bucket.bucket,
        R2_ACCESS_KEY=bucket.access_key,
        R2_SECRET_KEY=bucket.secret_key,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rate", type=float, default=200, help="posts a second")
    parser.add_argument("--clients", type=int, default=8)
    chosen = parser.parse_args()
    outcome = run(seconds=chosen.seconds, posts_per_s=chosen.rate, clients=chosen.clients)
    print("\n".join(outcome.lines()))
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
