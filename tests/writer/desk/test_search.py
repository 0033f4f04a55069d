"""Staff find posts by what is in them, on their boards alone, and who else is near an author."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from imageboard.staff_roles import Role
from imageboard.store import staff
from imageboard.store.database import Database
from tests.builders import a_board, a_file, a_post
from tests.tables import for_each
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk

LOOK = 0x5A5A_0F0F_3C3C_1234


@pytest.fixture
def janitor(desk: TheDesk, as_role: Callable[[Role], Browser]) -> Browser:
    """/c/: 1 by Alice with a picture, 2 and 3 with pictures that look like it, and a bit."""
    c = a_board(desk.database, "c")
    files = [
        a_file(stored_as=f"{n:032}", md5=bytes([n]) * 16, sha256=bytes([n]) * 32) for n in (1, 2, 3)
    ]
    looks = [LOOK, LOOK ^ 0b1111, ~LOOK]
    for file, look in zip(files, looks, strict=True):
        a_post(
            desk.database,
            c,
            body="Buy <b>SHOES</b> at 100% off",
            name="Alice#tea",
            files=(file._replace(likeness=look, sent_sha256=b"s" * 32),),
        )
    return as_role(Role.JANITOR)


@pytest.mark.slow
@for_each(
    ("field", "typed", "status"),
    [
        ("text", "sho\0es", 200),
        ("name", "\0", 200),
        ("text", "\ufeffshoes", 200),
        ("like", "\0/1", 400),
    ],
)
def test_what_no_text_can_hold_is_no_fault_of_the_board_s(
    janitor: Browser, field: str, typed: str, status: int
) -> None:
    """Pasted from elsewhere, it comes along unseen."""
    assert janitor.get(f"/mod/search?{urlencode({field: typed})}").status_code == status
    if field == "text":
        assert found(janitor, text=typed) == ["c-3", "c-2", "c-1"]


def found(browser: Browser, **asked: str) -> list[str]:
    page = browser.get(f"/mod/search?{urlencode(asked)}").text
    keys = ["c-3", "c-2", "c-1", "b-4", "b-3", "b-2", "b-1"]
    return [key for key in keys if f'name="post-{key}"' in page]


@pytest.mark.slow
def test_posts_are_found_by_all_that_is_asked(janitor: Browser) -> None:
    assert found(janitor) == [], "nothing was asked for"
    assert found(janitor, text="shoes</B>") == ["c-3", "c-2", "c-1"]
    assert found(janitor, text="100%") == ["c-3", "c-2", "c-1"], "no character means another"
    assert found(janitor, text="sho_s") == []
    assert found(janitor, text="bold") == ["b-3"], "the subject"
    assert found(janitor, name="alice") == ["c-3", "c-2", "c-1"]
    assert found(janitor, name="!") == ["c-3", "c-2", "c-1"], "the tripcode"
    assert found(janitor, text="shoes", name="bob") == []
    assert found(janitor, hash="02" * 16) == ["c-2"]
    assert found(janitor, hash="AgICAgICAgICAgICAgICAg==") == ["c-2"], "as 4chan has it"
    assert found(janitor, hash="03" * 32) == ["c-3"]
    assert found(janitor, hash=(b"s" * 32).hex().upper()) == ["c-3", "c-2", "c-1"], "as it was sent"
    assert found(janitor, like="c/1") == ["c-2", "c-1"]
    assert found(janitor, like="c/1", hash="01" * 16) == ["c-1"]
    assert found(janitor, like="b/1") == [], "it has no picture"
    assert "/mod/search?like=c%2F1" in janitor.get("/mod/c/1").text


def test_what_can_not_be_looked_for_is_said(janitor: Browser) -> None:
    for asked in ({"hash": "zz"}, {"like": "one"}, {"text": "x" * 201}):
        answer = janitor.get(f"/mod/search?{urlencode(asked)}")
        assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)


@pytest.mark.slow
def test_search_finds_on_the_visitors_boards_alone(desk: TheDesk, janitor: Browser) -> None:
    with desk.database.transaction() as db:
        staff.add(db, "of_b", PASSWORD, Role.JANITOR, "b")
    of_b = desk.browser()
    of_b.log_in("of_b")
    assert found(of_b, text="th") == ["b-4", "b-2"]
    assert of_b.get("/mod/search?like=c%2F1").status_code == 403
    assert found(of_b, text="shoes") == []


@pytest.mark.slow
def test_all_that_was_found_is_ticked_and_deleted(desk: TheDesk, janitor: Browser) -> None:
    page = janitor.get("/mod/search?text=shoes").text
    assert "/mod/search?text=shoes&amp;ticked=all" in page
    whole = janitor.get("/mod/search?text=shoes&ticked=all").text
    assert whole.count(" checked>") == 3
    answer = janitor.send(
        "/mod/search", deed="delete_ticked", **{f"post-c-{no}": "on" for no in (1, 2, 3)}
    )
    assert answer.headers["location"] == "/mod/search?done=delete_ticked"
    assert found(janitor, text="shoes") == []


@pytest.mark.slow
def test_posts_near_an_author_are_counted_and_shown(
    desk: TheDesk, database: Database, as_role: Callable[[Role], Browser]
) -> None:
    """The fixture's posts but one are of 192.0.2.7."""
    c = a_board(database, "c")
    for address in ("192.0.2.8", "192.0.2.8", "192.0.2.9", "192.0.3.9"):
        a_post(database, c, address=address)
    admin, janitor = as_role(Role.ADMIN), as_role(Role.JANITOR)
    admin.send("/mod/c/1", deed="ban", duration="3d", reason="Spam.")
    page = janitor.get("/mod/b/1/author").text
    assert "The author of /c/ No.2</a> posts: 2, bans: 1" in page
    assert "The author of /c/ No.3</a> posts: 1, bans: 0" in page
    assert "/c/ No.4" not in page
    assert "192.0" not in page, "nor any part of an address"
    of_all = janitor.get("/mod/b/1/author?of=network").text
    assert [no for no in range(1, 5) if f'name="post-c-{no}"' in of_all] == [1, 2, 3]
    assert 'name="post-b-4"' not in of_all


def test_ban_of_a_range_takes_along_what_all_of_it_wrote(desk: TheDesk, admin: Browser) -> None:
    c = a_board(desk.database, "c")
    for address in ("192.0.2.8", "192.0.2.9", "192.0.3.9"):
        a_post(desk.database, c, address=address)
    answer = admin.send(
        "/mod/c/1", deed="ban", duration="3d", reason="Spam.", target="192.0.2.0/24", posts="day"
    )
    assert answer.headers["location"] == "/mod/reports?done=ban"
    assert desk.one("SELECT array_agg(board || no ORDER BY board, no) FROM shown_posts") == [
        "b4",
        "c3",
    ]
    assert desk.log()[-1].detail["posts"] == 3, "a thread with its replies, and two posts"


@pytest.mark.slow
def test_notes_are_for_all_staff_and_go_with_the_poster(
    desk: TheDesk, admin: Browser, as_role: Callable[[Role], Browser]
) -> None:
    janitor = as_role(Role.JANITOR)
    assert janitor.send("/mod/b/1/author", deed="add_note", note=" ").status_code == 400
    answer = janitor.send("/mod/b/1/author", deed="add_note", note="Was <b>warned</b>.")
    assert answer.headers["location"] == "/mod/b/1/author?done=add_note"
    page = admin.get("/mod/b/3/author").text
    assert "Was &lt;b&gt;warned&lt;/b&gt;." in page
    assert "janitor:" in page
    assert "warned" not in admin.get("/mod/b/4/author").text
    assert admin.send("/mod/b/4/author", deed="remove_note", id="1").status_code == 303
    assert "warned" in admin.get("/mod/b/3/author").text, "it is not on that poster"
    admin.send("/mod/b/3/author", deed="remove_note", id="1")
    assert "warned" not in admin.get("/mod/b/3/author").text
    assert [entry.action for entry in desk.log()] == ["add_note", "remove_note"]


@pytest.mark.slow
def test_dismissed_reports_are_opened_again(desk: TheDesk, admin: Browser) -> None:
    with desk.database.transaction() as db:
        db.execute(
            "INSERT INTO reports (board, post_no, reason) VALUES ('b', 2, 'Spam.'), ('b', 3, 'x')"
        )
    ticked = {"post-b-2": "on", "post-b-3": "on"}
    admin.send("/mod/reports", deed="dismiss_ticked", **ticked)
    assert "No reports are waiting" in admin.get("/mod/reports").text
    assert admin.get("/mod/dismissed?ticked=all").text.count(" checked>") == 2
    answer = admin.send("/mod/dismissed", deed="reopen_ticked", **ticked)
    assert answer.headers["location"] == "/mod/dismissed?done=reopen_ticked"
    assert "2 reported posts" in admin.get("/mod/reports").text
    assert desk.log()[-1].detail == {"reports": 2}
