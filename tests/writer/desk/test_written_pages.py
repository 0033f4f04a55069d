"""Pages, banners and flags at the desk: what commands change too, by the same rules."""

from __future__ import annotations

import pytest

from imageboard.staff_roles import Role
from imageboard.store import banners, boards, flags, staff, written
from tests.builders import a_board
from tests.tables import for_each
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk
from tests.writer.media import hostile

RULES = "# Our rules\r\n\r\nBe <b>kind</b>."
PICTURES = "/mod/board-pictures/b"


@pytest.fixture
def owner(desk: TheDesk) -> Browser:
    """Of /tea/."""
    a_board(desk.database, "tea")
    with desk.database.transaction() as db:
        staff.add(db, "ann", PASSWORD, Role.OWNER, "tea")
    browser = desk.browser()
    browser.log_in("ann")
    return browser


def pages(desk: TheDesk, board: str | None) -> list[tuple[str, str, str]]:
    with desk.database.connection() as db:
        return [(page.name, page.title, page.body) for page in written.pages(db, board)]


@pytest.mark.slow
def test_page_is_written_shown_again_and_removed(desk: TheDesk, admin: Browser) -> None:
    answer = admin.send("/mod/pages", deed="set_page", where="b", page="Rules.html", text=RULES)
    assert answer.headers["location"] == "/mod/pages?where=b&done=set_page"
    assert pages(desk, "b") == [("rules", "Our rules", "Be <b>kind</b>.")]
    assert (set(desk.calls.boards), desk.calls.site) == ({"b"}, 1)
    page = admin.get("/mod/pages?where=b&page=rules").text
    assert 'value="Our rules"' in page
    assert "Be &lt;b&gt;kind&lt;/b&gt;.</textarea>" in page
    admin.send("/mod/pages", deed="set_page", where="b", page="rules", title="Mine", text="Be.")
    assert pages(desk, "b") == [("rules", "Mine", "Be.")]
    admin.send("/mod/pages", deed="remove_page", where="b", page="rules")
    assert pages(desk, "b") == []
    logged = [(entry.action, entry.board, entry.detail) for entry in desk.log()]
    assert logged == [
        ("set_page", "b", {"page": "rules"}),
        ("set_page", "b", {"page": "rules"}),
        ("remove_page", "b", {"page": "rules"}),
    ]


def test_page_of_the_site_calls_for_what_the_site_shows(desk: TheDesk, admin: Browser) -> None:
    admin.send("/mod/pages", deed="set_page", where="", page="faq", text="Ask.")
    assert pages(desk, None) == [("faq", "Faq", "Ask.")]
    assert desk.calls.site == 1


@for_each("fields", [{"page": "mod"}, {"page": "a b"}, {"page": "rules", "text": "x" * 50_001}])
def test_page_that_is_none_is_said_and_nothing_typed_is_lost(
    admin: Browser, fields: dict[str, str]
) -> None:
    typed = {"where": "b", "text": "Be kind.", "title": "Mine"} | fields
    refused = admin.send("/mod/pages", deed="set_page", **typed)
    assert refused.status_code == 422
    assert f">\n{typed['text']}</textarea>" in refused.text
    assert 'value="Mine"' in refused.text


@pytest.mark.slow
def test_owner_writes_pages_of_their_board_alone(desk: TheDesk, owner: Browser) -> None:
    assert "Pages of /tea/" in owner.get("/mod/pages").text
    saved = owner.send("/mod/pages", deed="set_page", where="tea", page="rules", text="Tea.")
    assert saved.status_code == 303
    for where in ("", "b"):
        for deed in ("set_page", "remove_page"):
            fields = {"where": where, "page": "rules", "text": "Mine."}
            assert owner.send("/mod/pages", deed=deed, **fields).status_code == 403
        assert pages(desk, where or None) == []
    assert owner.get("/mod/pages?where=b").status_code == 403
    for url in (PICTURES, "/mod/board-pictures/B"):
        assert owner.send(url, deed="take_down", banner="x").status_code in (403, 404)


@pytest.mark.slow
def test_banner_is_hung_up_and_taken_down(desk: TheDesk, admin: Browser) -> None:
    picture = hostile.a_png(hostile.scene(600, 200))
    hung = admin.send_file(PICTURES, picture, called="a@2x.png", deed="hang_banner")
    assert hung.status_code == 303
    with desk.database.connection() as db:
        (banner,) = banners.hanging(db, "b")
    assert (banner.width, banner.height) == (300, 100)
    assert f'src="{banner.url}"' in admin.get(PICTURES).text
    again = admin.send_file(PICTURES, picture, deed="hang_banner")
    assert (again.status_code, "hangs there already" in again.text) == (422, True)
    admin.send(PICTURES, deed="take_down", banner=banner.name)
    assert "post-image" not in admin.get(PICTURES).text
    logged = [(entry.action, entry.detail) for entry in desk.log()]
    named = {"banner": banner.name}
    assert logged == [("hang_banner", named), ("take_down_banner", named)]
    assert desk.calls.boards == ["b", "b"]


@pytest.mark.slow
@for_each(
    ("body", "status"),
    [(b"", 422), (b"no picture", 415), (hostile.a_png(hostile.scene(1200, 20)), 422)],
    ids=["nothing", "text", "too wide"],
)
def test_file_that_is_no_banner_is_said(
    desk: TheDesk, admin: Browser, body: bytes, status: int
) -> None:
    refused = admin.send_file(PICTURES, body, deed="hang_banner")
    assert refused.status_code == status
    assert 'id="refusal"' in refused.text
    assert desk.log() == []


@pytest.mark.slow
def test_flag_is_added_replaced_and_removed(desk: TheDesk, admin: Browser) -> None:
    picture = hostile.a_png(hostile.scene(16, 11))
    for title in ("Lake", "Lake of fire"):
        sent = admin.send_file(PICTURES, picture, deed="add_flag", flag="lake", title=title)
        assert sent.status_code == 303
    with desk.database.connection() as db:
        assert boards.get(db, "b").settings.flags == (("lake", "Lake of fire"),)
        assert flags.picture(db, "b", "lake") == picture
    assert 'src="/b/flags/lake.png"' in admin.get(PICTURES).text
    large = admin.send_file(PICTURES, b"x" * 20_000, deed="add_flag", flag="big")
    assert (large.status_code, "a flag is a PNG of 64 pixels" in large.text) == (422, True)
    admin.send(PICTURES, deed="remove_flag", flag="lake")
    assert "/b/flags/" not in admin.get(PICTURES).text
    assert [entry.action for entry in desk.log()] == ["add_flag", "add_flag", "remove_flag"]
