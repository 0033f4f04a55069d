"""Boards where nothing is said twice, and boards that notice what many say at once."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from falcon import testing

from imageboard.spam import sketches
from imageboard.store import said_texts
from imageboard.store.database import Database
from tests.builders import a_board
from tests.tables import for_each
from tests.writer.sending import send, send_files

ADVERT = (
    "Get the best replica watches at our shop today, free shipping on all orders above fifty"
    " dollars, visit our website or write to us for a discount of twenty percent."
)
OTHER = (
    "Without its lid the kettle took five minutes and a half from cold, a litre of water at"
    " nineteen degrees; with it, four minutes and ten seconds. Nobody had noted the pressure."
)


def send_from(client: testing.TestClient, address: str, **fields: str) -> Any:
    return send_files(client, [], address=address, **fields)


@for_each(
    "again",
    ["I like tea", ">>1 >>>/Té_1/7 I like TEA!!", "i  l i k e   t.e.a", "Ι lіke tea", "I like te4"],
)
def test_digest_is_of_letters_alone(again: str) -> None:
    assert sketches.digest(again) == sketches.digest("I like tea.")
    assert sketches.digest(again) != sketches.digest("I like teas")


def test_what_has_no_letters_is_said_as_often_as_one_likes() -> None:
    assert sketches.digest(">>1 >>>/b/2 …!?") is None


@for_each(
    "text",
    [
        ADVERT.upper(),
        f"Hello everybody. {ADVERT}",
        f"{ADVERT} Lorem ipsum dolor sit amet, consetetur sadipscing elitr.",
        ADVERT.replace("replica", "finest").replace("fifty", "sixty"),
        " ".join(ADVERT.replace("a", "а")),
    ],
)
def test_sketch_is_nearly_the_same_when_a_text_is(text: str) -> None:
    in_common = set(sketches.sketch(text) or ()) & set(sketches.sketch(ADVERT) or ())
    assert len(in_common) >= sketches.IN_COMMON_MIN


def test_sketch_is_another_one_of_another_text_and_none_of_a_short_one() -> None:
    in_common = set(sketches.sketch(OTHER) or ()) & set(sketches.sketch(ADVERT) or ())
    assert len(in_common) <= 2
    assert sketches.sketch("Thank you very much.") is None


@pytest.mark.slow
def test_text_is_taken_once_on_a_board_where_nothing_is_said_twice(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database, unique_text_days=7)
    a_board(database, "tea")
    assert send(client, body="I like tea.").status_code == 200
    refused = send_from(client, "198.51.100.7", body="i LIKE t-e-a")
    assert (refused.status_code, refused.json["field"]) == (422, "body")
    assert refused.json["error"] == (
        "That was said here within the last 7 days: say something new."
    )
    assert send(client, body="I like coffee.").status_code == 200
    for _ in range(2):
        assert send(client, board="tea", body="I like tea.").status_code == 200
    with database.connection() as db:
        assert said_texts.forget_expired(db, 100) == 0
        db.execute("UPDATE said_texts SET until = now()")
    assert send(client, body="I like tea.").status_code == 200, "its days are over"
    with database.connection() as db:
        assert said_texts.forget_expired(db, 100) == 1


def test_text_of_a_post_that_was_refused_was_not_said(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database, unique_text_days=7, thread_wait_s=60)
    assert send(client, body="First.").status_code == 200
    assert send(client, body="Second.").status_code == 429
    assert send_from(client, "198.51.100.7", body="Second.").status_code == 200


def test_form_that_is_sent_twice_is_answered_as_the_first_time(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database, unique_text_days=7, alike_text="refuse")
    first = send(client, body=ADVERT, nonce="n" * 32).json
    assert send(client, body=ADVERT, nonce="n" * 32).json == first
    with database.connection() as db:
        assert db.execute("SELECT count(*) FROM text_sketches").fetchone() == (1,)


@pytest.mark.parametrize("action", ["refuse", "hold", "captcha"])
def test_form_that_comes_again_from_another_network_looks_like_nobody_elses(
    client: testing.TestClient, database: Database, action: str
) -> None:
    """A phone changed its network before the answer came: it is told of its post."""
    a_board(database, alike_text=action)
    first = send(client, body=ADVERT, nonce="n" * 32).json
    assert send_from(client, "198.51.100.7", body=ADVERT, nonce="n" * 32).json == first


@pytest.mark.slow
def test_of_many_who_say_the_same_at_the_same_moment_one_is_heard(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database, unique_text_days=7)
    together = threading.Barrier(6)

    def say(number: int) -> int:
        together.wait()
        answer = send_from(client, f"198.51.{number}.7", body="The same.")
        return int(answer.status_code)

    with ThreadPoolExecutor(6) as threads:
        assert Counter(threads.map(say, range(6))) == {200: 1, 422: 5}


@pytest.mark.slow
@pytest.mark.parametrize("action", ["refuse", "hold", "captcha"])
def test_text_that_others_have_just_posted_is_noticed(
    client: testing.TestClient, database: Database, action: str
) -> None:
    a_board(database, alike_text=action)
    assert send(client, body=ADVERT).status_code == 200
    assert send(client, body=f"Again: {ADVERT}").status_code == 200, "one's own is another matter"
    assert send_from(client, "198.51.100.7", body=OTHER).status_code == 200
    found = send_from(client, "198.51.100.7", body=f"Look! {ADVERT}").json
    match action:
        case "refuse":
            assert found["error"] == (
                "Others have just posted nearly the same: say it in other words."
            )
        case "hold":
            assert found["held"]
        case "captcha":
            assert found["code"] == "captcha_failed"
    with database.connection() as db:
        db.execute("UPDATE text_sketches SET until = now()")
    assert "id" in send_from(client, "198.51.100.8", body=ADVERT).json, "its minutes are over"
    with database.connection() as db:
        assert said_texts.forget_expired(db, 100) >= 3
