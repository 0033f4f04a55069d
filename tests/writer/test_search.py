"""Search as a reader meets it: the form, its results, and every way in which it says no."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import falcon
import psycopg
import pytest
from falcon import testing

from imageboard.allowances import SEARCHES_PER_MINUTE, Allowances
from imageboard.settings import Settings
from imageboard.store import searchable
from imageboard.store.database import Connection, Database
from renderer.keeper.indexing import Indexing
from tests.builders import CLOAK, a_board, a_file, a_post, seconds_later
from tests.tables import for_each
from tests.templates.parsed import elements, parse
from tests.templates.pseudo_language import bare_words, instead_of_english
from tests.writer.sending import until_spent
from writer import search as searching
from writer.answers import Answers
from writer.board_list import BoardList
from writer.captchas import Captchas
from writer.forms import Form
from writer.search import PAGE_POSTS, Places, Search

pytestmark = pytest.mark.slow

#: What posters wrote.
WRITTEN = ("A kettle, a kettle, a KETTLE", "A kettle", "kettle", "やかん", "cat.png", "<", ">")


def client_of(database: Database, *places: Database, limits: bool = False) -> testing.TestClient:
    """Search and nothing else, answered at these places."""
    boards = BoardList(database)
    answers = Answers(Captchas(boards, None, {}))
    settings = Settings(limits=limits)
    search = Search(
        settings,
        database,
        Places(*(places or (database,))),
        boards,
        Allowances(settings, CLOAK),
        answers,
    )
    app = falcon.App()
    app.add_error_handler(
        Exception, lambda req, resp, ex, _params: answers.refuse(req, resp, ex, Form())
    )
    for address in searching.ADDRESSES:
        app.add_route(address, search)
    return testing.TestClient(app)


@pytest.fixture
def kettles(database: Database) -> Database:
    """/b/ with 60 posts about kettles, /tea/ with two, and a board that nobody searches."""
    b, tea = a_board(database), a_board(database, "tea")
    hidden = a_board(database, "x", search=False)
    a_post(database, b, subject="A kettle", body="kettle <1>", at=seconds_later(1))
    for no in range(2, 61):
        a_post(database, b, thread=1, body=f"kettle <{no}>", at=seconds_later(no))
    a_post(database, tea, body="A kettle, a kettle, a KETTLE", at=seconds_later(0))
    a_post(database, tea, thread=1, body="やかん", files=(a_file(),), at=seconds_later(100))
    a_post(database, hidden, body="kettle", at=seconds_later(200))
    while Indexing(database).run():
        pass
    return database


def shown(answer: testing.Result) -> list[str]:
    """['/b/res/1.html#60', …]"""
    return re.findall(r'<a class="post_no" href="([^"]+)"', answer.text)


def test_newest_posts_are_found_on_all_boards_that_are_searched(kettles: Database) -> None:
    answer = client_of(kettles).simulate_get("/search", query_string="q=kettle")
    assert answer.status == falcon.HTTP_200
    assert answer.headers["cache-control"] == "no-store"
    assert shown(answer) == [f"/b/res/1.html#{no}" for no in range(60, 35, -1)]
    assert "kettle &lt;60&gt;" in answer.text
    assert 'value="kettle"' in answer.text


def test_boards_are_named_to_the_database_only_where_there_are_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words of a rare word are few, and those of its board as many as its posts."""
    asked: list[str] = []
    find = searchable.find

    def listened(db: Connection, words: str, **told: Any) -> searchable.Found:
        asked.append(words)
        return find(db, words, **told)

    monkeypatch.setattr(searchable, "find", listened)
    a_board(database)
    a_post(database, a_board(database, "tea"), body="kettle", at=seconds_later(0))
    Indexing(database).run()
    for query in ("q=kettle", "since=2020-01-01", "q=kettle&board=tea"):
        answer = client_of(database).simulate_get("/search.json", query_string=query)
        assert answer.json["total"] == 1, query
    a_board(database, "x", search=False)
    client_of(database).simulate_get("/search.json", query_string="q=kettle")
    assert asked == [
        "('kettle')",
        "('b:b' | 'b:tea')",
        "('kettle') & ('b:tea')",
        "('kettle') & ('b:b' | 'b:tea')",
    ]


def test_pages_follow_one_another_though_posts_come_meanwhile(kettles: Database) -> None:
    client, url, seen = client_of(kettles), "/search?q=kettle", []
    while url:
        answer = client.simulate_get(url)
        seen += shown(answer)
        a_post(kettles, a_board(kettles, f"n{len(seen)}"), body="kettle")
        Indexing(kettles).run()
        following = re.search(
            r'aria-current="page">\d+</a></li>\s*<li><a href="([^"]+)"', answer.text
        )
        url = html.unescape(following[1]) if following else ""
    assert seen == [f"/b/res/1.html#{no}" for no in range(60, 0, -1)] + ["/tea/res/1.html#1"]


@for_each(
    ("address", "query", "found"),
    [
        ("/b/search", "q=kettle", 60),
        ("/search", "board=tea&q=kettle", 1),
        ("/tea/search", "q=やかん", 1),
        ("/search", "q=kettle&sort=best", 61),
        ("/search", "has_file=1", 1),
        ("/search", "subject=kettle", 1),
        ("/search", "q=kettle&since=2026-11-25", 0),
        ("/search", "q=kettle&before=2026-11-25", 61),
        ("/search", "before=2026-11-25", 62),
        ("/search", "q=pot", 0),
        ("/search", "q=kettle&page=99", 61),
    ],
)
def test_json_says_the_same(kettles: Database, address: str, query: str, found: int) -> None:
    client = client_of(kettles)
    answer = client.simulate_get(f"{address}.json", query_string=query)
    assert answer.status == falcon.HTTP_200
    assert (answer.json["total"], answer.json["more"]) == (found, 0)
    assert answer.json["pages"] == -(-found // PAGE_POSTS)
    for same in (
        client.simulate_get(address, query_string=f"{query}&json=1"),
        client.simulate_get(address, query_string=query, headers={"Accept": "application/json"}),
    ):
        assert same.json == answer.json


def test_posts_in_json_are_as_in_their_thread_and_best_come_first(kettles: Database) -> None:
    client = client_of(kettles)
    answer = client.simulate_get("/search.json", query_string="q=kettle&sort=best")
    first = answer.json["posts"][0]
    assert (first["board"], first["no"], first["replies"]) == ("b", 1, 59)
    assert first["sub"] == "A kettle"
    assert first["com"] == "kettle &lt;1&gt;"
    second = answer.json["posts"][1]
    assert (second["board"], second["raw"]) == ("tea", "A kettle, a kettle, a KETTLE")


def test_form_alone_takes_nothing_and_keeps_its_board(kettles: Database) -> None:
    answer = client_of(kettles, limits=True).simulate_get("/tea/search")
    assert answer.status == falcon.HTTP_200
    assert '<option value="tea" selected>' in answer.text
    assert '<option value="x"' not in answer.text
    with kettles.connection() as db:
        assert db.execute("SELECT count(*) FROM allowances").fetchone() == (0,)


def test_page_is_valid_and_has_no_word_of_its_own(kettles: Database) -> None:
    client = client_of(kettles)
    with instead_of_english():
        for query in ("", "q=kettle", "q=0", "has_file=1", "q=-0"):
            page = client.simulate_get("/search", query_string=query).text
            assert bare_words(page, WRITTEN) == []
            shown = list(elements(parse(page)))
            labels = [label for label in shown if label.tag == "label"]
            labelled = [each for label in labels for each in elements(label)]
            named = {label.get("for") for label in labels}
            controls = [each for each in shown if each.tag in ("input", "select")]
            bare = [each for each in controls if each not in labelled]
            assert [each.attrib for each in bare if each.get("id") not in named] == []


@for_each(
    ("query", "status", "code", "field"),
    [
        ("q=%22%22", 400, "bad_field", "q"),
        ("q=%3F%3F%3F", 400, "bad_field", "q"),
        ("q=-kettle", 400, "bad_field", "q"),
        ("q=ke*", 400, "bad_field", "q"),
        ("q=" + "a" * 201, 400, "bad_field", "q"),
        ("q=" + "+".join("abcdefghijklmnopqrstu"), 400, "bad_field", "q"),
        ("q=kettle&since=yesterday", 400, "bad_field", "since"),
        ("q=kettle&before=2026-02-30", 400, "bad_field", "before"),
        ("hash=abc", 400, "bad_field", "hash"),
        ("q=kettle&page=-1", 400, "bad_field", "page"),
        ("q=kettle&newest=x", 400, "bad_field", "newest"),
        ("q=kettle&board=none", 404, "no_such_board", "board"),
        ("q=kettle&board=x", 404, "no_such_board", "board"),
        ("q=kettle&board=../etc", 404, "no_such_board", "board"),
    ],
)
def test_what_can_not_be_looked_for_is_told_with_what_was_typed(
    kettles: Database, query: str, status: int, code: str, field: str
) -> None:
    client = client_of(kettles)
    told = client.simulate_get("/search.json", query_string=query)
    assert (told.status_code, told.json["code"], told.json.get("field")) == (status, code, field)
    page = client.simulate_get("/search", query_string=query)
    assert page.status_code == status
    assert told.json["error"] in html.unescape(page.text)


@for_each(
    "typed",
    [
        "'); DROP TABLE posts; --",
        "\\' OR 1=1 %_ \\",
        "a:*B & !(c <-> d) | 'e'",
        "kettle\x00\ud800",
        '"' * 200,
        "-" * 200,
        "OR OR OR - | & kettle",
        "(((((((kettle)))))))",
        "\u202ekettle\u0301\u0301",
        "ﷺ" * 200,
        "の" * 200,
        "<script>alert(1)</script>",
    ],
    ids=ascii,
)
def test_hostile_searches_are_answered(kettles: Database, typed: str) -> None:
    client = client_of(kettles)
    for field in ("q", "name", "tripcode", "filename", "subject", "hash"):
        answer = client.simulate_get("/search", params={field: typed.encode("utf-8", "replace")})
        assert answer.status_code in (200, 400)
        assert "<script>" not in answer.text


def test_search_that_takes_too_long_is_ended_and_says_so(
    kettles: Database, database_url: str
) -> None:
    place = Database(database_url, connections_max=1, statement_ms_max=50, takes_writes=False)
    place.open()
    try:
        with psycopg.connect(database_url) as blocking:
            blocking.execute("LOCK TABLE searchable IN ACCESS EXCLUSIVE MODE")
            client = client_of(kettles, place)
            told = client.simulate_get("/search.json", query_string="q=kettle")
            page = client.simulate_get("/search", query_string="q=kettle")
        assert (told.status_code, told.json["code"]) == (422, "search_too_slow")
        assert page.status_code == 422
        assert 'value="kettle"' in page.text
        # By the same connection; a busy machine may take longer than that for any search.
        with place.connection() as db:
            db.execute("SET statement_timeout = 0")
        again = client.simulate_get("/search.json", query_string="q=kettle")
        assert again.json["total"] == 61
    finally:
        place.close()


@pytest.fixture
def away() -> Iterator[Database]:
    """A replica that nobody reaches."""
    database = Database("postgresql://nobody@127.0.0.1:1/none", connections_max=1)
    database.open()
    yield database
    database.close()


def test_primary_answers_while_the_replica_is_away(kettles: Database, away: Database) -> None:
    answer = client_of(kettles, away, kettles).simulate_get("/search.json?q=kettle")
    assert answer.json["total"] == 61
    refused = client_of(kettles, away).simulate_get("/search.json?q=kettle")
    assert (refused.status_code, refused.json["code"]) == (503, "store_unavailable")


def test_address_that_searches_a_lot_has_to_wait(kettles: Database) -> None:
    client = client_of(kettles, limits=True)
    refused = until_spent(
        lambda _: client.simulate_get("/search?q=pot"),
        SEARCHES_PER_MINUTE,
        60 / SEARCHES_PER_MINUTE,
    )
    assert int(refused.headers["retry-after"]) > 0
    assert client.simulate_get("/search").status_code == 200


def test_no_more_search_at_once_than_leave_room_for_posters(
    kettles: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "_TURN_WAIT_S", 0)
    places = Places(kettles)

    def nested(depth: int) -> object:
        return places.ask(lambda _db: nested(depth - 1) if depth else "asked")

    assert nested(searchable.AT_ONCE_MAX - 1) == "asked"
    with pytest.raises(searching.SearchesBusy):
        nested(searchable.AT_ONCE_MAX)
    assert nested(0) == "asked"


def test_no_connection_is_kept_for_searches_before_somebody_searches(
    kettles: Database, database_url: str
) -> None:
    """Each is a process of PostgreSQL's, once for each process of the writer."""
    places = Places.from_settings(Settings(database_url=database_url))
    (searched,) = places._databases
    with closing(searched):
        before = searched.connections()
        assert before["in_use"] + before["idle"] == 0
        assert places.ask(lambda _db: searched.connections()["in_use"]) == 1
