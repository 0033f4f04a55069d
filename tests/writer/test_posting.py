"""What a poster is answered equals what the page shows, and failures after the commit are ours."""

from __future__ import annotations

import errno
import ipaddress
import json
import os
import runpy
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from falcon import testing

from deploy.embedded.valkey import Valkey
from imageboard import tripcodes
from imageboard.allowances import Allowances
from imageboard.bans import NewBan
from imageboard.captchas import ShownCaptcha
from imageboard.cloaks import Address
from imageboard.errors import Banned, StoreUnavailable
from imageboard.old_boards import OldBoard
from imageboard.queue.wake_up import WakeUp
from imageboard.settings import Settings
from imageboard.store import bans, boards, old_boards, outbox, posts, room, threads, uploads
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import CLOAK, a_board, a_draft, a_post
from tests.deploy.stand_ins import WAIT_S, eventually
from tests.templates.parsed import parse_fragment, text, with_class
from tests.writer.media.films import a_film
from tests.writer.media.hostile import GOOD
from tests.writer.sending import send, send_files, send_picture
from writer import posting
from writer.abuse import AbuseChecks
from writer.board_list import BoardList
from writer.captchas import Captchas
from writer.captchas.recaptcha import Recaptcha
from writer.forms import Form
from writer.media.darkroom import Darkroom
from writer.outage import Instead
from writer.passes import CaptchaPasses
from writer.turns import FILE_THREADS_MAX

#: Some chosen together, one in a field of its own.
FOUR = [
    ("file", "a.jpg", GOOD["jpeg"]()),
    ("file", "b.png", GOOD["png"]()),
    ("file", "c.gif", GOOD["gif"]()),
    ("file2", "d.webp", GOOD["webp"]()),
]


@pytest.mark.slow
def test_texts_are_answered_while_pictures_are_read(
    client: testing.TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the threads of a process, which gunicorn gives to whoever comes first."""
    a_board(database)
    are_held, may_go_on = threading.Semaphore(0), threading.Event()
    receive = Darkroom.receive

    def held(*arguments: Any, **options: Any) -> Any:
        are_held.release()
        may_go_on.wait()
        return receive(*arguments, **options)

    monkeypatch.setattr(Darkroom, "receive", held)
    with ThreadPoolExecutor(runpy.run_path("deploy/gunicorn.py")["threads"]) as threads:
        pictures = [
            threads.submit(send_picture, client, address=f"192.0.2.{number}")
            for number in range(20)
        ]
        try:
            for _ in range(FILE_THREADS_MAX):
                are_held.acquire()
            texts = [threads.submit(send, client, body=f"Text {number}.") for number in range(3)]
            assert [text.result(WAIT_S).status_code for text in texts] == [200] * 3
            others = len(pictures) - FILE_THREADS_MAX
            assert eventually(lambda: sum(picture.done() for picture in pictures) >= others)
        finally:
            may_go_on.set()
    answers = [picture.result() for picture in pictures]
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [429] * 16
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert int(refused.headers["retry-after"]) > 0
    assert "Many pictures are being read just now" in refused.json["error"]


@pytest.mark.slow
def test_answer_holds_the_post_as_its_page_shows_it(
    client: testing.TestClient, database: Database, settings: Settings, tmp_path: Path
) -> None:
    a_board(database)
    send(client, subject="OP")
    answers = [
        send(client, thread="1", name="Anon#tea", email="sage", body=">>1\n>green"),
        send_picture(client, thread="1", spoiler="on"),
        send_files(client, FOUR, thread="1", spoiler3="on", file_alt="A", file_alt4="B"),
    ]
    web_root = WebRoot(tmp_path / "public")
    uploads = UploadStore(settings.data / "uploads")
    RenderLoop(database, web_root, uploads, site_name="S").render("b")
    page = (web_root.read("b/res/1.html") or b"").decode()
    for answer in answers:
        assert answer.status_code == 200
        assert answer.json["html"] in page
    assert answers[0].json["redirect"] == "/b/res/1.html#2"
    op, *_, of_four = json.loads(web_root.read("b/res/1.json") or b"")["posts"]
    shown = [of_four, *of_four["extra_files"]]
    assert [file["filename"] + file["ext"] for file in shown] == [name for _field, name, _ in FOUR]
    assert [file.get("spoiler", 0) for file in shown] == [0, 0, 1, 0]
    assert [file.get("alt") for file in shown] == ["A", None, None, "B"]
    assert op["images"] == 5, "vichan counts files, not posts with files"


@pytest.mark.slow
def test_poster_stays_the_same_in_a_thread_that_came_with_its_board(
    client: testing.TestClient, database: Database
) -> None:
    """Of the same ID and the same secure tripcode as before the board moved here."""
    board = a_board(database)
    a_post(database, board)
    old = OldBoard("vichan", {"secure_trip_salt": "x"}, poster_id_chars=5)
    with database.connection() as db:
        old_boards.put(db, "b", old, CLOAK)
        db.execute("UPDATE all_threads SET has_old_ids = true")
    answer = parse_fragment(send(client, thread="1", name="bench##tea").json["html"])
    poster_id = old.poster_id(ipaddress.ip_address("127.0.0.1"), 1)
    assert text(with_class(answer, "poster_id")[0]) == f"ID: {poster_id}"
    signed = tripcodes.split_name("##tea", tripcodes.Salt("x"))
    assert text(with_class(answer, "trip")[0]) == signed.tripcode
    elsewhere = parse_fragment(send(client, name="bench##tea").json["html"])
    assert len(text(with_class(elsewhere, "poster_id")[0])) == len("ID: 12345678")


def test_description_of_a_file_has_a_bound(client: testing.TestClient, database: Database) -> None:
    a_board(database)
    for field in ("file_alt", "file_alt2"):
        answer = send_files(client, FOUR[:2], **{field: "x" * 501})
        assert (answer.status_code, answer.json["field"]) == (422, field)
        assert "description is too long: 501 characters, 500 at most" in answer.json["error"]


def test_one_bad_file_of_several_leaves_nothing_of_the_post(
    client: testing.TestClient, database: Database, settings: Settings
) -> None:
    a_board(database)
    answer = send_files(client, [*FOUR[:3], ("file4", "page.png", b"<html><script>")])
    assert (answer.status_code, answer.json["field"]) == (415, "file")
    assert not [path for path in (settings.data / "uploads").rglob("*") if path.is_file()]
    assert not [path for path in (settings.data / "scratch").iterdir() if path.is_file()]
    with database.connection() as db:
        assert boards.get(db, "b").last_no == 0


@pytest.mark.slow
def test_film_is_what_its_bytes_say_whatever_its_name(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database)
    answer = send_files(client, [("file", "holiday.png", a_film())])
    article = parse_fragment(answer.json["html"])
    (film,) = with_class(article, "post-film")
    assert (film.get("src") or "").endswith(".webm")
    assert text(with_class(article, "postfilename")[0]) == "holiday.webm"
    with database.connection() as db:
        (file,) = threads.posts_by_no(db, "b", [1])[0].files
    assert (file.extension, file.has_sound, file.codecs) == (".webm", True, "vp9, opus")
    assert film.get("src") == f"/b/src/{file.tim}.webm"


def test_form_sent_twice_is_stored_once_and_answered_alike(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database)
    first = send(client, nonce="the-same-nonce")
    again = send(client, nonce="the-same-nonce")
    assert first.json == again.json
    with database.connection() as db:
        assert len(outbox.waiting(db, "b", 10)) == 2, "one for the board, one for the post"


@pytest.mark.slow
@pytest.mark.parametrize("as_json", ["", "1"], ids=["browser", "JSON"])
def test_second_press_without_a_nonce_is_led_to_the_post_of_the_first(
    client: testing.TestClient, database: Database, as_json: str
) -> None:
    a_board(database, reply_wait_s=10, thread_wait_s=30, same_text_wait_s=120)
    for post in (send, send_picture):
        pressed = [post(client, json_response=as_json, subject=post.__name__) for _ in range(2)]
        assert pressed[0].status_code == (200 if as_json else 303)
        assert pressed[1].status_code == pressed[0].status_code
        assert pressed[1].headers.get("location") == pressed[0].headers.get("location")
        assert pressed[1].text == pressed[0].text
        with database.transaction() as db:
            assert boards.get(db, "b").last_no == 1
            posts.remove(db, "b", 1)
            db.execute("UPDATE boards SET last_no = 0")


@pytest.mark.slow
def test_queue_that_is_down_refuses_no_post(
    client: testing.TestClient, database: Database, queue: redis.Redis, valkey_server: Valkey
) -> None:
    a_board(database)
    valkey_server.stop()
    try:
        assert send(client).status_code == 200
    finally:
        valkey_server.start()
        valkey_server.wait_until_ready()


def test_database_that_dies_after_the_commit_is_not_told_to_the_poster(
    client: testing.TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_board(database)

    def gone(*_args: object) -> bool:
        raise StoreUnavailable(part="database")

    monkeypatch.setattr(posting.publications, "shows_change", gone)
    answer = send(client, json_response="")
    assert answer.status_code == 303


def test_lost_connection_keeps_the_upload_of_a_post_that_may_be_stored(
    client: testing.TestClient,
    database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_board(database)

    def lost(*_args: object, **_fields: object) -> None:
        raise StoreUnavailable(part="database")

    with monkeypatch.context() as broken:
        broken.setattr(posting.posts, "add", lost)
        assert send_picture(client).status_code == 503
    kept = list((settings.data / "uploads").rglob("*.thumb"))
    assert len(kept) == 1


def test_refused_post_leaves_no_upload(
    client: testing.TestClient, database: Database, settings: Settings
) -> None:
    a_board(database)
    assert send_picture(client, thread="99").status_code == 404
    assert not list((settings.data / "uploads").rglob("*.thumb"))
    assert not [path for path in (settings.data / "scratch").iterdir() if path.is_file()]


def test_no_script_is_led_to_the_thread_or_with_nonoko_to_the_board(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database)
    assert send(client, json_response="").headers["location"] == "/b/res/1.html#1"
    assert send(client, json_response="", email="nonoko").headers["location"] == "/b/"


@pytest.mark.slow
def test_no_script_is_led_past_every_cache_to_a_page_that_shows_the_post(
    client: testing.TestClient,
    database: Database,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """?seen=1 is said when it is so, and not when nobody rendered in time (above)."""
    a_board(database)
    uploads = UploadStore(settings.data / "uploads")
    loop = RenderLoop(database, WebRoot(tmp_path / "public"), uploads, site_name="S")
    waits_for_lists: list[bool] = []

    def render(_self: WakeUp, board: str, *, lists_too: bool) -> None:
        waits_for_lists.append(lists_too)
        loop.render(board)

    monkeypatch.setattr(WakeUp, "ask_for_render", render)
    assert send(client, json_response="").headers["location"] == "/b/res/1.html?seen=1#1"
    nonoko = send(client, json_response="", email="nonoko")
    assert nonoko.headers["location"] == "/b/?seen=2"
    assert send(client, thread="1", email="nonoko").json["redirect"] == "/b/"
    assert send(client, thread="1").json["redirect"] == "/b/res/1.html#4"
    assert waits_for_lists == [False, True, False, False], "a list is hurried for who is led to it"


def test_refusal_as_json_names_field_and_sentence(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database)
    answer = send(client, body="")
    assert answer.status_code == 422
    assert json.loads(answer.text) == {
        "error": "The post is empty: write something or add a file.",
        "code": "rule_broken",
        "field": "body",
    }


def test_field_that_the_board_does_not_take_is_refused_by_name(
    client: testing.TestClient, database: Database
) -> None:
    """At vichan's address only what a poster may have wanted: its pages had decoys of any name."""
    a_board(database)
    for name in ("embed", "is_admin"):
        answer = send(client, **{name: "x"})
        assert answer.status_code == 400
        assert (answer.json["code"], answer.json["field"]) == ("bad_field", name)
    decoys = {"hash": "d34d", "username": "Tom", "☠9k2": "\u2620", "q": "", "embed": ""}
    assert send(client, "/post.php", **decoys).status_code == 200
    assert "embeds" in send(client, "/post.php", embed="x").json["error"]
    assert send(client, delete="Delete", delete_1="on", only_file="on").json["field"] == "only_file"
    with database.connection() as db:
        assert boards.get(db, "b").last_no == 1


def a_ban_of_everybody(database: Database) -> None:
    with database.transaction() as db:
        everybody = NewBan(
            board=None,
            reason="Spam.",
            duration_s=None,
            range=ipaddress.ip_network("127.0.0.0/8"),
        )
        bans.add(db, everybody, "alice")


@pytest.mark.parametrize(
    "fields",
    [{}, {"thread": "1"}, {"thread": "99"}, {"body": ""}, {"body": "x" * 20_000}],
    ids=["thread", "reply", "no such thread", "empty", "too long"],
)
def test_banned_poster_is_told_of_the_ban_whatever_else_is_wrong(
    client: testing.TestClient, database: Database, fields: dict[str, str]
) -> None:
    a_board(database)
    assert send(client).status_code == 200
    a_ban_of_everybody(database)
    answer = send(client, **fields)
    assert answer.status_code == 403
    assert answer.json["error"] == "You are banned from posting on all boards: Spam."
    assert answer.json["banned"]
    page = send(client, json_response="", **fields)
    assert page.status_code == 403
    assert "Spam." in page.text
    with database.connection() as db:
        assert boards.get(db, "b").last_no == 1


def test_picture_of_a_banned_poster_is_not_decoded(
    client: testing.TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_board(database)
    a_ban_of_everybody(database)
    developed: list[object] = []
    monkeypatch.setattr(Darkroom, "develop", lambda *args, **_named: developed.append(args))
    answer = send_picture(client)
    assert answer.status_code == 403
    assert answer.json["banned"]
    assert not developed


def test_captcha_of_a_banned_poster_is_not_spent(database: Database) -> None:
    board = a_board(database)
    a_ban_of_everybody(database)
    asked: list[Form] = []

    class Counting(Recaptcha):
        def check(self, form: Form, _address: Address) -> None:
            asked.append(form)

    instead = Instead(b"k" * 32, database)
    counting = {"recaptcha": Counting("secret", "http://nowhere.invalid/", instead)}
    captchas = Captchas(BoardList(database), ShownCaptcha("recaptcha", "6Lc"), counting)
    passes = CaptchaPasses(b"p" * 32, database)
    checks = AbuseChecks(database, CLOAK, Allowances(Settings.read({}), CLOAK), captchas, passes)
    with pytest.raises(Banned):
        checks.allow(Form(), a_draft(), board, ipaddress.ip_address("127.0.0.1"))
    assert not asked


# --- A disk that fills ---


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """What the test says is free, in bytes."""
    said = {"bytes": 10**12}
    monkeypatch.setattr(room, "free_bytes", lambda _folder: said["bytes"])
    return said


@pytest.mark.slow
def test_files_are_refused_before_posts_and_both_come_back_with_room(
    client: testing.TestClient, database: Database, settings: Settings, free: dict[str, int]
) -> None:
    a_board(database)
    free["bytes"] = settings.uploads_free_mb_min * room.MB - 1
    refused = send_picture(client, body="With a picture.")
    assert (refused.status_code, refused.headers["Retry-After"]) == (507, "60")
    assert refused.json == {
        "error": "The board's disk is nearly full, and takes no files: post without the file, or "
        "try again later.",
        "code": "no_room",
        "field": "file",
        "request_id": refused.json["request_id"],
    }
    assert send(client).status_code == 200

    free["bytes"] = settings.posts_free_mb_min * room.MB - 1
    assert "is full: nothing was stored" in send_picture(client).json["error"]
    refused = send(client)
    assert (refused.status_code, refused.headers["Retry-After"]) == (507, "60")
    assert refused.json["error"].startswith("The board's disk is full: nothing was stored")
    page = send(client, json_response="", body="What I had typed.")
    assert page.status_code == 507
    assert "What I had typed." in page.text

    free["bytes"] = settings.uploads_free_mb_min * room.MB
    assert send_picture(client).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_disk_that_is_full_of_a_sudden_is_told_as_such(
    client: testing.TestClient,
    database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    """Somebody else may take what was free a moment ago."""
    a_board(database)

    def no_room(*_args: object, **_named: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as full:
        full.setattr(uploads, "_sync_folder", no_room)
        assert send_picture(client).status_code == 507
    with monkeypatch.context() as full:
        full.setattr(tempfile, "NamedTemporaryFile", no_room)
        refused = send_picture(client, json_response="", body="What I had typed.")
    assert refused.status_code == 507
    assert "What I had typed." in refused.text
    left = [path for name in ("scratch", "uploads") for path in (settings.data / name).rglob("*")]
    assert [path for path in left if path.is_file()] == []
    assert send_picture(client).status_code == 200


def test_full_disk_of_the_database_is_told_as_such(
    client: testing.TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_board(database)

    def no_room(*_args: object, **_named: object) -> None:
        raise psycopg.errors.DiskFull("could not extend file")

    monkeypatch.setattr(posts, "add", no_room)
    refused = send(client)
    assert (refused.status_code, refused.json["code"]) == (507, "database_full")
    monkeypatch.undo()
    assert send(client).status_code == 200


def test_queue_that_takes_no_writes_stops_no_post(
    client: testing.TestClient, database: Database, queue: redis.Redis
) -> None:
    """As Valkey does whose disk is full; what it says then is an error of this kind too."""
    a_board(database)
    queue.config_set("min-replicas-to-write", 1)
    try:
        with pytest.raises(redis.ResponseError):
            queue.set("a", 1)
        assert send(client).status_code == 200
    finally:
        queue.config_set("min-replicas-to-write", 0)


def test_dice_fall_once_and_are_shown_beside_the_text(
    client: testing.TestClient, database: Database
) -> None:
    """As the page shows them; a text that looks the same is within the body."""
    a_board(database, dice=True)
    typed = "2d6+1: 6, 6 = 13 !d20"
    stored = send(client, body=typed, email="dice 2d6+1 sage", nonce="n-2345678").json
    with database.connection() as db:
        (post,) = threads.posts_by_no(db, "b", [1])
    assert [throw.asked.text for throw in post.throws] == ["2d6+1", "1d20"]
    assert post.email == "sage"
    html = parse_fragment(stored["html"])
    shown = ["".join(each.itertext()) for each in with_class(html, "dice")]
    assert shown == [f"Threw {throw.shown}" for throw in post.throws]
    assert [text(each) for each in with_class(html, "body")] == [typed]
    again = send(client, body=typed, email="dice 2d6+1 sage", nonce="n-2345678").json
    assert again["html"] == stored["html"]
    as_json = client.simulate_get("/b/post/1.json").json["dice"]
    assert as_json[0] == {
        "roll": "2d6+1",
        "dice": list(post.throws[0].dice),
        "sum": post.throws[0].sum,
    }


@pytest.mark.slow
def test_file_whose_name_is_not_kept_has_the_name_of_all(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database, file_names="asked")
    assert send_picture(client).status_code == 200
    assert send_picture(client, keep_filename="on").status_code == 200
    with database.connection() as db:
        shown = threads.posts_by_no(db, "b", [1, 2])
    names = [(file.original_name, file.extension) for post in shown for file in post.files]
    assert names == [("file", ".jpeg"), ("my cat", ".jpeg")]
