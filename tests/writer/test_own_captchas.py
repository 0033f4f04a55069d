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
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from falcon import testing
from PIL import Image

from imageboard import questions
from imageboard.boards import Board
from imageboard.captchas import ShownCaptcha
from imageboard.errors import CaptchaFailed, NoSuchBoard
from imageboard.settings import BoardSettings
from imageboard.store import boards, spent_answers
from imageboard.store.database import Database
from tests.builders import a_board
from tests.tables import for_each
from tests.writer.solving import payload, solution
from writer import letters, speech
from writer.board_list import BoardList
from writer.captchas import altcha, picture
from writer.captchas.altcha import Altcha
from writer.captchas.picture import PictureCaptcha
from writer.captchas.question import QuestionCaptcha
from writer.forms import Form

ADDRESS = ipaddress.ip_address("192.0.2.7")
KEY = b"k" * 32
SOUNDS = "/captcha/picture.wav"


def refusal(check: Callable[[Form, Any], None], **fields: str) -> CaptchaFailed:
    with pytest.raises(CaptchaFailed) as refused:
        check(Form(fields), ADDRESS)
    return refused.value


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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
