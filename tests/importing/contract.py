"""What every importer promises, whatever it reads: a function a promise, which takes a made board.

`tests/importing/test_contract.py` lists the boards, each as its engine left it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import falcon
import pytest

from imageboard import old_passwords
from imageboard.store import imports, old_boards, posts
from importing import loading
from importing.moving import Move, Source
from tests.builders import CLOAK, a_new_post
from tests.importing.conftest import EVERYTHING, Site
from tests.writer.own_post_form import Calls, client_of


@dataclass(frozen=True)
class Made:
    """A board as another engine left it, and what is to be found of it here."""

    #: Read anew each time: files are made in a folder.
    source: Callable[[Path], Source]
    board: str
    #: {thread: numbers of its replies}, as they stand on the board.
    threads: dict[int, list[int]]
    #: The number of the next post, behind those that are gone.
    next_no: int
    #: (post, board, post): where its old page had a link that leads somewhere.
    links: frozenset[tuple[int, str, int]]
    #: {post: its password as it was typed}; none: the engine keeps none.
    passwords: Mapping[int, str] = field(default_factory=dict)
    #: {post: the bytes of its files}
    files: Mapping[int, Sequence[bytes]] = field(default_factory=dict)
    #: The same of threads in its archive.
    archived: dict[int, list[int]] = field(default_factory=dict)
    #: Where boards have their folders, if they have: there, or below where files are made.
    folder: Path = Path("/nowhere")

    @property
    def posts(self) -> int:
        """How many there are."""
        return sum(1 + len(replies) for replies in (self.threads | self.archived).values())

    def move(self, site: Site, folder: Path) -> Move:
        return Move(self.source(folder), site.database, site.settings, folder / self.folder)


def numbers_and_places_stay(site: Site, made: Made) -> None:
    pages = site.read(f"{made.board}/catalog.json")
    order = [thread["no"] for page in pages for thread in page["threads"]]
    assert order == [*made.threads]
    for thread, replies in (made.threads | made.archived).items():
        drawn = site.read(f"{made.board}/res/{thread}.json")["posts"]
        assert [post["no"] for post in drawn] == [thread, *sorted(replies)]
        assert bool(drawn[0].get("archived")) is (thread in made.archived)


def links_are_those_that_were(site: Site, made: Made) -> None:
    rows = site.ask("SELECT no, to_board, to_no FROM quotes WHERE board = %s", made.board)
    assert {*rows} == made.links


def files_are_the_same_bytes(site: Site, made: Made) -> None:
    """Each under a name of its own, also where posts shared one; and nothing else is there."""
    for thread in made.threads | made.archived:
        for post in site.read(f"{made.board}/res/{thread}.json")["posts"]:
            told = [post, *post.get("extra_files", ())]
            told = [file for file in told if "tim" in file and not file.get("filedeleted")]
            bodies = [
                site.web_root.read(f"{made.board}/src/{file['tim']}{file['ext']}") for file in told
            ]
            assert bodies == list(made.files.get(post["no"], ())), post["no"]


def passwords_are_taken(site: Site, made: Made) -> None:
    with site.database.connection() as db:
        secrets = old_boards.list_all(db, CLOAK)[made.board].secrets
        for no, typed in made.passwords.items():
            author = posts.author(db, made.board, no)
            ((scheme,),) = db.execute(
                "SELECT password_scheme FROM posts WHERE board = %s AND no = %s", [made.board, no]
            )
            for tried, is_right in ((typed, True), (f"{no}{typed}", False), ("", False)):
                assert is_right is old_passwords.matches(
                    CLOAK, tried, author.password_hash, scheme, secrets
                )


def passwords_delete_through_the_form(site: Site, made: Made) -> None:
    """Of the last five posts; with another one they stay."""
    client = client_of(site.database, site.folder, Calls())
    for no in sorted(made.passwords, reverse=True)[:5]:
        left = []
        for typed in (f"{no}{made.passwords[no]}", made.passwords[no]):
            form = {"board": made.board, "delete": "1", f"delete_{no}": "on", "password": typed}
            headers = {"X-Real-IP": "192.0.2.200", "Content-Type": falcon.MEDIA_URLENCODED}
            client.simulate_post("/post", body=urlencode(form), headers=headers)
            left += site.ask(
                "SELECT count(*) FROM posts WHERE board = %s AND no = %s", made.board, no
            )
        assert left == [(1,), (0,)], no


def pages_are_those_of_the_database(site: Site) -> None:
    """As `verify` finds."""
    assert site.findings() == []


def a_second_run_changes_nothing(site: Site, made: Made, folder: Path) -> None:
    before = site.ask(EVERYTHING)
    again = made.move(site, folder)
    again.look()
    assert again.bring() == []
    assert site.ask(EVERYTHING) == before
    assert (again.report.counts["posts"], again.report.counts["posts that look different"]) == (
        0,
        0,
    )
    assert again.report.boards[made.board]["posts that had come"] == made.posts


def the_next_post_has_the_next_number(site: Site, made: Made) -> None:
    with site.database.transaction() as db:
        new_post = a_new_post(site.board(made.board))
        assert posts.add(db, new_post, limits=False).no == made.next_no


class Killed(BaseException):
    """Whatever ends a process: nobody catches it."""


def dies_at(monkeypatch: pytest.MonkeyPatch, name: str, call: int) -> None:
    """The call of a function of the store does what it does, and is not committed."""
    real: Callable[..., Any] = getattr(imports, name)
    calls = itertools.count(1)

    def dying(*values: Any, **named: Any) -> Any:
        answer = real(*values, **named)
        if next(calls) == call:
            raise Killed
        return answer

    monkeypatch.setattr(imports, name, dying)


def killed_anywhere_it_comes_to_the_same(
    site: Site, whole: Site, made: Made, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it is called again; `whole` is where it came without that. Nobody sees it before."""
    monkeypatch.setattr(loading, "POSTS_AT_ONCE", max(1, made.posts // 3))
    for name, call in (("begin", 1), ("add", 1), ("add", 3), ("join_quotes", 1), ("finish", 1)):
        with monkeypatch.context() as dying:
            dies_at(dying, name, call)
            with pytest.raises(Killed):
                site.bring(made.move(site, folder), draws=False)
        # What has come is not seen, and nobody clears it away.
        with site.database.transaction() as db:
            assert posts.forget_aside(db, 1_000) == 0
        assert not any(site.ask("SELECT FROM shown_threads WHERE board = %s LIMIT 1", made.board))
        # Whoever posts meanwhile gets none of its numbers.
        given = site.ask("SELECT last_no FROM boards WHERE name = %s", made.board)
        assert given == ([] if name == "begin" else [(made.next_no - 1,)])
    site.bring(made.move(site, folder), draws=False)
    assert _of(site, made) == _of(whole, made)
    # Search goes through them as old posts, not as new ones.
    searched = site.ask("SELECT no FROM search_progress WHERE board = %s", made.board)
    assert searched == [(made.next_no - 1,)]
    assert site.ask("SELECT before = 'infinity' FROM search_backlog") == [(True,)]


def _of(site: Site, made: Made) -> list[tuple[Any, ...]]:
    """All of a board but how often it was drawn, and links to others, which may not be there."""
    rows = [row for row in site.ask(EVERYTHING) if row[0] != "board"]
    return [
        row
        for row in rows
        if row[1]["board"] == made.board and row[1].get("to_board", made.board) == made.board
    ]
