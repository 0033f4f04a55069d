"""Staff ban a file, after they saw what that would have hit, and lift the ban."""

from __future__ import annotations

import pytest

from imageboard.staff_roles import Role
from imageboard.store import boards, file_bans, staff
from tests.builders import a_board, a_file, a_post
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk

#: Half of its bits are set.
LOOK = 0x0F0F_0F0F_0F0F_0F0F
PAGE = "/mod/b/5/file-ban"
BAN = {"deed": "ban_file", "file": "1", "bits": "", "reason": "Not again.", "duration": "3d"}


@pytest.fixture
def alike(desk: TheDesk) -> None:
    """Posts 5, 6 and 7 in thread 1: a file; one that differs in 3 bits; one in all."""
    with desk.database.connection() as db:
        board = boards.get(db, "b")
    for name, look in (("a", LOOK), ("b", LOOK ^ 7), ("c", ~LOOK)):
        file = a_file(sha256=name.encode() * 32, stored_as=name * 32, likeness=look)
        a_post(desk.database, board, thread=1, files=(file,))


def hit(page: str) -> list[int]:
    return [no for no in (5, 6, 7) if f"No.{no}</a>" in page]


@pytest.mark.slow
@pytest.mark.usefixtures("alike")
def test_page_shows_what_a_ban_would_have_hit_before_it_goes_live(
    desk: TheDesk, admin: Browser
) -> None:
    assert f'href="{PAGE}"' in admin.get("/mod/b/5").text
    assert f"Its SHA-256: {(b'a' * 32).hex()}" in admin.get(PAGE).text, "for a rule"
    assert f"What it looks like: {LOOK:016x}/10" in admin.get(PAGE).text
    assert "What it looks like" not in admin.get("/mod/b/2/file-ban").text
    assert hit(admin.get(PAGE).text) == [5]
    assert hit(admin.get(f"{PAGE}?file=1&bits=2").text) == [5]
    assert hit(admin.get(f"{PAGE}?file=1&bits=3").text) == [5, 6]
    assert "0 to 14" in admin.get(f"{PAGE}?bits=65").text
    assert admin.get(f"{PAGE}?file=2").status_code == 404
    with desk.database.connection() as db:
        assert file_bans.newest(db, on=None, limit=9) == []


@pytest.mark.usefixtures("alike")
def test_file_is_banned_listed_and_allowed_again(desk: TheDesk, admin: Browser) -> None:
    sent = admin.send(PAGE, **BAN | {"bits": "3", "poster": "yes", "where": "board"})
    assert sent.headers["location"] == "/mod/file-bans?done=ban_file"
    with desk.database.connection() as db:
        (ban,) = file_bans.newest(db, on=["b"], limit=9)
    assert (ban.board, ban.bits_apart_max, ban.bans_poster, ban.ban_s) == ("b", 3, True, 259_200)
    assert "3 bits apart at most" in admin.get("/mod/file-bans").text
    lifted = admin.send("/mod/file-bans", deed="lift_file_ban", file_ban=str(ban.id))
    assert lifted.status_code == 303
    assert "No file is banned" in admin.get("/mod/file-bans").text
    assert [entry.action for entry in desk.log()] == ["ban_file", "lift_file_ban"]
    assert "b" * 64 not in str(desk.log()), "which bytes they are is nobody's business"


@pytest.mark.slow
@pytest.mark.usefixtures("alike")
def test_refused_ban_of_a_file_holds_what_was_typed(desk: TheDesk, admin: Browser) -> None:
    refused = admin.send(PAGE, **BAN | {"reason": "", "duration": "3 days"})
    assert (refused.status_code, 'value="3 days"' in refused.text) == (400, True)
    # The file of post 2 has no likeness.
    blank = admin.send("/mod/b/2/file-ban", **BAN | {"bits": "4"})
    assert (blank.status_code, "shows too little" in blank.text) == (400, True)
    with desk.database.transaction() as db:
        staff.add(db, "local", PASSWORD, Role.MODERATOR, board="b")
    browser = desk.browser()
    browser.log_in("local")
    assert browser.send(PAGE, **BAN).status_code == 303
    with desk.database.connection() as db:
        (ban,) = file_bans.newest(db, on=None, limit=9)
    assert ban.board == "b", "no further than their role"


@pytest.mark.slow
@pytest.mark.usefixtures("alike")
def test_bans_of_files_and_what_they_hit_are_seen_where_one_may_and_nowhere_else(
    desk: TheDesk, admin: Browser
) -> None:
    tea = a_board(desk.database, "tea")
    a_post(desk.database, tea, files=(a_file(sha256=b"a" * 32, stored_as="d" * 32, likeness=LOOK),))
    with desk.database.transaction() as db:
        staff.add(db, "of_tea", PASSWORD, Role.MODERATOR, board="tea")
    of_tea = desk.browser()
    of_tea.log_in("of_tea")
    assert hit(of_tea.get("/mod/tea/1/file-ban").text) == []
    assert hit(admin.get("/mod/tea/1/file-ban").text) == [5]
    assert admin.send(PAGE, **BAN | {"where": "board"}).status_code == 303
    with desk.database.connection() as db:
        (ban,) = file_bans.newest(db, on=None, limit=9)
    assert "No file is banned" in of_tea.get("/mod/file-bans").text
    lifted = of_tea.send("/mod/file-bans", deed="lift_file_ban", file_ban=str(ban.id))
    assert lifted.status_code == 403
