"""What staff do: each deed is stored, logged, shown, and refused to those who may not."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

import pytest

from imageboard.bans import Ban
from imageboard.facts import (
    Fact,
    PostAdded,
    PostChanged,
    PostRemoved,
    ThreadChanged,
    ThreadRemoved,
)
from imageboard.staff_roles import Role
from imageboard.store import bans, boards, outbox, posts, reports, threads
from tests.builders import CLOAK, a_file, a_post
from tests.tables import for_each
from tests.writer.desk.conftest import Browser, TheDesk

EVERYONE = set(Role)
NO_JANITOR = EVERYONE - {Role.JANITOR}

A_BAN = {"duration": "3d", "reason": "Spam."}


def last_fact(desk: TheDesk) -> Fact:
    with desk.database.connection() as db:
        return outbox.waiting(db, "b", 1000)[-1].fact


def banned(desk: TheDesk, address: str = "192.0.2.7", board: str = "b") -> Ban | None:
    there = ipaddress.ip_address(address)
    with desk.database.connection() as db:
        return bans.find(db, board, CLOAK.hash_address(there), there)


def report(desk: TheDesk, no: int) -> None:
    with desk.database.transaction() as db:
        reports.add(db, "b", [no], reason="Spam.", address_hash=b"r" * 16)


@pytest.mark.parametrize(
    ("deed", "no", "action", "fact", "leads_to"),
    [
        ("delete", 2, "delete_post", PostRemoved, "/mod/reports"),
        ("delete", 1, "delete_thread", ThreadRemoved, "/mod/reports"),
        ("delete_file", 2, "delete_file", PostChanged, "/mod/b/2"),
        ("sticky", 1, "sticky", ThreadChanged, "/mod/b/1"),
        ("lock", 4, "lock", ThreadChanged, "/mod/b/4"),
    ],
)
def test_deed_is_done_logged_and_shown(
    desk: TheDesk,
    admin: Browser,
    deed: str,
    no: int,
    action: str,
    fact: type[Fact],
    leads_to: str,
) -> None:
    answer = admin.send(f"/mod/b/{no}", deed=deed)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{leads_to}?done={deed}")
    (entry,) = desk.log()
    assert (entry.staff, entry.action, entry.board, entry.post_no) == ("admin", action, "b", no)
    assert isinstance(last_fact(desk), fact)
    assert desk.calls.boards == ["b"]
    assert 'role="status"' in admin.get(answer.headers["location"]).text


@pytest.mark.slow
def test_thread_is_marked_and_no_longer_marked(desk: TheDesk, admin: Browser) -> None:
    for deed, is_sticky, is_locked in (
        ("sticky", True, False),
        ("lock", True, True),
        ("unsticky", False, True),
        ("unlock", False, False),
        ("unlock", False, False),
    ):
        assert f'value="{deed}"' in admin.get("/mod/b/1").text or deed == "unlock"
        assert admin.send("/mod/b/1", deed=deed).status_code == 303
        with desk.database.connection() as db:
            thread = threads.get(db, "b", 1)
        assert thread is not None
        assert (thread.is_sticky, thread.is_locked) == (is_sticky, is_locked)
    assert [entry.action for entry in desk.log()] == ["sticky", "lock", "unsticky", "unlock"]


@pytest.mark.parametrize(
    ("deed", "undone_by", "field"),
    [("stop_bumps", "allow_bumps", "is_bump_locked"), ("cycle", "uncycle", "is_cyclical")],
)
def test_mark_is_given_and_taken_back(
    desk: TheDesk, admin: Browser, deed: str, undone_by: str, field: str
) -> None:
    for pressed, is_so in ((deed, True), (undone_by, False)):
        assert f'value="{pressed}"' in admin.get("/mod/b/1").text
        assert admin.send("/mod/b/1", deed=pressed).status_code == 303
        with desk.database.connection() as db:
            assert getattr(threads.get(db, "b", 1), field) is is_so
    assert [entry.action for entry in desk.log()] == [deed, undone_by]


def test_sticky_thread_is_ranked_by_a_number(desk: TheDesk, admin: Browser) -> None:
    assert 'value="rank"' not in admin.get("/mod/b/1").text
    admin.send("/mod/b/1", deed="sticky")
    assert admin.send("/mod/b/1", deed="rank", rank="-1").status_code == 400
    assert admin.send("/mod/b/1", deed="rank", rank="7").status_code == 303
    with desk.database.connection() as db:
        thread = threads.get(db, "b", 1)
    assert thread is not None
    assert thread.sticky_rank == 7


@pytest.mark.slow
def test_thread_that_fell_off_is_listed_and_brought_back(desk: TheDesk, admin: Browser) -> None:
    with desk.database.transaction() as db:
        settings = {"threads_per_page": "1", "pages_max": "1", "archive_days": "0"}
        boards.change_settings(db, "b", settings)
        assert posts.prune(db, "b", limits=False) == 1
    report(desk, 1)
    for url in ("/mod/aside", "/mod/b/1"):
        assert 'value="bring_back"' in admin.get(url).text
    assert 'href="/mod/b/1"' in admin.get("/mod/reports").text
    assert "kept aside" in admin.get("/mod/b/2").text, "a reply of it"
    answer = admin.send("/mod/b/1", deed="bring_back", back="aside")
    assert (answer.status_code, answer.headers["location"]) == (303, "/mod/aside?done=bring_back")
    assert 'role="status"' in admin.get(answer.headers["location"]).text
    assert "No thread is kept aside" in admin.get("/mod/aside").text
    assert 'value="bring_back"' not in admin.get("/mod/b/1").text
    assert admin.send("/mod/b/1", deed="bring_back").status_code == 303
    (entry,) = desk.log()
    assert (entry.staff, entry.action, entry.post_no) == ("admin", "bring_back", 1)
    assert isinstance(last_fact(desk), PostAdded)
    with desk.database.connection() as db:
        assert threads.get(db, "b", 1) is not None


def test_archived_thread_is_brought_back_or_deleted(desk: TheDesk, admin: Browser) -> None:
    with desk.database.transaction() as db:
        boards.change_settings(db, "b", {"threads_per_page": "1", "pages_max": "1"})
        assert posts.prune(db, "b", limits=False) == 1
    assert "No thread is kept aside" in admin.get("/mod/aside").text
    page = admin.get("/mod/b/1").text
    assert "is in the archive" in page
    assert 'value="lock"' not in page
    assert 'value="delete"' in page
    answer = admin.send("/mod/b/1", deed="bring_back")
    assert (answer.status_code, answer.headers["location"]) == (303, "/mod/b/1?done=bring_back")
    assert 'value="bring_back"' not in admin.get("/mod/b/1").text
    assert 'value="lock"' in admin.get("/mod/b/1").text


@pytest.mark.slow
def test_thread_is_archived_and_taken_back(
    desk: TheDesk, admin: Browser, as_role: Callable[[Role], Browser]
) -> None:
    assert as_role(Role.JANITOR).send("/mod/b/1", deed="archive").status_code == 403
    assert 'value="archive"' in admin.get("/mod/b/1").text
    answer = admin.send("/mod/b/1", deed="archive")
    assert (answer.status_code, answer.headers["location"]) == (303, "/mod/b/1?done=archive")
    with desk.database.connection() as db:
        thread = threads.get(db, "b", 1)
    assert thread is not None
    assert thread.archived_s is not None
    page = admin.get("/mod/b/1").text
    assert "is in the archive" in page
    assert 'value="archive"' not in page
    again = admin.send("/mod/b/1", deed="archive")
    assert again.status_code == 303, "two of the staff pressed the same button"
    admin.send("/mod/b/1", deed="bring_back")
    assert [entry.action for entry in desk.log()] == ["archive", "bring_back"]
    assert set(desk.calls.boards) == {"b"}, "its pages are drawn at once"
    with desk.database.transaction() as db:
        boards.change_settings(db, "b", {"archive_days": "0"})
    refused = admin.send("/mod/b/1", deed="archive")
    assert (refused.status_code, "/b/ has no archive." in refused.text) == (422, True)


def test_dismissed_reports_leave_the_queue(desk: TheDesk, admin: Browser) -> None:
    report(desk, 2)
    answer = admin.send("/mod/b/2", deed="dismiss", back="reports")
    assert answer.headers["location"] == "/mod/reports?done=dismiss"
    assert "No reports are waiting" in admin.get("/mod/reports").text
    (entry,) = desk.log()
    assert (entry.action, entry.detail) == ("dismiss_reports", {"reports": 1})
    assert desk.calls.boards == [], "no page looks different"


@pytest.mark.slow
@for_each(
    ("url", "fields", "status"),
    [
        ("/mod/b/99", {"deed": "delete"}, 404),
        ("/mod/b/99", {"deed": "dismiss"}, 404),
        ("/mod/b/99", {"deed": "ban"} | A_BAN, 404),
        ("/mod/nowhere/1", {"deed": "delete"}, 404),
        ("/mod/b/1", {"deed": "delete_file"}, 422),
        ("/mod/b/2", {"deed": "sticky"}, 422),
        ("/mod/b/2", {"deed": "lock"}, 422),
        ("/mod/b/2", {"deed": "explode"}, 400),
        ("/mod/b/2", {}, 400),
        ("/mod/b/2", {"deed": "ban", "reason": "Spam."}, 400),
        ("/mod/b/2", {"deed": "ban", "duration": "2 lifetimes", "reason": "Spam."}, 400),
        ("/mod/bans", {"deed": "ban", "target": "192.0.2.*", "reason": "Spam."}, 400),
        ("/mod/b/2", {"deed": "ban", "duration": "3d", "reason": ""}, 400),
        ("/mod/b/2", {"deed": "ban", "target": "0.0.0.0/0"} | A_BAN, 400),
        ("/mod/bans", {"deed": "ban", "target": ""} | A_BAN, 400),
        ("/mod/bans", {"deed": "ban", "target": "192.0.2.7", "board": "nowhere"} | A_BAN, 404),
        ("/mod/bans", {"deed": "ban", "target": "192.0.2.7", "board": "\0"} | A_BAN, 404),
        ("/mod/bans", {"deed": "lift", "ban": "7"}, 404),
        ("/mod/bans", {"deed": "lift", "ban": "x"}, 400),
        ("/mod/bans", {"deed": "lift"}, 400),
        ("/mod/bans", {}, 400),
    ],
)
def test_refused_deed_changes_nothing(
    desk: TheDesk, admin: Browser, url: str, fields: dict[str, str], status: int
) -> None:
    answer = admin.send(url, **fields)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert desk.log() == []
    assert desk.calls.boards == []
    assert desk.one("SELECT count(*) FROM bans") == 0


MAY_DO: list[tuple[str, dict[str, str], set[Role]]] = [
    ("/mod/b/2", {"deed": "dismiss"}, EVERYONE),
    ("/mod/b/2", {"deed": "delete"}, EVERYONE),
    ("/mod/b/2", {"deed": "delete_file"}, EVERYONE),
    ("/mod/b/2", {"deed": "delete_one_file", "file": "1"}, EVERYONE),
    ("/mod/b/1", {"deed": "sticky"}, NO_JANITOR),
    ("/mod/b/1", {"deed": "lock"}, NO_JANITOR),
    ("/mod/b/2", {"deed": "ban"} | A_BAN, NO_JANITOR),
    ("/mod/bans", {"deed": "ban", "target": "192.0.2.7"} | A_BAN, NO_JANITOR),
    ("/mod/bans", {"deed": "lift", "ban": "1"}, NO_JANITOR),
]


@pytest.mark.parametrize(("url", "fields", "roles"), MAY_DO)
def test_janitor_does_what_janitors_may(
    desk: TheDesk,
    as_role: Callable[[Role], Browser],
    url: str,
    fields: dict[str, str],
    roles: set[Role],
) -> None:
    with desk.database.transaction() as db:
        db.execute("INSERT INTO bans (range, reason, created_by) VALUES ('10.0.0.0/24', 'r', 'x')")
    answer = as_role(Role.JANITOR).send(url, **fields)
    if Role.JANITOR in roles:
        assert answer.status_code == 303
        return
    assert answer.status_code == 403
    assert "Your role, janitor, does not include this." in answer.text
    assert desk.log() == []


@pytest.mark.parametrize(("url", "fields", "roles"), MAY_DO)
def test_moderator_does_everything_to_posts_and_bans(
    desk: TheDesk,
    as_role: Callable[[Role], Browser],
    url: str,
    fields: dict[str, str],
    roles: set[Role],
) -> None:
    with desk.database.transaction() as db:
        db.execute("INSERT INTO bans (range, reason, created_by) VALUES ('10.0.0.0/24', 'r', 'x')")
    assert Role.MODERATOR in roles
    assert as_role(Role.MODERATOR).send(url, **fields).status_code == 303


@pytest.mark.slow
def test_one_file_of_several_is_deleted_by_its_number(desk: TheDesk, admin: Browser) -> None:
    with desk.database.connection() as db:
        board = boards.get(db, "b")
    named = tuple(a_file(original_name=name, stored_as=name[0] * 32) for name in ("a", "b", "c"))
    no = a_post(desk.database, board, thread=1, files=named).no
    page = admin.get(f"/mod/b/{no}").text
    assert "1: a.png, 2: b.png, 3: c.png" in page
    assert "Delete all its files" in page
    answer = admin.send(f"/mod/b/{no}", deed="delete_one_file", file="2")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/mod/b/{no}?done=delete_one_file",
    )
    assert "1: a.png, 3: c.png" in admin.get(f"/mod/b/{no}").text
    (entry,) = desk.log()
    assert (entry.staff, entry.action) == ("admin", "delete_file")
    assert entry.detail == {"file": 2, "removal": entry.removal}
    assert "file: 2" in admin.get("/mod/log").text
    for number, said in (("2", "has no file 2"), ("0", "Which file?"), ("", "Which file?")):
        refused = admin.send(f"/mod/b/{no}", deed="delete_one_file", file=number)
        assert (refused.status_code, said in refused.text) == (400, True)
    with desk.database.connection() as db:
        (post,) = threads.posts_by_no(db, "b", [no])
    assert [file.is_removed for file in post.files] == [False, True, False]
    admin.send(f"/mod/b/{no}", deed="delete_one_file", file="1")
    assert "one of its files" not in admin.get(f"/mod/b/{no}").text, "one is left"


def test_author_is_banned_without_anybody_seeing_the_address(desk: TheDesk, admin: Browser) -> None:
    answer = admin.send("/mod/b/2", deed="ban", duration="3d", reason="Spam.")
    assert answer.headers["location"] == "/mod/b/2?done=ban"
    ban = banned(desk)
    assert ban is not None
    assert ban.expires_s is not None
    assert (ban.reason, ban.board, ban.range, ban.created_by) == ("Spam.", None, None, "admin")
    assert ban.expires_s - ban.created_s == 3 * 86_400
    assert banned(desk, "192.0.2.8") is None
    (entry,) = desk.log()
    assert (entry.action, entry.board, entry.post_no) == ("ban", "b", 2)
    assert entry.detail == {"ban": ban.id}


def test_author_whose_hash_expired_is_banned_by_name_alone(desk: TheDesk, admin: Browser) -> None:
    with desk.database.transaction() as db:
        posts.forget_hashes(db, -1, 1000)
    assert "no longer kept" in admin.get("/mod/b/2").text
    answer = admin.send("/mod/b/2", deed="ban", **A_BAN)
    assert answer.status_code == 400
    assert "name an address or a range" in answer.text
    assert desk.log() == []
    answer = admin.send("/mod/b/2", deed="ban", target="192.0.2.7", **A_BAN)
    assert answer.status_code == 303
    assert banned(desk) is not None


def test_author_is_banned_from_one_board(desk: TheDesk, admin: Browser) -> None:
    admin.send("/mod/b/2", deed="ban", where="board", **A_BAN)
    assert banned(desk, board="b") is not None
    assert banned(desk, board="c") is None


def test_range_is_banned_and_stays_out_of_the_log(desk: TheDesk, admin: Browser) -> None:
    admin.send("/mod/b/2", deed="ban", target="192.0.2.0/24", **A_BAN)
    ban = banned(desk, "192.0.2.200")
    assert ban is not None
    assert ban.range == "192.0.2.0/24"
    assert "192.0.2" not in str(desk.log())
    assert "192.0.2.0/24" in admin.get("/mod/bans").text


def test_typed_address_is_kept_as_its_hash(desk: TheDesk, admin: Browser) -> None:
    answer = admin.send("/mod/bans", deed="ban", target="203.0.113.5", board="/b/", **A_BAN)
    assert answer.headers["location"] == "/mod/bans?done=ban"
    ban = banned(desk, "203.0.113.5")
    assert ban is not None
    assert (ban.board, ban.range) == ("b", None)
    assert "203.0.113" not in str(desk.one("SELECT bans::text FROM bans"))
    assert "203.0.113" not in admin.get("/mod/bans").text


def test_ban_is_lifted(desk: TheDesk, admin: Browser) -> None:
    admin.send("/mod/b/2", deed="ban", **A_BAN)
    ban = banned(desk)
    assert ban is not None
    answer = admin.send("/mod/bans", deed="lift", ban=str(ban.id))
    assert answer.headers["location"] == "/mod/bans?done=lift"
    assert banned(desk) is None
    assert "Nobody is banned" in admin.get("/mod/bans").text
    assert (desk.log()[-1].action, desk.log()[-1].detail) == ("lift_ban", {"ban": ban.id})


def test_ban_is_read_as_vichan_writes_it(desk: TheDesk, admin: Browser) -> None:
    """A range with stars; an emptied duration is for good, and the page says so."""
    admin.send("/mod/bans", deed="ban", target="198.51.*.*", duration="", reason="Spam.")
    page = admin.get("/mod/bans").text
    assert "198.51.0.0/16" in page
    assert "for good</dd>" in page


@pytest.mark.parametrize("url", ["/mod/b/2", "/mod/bans"])
def test_refused_ban_holds_what_was_typed(admin: Browser, url: str) -> None:
    answer = admin.send(
        url, deed="ban", target="192.0.2.0/24", duration="3 fortnights", reason='He said "no".'
    )
    assert answer.status_code == 400
    assert "How long?" in answer.text
    for typed in ("192.0.2.0/24", "3 fortnights", "He said &#34;no&#34;."):
        assert f'value="{typed}"' in answer.text


def test_deed_and_its_log_entry_are_one(
    desk: TheDesk, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the log can't be written, nothing happened."""

    def fail(*_args: Any, **_named: Any) -> None:
        raise RuntimeError("the log is full")

    monkeypatch.setattr("imageboard.store.deeds.moderation_log.add", fail)
    assert admin.send("/mod/b/2", deed="delete").status_code == 500
    assert admin.send("/mod/b/2", deed="ban", **A_BAN).status_code == 500
    with desk.database.connection() as db:
        assert [post.no for post in threads.posts(db, "b", [1])] == [1, 2, 3]
    assert banned(desk) is None
    assert desk.calls.boards == []
