"""Forms as apps for vichan send them to /post.php, and how each reads the answer.

As sources of theirs have them (Dashchan's extensions for vichan, Overchan's module for it, an older
Clover, from which KurobaEx comes; two libraries: `imageboard` of npm, lib/engine/vichan, and that
of Chance, lib/sites/lainchan.dart; read 2026-11-29); what Dollchan sends is the page's own form
with vichan's `json_response`. How apps read errors is told in test_answers.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from falcon import testing

from imageboard.store import reports, threads
from imageboard.store.database import Database
from tests.builders import a_board
from tests.writer.media.hostile import a_jpeg

pytestmark = pytest.mark.slow

#: By which Overchan and KurobaEx find where a post went.
_POSTED = re.compile(r"/b/res/([0-9]+)\.html(?:\?[^#]*)?#([0-9]+)")


@dataclass(frozen=True)
class App:
    """What it sends besides what was typed."""

    of_thread: dict[str, str]
    of_reply: dict[str, str]
    #: None, also below: it does not do that, and somebody else does.
    of_deletion: dict[str, str] | None
    of_report: dict[str, str] | None
    headers: dict[str, str]
    reads_json: bool
    #: How a box is ticked.
    ticked: str = "on"
    #: What its file is called in the form.
    file_field: str = "file"


#: What vichan's page holds to catch robots, and apps send along as they found it.
_ANTISPAM = {"hash": "0a" * 20, "w3": "", "user": "", "firstname": "Иван", "m1xed": "чай"}
_OF_PAGE = {"post": "Post", "name": "", "email": "", "subject": "", "embed": ""}
_BUTTONS = {"delete": "Delete", "reason": ""}, {"report": "Report", "reason": "Spam."}

APPS = {
    "Clover, KurobaEx": App(
        _ANTISPAM | {"post": "Post", "name": "", "email": ""},
        _ANTISPAM | {"post": "Post", "name": "", "email": "sage", "resto": "1"},
        *_BUTTONS,
        headers={"User-Agent": "KurobaEx", "Referer": "http://falconframework.org/b/res/1.html"},
        reads_json=False,
    ),
    "Dashchan": App(
        _ANTISPAM | {"post": "Создать тред", "json_response": "1", "spoiler": "1"},
        _ANTISPAM | {"post": "Ответить", "json_response": "1"},
        {"delete": "1", "json_response": "1"},
        {"report": "1", "reason": "Spam.", "json_response": "1"},
        headers={"User-Agent": "Mozilla/5.0", "Referer": "http://falconframework.org/b/"},
        reads_json=True,
        ticked="1",
    ),
    "Overchan": App(
        {"post": "New Topic", "captcha_text": "", "captcha_cookie": "", "json_response": "1"},
        {"post": "New Reply", "captcha_text": "", "captcha_cookie": "", "json_response": "1"},
        *_BUTTONS,
        headers={"Referer": "http://falconframework.org/b/"},
        reads_json=True,
    ),
    "Dollchan": App(
        {"post": "New Topic", "json_response": "1", "nonce": "0123456789abcdef"},
        {"post": "New Reply", "json_response": "1", "nonce": "fedcba9876543210"},
        *({"json_response": "1"} | button for button in _BUTTONS),
        headers={"Origin": "http://falconframework.org", "Sec-Fetch-Site": "same-origin"},
        reads_json=True,
    ),
    # Neither presses a button.
    "imageboard of npm": App(
        {"json_response": "1", "name": "", "email": "", "spoiler": "on"},
        {"json_response": "1", "email": "sage"},
        None,
        {"reason": "Spam."},
        headers={},
        reads_json=True,
        ticked="1",
    ),
    # What stands in the page's form, with its file under a name of its own.
    "Chance": App(
        _OF_PAGE | {"spoiler": "on"},
        _OF_PAGE | {"email": "sage"},
        {"delete": "Delete"},
        None,
        headers={"Referer": "http://falconframework.org/b/"},
        reads_json=False,
        file_field="attachment",
    ),
}


@pytest.mark.parametrize("app", APPS.values(), ids=APPS)
def test_app_posts_replies_reports_and_deletes(
    client: testing.TestClient, database: Database, app: App
) -> None:
    a_board(database, threads_per_hour_max=0, files_max=3)

    def send(fields: dict[str, str], file: bytes | None = None) -> Any:
        edge = "----WebKitFormBoundaryABC"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in {"board": "b", "password": "tea"}.items() | fields.items()
        ]
        if file is not None:
            named = f'name="{app.file_field}"; filename="cat.jpg"'
            head = f"Content-Disposition: form-data; {named}"
            parts.append(f"--{edge}\r\n{head}\r\n\r\n".encode() + file + b"\r\n")
        return client.simulate_post(
            "/post.php",
            body=b"".join(parts) + f"--{edge}--\r\n".encode(),
            headers=app.headers | {"Content-Type": f"multipart/form-data; boundary={edge}"},
        )

    def went_to(answer: Any) -> tuple[str, str]:
        if app.reads_json:
            assert answer.status_code == 200
            assert answer.json["id"].isdigit()
            place = answer.json["redirect"]
        else:
            assert answer.status_code == 303
            place = answer.headers["location"]
        found = _POSTED.fullmatch(place)
        assert found, place
        return found[1], found[2]

    thread = {"subject": "Чай", "body": "Which kettle?\r\n>>>/b/"}
    assert went_to(send(app.of_thread | thread, a_jpeg())) == ("1", "1")
    assert went_to(send(app.of_reply | {"thread": "1", "body": "The blue one."})) == ("1", "2")
    asked = (app.of_report or _BUTTONS[1], 1), (app.of_deletion or _BUTTONS[0], 2)
    for button, no in asked:
        done = send(button | {f"delete_{no}": app.ticked})
        assert done.status_code == 200
        assert "json_response" not in button or done.json["success"] is True
    with database.connection() as db:
        (op,) = threads.posts(db, "b", [1])
        assert [entry.reasons for entry in reports.queue(db, on=None, limit=9)] == [["Spam."]]
    assert (op.subject, op.body, len(op.files)) == ("Чай", "Which kettle?\n>>>/b/", 1)
    assert op.files[0].is_spoiler is ("spoiler" in app.of_thread)
