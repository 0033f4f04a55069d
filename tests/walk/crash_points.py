"""Processes that end at a point of crash_stages.py: each kills itself there with SIGKILL.
`python -m tests.walk.crash_points` reads its orders from standard input.
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
from fnmatch import fnmatch
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

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
from tests.walk.crash_stages import Point, point_named
from tests.walk.legs import Legs
from tests.writer.media.hostile import a_jpeg, scene
from writer.media.darkroom import Darkroom

BOARD = "b"
PASSWORD = "tulip"
#: Whoever removes a thread may look for these everywhere.
OLD_WORDS = "The words of the thread."
#: Threads that are begun at once: each is removed, or replied to, or goes with a board of its own.
BEGUN_AT_ONCE = 6
#: How many times the finishing process may look whether anything is left.
ROUNDS_MAX = 4


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
