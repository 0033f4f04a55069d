"""Whatever the writer answers is said in words that can be translated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network
from urllib.parse import urlencode

import pytest
from falcon import testing

from imageboard.bans import NewBan
from imageboard.store import bans
from tests.tables import for_each
from tests.templates.pseudo_language import bare_words, instead_of_english, unmarked
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk

pytestmark = pytest.mark.slow

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}
#: {what: (form, what is sent with it)}
REFUSED = {
    "no board": {"body": "1"},
    "no such board": {"board": "9"},
    "no such thread": {"board": "b", "thread": "999", "body": "1"},
    "thread is no number": {"board": "b", "thread": "?", "body": "1"},
    "empty": {"board": "b"},
    "name too long": {"board": "b", "name": "1" * 101, "body": "1"},
    "subject too long": {"board": "b", "subject": "1" * 101, "body": "1"},
    "too many lines": {"board": "b", "body": "1\n" * 1000},
    "stacked marks": {"board": "b", "body": "1" + "\u0301" * 30},
    "nonce": {"board": "b", "body": "1", "nonce": "1"},
    "no box ticked": {"board": "b", "delete": "1"},
    "not the password": {"board": "b", "delete": "1", "delete_2": "on", "password": "123"},
    "no password": {"board": "b", "delete": "1", "delete_2": "on"},
    "no such post": {"board": "b", "delete": "1", "delete_999": "on", "password": "123"},
    "reason too long": {"board": "b", "report": "1", "delete_2": "on", "reason": "1" * 1000},
    "too many boxes": {"board": "b", "delete": "1"} | {f"delete_{no}": "on" for no in range(1, 50)},
    "reported": {"board": "b", "report": "1", "delete_2": "on", "reason": "1"},
}
#: What posters wrote, and what staff are called.
WRITTEN = (
    "another thread",
    "with a file",
    "cat.png",
    "<script>alert(1)</script>",
    "<b>bold</b>",
    "OP",
    "admin",
    "janitor",
    "moderator",
    "owner",
)


@pytest.fixture(autouse=True, scope="module")
def _made_up_language() -> Iterator[None]:
    with instead_of_english():
        yield


@pytest.fixture
def client(desk: TheDesk) -> testing.TestClient:
    return testing.TestClient(desk.app, headers={"Accept": "text/html"})


@pytest.fixture
def busy_desk(desk: TheDesk, admin: Browser) -> Browser:
    """With something on each of its pages."""
    client = testing.TestClient(desk.app)
    for no, reason in ((2, ""), (3, "1")):
        send(client, {"board": "b", "report": "1", f"delete_{no}": "on", "reason": reason})
    admin.send("/mod/b/4", deed="ban", reason="1", duration="never", target="192.0.2.0/24")
    admin.send("/mod/rules", deed="add_rule", what="1", sentence="7")
    admin.send("/mod/b/1", deed="sticky")
    admin.send("/mod/b/1", deed="lock")
    admin.send("/mod/b/3", deed="dismiss")
    return admin


def send(client: testing.TestClient, fields: dict[str, str], **headers: str) -> testing.Result:
    return client.simulate_post("/post", body=urlencode(fields), headers=FORM | headers)


@for_each("what", list(REFUSED))
def test_answer_to_a_form_has_no_word_of_its_own(client: testing.TestClient, what: str) -> None:
    answer = send(client, REFUSED[what])
    assert "⟦" in answer.text
    assert bare_words(answer.text) == []


@for_each("what", [what for what in REFUSED if what != "reported"])
def test_sentence_of_a_refusal_in_json_has_none_either(
    client: testing.TestClient, what: str
) -> None:
    answer = send(client, REFUSED[what] | {"json_response": "1"})
    assert answer.json["error"].startswith("⟦")
    assert unmarked(answer.json["error"]).strip() == ""


@for_each(
    ("body", "headers"),
    [
        (b"--x\r\nnonsense", MULTIPART),
        (b"{}", {"Content-Type": "application/json"}),
        (b"board=%FF", FORM),
        (b"", {"Content-Type": "multipart/form-data"}),
        (b"board=b&body=1", FORM | {"Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_answer_to_what_is_no_form_of_ours_has_none_either(
    client: testing.TestClient, body: bytes, headers: dict[str, str]
) -> None:
    answer = client.simulate_post("/post", body=body, headers=headers)
    assert answer.status_code in (400, 403)
    assert bare_words(answer.text) == []


def test_what_the_banned_and_the_lost_read_has_none_either(
    client: testing.TestClient, desk: TheDesk
) -> None:
    lost = client.simulate_get("/post/nowhere")
    assert lost.status_code == 404
    assert bare_words(lost.text) == []
    not_taken = client.simulate_put("/post")
    assert not_taken.status_code == 405
    assert bare_words(not_taken.text) == []
    with desk.database.transaction() as db:
        everybody = NewBan(board=None, reason="1", duration_s=None, range=ip_network("127.0.0.0/8"))
        bans.add(db, everybody, "admin")
    banned = send(client, {"board": "b", "body": "1"})
    assert banned.status_code == 403
    assert bare_words(banned.text) == []


@for_each(
    "url",
    [
        "/mod/",
        "/mod/reports?done=delete",
        "/mod/bans?done=lift",
        "/mod/appeals?done=shorten",
        "/mod/file-bans?done=ban_file",
        "/mod/b/2/file-ban?bits=2",
        "/mod/b/3/edit?done=undo_edit",
        "/mod/reports?done=move",
        "/mod/log",
        "/mod/account?done=change_password",
        "/mod/proof",
        "/mod/staff?done=invite",
        "/mod/roles?done=make_role",
        "/mod/invited?code=x",
        "/mod/pages?done=remove_page",
        "/mod/pages?where=b",
        "/mod/rules?done=add_rule",
        "/mod/rules?rule=1",
        "/mod/board-pictures/b?done=add_flag",
        "/mod/b/1?done=lock",
        "/mod/b/2",
        "/mod/b/3",
        "/mod/b/99",
        "/mod/find?board=b&no=x",
        "/mod/nowhere",
    ],
)
def test_page_of_the_desk_has_none_either(busy_desk: Browser, url: str) -> None:
    assert bare_words(busy_desk.get(url).text, WRITTEN) == []


@for_each(
    ("url", "fields"),
    [
        ("/mod/b/1", {"deed": "nothing"}),
        ("/mod/b/1", {"deed": "ban"}),
        ("/mod/b/1", {"deed": "ban", "duration": "x", "reason": "1"}),
        ("/mod/b/1", {"deed": "ban", "duration": "1s", "reason": "1"}),
        ("/mod/b/1", {"deed": "ban", "duration": "1d", "reason": ""}),
        ("/mod/b/1", {"deed": "ban", "duration": "1d", "reason": "1", "target": "10.0.0.0/4"}),
        ("/mod/b/2", {"deed": "lock"}),
        ("/mod/b/3", {"deed": "delete_file"}),
        ("/mod/bans", {"deed": "ban", "target": "?", "duration": "1d", "reason": "1"}),
        ("/mod/bans", {"deed": "lift", "ban": "x"}),
        ("/mod/bans", {"deed": "lift", "ban": "77"}),
        ("/mod/b/2", {"deed": "warn"}),
        ("/mod/b/2", {"deed": "warn", "reason": "1", "message": "1" * 201}),
        ("/mod/appeals", {"deed": "keep", "appeal": "77", "answer": ""}),
        ("/mod/appeals", {"deed": "keep", "appeal": "77", "answer": "1"}),
        ("/mod/appeals", {"deed": "shorten", "appeal": "77", "duration": ""}),
        ("/mod/appeals", {"deed": "lift_appealed", "appeal": "x"}),
        ("/mod/b/1", {"deed": "move", "board": "b", "sure": "yes"}),
        ("/mod/b/1", {"deed": "merge", "thread": "x", "sure": "yes"}),
        ("/mod/b/1", {"deed": "merge", "thread": "99", "sure": "yes"}),
        ("/mod/b/3/edit", {"deed": "edit", "body": "1", "name": "1#2"}),
        ("/mod/b/3/edit", {"deed": "edit", "body": "1", "subject": "1" * 101}),
        ("/mod/b/2/file-ban", {"deed": "ban_file", "file": "9", "reason": "1"}),
        ("/mod/b/2/file-ban", {"deed": "ban_file", "file": "1", "bits": "x", "reason": "1"}),
        ("/mod/b/2/file-ban", {"deed": "ban_file", "file": "1", "bits": "1", "reason": "1"}),
        ("/mod/file-bans", {"deed": "lift_file_ban", "file_ban": "7"}),
        ("/mod/account", {"deed": "end_session"}),
        ("/mod/account", {"deed": "change_password", "password": "1", "again": "1"}),
        ("/mod/account", {"deed": "change_password", "password": "1"}),
        ("/mod/proof", {"password": "1"}),
        ("/mod/account", {"deed": "confirm_app", "code": "1"}),
        ("/mod/staff", {"deed": "invite"}),
        ("/mod/staff", {"deed": "invite", "account": "1", "role": "7"}),
        ("/mod/staff", {"deed": "appoint", "account": "admin"}),
        ("/mod/staff", {"deed": "suspend", "account": "777"}),
        ("/mod/staff", {"deed": "take_back", "invitation": "x"}),
        ("/mod/roles", {"deed": "make_role", "role": "admin"}),
        ("/mod/roles", {"deed": "make_role", "role": "?"}),
        ("/mod/roles", {"deed": "remove_role", "role": "777"}),
        ("/mod/pages", {"deed": "set_page", "page": "?"}),
        ("/mod/pages", {"deed": "remove_page", "page": "log"}),
        ("/mod/rules", {"deed": "add_rule"}),
        ("/mod/rules", {"deed": "try_rule", "what": "7" * 501}),
        ("/mod/rules", {"deed": "add_rule", "what": "7", "countries": "7"}),
        ("/mod/rules", {"deed": "add_rule", "what": "7", "place": "md5"}),
        ("/mod/rules", {"deed": "add_rule", "what": "7", "way": "looks_like"}),
        ("/mod/rules", {"deed": "remove_rule", "rule": "7"}),
        ("/mod/board-pictures/b", {"deed": "hang_banner"}),
        ("/mod/board-pictures/b", {"deed": "take_down", "banner": "7"}),
        ("/mod/board-pictures/b", {"deed": "add_flag", "flag": "7"}),
    ],
)
def test_refusal_at_the_desk_has_none_either(
    admin: Browser, url: str, fields: dict[str, str]
) -> None:
    answer = admin.send(url, **fields)
    assert 400 <= answer.status_code < 500
    assert bare_words(answer.text, WRITTEN) == []


@for_each("fields", [{}, {"bump_limit": "1.5"}, {"title": "7" * 81}])
def test_form_of_settings_has_none_beside_their_names_and_values(
    admin: Browser, fields: dict[str, str]
) -> None:
    page = admin.send("/mod/board-settings/b", deed="set_board", **fields).text
    page = page if fields else admin.get("/mod/board-settings/b?done=set_board").text
    for names in ("<label.*?</label>", "<option.*?</option>", ' value="[^"]*"'):
        page = re.sub(names, "", page)
    assert bare_words(page, (*WRITTEN, "bump_limit", "title")) == []


def test_door_has_none_either(desk: TheDesk) -> None:
    browser = desk.browser()
    assert bare_words(browser.get("/mod/").text) == []
    assert bare_words(browser.log_in("7", PASSWORD[::-1]).text) == []
    assert bare_words(browser.post("/mod/login", name="7").text) == []
