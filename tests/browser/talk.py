"""A short thread in which posts answer each other, with pictures, names and a film."""

from __future__ import annotations

from typing import NamedTuple

from tests.walk.board_process import BoardProcess, Upload
from tests.writer.media import hostile
from tests.writer.media.films import a_film


class Talk(NamedTuple):
    """Its posts by what they are."""

    thread: int
    reply: int
    #: Answers the reply, a post of another thread, and one that never was.
    last: int
    #: By the same person as `again`, with the same name, tripcode and picture.
    named: int
    again: int
    #: Its picture is behind a spoiler.
    spoiled: int
    #: Two of them.
    film: int


def a_talk(board: BoardProcess) -> Talk:
    """A thread on /b/ that has thread 1 already."""
    wide = Upload("wide.png", hostile.a_png(hostile.scene(1600, 300)))
    same = Upload("the same.png", hostile.a_png(hostile.scene(120, 90)))
    thread = int(board.post(board="b", subject="A talk", body="the first post", files=[wide])["id"])

    def reply(body: str, **more: object) -> int:
        return int(board.post(board="b", thread=thread, body=body, email="sage", **more)["id"])

    first = reply(f">>{thread}\nthe reply")
    last = reply(f">>{first}\n>>1 is elsewhere\n>>999999 never was\nthe last post")
    named = reply("by Anne", name="Anne#one", files=[same])
    again = reply("by Anne again\n[spoiler]hidden words[/spoiler]", name="Anne#one", files=[same])
    spoiled = reply("look out", files=[same], spoiler="on")
    films = [Upload(f"film {number}.webm", a_film(seconds=2)) for number in (1, 2)]
    film = reply("two films", files=films)
    return Talk(thread, first, last, named, again, spoiled, film)
