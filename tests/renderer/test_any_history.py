"""Whatever happens on two boards, in whatever order: the pages are those of a board drawn anew.

The strongest proof that the kinds of pages miss nothing. Histories are random and repeatable: a
failure names its seed and tells everything that was done.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pytest
from hypothesis import settings

from imageboard.bans import BanMessage, NewBan
from imageboard.boards import Board
from imageboard.errors import NoSuchPost, RuleBroken, ThreadFilesFull, ThreadFull
from imageboard.facts import ThreadRerendered
from imageboard.post_rules import NewFile
from imageboard.queue.holders import Line
from imageboard.store import (
    archive,
    bans,
    board_removals,
    boards,
    edits,
    held,
    moves,
    pending_files,
    posts,
    removals,
    threads,
    written,
)
from imageboard.store.database import Connection, Database
from imageboard.store.uploads import SHARDS, UploadStore
from imageboard.written_pages import ANNOUNCEMENT
from renderer import kept_threads
from renderer.clearing import Clearing
from renderer.kept_threads import KeptThreads
from renderer.lingering import Lingering
from renderer.pages import changes as changes_pages
from renderer.pages import threads as thread_pages
from renderer.redrawing import Redrawing
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.visits import Passing
from renderer.web_root import WebRoot
from templates import pages
from tests.builders import a_board, a_file, a_new_post, a_post
from tests.renderer.following import Follower

ACTIONS = 75
#: `--hypothesis-profile thorough` looks further.
HISTORIES = 200 if settings.get_current_profile_name() == "thorough" else 3
PICTURE = b"picture"
#: With it each thread has an oEmbed file too.
SITE = "https://board.example"
NO_THUMB: dict[str, Any] = dict.fromkeys(("thumb_extension", "thumb_width", "thumb_height"))
#: Small, so that within one history threads change pages and fall off the last one.
SETTINGS = {
    "threads_per_page": 2,
    "pages_max": 2,
    "preview_replies": 2,
    "reply_limit": 20,
    "quiet_minutes_min": 0,
    "cyclical_replies": 3,
    "aside_days": 365,
}
SETTING_CHANGES = (
    {"threads_per_page": "1"},
    {"threads_per_page": "3"},
    {"pages_max": "2"},
    {"pages_max": "4"},
    {"archive_days": "0"},
    {"archive_days": "30"},
    {"archive_days": "30"},
    {"aside_threads_max": "3"},
    {"aside_threads_max": "1000"},
    {"preview_replies": "0"},
    {"preview_replies": "3"},
    {"bump_limit": "2"},
    {"bump_limit": "0"},
    {"image_limit": "2"},
    {"image_limit": "0"},
    {"dead_after_pages": "1", "dead_replies_max": "1"},
    {"dead_after_pages": "0"},
    {"poster_ids": "off"},
    {"title": "Kettles & Pots"},
    {"anonymous_name": "Nobody"},
)


@dataclass
class History:
    """Does one random thing after the other, and writes down what it did."""

    database: Database
    uploads: UploadStore
    scratch: Path
    dice: random.Random
    #: One of them clears a board that goes.
    workers: list[RenderLoop] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def go_on(self) -> None:
        """One more action, most often a post."""
        deeds = {
            self.start_thread: 6,
            self.reply: 14,
            self.remove: 5,
            self.undo_removal: 4,
            self.erase_removal: 1,
            self.remove_files: 2,
            self.work_on_a_pending_file: 4,
            self.mark: 4,
            self.prune: 5,
            self.cycle: 2,
            self.bring_back: 3,
            self.hold: 3,
            self.judge_held: 3,
            self.expire_archived: 2,
            self.forget_aside: 1,
            self.forget_hashes: 2,
            self.sweep: 2,
            self.change_settings: 2,
            self.ask_for_thread: 1,
            self.write: 2,
            self.ban: 2,
            self.lift: 1,
            self.edit: 3,
            self.undo_edit: 1,
            self.hide_files: 1,
            self.move: 2,
            self.merge: 1,
            self.remove_board: 1,
        }
        deed = self.dice.choices(list(deeds), weights=list(deeds.values()))[0]
        board = self.board()
        self.told.append(f"{deed.__name__} on /{board.name}/: {deed(board)}")

    def start_thread(self, board: Board) -> str:
        return self.post(board, None)

    def reply(self, board: Board) -> str:
        open_threads = self.numbers(
            board.name,
            "SELECT no FROM threads WHERE board = %s AND NOT is_locked AND reply_count < 20",
        )
        return self.post(board, self.dice.choice(open_threads)) if open_threads else "nowhere"

    def hold(self, board: Board) -> str:
        """A post that nobody sees yet, in a thread that may be full by the time it is released."""
        open_threads = self.numbers(
            board.name, "SELECT no FROM threads WHERE board = %s AND NOT is_locked"
        )
        thread = self.dice.choice([None, *open_threads, *open_threads])
        return self.post(board, thread, held_because="Spam?")

    def judge_held(self, _board: Board) -> str:
        with self.database.connection() as db:
            waiting = held.waiting(db, on=None, limit=100)
        if not waiting:
            return "none"
        one = self.dice.choice(waiting)
        judge = self.dice.choice((held.release, held.release, self.refuse))
        was_there = self.database.again_on_deadlock(lambda db: judge(db, one.id))
        return f"{judge.__name__} /{one.board}/ no {one.no} of thread {one.thread}: {was_there}"

    def refuse(self, db: Connection, one: int) -> bool:
        removal = removals.begin(db, "lake", held.boards_of(db, [one]).values())
        return bool(held.refuse(db, removal, [one]))

    def post(self, board: Board, thread: int | None, held_because: str | None = None) -> str:
        body = " ".join(["text", *(self.a_quote() for _ in range(self.dice.randrange(4)))])
        files = tuple(
            self.a_file(**self.dice.choice(({}, {}, NO_THUMB, NO_THUMB | {"is_pending": True})))
            for _ in range(self.dice.choices((0, 1, 2), weights=(6, 2, 1))[0])
        )
        email = self.dice.choice(("", "", "sage"))
        address = self.dice.choice(("192.0.2.1", "192.0.2.2"))
        new_post = a_new_post(
            board, thread=thread, body=body, email=email, files=files, address=address
        )
        new_post = replace(new_post, held_because=held_because)
        try:
            stored = self.database.again_on_deadlock(lambda db: posts.add(db, new_post))
        except ThreadFilesFull:
            return f"thread {thread} takes no more files"
        except ThreadFull:
            return f"thread {thread} is full"
        return f"thread {stored.thread}, no {stored.no}, {body!r} {email} {len(files)} files"

    def write(self, board: Board) -> str:
        """What staff write, of the board or of the whole site, or take away again."""
        of = self.dice.choice((board.name, None))
        name = self.dice.choice(("rules", ANNOUNCEMENT))
        with self.database.transaction() as db:
            if written.page(db, of, name) is not None and self.dice.random() < 0.5:
                written.remove_page(db, of, name)
                return f"took away {name} of {of}"
            written.set_page(db, of, name, "Title", str(self.dice.random()))
        return f"{name} of {of}"

    def prune(self, board: Board) -> str:
        """As whoever draws the pages does after a new thread, and the keeper."""
        thread = self.database.again_on_deadlock(lambda db: posts.prune(db, board.name))
        return f"thread {thread}"

    def cycle(self, board: Board) -> str:
        reply = self.database.again_on_deadlock(lambda db: posts.cycle(db, board.name))
        return f"no {reply}"

    def bring_back(self, board: Board) -> str:
        """A thread that was archived or kept aside."""
        nos = self.numbers(
            board.name, "SELECT no FROM all_threads WHERE board = %s AND aside_since > '-infinity'"
        )
        if not nos:
            return "of none"
        no = self.dice.choice(nos)
        self.database.again_on_deadlock(lambda db: posts.bring_back(db, board.name, no))
        return f"thread {no}"

    def expire_archived(self, _board: Board) -> str:
        """Of a board that has no archive any more, whose threads are there still."""
        return f"{self.database.again_on_deadlock(posts.expire_archived)}"

    def forget_aside(self, _board: Board) -> str:
        """Two posts at a time, so that threads of which half is gone are met too."""
        with self.database.transaction() as db:
            return f"{posts.forget_aside(db, 2)} posts"

    def forget_hashes(self, _board: Board) -> str:
        """Of the oldest posts and one laid aside, though young: posters are counted as before."""
        with self.database.transaction() as db:
            forgotten = posts.forget_hashes(db, -1, 3) + removals.forget_hashes(db, -1, 1)
        return f"{forgotten} posts"

    def sweep(self, _board: Board) -> str:
        """Of all that came in what nobody holds, though young: what may come back has its files."""
        old = [name for shard in range(SHARDS) for name in self.uploads.older_than(-1, shard)]
        with self.database.connection() as db:
            dropped = set(old) - posts.stored_names(db, old)
        for name in dropped:
            self.uploads.drop(name)
        return f"{len(dropped)} of {len(old)} uploads"

    def remove(self, board: Board) -> str:
        """Much quoted posts more often: their removal changes most. Posts kept aside too."""
        nos = self.numbers(
            board.name,
            "SELECT p.no FROM posts p LEFT JOIN quotes q ON (q.to_board, q.to_no) = (p.board, p.no)"
            " WHERE p.board = %s",
        )
        if not nos:
            return "of none"
        some = self.dice.sample(nos, min(len(nos), self.dice.choice((1, 1, 2, 5))))
        can_be_undone = self.dice.random() < 0.7
        removal, _ = self.database.again_on_deadlock(
            lambda db: removals.remove(db, "lake", {board.name: some}, can_be_undone=can_be_undone)
        )
        return f"nos {some}, as removal {removal}"

    def undo_removal(self, _board: Board) -> str:
        removal = self.a_removal()
        if removal is None:
            return "of none"
        back = self.database.again_on_deadlock(lambda db: removals.undo(db, removal))
        return f"{removal}: {back}"

    def erase_removal(self, _board: Board) -> str:
        """As when its time is over."""
        removal = self.a_removal()
        if removal is None:
            return "of none"
        self.database.again_on_deadlock(lambda db: removals.erase(db, removal))
        return f"{removal}"

    def a_removal(self) -> int | None:
        with self.database.connection() as db:
            rows = db.execute("SELECT id FROM removals WHERE held_because IS NULL ORDER BY id")
            ids = [removal for (removal,) in rows]
        return self.dice.choice(ids) if ids else None

    def remove_files(self, board: Board) -> str:
        nos = self.numbers(
            board.name, "SELECT post_no FROM files WHERE board = %s AND removed_at IS NULL"
        )
        if not nos:
            return "of none"
        no, number = self.dice.choice(nos), self.dice.choice((None, 1, 2))
        if self.dice.random() < 0.3:
            self.database.again_on_deadlock(
                lambda db: posts.remove_files(db, board.name, no, number=number)
            )
            return f"no {no}, file {number}, for good"
        removal, _ = self.database.again_on_deadlock(
            lambda db: removals.remove_files(db, "lake", board.name, no, number=number)
        )
        return f"no {no}, file {number}, as removal {removal}"

    def work_on_a_pending_file(self, _board: Board) -> str:
        """The one that has waited longest, of whichever board."""
        with self.database.transaction() as db:
            waiting = pending_files.waiting(db, 1)
            if not waiting:
                return "of none"
            file = waiting[0]
            if self.dice.random() < 0.3:
                pending_files.failed(db, file, "It holds nothing.")
                return f"/{file.board}/ no {file.no} failed"
            made = self.a_file(extension=".gif", **self.dice.choice(({}, NO_THUMB)))
            pending_files.ready(db, file, made)
            return f"/{file.board}/ no {file.no} ready"

    def ban(self, board: Board) -> str:
        """Of nobody who posts here, said under a post; of one that is laid aside or gone too."""
        no = self.a_post_of(board)
        message = BanMessage(board=board.name, no=no, text=f"Out {self.dice.random()}")
        new_ban = NewBan(board=None, reason="Spam.", duration_s=None, address_hash=b"n" * 16)
        ban_id = self.database.again_on_deadlock(
            lambda db: bans.add(db, new_ban, "lake", message=message)
        )
        return f"{ban_id}: {message}"

    def lift(self, _board: Board) -> str:
        with self.database.connection() as db:
            ids = [ban.id for ban in bans.in_force(db, on=None, limit=100)]
        if not ids:
            return "none"
        ban_id = self.dice.choice(ids)
        self.database.again_on_deadlock(lambda db: bans.lift(db, ban_id))
        return f"{ban_id}"

    def edit(self, board: Board) -> str:
        """With other quotes."""
        no = self.a_post_of(board)
        body = " ".join([f"edited {self.dice.random()}", self.a_quote(), self.a_quote()])
        with self.database.transaction() as db:
            here = boards.lock(db, board.name)
            try:
                written_now = edits.get(db, board.name, no)
            except NoSuchPost:
                return f"no {no}, which is gone"
            new = written_now.written._replace(body=body)
            edits.rewrite(db, here, no, written_now, new, "lake")
        return f"no {no}: {body!r}"

    def undo_edit(self, board: Board) -> str:
        nos = self.numbers(
            board.name, "SELECT no FROM posts WHERE board = %s AND versions IS NOT NULL"
        )
        if not nos:
            return "of none"
        no = self.dice.choice(nos)
        with self.database.transaction() as db:
            here = boards.lock(db, board.name)
            try:
                edits.undo(db, here, no, edits.get(db, board.name, no))
            except NoSuchPost:
                return f"no {no}, which nobody sees"
        return f"no {no}"

    def hide_files(self, board: Board) -> str:
        nos = self.numbers(board.name, "SELECT post_no FROM files WHERE board = %s")
        if not nos:
            return "of none"
        no, is_hidden = self.dice.choice(nos), self.dice.random() < 0.7
        with self.database.transaction() as db:
            edits.hide_files(db, board.name, no, is_hidden=is_hidden)
        return f"no {no}: {is_hidden}"

    def move(self, board: Board) -> str:
        nos = self.numbers(board.name, "SELECT no FROM threads WHERE board = %s")
        if len(nos) < 2:
            return "of too few"
        no, to_board = self.dice.choice(nos), "c" if board.name == "b" else "b"
        try:
            new_no = self.database.again_on_deadlock(
                lambda db: moves.move(db, board.name, no, to_board)
            )
        except RuleBroken:
            return f"thread {no} has replies that are held"
        return f"thread {no} is {new_no} of /{to_board}/"

    def merge(self, board: Board) -> str:
        nos = self.numbers(board.name, "SELECT no FROM threads WHERE board = %s")
        if len(nos) < 2:
            return "of too few"
        one, other = self.dice.sample(nos, 2)
        self.database.again_on_deadlock(lambda db: moves.merge(db, board.name, one, other))
        return f"threads {one} and {other}"

    def remove_board(self, board: Board) -> str:
        """And make one of its name, with a thread or none."""
        self.database.again_on_deadlock(lambda db: board_removals.begin(db, board.name))
        Clearing(self.database, self.dice.choice(self.workers)).clear(board.name)
        anew = a_board(self.database, board.name, **SETTINGS, files_max=2)
        threads_now = self.dice.choice((0, 3))
        for _ in range(threads_now):
            a_post(self.database, anew)
        return f"and made anew with {threads_now} threads"

    def a_file(self, **fields: Any) -> NewFile:
        return a_file(stored_as=self.an_upload(), sha256=sha256(PICTURE).digest(), **fields)

    def mark(self, board: Board) -> str:
        """The other way round, so that each time something changes."""
        with self.database.connection() as db:
            shown = threads.in_order(db, board.name, board.settings)
        if not shown:
            return "no thread"
        thread = self.dice.choice(shown).thread
        mark = self.dice.choice(
            (
                {"is_sticky": not thread.is_sticky},
                {"is_sticky": True, "sticky_rank": thread.sticky_rank + 1},
                {"is_locked": not thread.is_locked},
                {"is_bump_locked": not thread.is_bump_locked},
                {"is_cyclical": not thread.is_cyclical},
            )
        )
        self.database.again_on_deadlock(
            lambda db: posts.mark_thread(db, board.name, thread.no, **mark)
        )
        return f"thread {thread.no} {mark}"

    def change_settings(self, board: Board) -> str:
        changes = self.dice.choice(SETTING_CHANGES)
        with self.database.transaction() as db:
            boards.change_settings(db, board.name, changes)
        return f"{changes}"

    def ask_for_thread(self, board: Board) -> str:
        no = self.a_post_of(board)
        with self.database.transaction() as db:
            boards.ask_again(db, board.name, ThreadRerendered(no))
        return f"thread {no}"

    def board(self) -> Board:
        with self.database.connection() as db:
            return self.dice.choice(boards.list_all(db))

    def a_post_of(self, board: Board) -> int:
        """A number that was given, or the next one: the post may be gone or to come."""
        return self.dice.randint(max(1, board.last_no - 12), board.last_no + 1)

    def a_quote(self) -> str:
        """Of a post on either board, there or not."""
        board = self.board()
        prefix = self.dice.choice((">>", f">>>/{board.name}/"))
        return f"{prefix}{self.a_post_of(board)}"

    def numbers(self, board: str, query: str) -> list[int]:
        with self.database.connection() as db:
            return sorted(no for (no,) in db.execute(query, (board,)))

    def an_upload(self) -> str:
        original, thumbnail = self.scratch / "original", self.scratch / "thumbnail"
        original.write_bytes(PICTURE)
        thumbnail.write_bytes(b"thumbnail")
        return self.uploads.take(original, thumbnail)


def threads_on(database: Database) -> list[tuple[str, int]]:
    with database.connection() as db:
        return [
            (board.name, no)
            for board in boards.list_all(db)
            for no in threads.numbers(db, board.name)
        ]


@cache
def a_line() -> Any:
    """PERF: to make one takes 6 ms of the processor, and a history has 80 visits."""
    return create_autospec(Line, instance=True)


def a_short_visit() -> Lingering:
    """Drawn is what may be drawn at once; then another board waits for the worker."""
    line = a_line()
    line.has_calls = line.lists_too = False

    def call(wait_s: float) -> bool:
        line.has_calls = wait_s > 0
        return False

    line.wait.side_effect = call
    return Lingering(lambda: True, line=line)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(HISTORIES))
def test_pages_show_what_the_database_holds_after_any_history(
    database: Database,
    web_root: WebRoot,
    uploads: UploadStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    """Three workers take turns, each with threads that it kept from its own last turn; some turns
    are over before lists have had their time.

    Readers who follow a thread by its changes, and look now and then, see what it shows.
    """
    monkeypatch.setattr(kept_threads, "NEWEST_REPLIES", 1)
    monkeypatch.setattr(kept_threads, "PACK_REPLIES", 2)
    monkeypatch.setattr(kept_threads, "PACKS_MERGED", 2)
    monkeypatch.setattr(pages, "TAIL_MIN_REPLIES", 4)
    monkeypatch.setattr(thread_pages, "TAIL_REPLIES", 3)
    monkeypatch.setattr(changes_pages, "LONG", changes_pages.Room(5, 64 * 1024))
    monkeypatch.setattr(changes_pages, "SHORT", changes_pages.Room(2, 2 * 1024))
    dice = random.Random(seed)
    history = History(database, uploads, tmp_path, dice)
    workers = [
        RenderLoop(database, web_root, uploads, "Stillboard", SITE, kept=kept, lists_pace_s=3600)
        for kept in (KeptThreads(), KeptThreads(), KeptThreads(kept_bytes_max=3_000))
    ]
    history.workers = workers
    verifier = Verifier(database, web_root, uploads, "Stillboard", SITE)
    for name in "bc":
        board = a_board(database, name, **SETTINGS, files_max=2)
        for _ in range(3):
            a_post(database, board)
    followers: dict[tuple[str, int], Follower] = {}
    while len(history.told) < ACTIONS:
        for _ in range(dice.choice((1, 1, 1, 2, 5))):
            history.go_on()
        for name in dice.sample("bc", 2):
            Redrawing(dice.choice(workers)).redraw_archived(name, 1)
            dice.choice(workers).render(name, dice.choice((Passing(), a_short_visit())))
        if dice.random() < 0.5:
            continue  # the next worker finds what these have left
        told = f"seed {seed}:\n" + "\n".join(history.told)
        assert list(verifier.verify()) == [], told
        for name, thread in threads_on(database):
            follower = followers.setdefault((name, thread), Follower(web_root, name, thread))
            if dice.random() < 0.5:
                follower.look()
                assert follower.is_right(), f"thread {thread} of /{name}/, {told}"
    assert sum(follower.applied for follower in followers.values()) > 5
    if seed == 0:
        with database.connection() as db:
            assert any(archive.pages(db, name) for name in "bc"), "no thread was archived"
