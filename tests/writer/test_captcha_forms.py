"""When a captcha of our own is asked for, the way from the refusal to the post, and its pass."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
import redis
from falcon import testing

from imageboard.boards import Board
from imageboard.captchas import ShownCaptcha
from imageboard.settings import BoardSettings, Settings
from imageboard.store import boards, posts
from imageboard.store.database import Database
from tests.builders import a_board
from tests.tables import for_each
from tests.writer.sending import until_spent
from tests.writer.solving import payload, solution
from writer import passes
from writer.app import create_app, parts_with
from writer.board_list import BoardList
from writer.captchas import Captchas, Circumstances, picture
from writer.search import Places

# --- when one is asked for ---


NOTHING = frozenset[str]()


@for_each(
    ("settings", "is_new", "there", "is_asked", "looked"),
    [
        ({"captcha": "site"}, True, {"pressed", "stranger", "busy"}, False, NOTHING),
        ({"captcha": "never"}, True, {"pressed", "stranger", "busy"}, False, NOTHING),
        ({"captcha": "threads"}, True, NOTHING, True, NOTHING),
        ({"captcha": "threads"}, False, {"pressed"}, False, NOTHING),
        ({"captcha": "pressed"}, True, NOTHING, False, {"pressed"}),
        ({"captcha": "pressed"}, False, {"pressed"}, True, {"pressed"}),
        ({"captcha": "strangers"}, True, NOTHING, False, {"stranger"}),
        ({"captcha": "strangers"}, False, {"stranger"}, True, {"stranger"}),
        ({"captcha": "always"}, True, NOTHING, True, NOTHING),
        ({"captcha": "always"}, False, NOTHING, True, NOTHING),
        ({"captcha_for_all": True}, False, NOTHING, True, NOTHING),
        ({"captcha_from_posts_per_hour": 9}, False, NOTHING, False, {"busy"}),
        ({"captcha_from_posts_per_hour": 9}, False, {"busy"}, True, {"busy"}),
        (
            {"captcha": "threads", "captcha_from_posts_per_hour": 9},
            False,
            {"busy"},
            True,
            {"busy"},
        ),
        (
            {"captcha": "threads", "captcha_from_posts_per_hour": 9},
            True,
            {"busy"},
            True,
            NOTHING,
        ),
    ],
)
def test_board_says_when_a_captcha_is_asked_for(
    database: Database,
    settings: dict[str, Any],
    is_new: bool,
    there: set[str],
    is_asked: bool,
    looked: set[str],
) -> None:
    """What costs a look is looked at only where it matters."""
    looked_at: set[str] = set()

    def look(name: str) -> bool:
        looked_at.add(name)
        return name in there

    site = ShownCaptcha("altcha", when="never", challenge="/captcha/altcha")
    captchas = Captchas(BoardList(database), site, checks={})
    about = Circumstances(*(partial(look, name) for name in ("stranger", "pressed", "busy")))
    board = Board("b", BoardSettings(**settings))
    assert captchas.is_asked(board, is_new=is_new, about=about) == is_asked
    assert looked_at == looked


# --- a form, from the refusal to the post ---


@pytest.fixture
def settings(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"STILLBOARD_OWN_POST_WAIT_MS": "0"}


@pytest.fixture
def client(
    settings: dict[str, str], database: Database, queue: redis.Redis
) -> Iterator[testing.TestClient]:
    parts = parts_with(Settings.read(settings), database, Places(database))
    yield testing.TestClient(create_app(parts))
    parts.darkroom.close()


def send(client: testing.TestClient, *, delivery: str = "", **fields: str) -> Any:
    body = urlencode({"board": "b", "body": "Hello."} | fields)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Delivery-ID": delivery}
    return client.simulate_post("/post", body=body, headers=headers)


def as_json(client: testing.TestClient, **fields: str) -> Any:
    return send(client, json_response="1", **fields)


def test_challenges_are_served_and_kept_by_nobody(client: testing.TestClient) -> None:
    for address in ("/captcha/altcha", "/captcha/picture"):
        answer = client.simulate_get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert answer.json
    for nothing in ("/captcha/other", "/captcha/question"):
        assert client.simulate_get(nothing).status_code == 404
    assert client.simulate_post("/captcha/altcha").status_code == 405


def test_program_learns_from_the_refusal_how_to_post(
    client: testing.TestClient, database: Database, quick: None
) -> None:
    a_board(database, captcha="always")
    refused = as_json(client)
    assert refused.status_code == 403
    assert (refused.json["code"], refused.json["field"]) == ("captcha_failed", "captcha")
    told = refused.json["captcha"]
    assert told == {
        "provider": "altcha", "site_key": "", "when": "always", "challenge": "/captcha/altcha",
    }  # fmt: skip
    answer = payload(solution(client.simulate_get(told["challenge"]).json))
    assert as_json(client, altcha=answer).status_code == 200
    assert as_json(client, altcha=answer, body="Another.").status_code == 403


def test_who_has_no_javascript_is_shown_a_picture_beside_all_that_was_typed(
    client: testing.TestClient, database: Database, settings: dict[str, str]
) -> None:
    a_board(database, captcha="always")
    typed = {"name": "Anon", "email": "sage", "subject": "Tea", "body": "Hello &\n there."}
    refused = send(client, **typed, captcha_text="WRONG", captcha_id="none")
    assert refused.status_code == 403
    for text in ("Anon", "sage", "Tea", "Hello &amp;\n there."):
        assert text in refused.text
    assert "WRONG" not in refused.text
    (shown,) = re.findall(r'name="captcha_id"[^>]* value="([^"]+)"', refused.text)
    assert 'src="data:image/png;base64,' in refused.text
    # The letters, as somebody reads them.
    pictures = picture.from_settings(Settings.read(settings), database, BoardList(database))
    asked = pictures.opened(shown)
    assert asked is not None
    posted = send(client, **typed, captcha_id=shown, captcha_text=asked.text.lower())
    assert posted.status_code == 303


def test_who_has_no_javascript_is_asked_the_question_with_the_refusal(
    database: Database, settings: dict[str, str], queue: redis.Redis
) -> None:
    """And a program learns from it where the questions of its board are."""
    asking = {"STILLBOARD_CAPTCHA": "question", "STILLBOARD_CAPTCHA_QUESTIONS": "Tea & milk? = yes"}
    parts = parts_with(Settings.read(settings | asking), database, Places(database))
    client = testing.TestClient(create_app(parts))
    a_board(database)
    refused = send(client)
    assert "Tea &amp; milk?" in refused.text
    (shown,) = re.findall(r'name="captcha_id"[^>]* value="([^"]+)"', refused.text)
    assert send(client, captcha_id=shown, captcha_text="Yes!").status_code == 303
    told = as_json(client).json["captcha"]
    assert told["challenge"] == "/captcha/question?board=b"
    fresh = client.simulate_get("/captcha/question", params={"board": "b"}).json
    answer = {"captcha_id": fresh["id"], "captcha_text": "YES"}
    assert as_json(client, **answer, body="By a program.").status_code == 200
    assert as_json(client, **answer, body="Again.").status_code == 403
    assert client.simulate_get("/captcha/question", params={"board": "x"}).status_code == 404
    parts.darkroom.close()


def test_picture_alone_takes_no_proof_of_work(
    database: Database, settings: dict[str, str], queue: redis.Redis, quick: None
) -> None:
    asking = {"STILLBOARD_CAPTCHA": "picture"}
    parts = parts_with(Settings.read(settings | asking), database, Places(database))
    client = testing.TestClient(create_app(parts))
    a_board(database)
    answer = payload(solution(client.simulate_get("/captcha/altcha").json))
    refused = as_json(client, altcha=answer)
    assert refused.status_code == 403
    assert refused.json["captcha"]["provider"] == "picture"
    parts.darkroom.close()


@pytest.mark.slow
def test_captcha_is_asked_for_when_half_of_what_a_board_takes_in_a_minute_is_used(
    client: testing.TestClient, database: Database, quick: None
) -> None:
    a_board(database, captcha="pressed", posts_per_minute_max=10)
    # More than half: the sixth is the last that is free.
    until_spent(lambda no: as_json(client, body=f"Post {no}."), 6, 60 / 10, refused=403)
    answer = payload(solution(client.simulate_get("/captcha/altcha").json))
    assert as_json(client, altcha=answer, body="Solved.").status_code == 200


def test_captcha_is_asked_for_from_so_many_posts_an_hour_on(
    client: testing.TestClient, database: Database, quick: None
) -> None:
    """Those that were deleted count too: a flood is none the smaller for it. Then it is over."""
    a_board(database, captcha_from_posts_per_hour=3)
    for number in range(3):
        assert as_json(client, body=f"Post {number}.").status_code == 200
    with database.transaction() as db:
        posts.remove(db, "b", 2)
    refused = as_json(client, body="The fourth.")
    assert (refused.status_code, refused.json["captcha"]["when"]) == (403, "busy")
    with database.transaction() as db:
        db.execute("UPDATE posts SET created_at = created_at - interval '61 minutes'")
    assert as_json(client, body="An hour later.").status_code == 200


def test_stranger_is_one_of_whom_no_post_has_stood_for_a_day(
    client: testing.TestClient, database: Database, quick: None
) -> None:
    a_board(database, captcha="strangers")
    answer = payload(solution(client.simulate_get("/captcha/altcha").json))
    assert as_json(client).status_code == 403
    assert as_json(client, altcha=answer).status_code == 200
    assert as_json(client, body="Still a stranger.").status_code == 403
    with database.transaction() as db:
        db.execute("UPDATE posts SET created_at = created_at - interval '25 hours'")
    assert as_json(client, body="Known by now.").status_code == 200


def test_form_that_a_rule_refuses_keeps_its_answer_good(
    client: testing.TestClient, database: Database, quick: None
) -> None:
    a_board(database, captcha="always")
    answer = payload(solution(client.simulate_get("/captcha/altcha").json))
    assert as_json(client, altcha=answer, body=" ").status_code == 422
    assert as_json(client, altcha=answer).status_code == 200


def test_form_sent_twice_with_a_nonce_is_answered_alike(
    client: testing.TestClient, database: Database, quick: None
) -> None:
    """The answer to the captcha was used by the first of them."""
    a_board(database, captcha="always")
    answer = payload(solution(client.simulate_get("/captcha/altcha").json))
    form = {"altcha": answer, "nonce": "the-same-nonce"}
    first, again = as_json(client, **form), as_json(client, **form)
    assert first.json == again.json
    assert as_json(client, altcha=answer, nonce="another-nonce").status_code == 403


def test_form_that_a_second_writer_is_handed_may_use_its_answer_again(
    client: testing.TestClient, database: Database, quick: None
) -> None:
    """The first was lost after it had used the answer up, and before it had stored the post."""
    a_board(database, captcha="always")
    answer = payload(solution(client.simulate_get("/captcha/altcha").json))
    assert as_json(client, altcha=answer, thread="99", delivery="1" * 32).status_code == 404
    assert as_json(client, altcha=answer, delivery="2" * 32).status_code == 403
    assert as_json(client, altcha=answer, delivery="1" * 32).status_code == 200


def test_form_that_is_shown_again_for_another_reason_holds_what_its_board_asks_for(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database, captcha="threads")
    thread, reply = (send(client, body=" ", thread=no) for no in ("", "1"))
    assert 'name="captcha_id"' in thread.text
    assert "captcha" not in reply.text
    with database.transaction() as db:
        boards.change_settings(db, "b", {"captcha": "never"})
    deletion = send(client, delete="Delete", delete_1="on")
    assert "captcha" not in deletion.text


# --- a pass, for who has solved one ---


def a_pass(client: testing.TestClient) -> dict[str, Any]:
    """Earned with a post."""
    answer = payload(solution(client.simulate_get("/captcha/altcha").json))
    stored = as_json(client, altcha=answer, body="It earns a pass.")
    assert stored.status_code == 200
    earned: dict[str, Any] = stored.json["captcha_pass"]
    return earned


@pytest.mark.slow
def test_captcha_that_was_solved_spares_the_next_ones_and_no_more_than_the_board_says(
    client: testing.TestClient, database: Database, quick: None
) -> None:
    """A program sends it along; its uses are counted across boards, each of which has a number."""
    a_board(database, captcha="always", captcha_pass_posts=3)
    a_board(database, "few", captcha="always", captcha_pass_posts=1)
    a_board(database, "none", captcha="always")
    earned = a_pass(client)
    assert earned["posts"] == 3
    assert time.time() < earned["expires"] < time.time() + 24 * 3600 + 60

    def status(board: str, number: int) -> int:
        form = {"board": board, "body": f"Post {number}.", "captcha_pass": earned["value"]}
        return int(as_json(client, **form).status_code)

    boards_tried = ("none", "b", "few", "b", "b", "b")
    assert [status(board, number) for number, board in enumerate(boards_tried)] == [
        403, 200, 403, 200, 200, 403,
    ]  # fmt: skip
    assert "captcha_pass" not in as_json(client, body="Without.").json


def test_browser_keeps_its_pass_in_a_cookie_that_no_page_is_asked_for_with(
    client: testing.TestClient, database: Database, quick: None
) -> None:
    """A post that is refused after its captcha was solved has earned one all the same."""
    a_board(database, captcha="always", captcha_pass_posts=1)
    answer = payload(solution(client.simulate_get("/captcha/altcha").json))
    refused = send(client, altcha=answer, thread="99")
    assert refused.status_code == 404
    cookie = refused.cookies["stillboard_captcha_pass"]
    assert (cookie.path, cookie.http_only, cookie.same_site) == ("/post", True, "Strict")

    def with_cookie(text: str) -> int:
        form = urlencode({"board": "b", "body": text})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"{cookie.name}={cookie.value}",
        }
        return int(client.simulate_post("/post", body=form, headers=headers).status_code)

    assert [with_cookie("Spared."), with_cookie("No more.")] == [303, 403]


def test_program_has_its_pass_also_when_its_post_waits_for_staff(
    client: testing.TestClient, database: Database, quick: None
) -> None:
    a_board(database, captcha="always", captcha_pass_posts=1, staff_look_first="posts")
    answer = payload(solution(client.simulate_get("/captcha/altcha").json))
    waits = as_json(client, altcha=answer, body="It earns a pass.").json
    assert waits["held"]
    assert waits["captcha_pass"]["posts"] == 1


@pytest.mark.slow
def test_pass_says_nothing_of_its_owner_and_is_like_no_other(
    client: testing.TestClient, database: Database, quick: None
) -> None:
    """Two of one poster have nothing in common but the moment at which they end."""
    a_board(database, captcha="always", captcha_pass_posts=1)
    one, other = (base64.urlsafe_b64decode(a_pass(client)["value"]) for _ in range(2))
    assert len(one) == len(other) == 16 + 8 + 32
    assert one[:16] != other[:16]
    assert one[24:] != other[24:]


@pytest.mark.slow
def test_pass_that_is_none_of_ours_spares_nothing(
    client: testing.TestClient, database: Database, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor an old one; and each spelling of one is the same pass."""
    a_board(database, captcha="always", captcha_pass_posts=1)
    value = a_pass(client)["value"]
    said = bytearray(base64.urlsafe_b64decode(value))
    said[20] ^= 1  # when it ends
    forged = base64.urlsafe_b64encode(said).decode()
    others = passes.CaptchaPasses(b"o" * 32, database).earned(BoardSettings(captcha_pass_posts=9))
    assert others is not None
    monkeypatch.setattr(passes, "GOOD_FOR_S", -1)
    old = a_pass(client)["value"]
    for sent in (forged, others.value, old, "", "%", "ä", "A" * 75, "A" * 5000, value[:-4]):
        assert as_json(client, captcha_pass=sent, body="Let me in.").status_code == 403
    assert as_json(client, captcha_pass=value, body="Mine.").status_code == 200
    for respelt in (value, f"{value}====", f" {value}"):
        assert as_json(client, captcha_pass=respelt, body="Again.").status_code == 403


def test_form_that_a_second_writer_is_handed_costs_a_pass_one_post(
    client: testing.TestClient, database: Database, quick: None
) -> None:
    a_board(database, captcha="always", captcha_pass_posts=2)
    form = {"captcha_pass": a_pass(client)["value"]}
    lost = as_json(client, **form, thread="99", delivery="1" * 32)
    assert lost.status_code == 404
    assert as_json(client, **form, body="Handed on.", delivery="1" * 32).status_code == 200
    assert as_json(client, **form, body="The last.", delivery="2" * 32).status_code == 200
    assert as_json(client, **form, body="Another.", delivery="3" * 32).status_code == 403
