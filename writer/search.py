"""Posts by their words: /search, and /b/search of one board; as JSON too.

Read from the replica where there is one, with connections of its own: posting waits for no search,
whatever is looked for. A search that takes longer than SEARCH_MS_MAX is ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

import falcon

from imageboard import plain_text, search_query
from imageboard.allowances import Allowances
from imageboard.boards import Board, read_board_name
from imageboard.errors import (
    BadField,
    ImageboardError,
    NoSuchBoard,
    SearchesBusy,
    StoreUnavailable,
)
from imageboard.search_query import Sought
from imageboard.settings import Settings
from imageboard.store import allowances, searchable, threads
from imageboard.store.database import Connection, Database
from imageboard.threads import Post, Thread, body_html
from imageboard.words import N_
from monitoring.logs import get_logger
from templates import post_json
from templates.search_page import ROWS, Results, ShownResult, search_page
from writer import clients, compression
from writer.answers import Answers
from writer.board_list import BoardList
from writer.forms import Form

log = get_logger(__name__)

ADDRESSES = ("/search", "/search.json", "/{board}/search", "/{board}/search.json")

SEARCH_MS_MAX = 2_000
#: The newest that are found; those are counted, and put in order when the best are to come first.
FOUND_MAX = 500
PAGE_POSTS = 25
_TURN_WAIT_S = 0.5
_RETRY_AFTER_S = 2

_BESIDE_WORDS = (*(row.name for row in ROWS), "has_file")
#: Without one of them it is the form that is asked for.
_ASKING = ("q", *_BESIDE_WORDS)
_FIELDS = (*_ASKING, "board", "sort", "page", "newest")
_DAY = N_("This is no day: 2026-11-28, for example.")
_NUMBER = N_("This is no number of a page.")
_NOTHING_ASKED = N_("Type what is to be found.")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for, checked."""

    boards: Sequence[Board]
    sought: Sought
    since: datetime | None
    before: datetime | None
    is_best_first: bool
    page: int
    newest: int | None

    @classmethod
    def read(
        cls, typed: Mapping[str, str], boards: Sequence[Board], *, is_everywhere: bool
    ) -> Self:
        """`is_everywhere`: there are no other boards. Raises BadField."""
        sought = search_query.text(typed["q"], "q")
        for name, mark in (("subject", "s:"), ("name", "n:"), ("filename", "f:")):
            sought = sought.with_all(search_query.text(typed[name], name, mark))
        sought = sought.with_all(search_query.tripcode(typed["tripcode"]))
        sought = sought.with_all(search_query.file_hash(typed["hash"], "hash"))
        if typed["has_file"] not in ("", "0"):
            sought = sought.with_all(search_query.with_file())
        since, before = _day(typed, "since"), _day(typed, "before")
        if not sought.wanted and not (since or before):
            why = search_query.ONLY_LEFT_OUT if sought.left_out else _NOTHING_ASKED
            raise BadField(why, field="q")
        # PERF: to look for the board of each post takes as long again as to look for a rare word.
        # Posts of a board that is going are counted so until they are gone; none is shown.
        if not (is_everywhere and sought.wanted):
            sought = sought.with_all(search_query.on_boards([board.name for board in boards]))
        return cls(
            boards,
            sought,
            since,
            before,
            typed["sort"] == "best",
            _number(typed, "page") or 1,
            _number(typed, "newest"),
        )


class Places:
    """Where searches are answered: at the replica, or by the primary while that is away."""

    def __init__(self, *databases: Database) -> None:
        self._databases = databases
        self._turns = threading.BoundedSemaphore(searchable.AT_ONCE_MAX)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        urls = filter(None, (settings.database_replica_url, settings.database_url))
        databases = [
            Database(
                url,
                connections_max=searchable.AT_ONCE_MAX,
                # Most readers of most boards never search: the first waits for a connection.
                connections_kept=0,
                name="search",
                takes_writes=False,
                statement_ms_max=SEARCH_MS_MAX,
            )
            for url in urls
        ]
        for database in databases:
            database.open()
        return cls(*databases)

    def ask(self, work: Callable[[Connection], Result]) -> Result:
        """Raises SearchesBusy, SearchTooSlow, StoreUnavailable: all of them are away."""
        with self._turn():
            for database in self._databases[:-1]:
                try:
                    with database.connection() as db:
                        return work(db)
                except StoreUnavailable:
                    log.warning("search_without_replica")
            with self._databases[-1].connection() as db:
                return work(db)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=_TURN_WAIT_S):
            raise SearchesBusy(retry_after_s=_RETRY_AFTER_S)
        try:
            yield
        finally:
            self._turns.release()


@dataclass(frozen=True, slots=True)
class Search:
    """The form, and what is found."""

    settings: Settings
    #: The primary, which keeps count of who has searched how often.
    database: Database
    places: Places
    boards: BoardList
    allowances: Allowances
    answers: Answers

    def on_get(self, req: falcon.Request, resp: falcon.Response, board: str = "") -> None:
        resp.cache_control = ["no-store"]
        wants_json = self.answers.wants_json(req)
        typed = dict.fromkeys(_FIELDS, "")
        try:
            typed |= _typed(req, board)
            boards = self._boards(typed["board"])
            is_asked = wants_json or any(typed[name] for name in _ASKING)
            is_everywhere = len(boards) == len(self.boards.all)
            asked = Asked.read(typed, boards, is_everywhere=is_everywhere) if is_asked else None
            results = self._results(req, asked, wants_threads=wants_json) if asked else None
        except ImageboardError as ex:
            # Status, headers and figures, or the JSON that a program asked for, as everywhere.
            self.answers.refuse(req, resp, ex, Form())
            if not wants_json:
                self._show(req, resp, typed, refusal=ex.message)
            return
        if wants_json:
            assert results is not None
            resp.content_type = falcon.MEDIA_JSON
            compression.send(req, resp, post_json.dump(_json(results)))
        else:
            self._show(req, resp, typed, results=results)

    def _show(
        self, req: falcon.Request, resp: falcon.Response, typed: Mapping[str, str], **told: Any
    ) -> None:
        resp.content_type = falcon.MEDIA_HTML
        page = search_page(
            typed=typed,
            is_about_more_than_words=any(typed[name] for name in _BESIDE_WORDS),
            boards=self._searched(),
            language=self.answers.language,
            **told,
        )
        compression.send(req, resp, page.encode())

    def _searched(self) -> list[Board]:
        return [board for board in self.boards.all if board.settings.search]

    def _boards(self, named: str) -> list[Board]:
        """Raises NoSuchBoard: there is none, or none that is searched."""
        searched = self._searched()
        if named:
            name = read_board_name(named)
            searched = [board for board in searched if board.name == name]
        if not searched:
            raise NoSuchBoard(board=named)
        return searched

    def _results(self, req: falcon.Request, asked: Asked, *, wants_threads: bool) -> Results:
        address = clients.client_address(req, self.settings.trusted_proxies)
        with self.database.connection() as db:
            allowances.take(db, self.allowances.of_search(address))
        return self.places.ask(lambda db: self._found(db, asked, wants_threads=wants_threads))

    def _found(self, db: Connection, asked: Asked, *, wants_threads: bool) -> Results:
        found = searchable.find(
            db,
            asked.sought.tsquery,
            since=asked.since,
            before=asked.before,
            until=asked.newest,
            is_ranked=asked.is_best_first,
            found_max=FOUND_MAX,
            limit=PAGE_POSTS,
            start=(asked.page - 1) * PAGE_POSTS,
        )
        begun = _begun(db, found.posts) if wants_threads else {}
        boards, names = {board.name: board for board in asked.boards}, self.boards.names
        return Results(
            [
                ShownResult(board, post, begun.get((name, post.no)), body_html(board, post, names))
                for name, post in found.posts
                if (board := boards.get(name)) is not None
            ],
            total=found.total,
            has_more=found.has_more,
            page=asked.page,
            pages=-(-found.total // PAGE_POSTS),
            newest=asked.newest or found.newest,
        )


def _begun(db: Connection, posts: Sequence[tuple[str, Post]]) -> dict[tuple[str, int], Thread]:
    """{(board, number): thread} of those of them that begin one."""
    nos: dict[str, list[int]] = {}
    for board, post in posts:
        if post.is_op:
            nos.setdefault(board, []).append(post.no)
    return {
        (board, no): thread
        for board, begun in nos.items()
        for no, thread in threads.get_some(db, board, begun).items()
    }


def _json(results: Results) -> dict[str, Any]:
    return {
        "total": results.total,
        "more": int(results.has_more),
        "page": results.page,
        "pages": results.pages,
        "newest": results.newest,
        "posts": [_post_json(found) for found in results.posts],
    }


def _post_json(found: ShownResult) -> dict[str, Any]:
    """As its thread has it, with its board."""
    fields = post_json.post_fields(found.board, found.post, found.body_html)
    if found.thread is not None:
        fields = post_json.op_fields(found.board, found.thread, fields)
    return {"board": found.board.name} | fields


def _typed(req: falcon.Request, board: str) -> dict[str, str]:
    """The fields as they were filled in, cleaned. Raises BadField."""
    typed = {name: plain_text.clean_line(req.get_param(name, default=""), name) for name in _FIELDS}
    return typed | ({"board": board} if board else {})


def _day(typed: Mapping[str, str], name: str) -> datetime | None:
    if not typed[name]:
        return None
    try:
        return datetime.strptime(typed[name], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise BadField(_DAY, field=name) from None


def _number(typed: Mapping[str, str], name: str) -> int | None:
    text = typed[name]
    if not text:
        return None
    digits = text.removeprefix("-") if name == "newest" else text
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise BadField(_NUMBER, field=name)
    return int(text)
