"""A reader who follows a thread by its changes, as the docs tell clients to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from imageboard import addresses
from renderer.web_root import WebRoot

#: What an OP counts of its thread: it is told with every change, and not by the feed.
COUNTS = frozenset(
    {"replies", "images", "bumplimit", "last_modified", "change", "unique_ips", "closed", "locked"}
    | {"sticky", "cyclical", "imagelimit"}
)


@dataclass
class Follower:
    """Has read a thread once, and since then what changed."""

    web_root: WebRoot
    board: str
    thread: int
    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    seen: int = -1
    #: How often all of the thread was read, and how often what changed was enough.
    whole: int = 0
    applied: int = 0

    def look(self) -> None:
        feed = self.latest()
        if feed["since"] > self.seen and feed["next"]:
            feed = self.read(feed["next"].removeprefix("/"))
        if feed["since"] > self.seen or feed["change"] < self.seen:
            self.read_whole()
            return
        for post in feed["posts"]:
            # The short feed has a post's HTML too, which its thread's JSON has not.
            self.posts[post["no"]] = {name: post[name] for name in post if name != "html"}
        for no in feed["gone"]:
            self.posts.pop(no, None)
        self.applied += feed["change"] > self.seen
        self.seen = feed["change"]

    def read_whole(self) -> None:
        shown = self.shown()
        self.posts = {post["no"]: post for post in shown}
        self.seen = shown[0]["change"]
        self.whole += 1

    def feed(self) -> dict[str, Any]:
        return self.read(addresses.thread_changes_path(self.board, self.thread))

    def latest(self) -> dict[str, Any]:
        """The feed that is looked at first."""
        return self.read(addresses.thread_latest_path(self.board, self.thread))

    def shown(self) -> list[dict[str, Any]]:
        """The posts of the thread's own JSON."""
        posts: list[dict[str, Any]] = self.read(
            addresses.thread_json_path(self.board, self.thread)
        )["posts"]
        return posts

    def is_right(self) -> bool:
        """Whether what was put together is what the thread shows, the OP's counts apart."""
        told = [self.posts[no] for no in sorted(self.posts)]
        return list(map(_without_counts, told)) == list(map(_without_counts, self.shown()))

    def read(self, path: str) -> Any:
        body = self.web_root.read(path)
        assert body is not None, path
        return json.loads(body)


def _without_counts(post: dict[str, Any]) -> dict[str, Any]:
    if post["resto"]:
        return post
    return {name: value for name, value in post.items() if name not in COUNTS}
