"""Posts are found by their words: what, in which order, and no more once they are gone."""

from __future__ import annotations

from datetime import datetime

import pytest

from imageboard import search_query
from imageboard.search_query import Sought
from imageboard.store import moves, posts, searchable, threads
from imageboard.store.database import Connection, Database
from renderer.keeper import indexing
from renderer.keeper.indexing import Indexing
from tests.builders import a_board, a_file, a_post, filling, seconds_later
from tests.tables import for_each

NOTHING_MORE = Sought()


def found(
    database: Database,
    typed: str = "",
    *,
    with_all: Sought = NOTHING_MORE,
    since: datetime | None = None,
    before: datetime | None = None,
    until: int | None = None,
    limit: int = 100,
) -> list[tuple[str, int]]:
    """(board, number) of what is found once the keeper has been at it, as it comes."""
    Indexing(database).run()
    sought = search_query.text(typed, "q").with_all(with_all)
    with database.connection() as db:
        on_page = searchable.find(
            db,
            sought.tsquery,
            since=since,
            before=before,
            until=until,
            found_max=limit,
            limit=limit,
        )
    return [(board, post.no) for board, post in on_page.posts]


def found_now(db: Connection, words: str, *, limit: int = 9, until: int | None = None) -> list[int]:
    """Numbers, without the keeper."""
    on_page = searchable.find(db, words, until=until, found_max=limit, limit=limit)
    return [post.no for _, post in on_page.posts]


def nos(database: Database, typed: str) -> list[int]:
    return [no for _, no in found(database, typed)]


TEXTS = [
    "The black cat sat on the café's mat.",
    "A dog, black as night; no cat at all",
    "Съешь ещё этих мягких булок",
    "東京都は日本の首都です",
    "京都へ行きたい。ｶﾀｶﾅ",
    "我们在北京大学学习",
    "हिन्दी में लिखा है",
    "Straße Ελλάδα İstanbul 😀",
    "C++ is x_y under_score 100% [b]bold[/b]",
    "한국어를 배우고 있어요",
]


@pytest.fixture
def texts(database: Database) -> Database:
    board = a_board(database)
    a_post(database, board, body=TEXTS[0])
    for text in TEXTS[1:]:
        a_post(database, board, thread=1, body=text)
    return database


@pytest.mark.slow
@for_each(
    ("typed", "expected"),
    [
        ("cat", [2, 1]),
        ("CAT dog", [2]),
        ("cat -dog", [1]),
        ("dog OR mat", [2, 1]),
        ("black dog OR mat", [2, 1]),
        ('"black cat"', [1]),
        ('"cat black"', []),
        ("cafe", [1]),
        ("café", [1]),
        ("caf*", [1]),
        ("ca", []),
        ("ЕЩЕ", [3]),
        ("ещё", [3]),
        ("мягк*", [3]),
        ("東京", [4]),
        ("京都", [5, 4]),
        ("東京都", [4]),
        ("東都", []),
        ("京", [6, 5, 4]),
        ("カタカナ", [5]),
        ("北京大", [6]),
        ("हिन्दी", [7]),
        ("strasse ελλαδα istanbul", [8]),
        ("😀", [8]),
        ("under_score", [9]),
        ("한국", [10]),
        ("'; DROP", []),
        ("!&|()<->:*'\\ cat", [2, 1]),
    ],
)
def test_words_of_every_language_are_found(
    texts: Database, typed: str, expected: list[int]
) -> None:
    assert nos(texts, typed) == expected


def test_newest_comes_first_across_boards_and_bounds_hold(database: Database) -> None:
    a, b = a_board(database, "a"), a_board(database, "b")
    for second, board in enumerate((a, b, a, b)):
        a_post(database, board, body="kettle", at=seconds_later(second * 60))
    assert found(database, "kettle") == [("b", 2), ("a", 2), ("b", 1), ("a", 1)]
    assert found(database, "kettle", limit=3) == [("b", 2), ("a", 2), ("b", 1)]
    assert found(database, "kettle", with_all=search_query.on_boards(["a"])) == [("a", 2), ("a", 1)]
    since, before = seconds_later(60), seconds_later(180)
    assert found(database, "kettle", since=since, before=before) == [("a", 2), ("b", 1)]
    assert found(database, "kettle", since=seconds_later(3600)) == []
    assert found(database, "kettle", before=seconds_later(-3600)) == []
    # Whoever turns the page is not pushed back by what came meanwhile.
    a_post(database, a, body="kettle", at=seconds_later(300))
    assert found(database, "kettle", until=4)[0] == ("b", 2)


def test_a_page_is_told_how_many_there_are_and_which_is_the_newest(database: Database) -> None:
    board = a_board(database)
    for body in ("kettle", "kettle kettle", "pot", "kettle"):
        a_post(database, board, body=body)
    Indexing(database).run()

    def page(words: str, start: int, *, is_ranked: bool = False) -> searchable.Found:
        with database.connection() as db:
            return searchable.find(
                db, words, is_ranked=is_ranked, found_max=2, limit=1, start=start
            )

    def told(of: searchable.Found) -> tuple[list[int], int, bool, int]:
        return [post.no for _, post in of.posts], of.total, of.has_more, of.newest

    assert told(page("kettle", 0)) == ([4], 2, True, 4)
    assert told(page("kettle", 1)) == ([2], 2, True, 4)
    # The best of the newest: there may be better ones that nobody counted.
    assert told(page("kettle", 0, is_ranked=True)) == ([2], 2, True, 4)
    assert told(page("kettle", 2)) == ([], 2, True, 4)
    assert told(page("pot", 0)) == ([3], 1, False, 3)
    assert told(page("pan", 0)) == ([], 0, False, 0)


@pytest.mark.slow
def test_subject_name_tripcode_and_file_are_found_each_by_itself(database: Database) -> None:
    board = a_board(database)
    cat = a_file(original_name="black-cat", extension=".png", md5=bytes.fromhex("ab" * 16))
    a_post(database, board, subject="Tea kettles", name="Ann#tea", body="about pots", files=(cat,))
    a_post(database, board, thread=1, body="kettles, says Ann")
    assert found(database, "kettles") == [("b", 2), ("b", 1)]
    with database.connection() as db:
        code = db.execute("SELECT tripcode FROM posts WHERE no = 1").fetchone()
    assert code is not None
    for sought in (
        search_query.text('"tea kettles"', "subject", "s:"),
        search_query.text("ann", "name", "n:"),
        search_query.tripcode(f" {code[0]} "),
        search_query.text("cat png", "filename", "f:"),
        search_query.file_hash("AB" * 16, "hash"),
        search_query.file_hash("q6urq6urq6urq6urq6urqw==", "hash"),
        search_query.with_file(),
    ):
        assert found(database, with_all=sought) == [("b", 1)], sought
    assert found(database, "kettles", with_all=search_query.text("pots", "subject", "s:")) == []


def test_what_is_removed_is_not_found(database: Database) -> None:
    """At once, without the keeper: a post, a thread that fell off, a removed thread."""
    board = a_board(database, threads_per_page=1, pages_max=1, quiet_minutes_min=0, archive_days=0)
    a_post(database, board, body="kettle")
    a_post(database, board, thread=1, body="kettle")
    assert nos(database, "kettle") == [2, 1]
    with database.transaction() as db:
        posts.remove(db, "b", 2)
        assert found_now(db, "kettle") == [1]
    a_post(database, board, body="kettle")
    with database.transaction() as db:
        posts.prune(db, "b")
        assert found_now(db, "kettle") == []
    assert nos(database, "kettle") == [3]
    with database.transaction() as db:
        posts.remove(db, "b", 3)
        assert found_now(db, "kettle") == []
        assert db.execute("SELECT count(*) FROM searchable WHERE no = 3").fetchone() == (0,)


def test_posts_are_found_in_the_thread_that_took_them(database: Database) -> None:
    """And no longer once that fell off."""
    board = a_board(database, threads_per_page=2, pages_max=1, quiet_minutes_min=0, archive_days=0)
    a_post(database, board, body="pot")
    a_post(database, board, body="kettle")
    assert nos(database, "kettle") == [2]
    with database.transaction() as db:
        moves.merge(db, "b", 2, 1)
        assert found_now(db, "kettle") == [2]
    for _ in range(2):
        a_post(database, board, body="pan")
    with database.transaction() as db:
        posts.prune(db, "b")
        assert found_now(db, "kettle") == []


def test_thread_is_found_in_its_archive(database: Database) -> None:
    board = a_board(database, threads_per_page=1, pages_max=1, quiet_minutes_min=0, archive_days=9)
    a_post(database, board, body="kettle")
    a_post(database, board, body="pot")
    with database.transaction() as db:
        posts.prune(db, "b")
        assert threads.numbers(db, "b") == [2]
    assert nos(database, "kettle") == [1]


def test_post_is_no_longer_found_by_a_file_that_was_removed(database: Database) -> None:
    board = a_board(database)
    a_post(database, board, body="kettle", files=(a_file(original_name="cat"),))
    assert found(database, with_all=search_query.with_file()) == [("b", 1)]
    with database.transaction() as db:
        posts.remove_files(db, "b", 1)
    assert found(database, with_all=search_query.with_file()) == []
    assert found(database, with_all=search_query.text("cat", "filename", "f:")) == []
    assert nos(database, "kettle") == [1]


def test_posts_from_before_search_are_found_too_below_those_that_came_since(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "OLDER_POSTS_PER_PASS", 2)
    a, b = a_board(database, "a"), a_board(database, "b")
    for second, board in enumerate((a, b, a)):
        a_post(database, board, body="kettle", at=seconds_later(second))
    with database.transaction() as db:
        db.execute("INSERT INTO search_progress (board, no) SELECT name, last_no FROM boards")
    a_post(database, b, body="kettle", at=seconds_later(9))
    keeper = Indexing(database)
    assert [keeper.run() for _ in range(4)] == [3, 1, 0, 0]
    assert found(database, "kettle") == [("b", 2), ("a", 2), ("b", 1), ("a", 1)]


def test_keeper_goes_on_where_posts_were_removed_before_it_came(database: Database) -> None:
    board = a_board(database)
    for text in ("kettle", "kettle", "gone"):
        a_post(database, board, body=text)
    with database.transaction() as db:
        posts.remove(db, "b", 3)
    assert nos(database, "kettle") == [2, 1]
    assert Indexing(database).run() == 0
    a_post(database, board, body="kettle")
    assert nos(database, "kettle") == [4, 2, 1]


@pytest.mark.slow
@pytest.mark.parametrize("every", [1, 3])
def test_as_many_as_are_asked_for_are_found_however_they_lie(
    database: Database, every: int
) -> None:
    """Over many blocks, wide ones too, before and after the first place."""
    board = a_board(database)
    for _ in range(60):
        a_post(database, board, body="kettle")
    Indexing(database).run()
    with database.transaction() as db:
        for no in range(1, 61):
            place = (no - 30) * 7919
            words = f"'b:b' '@{place >> 12}' '@@{place >> 17}'" + " 'kettle'" * (no % every == 0)
            db.execute(
                "UPDATE searchable SET place = %s, words = %s::tsvector WHERE no = %s",
                (place, words, no),
            )
        expected = [no for no in range(60, 0, -1) if no % every == 0]
        for limit in (1, 7, 60):
            assert found_now(db, "kettle", limit=limit) == expected[:limit]
        assert found_now(db, "kettle", until=-7919) == [no for no in expected if no < 30][:9]
        assert found_now(db, "pot") == []


@pytest.mark.slow
def test_what_many_said_long_ago_is_found_in_small_steps(database: Database) -> None:
    """More have the word than one step may look at, and nobody has used it since."""
    a_post(database, a_board(database), body="pot")
    Indexing(database).run()
    with database.transaction() as db:
        db.execute("UPDATE searchable SET place = 120000, words = $$'@29' '@@0' pot$$")
        db.execute("""
            INSERT INTO posts (board, no, thread_no, created_at, body, changed_no)
            SELECT board, n, 1, created_at, '', 1 FROM posts, generate_series(2, 9001) AS n
        """)
        db.execute("""
            INSERT INTO searchable (place, board, no, words)
            SELECT n, 'b', n, format($$'@%s' '@@0' kettle$$, n >> 12)::tsvector
            FROM generate_series(2, 9001) AS n
        """)
        assert found_now(db, "kettle", limit=5000) == list(range(9001, 4001, -1))


_MANY = 20_000
#: Of tables and by indexes, by this connection since it last told of it.
_ROWS_READ = """
SELECT sum(coalesce(idx_tup_fetch, 0) + seq_tup_read)
FROM pg_stat_xact_user_tables WHERE relname IN ('posts', 'searchable')
"""


@pytest.fixture
def many(database: Database) -> Database:
    """Many posts, a second apart, that were there before search was; none can be found yet."""
    thread = a_post(database, a_board(database), at=seconds_later(0)).no
    with filling(database) as db:
        db.execute(
            "INSERT INTO posts (board, no, thread_no, created_at, body, changed_no, bump_no)"
            " SELECT 'b', 1 + n, %s, %s + n * interval '1 s', 'cat', 0, 0"
            " FROM generate_series(1, %s) AS n",
            (thread, seconds_later(0), _MANY),
        )
        db.execute("UPDATE boards SET last_no = %s", (_MANY + 1,))
        db.execute("INSERT INTO search_progress (board, no) VALUES ('b', %s)", (_MANY + 1,))
    return database


def _make_findable(database: Database, after: int, apart: int = 1) -> None:
    """All posts after this number, as the keeper leaves them; what it has to do is known.

    Their places are so far `apart` as if there were as many times more. Every seventh and every
    2,000th has a word more, and every third but the newest.
    """
    with filling(database) as db:
        db.execute(
            "INSERT INTO searchable (place, board, no, thread_no, words)"
            " SELECT place, board, no, thread_no, array_to_tsvector("
            "  ARRAY['cat', '@' || (place >> 12), '@@' || (place >> 17)]"
            "  || CASE WHEN no %% 7 = 0 THEN ARRAY['seventh'] END"
            "  || CASE WHEN no %% 2000 = 0 THEN ARRAY['rare'] END"
            "  || CASE WHEN no %% 3 = 0 AND no <= %s THEN ARRAY['third'] END)"
            " FROM (SELECT *, no * %s AS place FROM posts WHERE no > %s) AS placed",
            (_MANY - 100, apart, after),
        )
        db.execute(
            "UPDATE search_backlog SET before = (SELECT created_at FROM posts WHERE no = %s)",
            (after + 1 if after else None,),
        )
    with database.connection() as db:
        db.execute("ANALYZE posts, searchable")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("left", "added"), [(0, 0), (50, 50), (_MANY - 100, 100)], ids=["none", "few", "most"]
)
def test_older_posts_are_looked_for_without_reading_all(
    many: Database, left: int, added: int
) -> None:
    """Each start of the keeper looks for them: on a site of ten million it took longer than a
    statement may, and whatever the clock does came to a halt."""
    _make_findable(many, left)
    with many.transaction() as db:
        before = _rows_read(db)
        assert searchable.add_older(db, 100) == added
        assert _rows_read(db) - before < _MANY / 20


@pytest.mark.slow
def test_a_word_of_every_post_is_found_by_looking_at_the_newest_alone(many: Database) -> None:
    """Not at all of a block, of which there are 4,096: who posts meanwhile waits for processors.
    Nor at the index, where every seventh has it: of words that begin alike that reads all first."""
    _make_findable(many, 0)
    with many.transaction() as db:
        before = _rows_read(db)
        assert len(found_now(db, "cat", limit=500)) == 500
        assert _rows_read(db) - before < 4000
        assert len(found_now(db, "seven:*", limit=500)) == 500
        assert _times_asked(db) == 0


@pytest.mark.slow
def test_words_are_sorted_in_together_and_few_wait_for_that(many: Database) -> None:
    """Sorted in post by post, a word of many posts was written anew with each: 80 KB of WAL a post.
    Every search reads what waits."""
    with many.transaction() as db:
        searchable.add_older(db, 4_000)
        row = db.execute("SELECT gin_clean_pending_list('searchable_by_words')").fetchone()
    assert row is not None
    pages_that_waited = row[0]
    assert 1 <= pages_that_waited <= 128 // 8 + 1


@pytest.mark.slow
def test_the_index_is_asked_as_far_as_is_needed_and_seldom(many: Database) -> None:
    """On a board of two million: of a word of middling use not for many more than are wanted, and
    for one that hardly anybody used not again and again."""
    _make_findable(many, 0, apart=100)
    with many.transaction() as db:
        before = _rows_read(db)
        assert len(found_now(db, "seventh", limit=500)) == 500
        # By their words, once; as posts those of the page alone.
        assert _rows_read(db) - before < 1400
        asked = _times_asked(db)
        assert len(found_now(db, "rare", limit=500)) == _MANY // 2000
        assert _times_asked(db) - asked <= 2


@pytest.mark.slow
def test_a_usual_word_that_the_newest_posts_lack_takes_one_look_at_the_index(
    many: Database,
) -> None:
    """What was not found in 64 posts says little: more was read than one step may, in vain."""
    _make_findable(many, 0, apart=3)
    with many.transaction() as db:
        before, asked = _rows_read(db), _times_asked(db)
        assert len(found_now(db, "third", limit=500)) == 500
        assert _times_asked(db) - asked == 1
        assert _rows_read(db) - before < 4_000


def _times_asked(db: Connection) -> int:
    """How often this transaction has asked the index of words."""
    row = db.execute("SELECT pg_stat_get_xact_numscans('searchable_by_words'::regclass)").fetchone()
    assert row is not None
    return int(row[0])


def _rows_read(db: Connection) -> int:
    row = db.execute(_ROWS_READ).fetchone()
    assert row is not None
    return int(row[0])
