"""Captchas of our own: each answer is good once, whichever writer it comes to, and who has no
JavaScript is not shut out."""

from __future__ import annotations

import base64
import hashlib
import io
import ipaddress
import itertools
import json
import re
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
import redis
from falcon import testing
from PIL import Image

from imageboard import questions
from imageboard.boards import Board
from imageboard.captchas import ShownCaptcha
from imageboard.errors import CaptchaFailed, NoSuchBoard
from imageboard.settings import BoardSettings, Settings
from imageboard.store import boards, posts, spent_answers
from imageboard.store.database import Database
from tests.builders import a_board
from tests.tables import for_each
from writer import letters, passes, speech
from writer.app import build_parts, create_app
from writer.board_list import BoardList
from writer.captchas import Captchas, Circumstances, altcha, picture
from writer.captchas.altcha import Altcha
from writer.captchas.picture import PictureCaptcha
from writer.captchas.question import QuestionCaptcha
from writer.forms import Form

ADDRESS = ipaddress.ip_address("192.0.2.7")
KEY = b"k" * 32
SOUNDS = "/captcha/picture.wav"


def solution(challenge: dict[str, Any]) -> dict[str, Any]:
    """What ALTCHA's own widget answers, before it is made base64."""
    number = next(
        number
        for number in range(challenge["maxnumber"] + 1)
        if hashlib.sha256(f"{challenge['salt']}{number}".encode()).hexdigest()
        == challenge["challenge"]
    )
    kept = {name: challenge[name] for name in ("algorithm", "challenge", "salt", "signature")}
    return kept | {"number": number}


def payload(answer: object) -> str:
    return base64.b64encode(json.dumps(answer).encode()).decode()


def refusal(check: Callable[[Form, Any], None], **fields: str) -> CaptchaFailed:
    with pytest.raises(CaptchaFailed) as refused:
        check(Form(fields), ADDRESS)
    return refused.value


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that are found at once."""
    monkeypatch.setattr(altcha, "NUMBER_MAX", 50)


# --- ALTCHA ---


def test_challenge_is_one_of_altchas(database: Database) -> None:
    """https://altcha.org/docs/v2/proof-of-work-v1/ (read 2026-11-28)."""
    challenge = Altcha(KEY, database).challenge("b")
    assert challenge.keys() == {"algorithm", "challenge", "maxnumber", "salt", "signature"}
    assert challenge["algorithm"] == "SHA-256"
    assert re.fullmatch("[0-9a-f]{64}", challenge["challenge"])
    expires = re.fullmatch(r"[0-9a-f]{24}\?expires=([0-9]+)&", challenge["salt"])
    assert expires
    assert int(expires[1]) > time.time() + 60
    assert challenge["salt"] != Altcha(KEY, database).challenge("b")["salt"]


def test_answer_is_good_once_for_all_writers(
    database: Database, database_url: str, quick: None
) -> None:
    one = Altcha(KEY, database)
    answer = payload(solution(one.challenge("b")))
    one.check(Form({"altcha": answer}), ADDRESS)
    beside = Database(database_url, connections_max=2, name="another writer")
    beside.open()
    for writer in (one, Altcha(KEY, beside)):
        assert "used before" in refusal(writer.check, altcha=answer).sentence
        # The same, spelt otherwise.
        respelt = payload(dict(reversed(json.loads(base64.b64decode(answer)).items())))
        assert "used before" in refusal(writer.check, altcha=respelt).sentence
    beside.close()


def test_answer_that_is_not_a_solution_of_ours_is_refused(database: Database, quick: None) -> None:
    ours, others = Altcha(KEY, database), Altcha(b"o" * 32, database)
    right = solution(ours.challenge("b"))
    salt, number = right["salt"], right["number"]
    wrong: list[object] = [
        right | {"number": number + 1},
        right | {"number": str(number)},
        right | {"number": -1},
        right | {"number": True},
        right | {"number": 10**9},
        right | {"algorithm": "SHA-1"},
        right | {"challenge": hashlib.sha256(f"{salt}7000".encode()).hexdigest(), "number": 7000},
        right | {"salt": salt.replace("expires=", "expires=9")},
        # Digits of the number counted to the time, or the other way round.
        right | {"salt": f"{salt[:-1]}{number}&", "number": 0},
        right | {"salt": f"{salt}{number}"},
        right | {"signature": "0" * 64},
        right | {"signature": "ä"},
        right | {"signature": None},
        {name: value for name, value in right.items() if name != "salt"},
        solution(others.challenge("b")),
        [right],
        "text",
        None,
    ]
    for answer in wrong:
        refusal(ours.check, altcha=payload(answer))
    for sent in ("", "%%%", "e30=", "bm8=", "A" * 5000, base64.b64encode(b"[" * 1000).decode()):
        refusal(ours.check, altcha=sent)
    (
        ours.check(Form({"altcha": payload(right)}), ADDRESS),
        "what was tried in its name costs nothing",
    )


def test_answer_that_comes_too_late_is_refused(
    database: Database, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(altcha, "GOOD_FOR_S", -1)
    captcha = Altcha(KEY, database)
    answer = payload(solution(captcha.challenge("b")))
    assert "too old" in refusal(captcha.check, altcha=answer).sentence


def test_used_answers_are_forgotten_when_they_would_be_refused_for_their_age(
    database: Database,
) -> None:
    now_s = int(time.time())
    with database.connection() as db:
        assert spent_answers.spend(db, "old", now_s - 3600)
        assert spent_answers.spend(db, "new", now_s + 60)
        assert spent_answers.forget_expired(db, 100) == 1
        assert not spent_answers.spend(db, "new", now_s + 60)


# --- the picture ---


@pytest.fixture
def pictures(database: Database) -> PictureCaptcha:
    return PictureCaptcha(KEY, database, SOUNDS)


def in_a_while() -> int:
    return int(time.time()) + 60


@for_each("typed", ["HAMLET", "hamlet", " ham LET "])
def test_letters_are_read_in_any_case(pictures: PictureCaptcha, typed: str) -> None:
    fields = {"captcha_id": pictures.sealed("HAMLET", in_a_while()), "captcha_text": typed}
    pictures.check(Form(fields), ADDRESS)
    refusal(pictures.check, **fields)


def test_one_picture_is_one_try(pictures: PictureCaptcha) -> None:
    """Else all its letters could be tried."""
    shown = pictures.sealed("HAMLET", in_a_while())
    assert (
        "not the letters"
        in refusal(pictures.check, captcha_id=shown, captcha_text="OTHELLO").sentence
    )
    # The same id, spelt otherwise.
    for again in (shown, f"{shown}=", f"{shown}=="):
        assert (
            "typed before"
            in refusal(pictures.check, captcha_id=again, captcha_text="HAMLET").sentence
        )


def test_form_without_letters_uses_up_no_picture(pictures: PictureCaptcha) -> None:
    shown = pictures.sealed("HAMLET", in_a_while())
    assert refusal(pictures.check, captcha_id=shown, captcha_text=" ").field == "captcha_text"
    pictures.check(Form({"captcha_id": shown, "captcha_text": "HAMLET"}), ADDRESS)


@for_each("shown", ["", "x", "ä", "A" * 60, "A" * 5000, "../../etc/passwd", "%00"])
def test_id_that_is_none_of_ours_is_refused(pictures: PictureCaptcha, shown: str) -> None:
    refusal(pictures.check, captcha_id=shown, captcha_text="HAMLET")


def test_picture_of_another_key_or_of_yesterday_is_refused(
    pictures: PictureCaptcha, database: Database
) -> None:
    others = PictureCaptcha(b"o" * 32, database, SOUNDS).sealed("HAMLET", in_a_while())
    old = pictures.sealed("HAMLET", int(time.time()) - 1)
    for shown in (others, old):
        refusal(pictures.check, captcha_id=shown, captcha_text="HAMLET")


def test_challenge_holds_a_picture_and_not_its_letters(pictures: PictureCaptcha) -> None:
    one, other = pictures.challenge("b"), pictures.challenge("b")
    assert one.keys() == {"id", "image", "audio"}
    assert one["id"] != other["id"]
    head, _, body = one["image"].partition(",")
    assert head == "data:image/png;base64"
    drawn = Image.open(io.BytesIO(base64.b64decode(body)))
    assert drawn.size == (letters.WIDTH, letters.HEIGHT)
    # The id is sealed: whoever decodes it finds no letters.
    assert not re.search(rb"[A-Z]{6}", base64.urlsafe_b64decode(one["id"] + "=="))
    assert one["audio"] == f"{SOUNDS}?id={one['id']}"


def test_letters_can_not_be_cut_apart_by_columns_without_ink() -> None:
    """The first thing that a program tries; and no picture of the same letters is like another."""
    chance = Random(7)
    drawn = [letters.drawn("HAMLET", chance) for _ in range(20)]
    assert len(set(drawn)) == len(drawn)
    for body in drawn:
        page = Image.open(io.BytesIO(body)).convert("L")
        ink = page.point([255 * (value < 128) for value in range(256)])
        columns = (ink.crop((x, 0, x + 1, ink.height)).getbbox() for x in range(ink.width))
        pieces = "".join(" x"[box is not None] for box in columns).split()
        assert len(pieces) < len("HAMLET") / 2


# --- the picture, spoken ---


def samples(sound: bytes) -> list[int]:
    with wave.open(io.BytesIO(sound)) as read:
        assert (read.getnchannels(), read.getsampwidth()) == (1, 1)
        return [byte - 128 for byte in read.readframes(read.getnframes())]


def test_each_letter_is_spoken_and_no_sound_is_like_another(pictures: PictureCaptcha) -> None:
    """Longer than its six words, since there are pauses; the same for one picture, or the noise
    could be reckoned away by asking often."""
    ids = [pictures.sealed("HAMLET", in_a_while()) for _ in range(2)]
    one, again, other = (pictures.sound(each) for each in (ids[0], *ids))
    assert one is not None
    assert other is not None
    assert one == again
    assert samples(one) != samples(other)
    assert len(one) < 100_000
    assert max(map(abs, samples(one))) > 60, "it is to be heard"


class Even(Random):
    """Nothing varies, and the hiss is silence."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2

    def randbytes(self, n: int) -> bytes:
        return bytes([128]) * n


def test_words_are_said_one_after_the_other_in_the_order_of_the_letters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Hotel, Alfa, Foxtrot, told by how long each takes, with pauses between."""
    monkeypatch.setattr(speech, "_MURMUR_LOUD", 0)
    sound = samples(speech.spoken("HAF", Even()))
    heard = [at for at, value in enumerate(sound) if abs(value) > 2]
    begins = [heard[0], *(b for a, b in itertools.pairwise(heard) if b - a > 2_400)]
    ends = [*(a for a, b in itertools.pairwise(heard) if b - a > 2_400), heard[-1]]
    lengths_s = [(end - begin) / 8_000 for begin, end in zip(begins, ends, strict=True)]
    assert lengths_s == pytest.approx([0.61, 0.49, 0.8], abs=0.06)


def test_every_letter_of_a_picture_has_its_word() -> None:
    there = {path.stem for path in Path(speech.__file__).parent.glob("spoken_letters/*.wav")}
    assert there == set(picture.LETTERS)


def test_sound_is_served_whole_and_in_parts(client: testing.TestClient) -> None:
    """Safari plays nothing of which it can't have a part."""
    address = client.simulate_get("/captcha/picture").json["audio"]
    whole = client.simulate_get(address)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
    assert whole.headers["cache-control"] == "no-store"
    assert samples(whole.content)
    for asked, part in (
        ("bytes=0-1", whole.content[:2]),
        ("bytes=100-", whole.content[100:]),
        ("bytes=-10", whole.content[-10:]),
    ):
        answer = client.simulate_get(address, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, part)
    assert client.simulate_get(address, headers={"Range": "bytes=999999-"}).status_code == 416
    for nothing in ("", "?id=x", "?id=" + "A" * 60):
        assert client.simulate_get("/captcha/picture.wav" + nothing).status_code == 404


# --- the question ---


ASKED = {"Grass?": "green", "Sky?": "blue"}
SITES = "Grass? = green; Sky? = blue"


@pytest.fixture
def question(database: Database) -> QuestionCaptcha:
    a_board(database)
    a_board(database, "tea", captcha_questions="Kettle? = hot, boiling")
    return QuestionCaptcha(KEY, database, BoardList(database), questions.read(SITES))


def test_board_asks_its_own_questions_or_else_the_sites(question: QuestionCaptcha) -> None:
    """The challenge holds the question, and no answer."""
    told = [question.challenge("b") for _ in range(30)]
    assert {each["question"] for each in told} == ASKED.keys()
    assert all(each.keys() == {"id", "question"} for each in told)
    assert question.challenge("tea")["question"] == "Kettle?"
    with pytest.raises(NoSuchBoard):
        question.challenge("none")


def test_address_of_a_question_names_its_board_as_addresses_do() -> None:
    """Names of boards that came from elsewhere may have any letters."""
    site = ShownCaptcha("question", challenge="/captcha/question")
    here = site.on(Board("\u05d1$", BoardSettings()))
    assert here is not None
    assert here.challenge == "/captcha/question?board=%D7%91%24"


def test_one_question_is_one_try_on_its_own_board(question: QuestionCaptcha) -> None:
    def sent(board: str, text: str) -> dict[str, str]:
        fresh = question.challenge(board)
        typed = text or ASKED[fresh["question"]].upper()
        return {"board": board, "captcha_id": fresh["id"], "captcha_text": f" {typed}. "}

    right = sent("b", "")
    assert "not the answer" in refusal(question.check, **right | {"board": "tea"}).sentence
    assert "answered before" in refusal(question.check, **right).sentence
    wrong = sent("b", "mauve")
    assert "not the answer" in refusal(question.check, **wrong).sentence
    question.check(Form(sent("b", "")), ADDRESS)
    for typed in ("Boiling", "hot"):
        question.check(Form(sent("tea", typed)), ADDRESS)


def test_question_that_is_asked_no_more_has_no_answer(
    question: QuestionCaptcha, database: Database
) -> None:
    """Whoever changes them, since robots have learnt the answers, changes them at once."""
    fresh = question.challenge("tea")
    with database.transaction() as db:
        boards.change_settings(db, "tea", {"captcha_questions": "Cup? = full"})
    now = QuestionCaptcha(KEY, database, BoardList(database), ())
    typed = {"board": "tea", "captcha_id": fresh["id"], "captcha_text": "hot"}
    assert "not the answer" in refusal(now.check, **typed).sentence


# --- of all of our own ---


def answers(check: Any) -> dict[str, str]:
    """What whoever can see everything answers to a fresh challenge."""
    challenge = check.challenge("b")
    if isinstance(check, Altcha):
        return {"altcha": payload(solution(challenge))}
    text = check.opened(challenge["id"]).text
    return {"captcha_id": challenge["id"], "captcha_text": ASKED.get(text, text)}


@pytest.mark.parametrize("name", ["altcha", "picture", "question"])
def test_answer_is_good_once_across_boards_and_writers(
    question: QuestionCaptcha, database: Database, database_url: str, quick: None, name: str
) -> None:
    """And one that was solved for one captcha is none for another of the same board."""
    beside = Database(database_url, connections_max=2, name="another writer")
    beside.open()
    made = {
        "altcha": lambda db: Altcha(KEY, db),
        "picture": lambda db: PictureCaptcha(b"p" * 32, db, SOUNDS),
        "question": lambda db: replace(question, database=db),
    }
    check, another_writers = made[name](database), made[name](beside)
    answer = answers(check)
    for other in made.keys() - {name}:
        refusal(made[other](database).check, board="b", **answer)
    another_writers.check(Form({"board": "b"} | answer), ADDRESS)
    for board in ("b", "tea"):
        refusal(check.check, board=board, **answer)
        refusal(another_writers.check, board=board, **answer)
    beside.close()


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
def client(settings: dict[str, str], queue: redis.Redis) -> Iterator[testing.TestClient]:
    parts = build_parts(Settings.read(settings))
    yield testing.TestClient(create_app(parts))
    parts.darkroom.close()
    parts.database.close()


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
    parts = build_parts(Settings.read(settings | asking))
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
    parts.database.close()


def test_picture_alone_takes_no_proof_of_work(
    database: Database, settings: dict[str, str], queue: redis.Redis, quick: None
) -> None:
    parts = build_parts(Settings.read(settings | {"STILLBOARD_CAPTCHA": "picture"}))
    client = testing.TestClient(create_app(parts))
    a_board(database)
    answer = payload(solution(client.simulate_get("/captcha/altcha").json))
    refused = as_json(client, altcha=answer)
    assert refused.status_code == 403
    assert refused.json["captcha"]["provider"] == "picture"
    parts.darkroom.close()
    parts.database.close()


def test_captcha_is_asked_for_when_half_of_what_a_board_takes_in_a_minute_is_used(
    client: testing.TestClient, database: Database, quick: None
) -> None:
    a_board(database, captcha="pressed", posts_per_minute_max=10)
    free = [as_json(client, body=f"Post {number}.").status_code for number in range(10)]
    asked_from = free.index(403)
    assert 4 <= asked_from <= 6
    assert set(free) == {200, 403}
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


def test_pass_says_nothing_of_its_owner_and_is_like_no_other(
    client: testing.TestClient, database: Database, quick: None
) -> None:
    """Two of one poster have nothing in common but the moment at which they end."""
    a_board(database, captcha="always", captcha_pass_posts=1)
    one, other = (base64.urlsafe_b64decode(a_pass(client)["value"]) for _ in range(2))
    assert len(one) == len(other) == 16 + 8 + 32
    assert one[:16] != other[:16]
    assert one[24:] != other[24:]


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
