"""Every step on the way of a post, of a removal and of a board that goes, at which a process may
end, by the stages of that way. crash_points.py has processes that end there.

A point names a function of the real code by its import path, and the call of it that is not
begun, or not returned from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Deed = Literal["post", "removal", "board"]


@dataclass(frozen=True)
class Point:
    """Before or after the `nth` call of `where` (with an argument like `of`)."""

    name: str
    when: Literal["before", "after"]
    #: 'package.module:Class.function', as pkgutil.resolve_name has it.
    where: str
    #: A pattern that one of the call's arguments has to match; '': any call. {thread}: its number;
    #: {board}: its board.
    of: str = ""
    nth: int = 1
    deed: Deed = "post"
    #: Whether the database holds the deed by then.
    is_stored: bool = True


def _placed(what: str, path: str) -> Point:
    return Point(f"{what} in place", "after", "os:rename", f"*/public/{path}")


def _linked(what: str, path: str) -> Point:
    return Point(f"{what} in place", "after", "renderer.web_root:WebRoot.link", path)


_SEND = "imageboard.store.posts:add"
_WAKE = "imageboard.queue.wake_up:WakeUp"
_JOBS = "renderer.jobs"
_STEPS = "renderer.steps"
_PUBLISHER = "renderer.publishing:Publisher"
_BUCKET = "cdn.s3_object_store:S3ObjectStore"
_SITE = "imageboard.store.site_moment"
_LEDGER = "imageboard.store.cloud_ledger"
_WEB_ROOT = "renderer.web_root:WebRoot"
_HAND_ON = f"{_STEPS}:StepPainter._hand_on"
_SETTLE = "imageboard.store.outbox:settle"
_PURGE = "cdn.purger:CloudflarePurger.purge"
_PUBLISHING = "renderer.publisher.jobs"
_GONE = "imageboard.store.takedowns"
_GOING = "imageboard.store.board_removals"

#: The post is stored, but whoever sent it does not know, and sends it again.
UNANSWERED = [
    Point("stored, board not woken", "before", f"{_WAKE}.ask_for_render"),
    Point("job there, poster not answered", "after", f"{_WAKE}.ask_for_render"),
]
_OF_A_POST = {
    "not stored": [Point("upload kept, post not stored", "before", _SEND, is_stored=False)],
    "not answered": UNANSWERED,
    "nothing drawn": [
        Point("job taken, board not locked", "before", f"{_JOBS}:render_board"),
        Point("board locked, nothing read", "before", f"{_STEPS}:snapshot"),
        Point("changes read, nothing drawn", "after", "imageboard.store.outbox:waiting"),
    ],
    "pictures placed": [_linked("picture", "b/src/*"), _linked("thumbnail", "b/thumb/*")],
    "page beside its place": [
        Point(
            "thread page written beside its place", "before", "os:rename", "*/b/res/{thread}.html"
        )
    ],
    "pages placed": [
        _placed("thread page", "b/res/{thread}.html"),
        _placed("board page", "b/index.html"),
        _placed("catalog", "b/catalog.html"),
        _placed("front page", "index.html"),
    ],
    "compressed pages placed": [
        _placed("its .gz", "b/res/{thread}.html.gz"),
        _placed("its .br", "b/res/{thread}.html.br"),
        _placed("JSON's .gz", "b/res/{thread}.json.gz"),
    ],
    "JSON placed": [
        _placed("its JSON", "b/res/{thread}.json"),
        _placed("board page's JSON", "b/0.json"),
        _placed("catalog's JSON", "b/catalog.json"),
        _placed("list of threads", "b/threads.json"),
    ],
    "ledger not written": [
        Point("thread in place, ledger not written", "before", f"{_PUBLISHER}.record"),
        Point("front page in place, not in the ledger", "before", f"{_SITE}:show"),
    ],
    "ledger not committed": [
        Point("thread's ledger written, not committed", "after", f"{_PUBLISHER}.record"),
        Point("front page in the ledger, not committed", "after", f"{_SITE}:show"),
    ],
    "next pages not begun": [
        Point("thread committed, board page not begun", "before", f"{_STEPS}:snapshot", nth=2),
        Point(
            "boards drawn, site not called for", "before", f"{_WAKE}._call", f"{_JOBS}.render_site"
        ),
        Point("site's job taken, nothing read", "before", f"{_JOBS}:render_site"),
    ],
    "not settled": [Point("ledger written, outbox not settled", "before", _SETTLE)],
    "settled": [Point("settled, not committed", "after", _SETTLE)],
    "publisher not called": [
        Point("committed, publisher not called", "before", f"{_WAKE}.ask_for_publishing")
    ],
    "claimed": [
        Point("publisher's job taken, nothing claimed", "before", f"{_PUBLISHING}:publish"),
        Point("claimed, not committed", "after", f"{_LEDGER}:claim"),
    ],
    "not put": [Point("claimed, not put", "before", f"{_BUCKET}.put")],
    "put": [
        Point("picture put, not recorded", "after", f"{_BUCKET}.put", "b/src/*"),
        Point("thread page put, not recorded", "after", f"{_BUCKET}.put", "b/res/{thread}.html"),
        Point("front page put, not recorded", "after", f"{_BUCKET}.put", "index.html"),
        Point("one file recorded, others put", "after", f"{_LEDGER}:stored"),
    ],
    "not purged": [Point("recorded, not purged", "before", _PURGE)],
    "purged": [
        Point("purged, not recorded", "after", _PURGE),
        Point("purge recorded, not committed", "after", f"{_LEDGER}:purged"),
    ],
}
_OF_A_REMOVAL = {
    "removal not committed": [
        Point("not committed", "after", "imageboard.store.moderation_log:add", is_stored=False)
    ],
    "nothing taken away": [
        Point("committed, board not woken", "before", f"{_WAKE}.ask_for_render"),
        Point("nothing taken away yet", "before", f"{_WEB_ROOT}.remove"),
    ],
    "pictures gone": [
        Point("picture gone", "after", f"{_WEB_ROOT}.remove", "b/src/*"),
        Point("thumbnail gone", "after", f"{_WEB_ROOT}.remove", "b/thumb/*"),
    ],
    "pages gone": [
        Point("thread page gone", "after", f"{_WEB_ROOT}.remove", "b/res/{thread}.html"),
        Point("its JSON gone", "after", f"{_WEB_ROOT}.remove", "b/res/{thread}.json"),
    ],
    "compressed pages gone": [
        Point("page's .gz gone", "after", "os:unlink", "*/b/res/{thread}.html.gz"),
        Point("page's .br gone", "after", "os:unlink", "*/b/res/{thread}.html.br"),
        Point("board page has no .gz", "after", "os:unlink", "*/b/index.html.gz"),
    ],
    "pages drawn without it": [
        _placed("board page without it", "b/index.html"),
        Point("site drawn, board not compressed", "after", "renderer.site_pages:SitePages.draw"),
        Point("files handed on, nothing drawn", "after", _HAND_ON),
        Point("pages handed on, board page not begun", "after", _HAND_ON, nth=2),
    ],
    "ledger not written": [Point("gone, ledger still has it", "before", f"{_PUBLISHER}.record")],
    "not settled": [Point("ledger written, outbox not settled", "before", _SETTLE)],
    "publisher not called": [
        Point("committed, publisher not called", "before", f"{_WAKE}.ask_for_publishing")
    ],
    "not deleted": [Point("claimed, not deleted", "before", f"{_BUCKET}.delete")],
    "deleted": [
        Point("deleted, not recorded", "after", f"{_BUCKET}.delete"),
        Point("deletion recorded, not committed", "after", f"{_LEDGER}:deleted"),
    ],
    "not purged": [Point("deletion recorded, not purged", "before", _PURGE)],
    "purged": [Point("purged, not recorded", "after", _PURGE)],
    "not noted": [Point("seen to be gone, not noted", "before", f"{_GONE}:gone_from_edge")],
}
_OF_A_BOARD = {
    "board's mark not committed": [
        Point("marked, not committed", "after", f"{_GOING}:begin", is_stored=False)
    ],
    "nothing taken away": [
        Point("committed, board not woken", "before", f"{_WAKE}.ask_for_render"),
        Point("nothing taken away yet", "before", "renderer.render_loop:take_pages_away"),
    ],
    "pictures gone": [Point("picture gone", "after", f"{_WEB_ROOT}.remove", "{board}/src/*")],
    "pages gone": [Point("thread page gone", "after", f"{_WEB_ROOT}.remove", "{board}/res/1.html")],
    "folder still there": [Point("folder still there", "before", f"{_WEB_ROOT}.remove_folder")],
    "ledger not written": [
        Point("files gone, ledger still has them", "before", f"{_GONE}:board_gone_from_origin")
    ],
    "ledger not committed": [
        Point("ledger written, not committed", "after", "imageboard.store.publications:forget")
    ],
    "not settled": [Point("folder gone, outbox not settled", "before", _SETTLE)],
    "settled": [Point("settled, not committed", "after", _SETTLE)],
    "publisher not called": [
        Point("pages gone, publisher not called", "before", f"{_WAKE}.ask_for_publishing")
    ],
    "not deleted": [Point("claimed, not deleted", "before", f"{_BUCKET}.delete")],
    "deleted": [Point("deleted, not recorded", "after", f"{_BUCKET}.delete")],
    "purged": [Point("purged, not recorded", "after", _PURGE)],
    "not noted": [Point("seen to be gone, not noted", "before", f"{_GONE}:gone_from_edge")],
    "posts forgotten": [
        Point("pages gone, nothing forgotten", "before", f"{_GOING}:forget_some"),
        Point("posts forgotten, not committed", "after", f"{_GOING}:forget_some"),
        Point("forgotten, file kept", "before", "imageboard.store.uploads:UploadStore.drop"),
    ],
    "its row gone": [
        Point("all forgotten but its row", "before", f"{_GOING}:end"),
        Point("its row gone, not committed", "after", f"{_GOING}:end"),
    ],
}


def _of_all_deeds() -> dict[str, list[Point]]:
    stages: dict[str, list[Point]] = defaultdict(list)
    for stage, points in _OF_A_POST.items():
        stages[stage] += points
    deeds: Mapping[Deed, Mapping[str, Sequence[Point]]]
    deeds = {"removal": _OF_A_REMOVAL, "board": _OF_A_BOARD}
    for deed, of_deed in deeds.items():
        for stage, points in of_deed.items():
            stages[stage] += (
                replace(point, name=f"{deed}: {point.name}", deed=deed) for point in points
            )
    return stages


#: {stage: points}. Of one stage each does as well as another: the same step of the same code is
#: not taken, or was taken and nobody knows.
STAGES: Mapping[str, Sequence[Point]] = _of_all_deeds()
ALL_POINTS = [point for points in STAGES.values() for point in points]


def point_named(name: str) -> Point:
    return next(point for point in ALL_POINTS if point.name == name)
