"""The desk's pages: who sees what, and that they are what they should be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import html5lib
import pytest

from imageboard.staff_roles import Role
from imageboard.store import appeals, reports
from imageboard.store.database import Database
from tests.builders import filling
from tests.tables import for_each
from tests.writer.desk.conftest import Browser, TheDesk, make_desk

PAGES = [
    "/mod/",
    "/mod/reports?done=delete",
    "/mod/bans",
    "/mod/appeals?done=keep",
    "/mod/file-bans?done=ban_file",
    "/mod/b/2/file-ban",
    "/mod/b/3/edit?done=edit",
    "/mod/aside",
    "/mod/removed?done=undo",
    "/mod/recent?done=delete_ticked",
    "/mod/search?text=e&ticked=all&done=delete_ticked",
    "/mod/dismissed?done=reopen_ticked",
    "/mod/b/2/author?of=network&ticked=all&done=add_note",
    "/mod/held?ticked=all&done=release",
    "/mod/states?done=set_state",
    "/mod/b/2/author",
    "/mod/log",
    "/mod/account?done=end_session",
    "/mod/proof",
    "/mod/staff?done=invite",
    "/mod/roles?done=make_role",
    "/mod/invited?code=x",
    "/mod/board-settings",
    "/mod/board-settings/b?done=set_board",
    "/mod/pages?where=b&done=set_page",
    "/mod/board-pictures",
    "/mod/board-pictures/b?done=hang_banner",
    "/mod/b/1?done=lock",
    "/mod/b/2",
    "/mod/b/3",
    "/mod/b/99",
]


def report(desk: TheDesk, *nos: int, reason: str = "Spam.") -> None:
    with desk.database.transaction() as db:
        reports.add(db, "b", list(nos), reason=reason, address_hash=b"r" * 16)


@pytest.mark.slow
def test_desk_is_in_the_language_of_the_site(desk: TheDesk, tmp_path: Path) -> None:
    browser = make_desk(desk.database, tmp_path, STILLBOARD_LANGUAGE="ja").browser()
    browser.log_in(Role.ADMIN.value)
    for url in PAGES:
        page = browser.get(url).text
        assert '<html lang="ja"' in page
        assert "管理室" in page
    assert "スレッドをロックしました。" in browser.get("/mod/b/1?done=lock").text


@pytest.fixture
def visitors(desk: TheDesk, admin: Browser) -> tuple[Browser, ...]:
    """An admin and somebody who is not logged in, where every list of the desk has something."""
    report(desk, 2, 3, reason="<i>rude</i>")
    admin.send("/mod/b/4", deed="ban", reason="Spam.", duration="never", target="192.0.2.0/24")
    with desk.database.transaction() as db:
        appeals.add(db, 1, b"a" * 16, "<i>unfair</i>")
    return admin, desk.browser()


@pytest.mark.slow
@for_each("url", PAGES)
def test_page_is_valid_and_kept_by_nobody(visitors: tuple[Browser, ...], url: str) -> None:
    for browser in visitors:
        answer = browser.get(url)
        assert answer.headers["cache-control"] == "no-store"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        has_script = any(mark in answer.text for mark in ('data-passkey="', 'data-live="'))
        assert ("; script-src 'self'" in policy) == has_script
        assert "unsafe" not in policy
        if answer.status_code != 303:
            html5lib.HTMLParser(strict=True).parse(answer.text)
            assert answer.text.count("<script") == has_script
            assert " style=" not in answer.text


def test_what_strangers_wrote_is_text(desk: TheDesk, admin: Browser) -> None:
    report(desk, 3, reason="<i>rude</i>")
    for url in ("/mod/reports", "/mod/b/3"):
        page = admin.get(url).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "&lt;b&gt;bold&lt;/b&gt;" in page
        assert "&lt;i&gt;rude&lt;/i&gt;" in page


def test_nobody_puts_words_on_a_page(admin: Browser) -> None:
    """A link to the desk can name what was done, not say it."""
    assert "Call me" not in admin.get("/mod/reports?done=Call+me").text


def test_queue_shows_reported_posts_with_their_reasons(desk: TheDesk, admin: Browser) -> None:
    assert "No reports are waiting" in admin.get("/mod/reports").text
    report(desk, 2, reason="Not a cat.")
    assert "1 reported post to look at" in admin.get("/mod/").text
    page = admin.get("/mod/reports").text
    assert "Not a cat." in page
    assert "with a file" in page
    assert "/b/thumb/" in page


@pytest.mark.slow
def test_queue_names_what_a_button_takes_along(desk: TheDesk, admin: Browser) -> None:
    report(desk, 1)
    page = admin.get("/mod/reports").text
    assert "Delete the thread" in page
    assert "Delete the file" not in page
    report(desk, 2)
    assert "Delete the file" in admin.get("/mod/reports").text
    admin.send("/mod/b/2", deed="delete_file")
    assert "Delete the file" not in admin.get("/mod/reports").text


def test_desk_finds_a_post(admin: Browser) -> None:
    answer = admin.get("/mod/find?board=%2Fb%2F&no=+2+")
    assert (answer.status_code, answer.headers["location"]) == (303, "/mod/b/2")
    for query in ("", "board=b", "board=b&no=x", "board=..%2F&no=1", "board=b%00&no=1"):
        assert admin.get(f"/mod/find?{query}").status_code == 404


@pytest.mark.parametrize("url", ["/mod/b/99", "/mod/nowhere/1", "/mod/%00/1", "/mod/B/1"])
def test_post_that_is_not_there_is_said_so(admin: Browser, url: str) -> None:
    answer = admin.get(url)
    assert answer.status_code == 404
    assert "There is no" in answer.text


MAY_SEE = {
    "/mod/reports": set(Role),
    "/mod/b/1": set(Role),
    "/mod/bans": set(Role) - {Role.JANITOR},
    "/mod/appeals": set(Role) - {Role.JANITOR},
    "/mod/log": {Role.OWNER, Role.ADMIN},
}


@pytest.mark.parametrize("role", Role)
def test_role_sees_its_pages_and_links_to_no_other(
    as_role: Callable[[Role], Browser], role: Role
) -> None:
    browser = as_role(role)
    home = browser.get("/mod/").text
    for url, roles in MAY_SEE.items():
        assert browser.get(url).status_code == (200 if role in roles else 403), url
        if url != "/mod/b/1":
            assert (f'href="{url}"' in home) == (role in roles)


def test_janitor_is_shown_no_buttons_that_are_not_theirs(
    as_role: Callable[[Role], Browser],
) -> None:
    page = as_role(Role.JANITOR).get("/mod/b/1").text
    assert 'value="delete"' in page
    for deed in ("sticky", "lock", "ban"):
        assert f'value="{deed}"' not in page
    assert "192.0.2" not in page, "nor any part of the author's address"


def test_moderator_is_offered_ranges_while_the_address_is_kept(
    desk: TheDesk, as_role: Callable[[Role], Browser]
) -> None:
    moderator = as_role(Role.MODERATOR)
    page = moderator.get("/mod/b/1").text
    assert "192.0.2.0/24" in page
    assert "192.0.2.7" not in page, "the address itself is nobody's business"
    with desk.database.transaction() as db:
        db.execute("UPDATE posts SET address_sealed = NULL")
    page = moderator.get("/mod/b/1").text
    assert "192.0.2.0/24" not in page
    assert "no longer kept" in page


def test_long_lists_come_in_pages(desk: TheDesk, admin: Browser) -> None:
    with desk.database.transaction() as db:
        db.execute(
            "INSERT INTO moderation_log (staff, action, board, post_no, detail)"
            " SELECT 'admin', 'lock', 'b', n, '{\"ban\": 1}' FROM generate_series(1, 150) AS n"
        )
        db.execute(
            "INSERT INTO bans (range, reason, created_by)"
            " SELECT '192.0.2.0/24', 'number ' || n, 'x' FROM generate_series(1, 60) AS n"
        )
    newest = admin.get("/mod/log").text
    assert "No.150<" in newest
    assert "No.50<" not in newest
    oldest = admin.get("/mod/log?before=51").text
    assert "No.50<" in oldest
    assert "Older entries" not in oldest
    assert "/mod/log?before=51" in newest
    assert "number 60<" in admin.get("/mod/bans").text
    assert "number 10<" in admin.get("/mod/bans?before=11").text
    assert admin.get("/mod/bans?before=x").status_code == 200


@pytest.mark.slow
def test_queue_of_a_hundred_thousand_reports_comes_in_pages(desk: TheDesk, admin: Browser) -> None:
    with filling(desk.database) as db:
        db.execute(
            "INSERT INTO posts (board, no, thread_no, created_at, body, address_hash, changed_no)"
            " SELECT 'b', n, 1, now(), repeat('x', 20000), decode(md5(''), 'hex'), 1"
            " FROM generate_series(1001, 2000) AS n"
        )
        db.execute(
            "INSERT INTO reports (board, post_no, reason, address_hash)"
            " SELECT 'b', 1001 + n / 100, repeat('y', 200), decode(md5(n::text), 'hex')"
            " FROM generate_series(0, 99999) AS n"
        )
    page = admin.get("/mod/reports")
    assert len(page.content) < 200_000
    assert "1,000 reported posts" in page.text
    assert "No.1001<" in page.text
    assert "/b/ No.1026<" not in page.text
    assert "/mod/reports?page=2" in page.text
    assert "/b/ No.1026<" in admin.get("/mod/reports?page=2").text
    last = admin.get("/mod/reports?page=40").text
    assert "No.2000<" in last
    assert "page=41" not in last
    assert "No reports are waiting" in admin.get("/mod/reports?page=999999999").text
    assert len(admin.get("/mod/b/1001").content) < 200_000


def test_database_that_is_down_is_said_so(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url.rsplit("/", 1)[0] + "/not_there", connections_max=1)
    browser = make_desk(database, tmp_path).browser()
    browser.cookies["stillboard_session"] = "x"
    answer = browser.get("/mod/reports")
    assert answer.status_code == 503
    assert "database is not available" in answer.text
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.slow
def test_queue_of_ten_thousand_reports_is_as_long_as_a_page(desk: TheDesk, admin: Browser) -> None:
    """A flood of reports from as many addresses hides no report, and slows nobody down."""
    with desk.database.connection() as db:
        db.execute(
            "INSERT INTO reports (board, post_no, reason, address_hash)"
            " SELECT 'b', 1 + n % 4, 'flood ' || n, decode(lpad(to_hex(n), 32, '0'), 'hex')"
            " FROM generate_series(1, 10000) n"
        )
    page = admin.get("/mod/reports")
    assert page.status_code == 200
    assert "4 reported posts" in page.text
    assert len(page.text) < 50_000
    assert admin.send("/mod/b/1", deed="dismiss").status_code == 303
    assert "3 reported posts" in admin.get("/mod/reports").text
