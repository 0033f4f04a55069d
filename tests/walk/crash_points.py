"""Every step on the way of a post, of a removal and of a board that goes, at which a process may
end; and the process that ends there. `python -m tests.walk.crash_points` reads its orders from
standard input.

A point names a function of the real code by its import path, and the call of it that is not
begun, or not returned from: the process kills itself there with SIGKILL.
"""

from __future__ import annotations

import functools
import gc
import json
import mimetypes
import os
import pkgutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, NamedTuple

from cdn.object_store import ObjectStore
from imageboard import addresses
from imageboard.media import MediaLimits
from imageboard.settings import Settings
from imageboard.words import ENGLISH
from renderer import steps
from renderer.appearance import appearance
from renderer.pages import board_kinds, frame, site_kinds
from renderer.publisher import jobs as publisher_jobs
from templates import assets
from templates.engine import compile_templates
from tests.walk.legs import Legs
from tests.writer.media.hostile import a_jpeg, scene
from writer.media.darkroom import Darkroom

Deed = Literal["post", "removal", "board"]

BOARD = "b"
PASSWORD = "tulip"
#: Whoever removes a thread may look for these everywhere.
OLD_WORDS = "The words of the thread."
#: Threads that are begun at once: each is removed, or replied to, or goes with a board of its own.
BEGUN_AT_ONCE = 6
#: How many times the finishing process may look whether anything is left.
ROUNDS_MAX = 4


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


class Try(NamedTuple):
    """One process that is killed, and those that come after it: what it is that they do."""

    point: Point
    #: No two of a board have the same, nor the same words and picture.
    number: int
    #: Gets the post, or is removed; 0: none is begun yet.
    thread: int = 0
    #: That of the thread, or the one that is removed.
    board: str = BOARD

    @property
    def new_words(self) -> str:
        return f"The words that were on their way, {self.number}."

    def do_deed(self, legs: Legs) -> None:
        """The same form each time, so that sent again it is a second try."""
        if self.point.deed == "post":
            fields = {"board": BOARD, "thread": str(self.thread), "body": self.new_words}
            picture = a_jpeg(scene(48, 64 + self.number))
            legs.send(fields, picture, key=f"the only one of its kind, {self.number}")
        elif self.point.deed == "removal":
            fields = {"board": BOARD, "delete": "Delete", f"delete_{self.thread}": "on"}
            legs.send(fields | {"password": PASSWORD})
        else:
            legs.remove_board(self.board)


_SEND = "imageboard.store.posts:add"
_WAKE = "imageboard.queue.wake_up:WakeUp"
_JOBS = "renderer.jobs"
_STEPS = "renderer.steps"
_PUBLISHER = "renderer.publishing:Publisher"
_BUCKET = "cdn.s3_object_store:S3ObjectStore"
_SITE = "imageboard.store.site_moment"
_LEDGER = "imageboard.store.cloud_ledger"
_WEB_ROOT = "renderer.web_root:WebRoot"
_GOING = "imageboard.store.board_removals"

#: The post is stored, but whoever sent it does not know, and sends it again.
UNANSWERED = (
    Point("stored, board not woken", "before", f"{_WAKE}.ask_for_render"),
    Point("job there, poster not answered", "after", f"{_WAKE}.ask_for_render"),
)
POINTS = (
    # The writer.
    Point("upload kept, post not stored", "before", _SEND, is_stored=False),
    *UNANSWERED,
    # The render worker.
    Point("job taken, board not locked", "before", f"{_JOBS}:render_board"),
    Point("board locked, nothing read", "before", f"{_STEPS}:snapshot"),
    Point("changes read, nothing drawn", "after", "imageboard.store.outbox:waiting"),
    _linked("picture", "b/src/*"),
    _linked("thumbnail", "b/thumb/*"),
    Point("thread page written beside its place", "before", "os:rename", "*/b/res/{thread}.html"),
    _placed("thread page", "b/res/{thread}.html"),
    _placed("its .gz", "b/res/{thread}.html.gz"),
    _placed("its .br", "b/res/{thread}.html.br"),
    _placed("its JSON", "b/res/{thread}.json"),
    _placed("JSON's .gz", "b/res/{thread}.json.gz"),
    _placed("board page", "b/index.html"),
    _placed("board page's JSON", "b/0.json"),
    _placed("catalog", "b/catalog.html"),
    _placed("catalog's JSON", "b/catalog.json"),
    _placed("list of threads", "b/threads.json"),
    _placed("front page", "index.html"),
    Point("thread in place, ledger not written", "before", f"{_PUBLISHER}.record"),
    Point("thread's ledger written, not committed", "after", f"{_PUBLISHER}.record"),
    Point("thread committed, board page not begun", "before", f"{_STEPS}:snapshot", nth=2),
    Point("front page in place, not in the ledger", "before", f"{_SITE}:show"),
    Point("front page in the ledger, not committed", "after", f"{_SITE}:show"),
    Point("boards drawn, site not called for", "before", f"{_WAKE}._call", f"{_JOBS}.render_site"),
    Point("site's job taken, nothing read", "before", f"{_JOBS}:render_site"),
    Point("ledger written, outbox not settled", "before", "imageboard.store.outbox:settle"),
    Point("settled, not committed", "after", "imageboard.store.outbox:settle"),
    Point("committed, publisher not called", "before", f"{_WAKE}.ask_for_publishing"),
    # The publisher.
    Point("publisher's job taken, nothing claimed", "before", "renderer.publisher.jobs:publish"),
    Point("claimed, not committed", "after", f"{_LEDGER}:claim"),
    Point("claimed, not put", "before", f"{_BUCKET}.put"),
    Point("picture put, not recorded", "after", f"{_BUCKET}.put", "b/src/*"),
    Point("thread page put, not recorded", "after", f"{_BUCKET}.put", "b/res/{thread}.html"),
    Point("front page put, not recorded", "after", f"{_BUCKET}.put", "index.html"),
    Point("one file recorded, others put", "after", f"{_LEDGER}:stored"),
    Point("recorded, not purged", "before", "cdn.purger:CloudflarePurger.purge"),
    Point("purged, not recorded", "after", "cdn.purger:CloudflarePurger.purge"),
    Point("purge recorded, not committed", "after", f"{_LEDGER}:purged"),
)

_REMOVALS = (
    Point("not committed", "after", "imageboard.store.moderation_log:add", is_stored=False),
    Point("committed, board not woken", "before", f"{_WAKE}.ask_for_render"),
    Point("nothing taken away yet", "before", "renderer.web_root:WebRoot.remove"),
    Point("picture gone", "after", "renderer.web_root:WebRoot.remove", "b/src/*"),
    Point("thumbnail gone", "after", "renderer.web_root:WebRoot.remove", "b/thumb/*"),
    Point("page's .gz gone", "after", "os:unlink", "*/b/res/{thread}.html.gz"),
    Point("page's .br gone", "after", "os:unlink", "*/b/res/{thread}.html.br"),
    Point("thread page gone", "after", "renderer.web_root:WebRoot.remove", "b/res/{thread}.html"),
    Point("its JSON gone", "after", "renderer.web_root:WebRoot.remove", "b/res/{thread}.json"),
    _placed("board page without it", "b/index.html"),
    Point("board page has no .gz", "after", "os:unlink", "*/b/index.html.gz"),
    Point("site drawn, board not compressed", "after", "renderer.site_pages:SitePages.draw"),
    Point("files handed on, nothing drawn", "after", f"{_STEPS}:StepPainter._hand_on"),
    Point(
        "pages handed on, board page not begun", "after", f"{_STEPS}:StepPainter._hand_on", nth=2
    ),
    Point("gone, ledger still has it", "before", f"{_PUBLISHER}.record"),
    Point("ledger written, outbox not settled", "before", "imageboard.store.outbox:settle"),
    Point("committed, publisher not called", "before", f"{_WAKE}.ask_for_publishing"),
    Point("claimed, not deleted", "before", f"{_BUCKET}.delete"),
    Point("deleted, not recorded", "after", f"{_BUCKET}.delete"),
    Point("deletion recorded, not committed", "after", f"{_LEDGER}:deleted"),
    Point("deletion recorded, not purged", "before", "cdn.purger:CloudflarePurger.purge"),
    Point("purged, not recorded", "after", "cdn.purger:CloudflarePurger.purge"),
    Point("seen to be gone, not noted", "before", "imageboard.store.takedowns:gone_from_edge"),
)
_BOARDS = (
    Point("marked, not committed", "after", f"{_GOING}:begin", is_stored=False),
    Point("committed, board not woken", "before", f"{_WAKE}.ask_for_render"),
    Point("nothing taken away yet", "before", "renderer.render_loop:take_pages_away"),
    Point("picture gone", "after", f"{_WEB_ROOT}.remove", "{board}/src/*"),
    Point("thread page gone", "after", f"{_WEB_ROOT}.remove", "{board}/res/1.html"),
    Point(
        "files gone, ledger still has them",
        "before",
        "imageboard.store.takedowns:board_gone_from_origin",
    ),
    Point("ledger written, not committed", "after", "imageboard.store.publications:forget"),
    Point("folder still there", "before", f"{_WEB_ROOT}.remove_folder"),
    Point("folder gone, outbox not settled", "before", "imageboard.store.outbox:settle"),
    Point("settled, not committed", "after", "imageboard.store.outbox:settle"),
    Point("pages gone, publisher not called", "before", f"{_WAKE}.ask_for_publishing"),
    Point("claimed, not deleted", "before", f"{_BUCKET}.delete"),
    Point("deleted, not recorded", "after", f"{_BUCKET}.delete"),
    Point("purged, not recorded", "after", "cdn.purger:CloudflarePurger.purge"),
    Point("pages gone, nothing forgotten", "before", f"{_GOING}:forget_some"),
    Point("posts forgotten, not committed", "after", f"{_GOING}:forget_some"),
    Point("forgotten, file kept", "before", "imageboard.store.uploads:UploadStore.drop"),
    Point("all forgotten but its row", "before", f"{_GOING}:end"),
    Point("its row gone, not committed", "after", f"{_GOING}:end"),
    Point("seen to be gone, not noted", "before", "imageboard.store.takedowns:gone_from_edge"),
)


def _of(deed: Deed, point: Point) -> Point:
    return replace(point, name=f"{deed}: {point.name}", deed=deed)


ALL_POINTS = (
    *POINTS,
    *(_of("removal", point) for point in _REMOVALS),
    *(_of("board", point) for point in _BOARDS),
)


def point_named(name: str) -> Point:
    return next(point for point in ALL_POINTS if point.name == name)


class Trap:
    """Set at a point before the parts are built; once it is set, this process ends there."""

    def __init__(self, given: Try) -> None:
        self._point = point = given.point
        self._pattern = point.of.format(thread=given.thread, board=given.board)
        self._calls = 0
        self.is_set = False
        module, _, inside = point.where.partition(":")
        *owners, name = inside.split(".")
        owner = pkgutil.resolve_name(":".join([module, ".".join(owners)]).rstrip(":"))
        setattr(owner, name, self._ending(getattr(owner, name)))

    def _ending(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            is_the_one = self.is_set and self._is_the_one(args)
            if is_the_one and self._point.when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            result = original(*args, **kwargs)
            if is_the_one:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return wrapped

    def _is_the_one(self, args: tuple[Any, ...]) -> bool:
        pattern = self._pattern
        is_such = not pattern or any(fnmatch(str(argument), pattern) for argument in args)
        self._calls += is_such
        return is_such and self._calls == self._point.nth


def begun(given: Try) -> list[str]:
    """The boards that threads are begun on for the points that follow: one for all of them, or one
    of its own for each.
    """
    numbers = range(given.number, given.number + BEGUN_AT_ONCE)
    is_going = given.point.deed == "board"
    return [f"going{number}" if is_going else BOARD for number in numbers]


def begin(legs: Legs, given: Try) -> None:
    """The threads; no two have the same picture."""
    for number, board in enumerate(begun(given), given.number):
        fields = {"board": board, "body": OLD_WORDS, "password": PASSWORD}
        legs.send(fields, a_jpeg(scene(64 + number, 48)))


def doom(settings: Settings, given: Try) -> None:
    """The deed, and all that follows from it."""
    trap = Trap(given)
    with Legs(settings) as legs:
        legs.let_time_pass()
        trap.is_set = True
        given.do_deed(legs)
        finish(legs)


def finish(legs: Legs) -> None:
    """What workers and catch-up pass do, until nothing is left to do."""
    for _ in range(ROUNDS_MAX):
        legs.render()
        legs.publish()
        if not legs.left():
            return
        legs.let_time_pass()
        legs.catch_up()
    raise AssertionError(f"left after {ROUNDS_MAX} rounds: {legs.left()}")


def carry_out(order: str, settings: Settings, given: Try) -> None:
    if order == "doom":
        doom(settings, given)
        return
    with Legs(settings) as legs:
        if order == "begin":
            begin(legs, given)
        elif order == "again":
            given.do_deed(legs)
        finish(legs)


def serve() -> None:
    """Carry out each line of standard input, `[order, [point, number, thread, board], settings,
    file for stderr]` as JSON, in a process of its own, and print its exit status (negative: the
    signal).

    PERF: these processes are forked, since a new one takes 0.95 s of CPU to load the board, 0.4 to
    start a darkroom, 0.3 to make a client of the bucket, and 0.2 for kinds of pages, for what
    tells of how they look, and for types of files. What is loaded is not searched for garbage in
    each.
    """
    _share_a_client_of_the_bucket()
    _share_a_darkroom()
    compile_templates(ENGLISH)
    board_kinds()
    site_kinds()
    appearance("", "")
    mimetypes.init()
    frame.assets = few_assets()  # type: ignore[assignment]
    # The few files of one thread are handed on as those of many are.
    steps.HANDED_ON_FILES = 1
    gc.freeze()
    for line in sys.stdin:
        order, (name, *told), environment, complaints = json.loads(line)
        settings = Settings.read(environment)
        publisher_jobs.open_object_store(settings)
        if (pid := os.fork()) == 0:
            _become_a_process_of_its_own(environment, complaints)
            carry_out(order, settings, Try(point_named(name), *told))
            return
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def few_assets() -> SimpleNamespace:
    """In the place of `templates.assets` for what publishes them: icons and one sheet.

    PERF: a site has 114, and each went to bucket and edge and was read there again: half of the CPU
    of a point. They never change, and no step of a post's way is theirs.
    """
    few = {name: assets.assets()[name] for name in ("board.css", *addresses.ICON_PATHS)}
    return SimpleNamespace(assets=lambda: few)


def _share_a_client_of_the_bucket() -> None:
    """Made before the fork, when it has no connection yet."""
    original = publisher_jobs.open_object_store
    made: dict[str, ObjectStore] = {}

    def open_object_store(settings: Settings) -> ObjectStore:
        address = settings.object_store_endpoint
        if address not in made:
            made[address] = original(settings)
        return made[address]

    publisher_jobs.open_object_store = open_object_store


def _share_a_darkroom() -> None:
    """One for all: no step of a post's way is inside of it, and who asks it may die meanwhile."""
    server = Darkroom(MediaLimits(), Path(tempfile.gettempdir()))._running_server()
    Darkroom._running_server = lambda _self: server  # type: ignore[method-assign]


def _become_a_process_of_its_own(environment: Mapping[str, str], complaints: str) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)
    os.dup2(os.open(complaints, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    os.environ.clear()
    os.environ.update(environment)


if __name__ == "__main__":
    serve()
