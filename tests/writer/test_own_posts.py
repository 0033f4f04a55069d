"""Deleting one's own posts and reporting others', as a browser sends the forms."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import falcon
import pytest
from falcon import testing

from imageboard.allowances import DELETIONS_PER_MINUTE
from imageboard.bans import NewBan
from imageboard.moderation import LogEntry
from imageboard.old_boards import OldBoard
from imageboard.store import bans, boards, moderation_log, moves, old_boards, reports, threads
from imageboard.store.database import Database
from tests.builders import CLOAK, a_board, a_file, a_post
from tests.tables import for_each
from tests.templates.parsed import elements, parse
from tests.writer.own_post_form import Calls, client_of
from tests.writer.sending import until_spent

HERE = "192.0.2.7"


@dataclass
class Site:
    """The form's address alone, with everything behind it real but the wake-up call."""

    database: Database
    calls: Calls
    client: testing.TestClient

    def send(
        self, button: str, *nos: int, address: str = HERE, delivery: str = "", **fields: str
    ) -> testing.Result:
        form = {"board": "b", button: "1", **{f"delete_{no}": "on" for no in nos}, **fields}
        headers = {"X-Real-IP": address, "Content-Type": falcon.MEDIA_URLENCODED}
        if delivery:
            headers["X-Delivery-ID"] = delivery
        return self.client.simulate_post("/post", body=urlencode(form), headers=headers)

    def posts(self, thread: int = 1) -> list[int]:
        with self.database.connection() as db:
            return [post.no for post in threads.posts(db, "b", [thread])]

    def log(self) -> list[tuple[str | None, str, int | None]]:
        with self.database.connection() as db:
            entries: list[LogEntry] = moderation_log.newest(db, on=None, limit=100)
        return [(entry.staff, entry.action, entry.post_no) for entry in reversed(entries)]

    def queue(self) -> list[tuple[int, list[str]]]:
        with self.database.connection() as db:
            return [(each.no, each.reasons) for each in reports.queue(db, on=None, limit=100)]


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    calls = Calls()
    client = client_of(database, tmp_path, calls)
    board = a_board(database)
    a_post(database, board, password="tea")
    a_post(database, board, thread=1, password="tea", files=(a_file(),))
    a_post(database, board, thread=1, password="coffee")
    a_post(database, board, thread=1)
    a_post(database, board, password="tea")
    return Site(database, calls, client)


def test_password_deletes_its_post_and_no_other(site: Site) -> None:
    answer = site.send("delete", 2, password="tea")
    assert answer.status_code == 200
    assert "/b/res/1.html" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert site.posts() == [1, 3, 4]
    assert site.log() == [(None, "delete_post", 2)]
    assert site.calls.boards == ["b"]


@pytest.mark.slow
def test_password_of_a_post_that_came_from_another_board_deletes_it(site: Site) -> None:
    """As it was typed there: with blanks around it, and longer than ours may be. Also when its
    thread has moved on.
    """
    typed = f" lab-pass-14 {'x' * 200}"
    kept_there = hashlib.sha3_256(f"{typed}y".encode()).hexdigest()
    old = OldBoard("vichan", {"secure_password_salt": "y"})
    with site.database.connection() as db:
        old_boards.put(db, "b", old, CLOAK)
        db.execute(
            "UPDATE posts SET password_hash = %s, password_scheme = 'vichan' WHERE no IN (2, 3, 5)",
            [CLOAK.hash_password(kept_there)],
        )
    a_board(site.database, "tea")
    with site.database.transaction() as db:
        assert moves.move(db, "b", 5, "tea") == 1
    assert site.send("delete", 1, password=kept_there, board="tea").status_code == 403
    assert site.send("delete", 1, password=typed, board="tea").status_code == 200
    assert site.send("delete", 2, password=kept_there).status_code == 403
    assert site.send("delete", 2, password="lab-pass-14").status_code == 403
    assert site.send("delete", 2, password=typed).status_code == 200
    assert site.send("delete", 3, 4, password=typed).status_code == 403  # 4 was posted here
    assert site.send("delete", 3, password=typed).status_code == 200
    assert site.posts() == [1, 4]


@pytest.mark.slow
@for_each(
    ("nos", "fields", "status"),
    [
        ([2], {"password": "coffee"}, 403),
        ([2], {"password": ""}, 403),
        ([2], {}, 403),
        ([4], {"password": ""}, 403),  # made without one
        ([4], {"password": "tea"}, 403),
        ([2, 3], {"password": "tea"}, 403),
        ([2, 99], {"password": "tea"}, 404),
        ([99], {"password": "tea"}, 404),
        ([], {"password": "tea"}, 400),
        (list(range(1, 22)), {"password": "tea"}, 400),
        ([2], {"password": "tea", "board": "nowhere"}, 404),
        ([2], {"password": "tea", "board": "\0"}, 404),
        ([2], {"password": "te" + "\u0301" * 9}, 400),
        ([1, 2], {"password": "tea", "file": "on"}, 422),  # the first has no file
        ([], {"password": "tea", "delete_2_1": "on", "delete_2_2": "on"}, 422),  # nor a second
        ([], {"password": "tea", "delete_2_1": "on", "delete_1_1": "on"}, 422),
        ([], {"password": "coffee", "delete_2_1": "on"}, 403),
    ],
)
def test_refused_deletion_deletes_nothing(
    site: Site, nos: list[int], fields: dict[str, str], status: int
) -> None:
    answer = site.send("delete", *nos, **fields)
    assert answer.status_code == status
    assert site.posts() == [1, 2, 3, 4]
    with site.database.connection() as db:
        assert not threads.posts_by_no(db, "b", [2])[0].files[0].is_removed
    assert (site.log(), site.calls.boards) == ([], [])


def test_several_posts_go_together(site: Site) -> None:
    answer = site.send("delete", 2, 5, password="tea", json_response="1")
    assert answer.json == {"success": True, "redirect": "/b/"}
    assert (site.posts(), site.posts(5)) == ([1, 3, 4], [])
    assert site.log() == [(None, "delete_post", 2), (None, "delete_thread", 5)]


def test_opening_post_takes_its_thread_along(site: Site) -> None:
    answer = site.send("delete", 1, 2, password="tea", json_response="1")
    assert answer.json["redirect"] == "/b/"
    assert site.posts() == []
    assert site.log() == [(None, "delete_thread", 1)]


def test_file_alone_goes_and_the_post_stays(site: Site) -> None:
    answer = site.send("delete", 2, password="tea", file="on", json_response="1")
    assert answer.json["redirect"] == "/b/res/1.html"
    assert site.posts() == [1, 2, 3, 4]
    assert site.log() == [(None, "delete_file", 2)]
    assert site.send("delete", 2, password="tea", file="on").status_code == 422


@pytest.mark.parametrize(
    ("button", "nos", "fields", "leads_to"),
    [
        ("delete", [2], {"password": "tea"}, "/b/res/1.html"),
        ("delete", [1, 5], {"password": "tea"}, "/b/"),
        ("delete", [2], {"password": "tea", "file": "on"}, "/b/res/1.html"),
        ("report", [2, 3], {"reason": "spam"}, "/b/res/1.html"),
    ],
)
def test_form_that_is_delivered_again_is_answered_alike_and_does_nothing_twice(
    site: Site, button: str, nos: list[int], fields: dict[str, str], leads_to: str
) -> None:
    def send() -> testing.Result:
        return site.send(button, *nos, delivery="1" * 32, json_response="1", **fields)

    first = send()
    before = (site.log(), site.queue(), site.posts())
    again = send()
    assert again.json == first.json == {"success": True, "redirect": leads_to}
    assert (site.log(), site.queue(), site.posts()) == before


def test_one_file_of_several_goes_and_the_others_stay(site: Site) -> None:
    board = a_board(site.database, "c")
    files = tuple(a_file(stored_as=f"{number}" * 32) for number in range(4))
    a_post(site.database, board, password="tea", files=files)

    def removed() -> list[bool]:
        with site.database.connection() as db:
            return [file.is_removed for file in threads.posts_by_no(db, "c", [1])[0].files]

    boxes = {"delete_1_4": "on", "delete_1_2": "on"}
    answer = site.send("delete", board="c", password="tea", json_response="1", **boxes)
    assert answer.json["redirect"] == "/c/res/1.html"
    assert removed() == [False, True, False, True]
    assert site.log() == [(None, "delete_file", 1)] * 2
    with site.database.connection() as db:
        entries = moderation_log.newest(db, on=None, limit=9)
    assert [entry.detail for entry in entries] == [{"file": 4}, {"file": 2}]
    again = site.send("delete", board="c", password="tea", delete_1_2="on")
    assert (again.status_code, removed()) == (422, [False, True, False, True])
    assert "has no file 2" in again.text
    assert 'name="delete_1_2"' in again.text, "to be taken back"
    # The post is ticked too: it goes whole.
    site.send("delete", 1, board="c", password="tea", delete_1_1="on")
    assert site.log()[2:] == [(None, "delete_thread", 1)]


def test_file_that_is_ticked_reports_its_post(site: Site) -> None:
    assert site.send("report", delete_2_1="on", reason="Spam.").status_code == 200
    assert site.queue() == [(2, ["Spam."])]


def test_refused_deletion_can_be_sent_again(site: Site) -> None:
    answer = site.send("delete", 2, password="te")
    assert "not the password of post 2" in answer.text
    assert 'name="delete_2"' in answer.text
    answer = site.send("delete", 2, password="te", json_response="1")
    assert answer.json["field"] == "password"


def test_report_reaches_the_queue(site: Site) -> None:
    answer = site.send("report", 2, 3, reason=" Spam \n everywhere ", json_response="1")
    assert answer.json == {"success": True, "redirect": "/b/res/1.html"}
    assert site.queue() == [(2, ["Spam   everywhere"]), (3, ["Spam   everywhere"])]
    assert site.calls.boards == [], "no page looks different"
    assert site.send("report", 2, reason="again").status_code == 200
    assert site.queue()[0] == (2, ["Spam   everywhere"])


@pytest.mark.parametrize("reason", ["", " ", "\u200b"])
def test_report_needs_no_reason(site: Site, reason: str) -> None:
    assert site.send("report", 2, reason=reason).status_code == 200
    assert site.queue() == [(2, ["No reason given."])]


@pytest.mark.parametrize(
    ("button", "said"),
    [("delete", "box: tick those of the posts to delete"), ("report", "posts to report")],
)
def test_form_without_a_selected_post_leads_back_to_select_one(
    site: Site, button: str, said: str
) -> None:
    answer = site.send(button, password="tea", thread="7")
    assert said in answer.text
    assert '<a class="button" href="/b/res/7.html">' in answer.text
    assert "<form" not in answer.text, "it could select none either"


def test_too_many_selected_posts_can_be_taken_back_one_by_one(site: Site) -> None:
    answer = site.send("delete", *range(1, 22), password="tea")
    assert "21 posts are selected, 20 at most" in answer.text
    assert answer.text.count('type="checkbox" name="delete_') == 21


@for_each(
    ("nos", "fields", "status"),
    [
        ([2], {"reason": "x" * 201}, 400),
        ([2], {"reason": "zalgo" + "\u0301" * 9}, 400),
        ([], {"reason": "Spam."}, 400),
        (list(range(1, 12)), {"reason": "Spam."}, 400),
        ([2, 99], {"reason": "Spam."}, 404),
        ([2], {"reason": "Spam.", "board": "nowhere"}, 404),
    ],
)
def test_refused_report_reports_nothing(
    site: Site, nos: list[int], fields: dict[str, Any], status: int
) -> None:
    assert site.send("report", *nos, **fields).status_code == status
    assert site.queue() == []


def test_banned_address_reports_nothing_and_may_delete_its_posts(site: Site) -> None:
    new_ban = NewBan(
        board="b",
        reason="Lies.",
        duration_s=None,
        address_hash=CLOAK.hash_address(ipaddress.ip_address(HERE)),
    )
    with site.database.transaction() as db:
        bans.add(db, new_ban, "alice")
    answer = site.send("report", 2, reason="Spam.", json_response="1")
    assert answer.status_code == 403
    assert answer.json["banned"]
    assert "Lies." in site.send("report", 2, reason="Spam.").text
    assert site.queue() == []
    assert site.send("delete", 2, password="tea").status_code == 200


@pytest.mark.slow
def test_reports_that_come_together_are_no_more_than_one_address_may(site: Site) -> None:
    board = a_board(site.database, "c")
    for _ in range(40):
        a_post(site.database, board)
    together = threading.Barrier(4)

    def come(first: int) -> None:
        together.wait()
        site.send("report", *range(first, first + 10), board="c", reason="Spam.")

    comers = [threading.Thread(target=come, args=(first,)) for first in (1, 11, 21, 31)]
    for comer in comers:
        comer.start()
    for comer in comers:
        comer.join()
    assert len(site.queue()) == 20


@pytest.mark.slow
def test_address_that_reports_without_end_has_to_wait(site: Site) -> None:
    board = a_board(site.database, "c")
    for _ in range(21):
        a_post(site.database, board)
    began_s = time.monotonic()
    for first in (1, 11):
        answer = site.send("report", *range(first, first + 10), board="c", reason="Spam.")
        assert answer.status_code == 200
    answer = site.send("report", 21, board="c", reason="Spam.", json_response="1")
    assert answer.status_code == 429
    # Twenty an hour: one each three minutes, of which some time has passed.
    took_s = time.monotonic() - began_s
    assert 180 - took_s <= int(answer.headers["retry-after"]) == answer.json["retry_after"] <= 180
    assert "reported a lot" in answer.json["error"]
    assert len(site.queue()) == 20, "of the refused form none was taken"
    for number in range(1, 5):
        sent = [
            site.send(
                "report", 1, board="c", reason="x", address=f"2001:db8:0:{number:x}{each:x}00::"
            )
            for each in range(16)
        ]
        assert {answer.status_code for answer in sent} == {200}
    for each in (1, 2, 3):
        nos = range(1, 9)
        answer = site.send("report", *nos, board="c", reason="x", address=f"2001:db8:0:f{each}00::")
        assert answer.status_code == (200 if each < 3 else 429), "80 of a /48"


@pytest.mark.slow
def test_passwords_are_not_guessed_without_end(site: Site) -> None:
    """From any address of a network: each try holds the board for a moment."""

    def guess(number: int) -> testing.Result:
        password, address = f"guess {number}", f"2001:db8::{number + 1:x}"
        return site.send("delete", 2, password=password, address=address)

    refused = until_spent(guess, DELETIONS_PER_MINUTE, 60 / DELETIONS_PER_MINUTE, taken=403)
    assert int(refused.headers["retry-after"]) <= 3
    answer = site.send("delete", 2, password="tea", address="2001:db8:0:1::1")
    assert answer.status_code == 200, "from elsewhere"


def change_settings(site: Site, **changes: str) -> None:
    with site.database.transaction() as db:
        boards.change_settings(db, "b", changes)


@pytest.mark.parametrize(
    ("settings", "age_s", "said"),
    [
        ({"delete_wait_s": "600"}, 0, r"can be deleted in (600|5\d\d) seconds"),
        ({"delete_hours_max": "2"}, 2 * 3600 + 1, "older than 2 hours"),
        ({"delete_wait_s": "600", "delete_hours_max": "2"}, 1000, None),
        ({}, 10**6, None),
    ],
)
def test_password_deletes_what_is_as_old_as_its_board_wants(
    site: Site, settings: dict[str, str], age_s: int, said: str | None
) -> None:
    change_settings(site, **settings)
    with site.database.connection() as db:
        db.execute("UPDATE posts SET created_at = now() - make_interval(secs => %s)", (age_s,))
    answer = site.send("delete", 2, password="tea")
    if said is None:
        assert 2 not in site.posts()
        return
    assert answer.status_code == 422
    assert re.search(said, answer.text)
    assert 2 in site.posts()
    assert site.log() == []


def test_report_is_of_one_of_the_kinds_that_its_board_has(site: Site) -> None:
    change_settings(site, report_categories="Spam, Illegal")
    refused = site.send("report", 2, category="Boring", reason="x")
    assert refused.status_code == 400
    (select,) = [e for e in elements(parse(refused.text)) if e.get("name") == "category"]
    assert (select.tag, select.get("aria-invalid")) == ("select", "true")
    assert site.send("report", 2, category="Spam", reason="shoes again").status_code == 200
    assert site.send("report", 3, category="Illegal", reason="").status_code == 200
    assert site.queue() == [(2, ["Spam: shoes again"]), (3, ["Illegal"])]


@pytest.mark.parametrize(
    ("settings", "password", "gone"),
    [
        ({"op_deletes_replies": "on"}, "tea", [3, 4]),
        ({"op_deletes_replies": "on"}, "coffee", []),
        ({"op_deletes_replies": "on"}, "", []),
        ({}, "tea", []),
    ],
)
def test_password_of_an_op_deletes_in_its_thread_where_its_board_lets_it(
    site: Site, settings: dict[str, str], password: str, gone: list[int]
) -> None:
    """Replies of others, one without a password among them."""
    change_settings(site, **settings)
    before = site.posts()
    answer = site.send("delete", 3, 4, password=password)
    assert answer.status_code == (200 if gone else 403)
    assert [no for no in before if no not in site.posts()] == gone
