"""How much is logged: `python -m tests.monitoring.bench_logs`, from the root of the checkout.

Starts a board as in production, posts to it and reads from it, and prints the bytes and lines that
each part's log grew by, per post and per read.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.cli.boards import RunningBoard
from tests.walk.board_process import BoardProcess

POSTS = 200
READS = 500
#: The renderer writes its last lines, and RQ's worker goes back to waiting.
AFTER_S = 2.0


def sizes(logs: Path) -> dict[str, tuple[int, int]]:
    """{part: (bytes, lines)}"""
    texts = {path.stem: path.read_bytes() for path in logs.glob("*.log")}
    return {part: (len(text), text.count(b"\n")) for part, text in texts.items()}


def grown(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]], each: int) -> None:
    for part, (size, count) in sorted(after.items()):
        size_before, lines_before = before.get(part, (0, 0))
        if size != size_before:
            print(
                f"  {part:<12}{(size - size_before) / each:8.0f} bytes,"
                f" {(count - lines_before) / each:5.2f} lines"
            )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        running = RunningBoard(
            Path(folder) / "data", ENVIRONMENT="production", STILLBOARD_TRUSTED_PROXIES="127.0.0.1"
        )
        board = BoardProcess(running)
        logs = board.data / "logs"
        no = board.post(board="b", body="the thread")["id"]
        board.settle()
        before = sizes(logs)
        for number in range(POSTS):
            board.post(board="b", thread=no, body=f"reply {number}", address=f"198.51.100.{number}")
        board.settle()
        time.sleep(AFTER_S)
        between = sizes(logs)
        print(f"a post ({POSTS} of them):")
        grown(before, between, POSTS)
        for _ in range(READS):
            board.http.get(f"/b/res/{no}.html")
        time.sleep(AFTER_S)
        print(f"a read ({READS} of them):")
        grown(between, sizes(logs), READS)
        board.http.close()
        running.stop()


if __name__ == "__main__":
    main()
