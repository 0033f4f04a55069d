"""The sample: what a vichan 5.2.1 published of its board /lab/, and the posts that made it.

`vichan_export/expected.json` holds each post as it was sent (from that board's database);
`vichan_export/lab/` is the board's JSON, unchanged, and its files. All texts and pictures were
written for it; its addresses are from the ranges for documentation. Two of its bans end in 2096 and
2097: there they had two weeks and a year, after which they would hit nobody.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from imageboard.cloaks import parse_address, poster_of
from imageboard.markup.marks import VICHANS
from tests.walk.board_process import BoardProcess, Upload

FOLDER = Path(__file__).parent / "vichan_export"
BOARD = "lab"
#: As its meta.settings say; what is not named is the same here by default.
BOARD_SETTINGS = {
    "title": "Laboratory",
    "subtitle": "makers and measurements",
    "files_max": "3",
    "poster_ids": "on",
    "marks": " ".join(sorted(VICHANS)),
    "threads_per_page": "10",
    "preview_replies": "5",
    "preview_replies_sticky": "1",
    "bump_limit": "250",
}
#: The one post of another board, /b/, that the sample's posts quote.
QUOTED_ON_B = 5050

STICKY_THREAD = 16
LOCKED_THREAD = 11
CYCLICAL_THREAD = 13
POST_WITHOUT_ITS_FILE = 72


@dataclass(frozen=True)
class SentPost:
    """One form of the sample."""

    no: int
    thread: int
    fields: dict[str, str]
    address: str
    files: tuple[Upload, ...] = ()

    def send(self, board: BoardProcess) -> None:
        thread = {} if self.no == self.thread else {"thread": self.thread}
        answer = board.post(
            board=BOARD, address=self.address, files=self.files, **thread, **self.fields
        )
        assert int(answer["id"]) == self.no


@cache
def expected() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text())
    return loaded


def documents() -> dict[str, Any]:
    """Everything that vichan published as JSON, by its path below the board."""
    board = FOLDER / BOARD
    return {
        str(path.relative_to(board)): json.loads(path.read_text())
        for path in sorted(board.rglob("*.json"))
    }


@cache
def threads() -> dict[int, list[dict[str, Any]]]:
    """The posts that were left of each thread, OP first."""
    threads: dict[int, list[dict[str, Any]]] = {}
    for post in expected()["posts"]:
        threads.setdefault(post["thread"], []).append(post)
    return threads


def poster(post: dict[str, Any]) -> str:
    """Who sent it, as far as an address can tell."""
    return poster_of(parse_address(post["ip"]))


def sent_posts() -> list[SentPost]:
    """All that was sent, in the order of its numbers; what was deleted has lost its text."""
    posts = [_sent(post) for post in expected()["posts"]]
    posts += [
        SentPost(
            no=post["no"],
            thread=post["thread"],
            fields={"body": "Deleted later.", "password": post["password_plain"]},
            address="192.0.2.1",
        )
        for post in expected()["deleted"]
    ]
    return sorted(posts, key=lambda post: post.no)


def _sent(post: dict[str, Any]) -> SentPost:
    fields = {
        "name": post["posted_name"],
        "email": post["email"],
        "subject": post["sub"],
        "body": post["body_nomarkup"],
        "password": post["password_plain"],
        "spoiler": "on" if any(file["spoiler"] for file in post["files"]) else None,
    }
    return SentPost(
        no=post["no"],
        thread=post["thread"],
        fields={name: value for name, value in fields.items() if value is not None},
        address=post["ip"],
        files=tuple(Upload(file["name"], _bytes(file)) for file in post["files"]),
    )


def _bytes(file: dict[str, Any]) -> bytes:
    # The file that was deleted is no longer in the sample: any other has its place.
    stored = file["stored"] or "1795500950388.png"
    return (FOLDER / BOARD / "src" / stored).read_bytes()


def replay(board: BoardProcess) -> None:
    """Everything that happened on the sample's board, through the forms of this one."""
    _quoted_on_b(board)
    board.cli("board", "add", BOARD, *(f"{name}={text}" for name, text in BOARD_SETTINGS.items()))
    for post in sent_posts():
        post.send(board)
    for deleted in expected()["deleted"]:
        _delete(board, deleted["no"], deleted["password_plain"])
    passwords = {post["no"]: post["password_plain"] for post in expected()["posts"]}
    _delete(board, POST_WITHOUT_ITS_FILE, passwords[POST_WITHOUT_ITS_FILE], file="on")
    desk = board.staff_desk()
    desk.press("sticky", BOARD, STICKY_THREAD)
    desk.press("lock", BOARD, LOCKED_THREAD)
    desk.press("cycle", BOARD, CYCLICAL_THREAD)
    desk.close()
    board.settle()


def _quoted_on_b(board: BoardProcess) -> None:
    """/b/5050, without the 5,049 posts before it."""
    with psycopg.connect(board.environment["DATABASE_URL"]) as db:
        numbered = "UPDATE boards SET last_no = %(no)s WHERE name = 'b' AND last_no <= %(no)s"
        there_is_room = db.execute(numbered, {"no": QUOTED_ON_B - 1}).rowcount == 1
    assert there_is_room, "others have posted as much on this /b/"
    assert int(board.post(board="b", body="Quoted elsewhere.")["id"]) == QUOTED_ON_B


def _delete(board: BoardProcess, no: int, password: str, **only: str) -> None:
    board.post(board=BOARD, delete="Delete", **{f"delete_{no}": "on"}, password=password, **only)
