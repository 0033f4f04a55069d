"""Staff change what a post says: what it said is kept, and all that follows from its words does."""

from __future__ import annotations

import pytest

from imageboard.edits import Written
from imageboard.errors import RuleBroken
from imageboard.store import boards, edits, outbox, removals, searchable, threads
from imageboard.store.database import Database
from imageboard.threads import Post
from tests.builders import a_board, a_file, a_post


@pytest.fixture
def thread(database: Database) -> None:
    """/b/: thread 1 with replies 2 (quotes 1) and 3 (a file), thread 4."""
    board = a_board(database)
    a_post(database, board, body="OP")
    a_post(database, board, thread=1, body=">>1 me", name="Angler", subject="Lake")
    a_post(database, board, thread=1, body="", files=(a_file(),))
    a_post(database, board, body="another")


def post(database: Database, no: int = 2) -> Post:
    with database.connection() as db:
        (found,) = threads.posts_by_no(db, "b", [no])
    return found


def edit(database: Database, no: int = 2, **words: str | None) -> bool:
    with database.transaction() as db:
        board = boards.lock(db, "b")
        held = edits.get(db, "b", no)
        written = held.written._replace(**words)  # type: ignore[arg-type]
        return edits.rewrite(db, board, no, held, written, "lake")


def undo(database: Database, no: int = 2) -> bool:
    with database.transaction() as db:
        board = boards.lock(db, "b")
        return edits.undo(db, board, no, edits.get(db, "b", no))


@pytest.mark.usefixtures("thread")
def test_post_says_something_else_and_what_it_said_is_kept(database: Database) -> None:
    before = post(database)
    assert before.edited_s is None
    assert edit(database, body="me", name=None)
    after = post(database)
    assert (after.body, after.name, after.subject) == ("me", None, "Lake")
    assert after.edited_s is not None
    with database.connection() as db:
        (version,) = edits.get(db, "b", 2).versions
    assert (version.written, version.by) == (Written("Angler", "Lake", ">>1 me"), "lake")
    assert undo(database)
    back = post(database)
    assert back._replace(changed_no=0) == before._replace(changed_no=0)
    assert not undo(database), "once"


@pytest.mark.usefixtures("thread")
def test_change_that_changes_nothing_is_none(database: Database) -> None:
    assert not edit(database, body=">>1 me")
    assert post(database).edited_s is None


@pytest.mark.usefixtures("thread")
def test_quotes_follow_the_words(database: Database) -> None:
    """Backlinks of what is no longer quoted and of what newly is, on their pages too."""
    edit(database, body=">>4 and >>3")
    assert [(q.no, q.thread) for q in post(database).quotes] == [(3, 1), (4, 4)]
    assert [[b.no for b in post(database, no).backlinks] for no in (1, 3, 4)] == [[], [2], [2]]
    with database.connection() as db:
        facts = [change.fact for change in outbox.waiting(db, "b", 100)][-4:]
    assert [fact.no for fact in facts] == [1, 3, 4, 2]  # type: ignore[attr-defined]
    undo(database)
    assert [[b.no for b in post(database, no).backlinks] for no in (1, 3, 4)] == [[2], [], []]


@pytest.mark.usefixtures("thread")
def test_post_is_found_by_what_it_says_now(database: Database) -> None:
    with database.transaction() as db:
        searchable.add_new(db, 100)
        db.execute("DELETE FROM search_due")
    edit(database, body="kettle")
    with database.connection() as db:
        assert db.execute("SELECT no FROM search_due").fetchall() == [(2,)]


@pytest.mark.usefixtures("thread")
def test_post_needs_something_to_show(database: Database) -> None:
    with pytest.raises(RuleBroken, match="needs a text"):
        edit(database, body="")
    edit(database, 3, body="now with words")
    assert edit(database, 3, body="")


@pytest.mark.usefixtures("thread")
def test_history_goes_and_comes_back_with_its_post(database: Database) -> None:
    edit(database, body="me")
    with database.transaction() as db:
        removal, _ = removals.remove(db, "lake", {"b": [2]})
        assert removal is not None
        removals.undo(db, removal)
    assert undo(database)
    assert post(database).body == ">>1 me"
    # Quotes were no longer there when it went, and are there again.
    assert [quote.no for quote in post(database).quotes] == [1]


@pytest.mark.usefixtures("thread")
def test_post_is_not_changed_without_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imageboard.edits.VERSIONS_MAX", 2)
    edit(database, body="one")
    edit(database, body="two")
    with pytest.raises(RuleBroken, match="changed 2 times"):
        edit(database, body="three")
