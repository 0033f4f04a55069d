"""Posts, threads and boards for tests: say what matters, the rest is filled in."""

from __future__ import annotations

from typing import Any

from imageboard.boards import Board
from imageboard.settings import BoardSettings
from imageboard.threads import Post, PostFile, Thread
from templates import Site
from templates.pages import About

#: Tuesday, 24 November 2026, 06:15:50 UTC.
CREATED_S = 1_795_500_950


def a_board(name: str = "b", **settings: Any) -> Board:
    return Board(name, BoardSettings(**settings))


def a_site(*boards: Board, url: str = "https://board.example") -> Site:
    return Site("Stillboard", boards or (a_board(), a_board("tech", title="Technology")), url)


def a_file(**values: Any) -> PostFile:
    filled: dict[str, Any] = {
        "tim": "1795500950388",
        "extension": ".jpg",
        "thumb_extension": ".webp",
        "original_name": "lake at dawn",
        "bytes": 204_800,
        "width": 1600,
        "height": 1200,
        "thumb_width": 255,
        "thumb_height": 191,
        "md5": "1B2M2Y8AsgTpgAmY7PhCfg==",
        "is_spoiler": False,
        "is_removed": False,
        "colour": 0x7F8091,
        "dense_extension": ".jpg",
    }
    return PostFile(**filled | values)


def a_film(**values: Any) -> PostFile:
    filled: dict[str, Any] = {
        "extension": ".webm",
        "thumb_extension": ".jpg",
        "original_name": "waves",
        "duration_ms": 75_200,
        "has_sound": True,
        "codecs": "vp9, opus",
        "dense_extension": None,
    }
    return a_file(**filled | values)


def a_post(**values: Any) -> Post:
    """A reply, number 124 in thread 123."""
    filled: dict[str, Any] = {
        "no": 124,
        "thread": 123,
        "created_s": CREATED_S,
        "name": None,
        "tripcode": None,
        "capcode": None,
        "email": None,
        "subject": None,
        "body": "Still water.",
        "poster_id": "1a2b3c4d",
        "changed_no": 7,
        "quotes": (),
        "backlinks": (),
        "files": (),
    }
    return Post(**filled | values)


def an_op(**values: Any) -> Post:
    """The first post of thread 123."""
    return a_post(**{"no": 123, "subject": "Morning at the lake"} | values)


def a_thread(**values: Any) -> Thread:
    filled: dict[str, Any] = {
        "no": 123,
        "is_sticky": False,
        "is_locked": False,
        "replies": 2,
        "images": 1,
        "modified_s": CREATED_S,
        "bumped_s": CREATED_S,
        "posters": 2,
        "changed_no": 7,
        "removal_no": 0,
    }
    return Thread(**filled | values)


def an_about(words: str = "Lake") -> About:
    """What a thread's page says of itself."""
    picture_url = "/b/thumb/1795500950388.webp"
    return About(title=words, subject=words, description=words, picture_url=picture_url)
