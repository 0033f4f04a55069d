"""The settings of a board at the desk: the rows of the command, with its checks."""

from __future__ import annotations

import re
from html import unescape

import pytest

from imageboard.settings import BoardSettings, as_typed
from imageboard.staff_roles import Role
from imageboard.store import boards, staff
from tests.builders import a_board
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk

URL = "/mod/board-settings/b"


def settings(desk: TheDesk, board: str = "b") -> BoardSettings:
    with desk.database.connection() as db:
        return boards.get(db, board).settings


_SELECT = re.compile(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
_INPUT = re.compile(r'<input type="(?:text|hidden)"[^>]* name="([^"]+)" value="([^"]*)"')


def forms(page: str) -> list[dict[str, str]]:
    """What a browser sends of each form of settings as it stands."""
    return [_sent(part) for part in page.split("<form")[1:] if "set_board" in part]


def _sent(form: str) -> dict[str, str]:
    fields = dict(_INPUT.findall(form))
    for name, choices in _SELECT.findall(form):
        fields[name] = re.findall(r'value="([^"]*)" selected', choices)[0]
    del fields["form_token"]
    return {name: unescape(value) for name, value in fields.items()} | {"deed": "set_board"}


def form(page: str, *names: str) -> dict[str, str]:
    """That one which asks for these settings."""
    return next(sent for sent in forms(page) if set(names) <= sent.keys())


def test_every_setting_has_its_field_with_what_is_kept(desk: TheDesk, admin: Browser) -> None:
    sent = {name: value for part in forms(admin.get(URL).text) for name, value in part.items()}
    kept = settings(desk)
    for row in BoardSettings.rows():
        assert sent[row.name] == sent[f"was_{row.name}"] == as_typed(getattr(kept, row.attribute))
    assert not {"deed", "form_token", "back"} & {row.name for row in BoardSettings.rows()}


def test_form_sent_as_it_stands_changes_nothing(desk: TheDesk, admin: Browser) -> None:
    before = settings(desk)
    for sent in forms(admin.get(URL).text):
        assert admin.send(URL, **sent).status_code == 303
    assert settings(desk) == before
    assert desk.log() == []


def test_what_is_typed_counts_is_drawn_and_is_logged(desk: TheDesk, admin: Browser) -> None:
    a_board(desk.database, "tea")
    sent = form(admin.get(URL).text, "title", "bump_limit", "worksafe")
    sent |= {"bump_limit": "300", "worksafe": "on", "title": "<Tea>"}
    assert admin.send(URL, **sent).status_code == 303
    now = settings(desk)
    assert (now.bump_limit, now.worksafe, now.title) == (300, True, "<Tea>")
    assert set(desk.calls.boards) == {"b", "tea"}, "each shows the title"
    (entry,) = desk.log()
    assert (entry.action, entry.board) == ("set_board", "b")
    assert entry.detail == {"settings": "bump_limit, title, worksafe"}


def test_value_that_does_not_fit_is_said_and_nothing_typed_is_lost(
    desk: TheDesk, admin: Browser
) -> None:
    before = settings(desk)
    sent = form(admin.get(URL).text, "title", "bump_limit")
    sent |= {"bump_limit": "many", "title": "Mine"}
    refused = admin.send(URL, **sent)
    assert refused.status_code == 422
    assert "bump_limit: is not a whole number from 0 to 100000" in refused.text
    assert form(refused.text, "title", "bump_limit") == sent
    assert settings(desk) == before


def test_two_who_change_settings_at_once_keep_each_other_s(desk: TheDesk, admin: Browser) -> None:
    old = form(admin.get(URL).text, "subtitle", "bump_limit")
    admin.send(URL, **(old | {"subtitle": "Of one"}))
    admin.send(URL, **(old | {"bump_limit": "7"}))
    assert (settings(desk).subtitle, settings(desk).bump_limit) == ("Of one", 7)


@pytest.mark.slow
def test_owner_changes_their_board_alone(desk: TheDesk) -> None:
    a_board(desk.database, "tea")
    with desk.database.transaction() as db:
        staff.add(db, "ann", PASSWORD, Role.OWNER, "tea")
    owner = desk.browser()
    owner.log_in("ann")
    page = owner.get("/mod/board-settings").text
    assert 'href="/mod/board-settings/tea"' in page
    assert 'href="/mod/board-settings/b"' not in page
    assert owner.send("/mod/board-settings/tea", deed="set_board", title="Tea").status_code == 303
    for url in (URL, "/mod/board-settings/B", "/mod/board-settings/%62"):
        refused = owner.send(url, deed="set_board", title="Mine")
        assert refused.status_code in (403, 404), url
    assert settings(desk).title != "Mine"


@pytest.mark.parametrize("board", ["nowhere", "..", "%00"])
def test_board_that_is_not_there(admin: Browser, board: str) -> None:
    assert admin.get(f"/mod/board-settings/{board}").status_code == 404


@pytest.mark.slow
def test_board_is_made_by_who_may_so_on_all(desk: TheDesk, admin: Browser) -> None:
    made = admin.send("/mod/board-settings", deed="add_board", board="/Tea/", title="Tea & kettles")
    assert made.headers["location"] == "/mod/board-settings?done=add_board"
    assert settings(desk, "tea").title == "Tea & kettles"
    assert set(desk.calls.boards) == {"b", "tea"}
    for name in ("b", "mod", "a b", "", "x" * 17):
        refused = admin.send("/mod/board-settings", deed="add_board", board=name)
        assert (refused.status_code, 'id="refusal"' in refused.text) == (422, True), name
    with desk.database.transaction() as db:
        staff.add(db, "ann", PASSWORD, Role.ADMIN, "tea")
    admin_of_tea = desk.browser()
    admin_of_tea.log_in("ann")
    assert "Make the board" not in admin_of_tea.get("/mod/board-settings").text
    answer = admin_of_tea.send("/mod/board-settings", deed="add_board", board="mine")
    assert answer.status_code == 403
    (entry,) = desk.log()
    assert (entry.action, entry.board) == ("add_board", "tea")


@pytest.mark.slow
def test_board_is_removed_by_who_may_and_types_its_name(desk: TheDesk, admin: Browser) -> None:
    a_board(desk.database, "tea")
    url = "/mod/board-settings/tea"
    assert "Remove the board for good" in admin.get(url).text
    # /Tea/ would be another board.
    for name in ("", "b", "teas", "Tea"):
        refused = admin.send(url, deed="remove_board", name_again=name)
        assert (refused.status_code, 'id="refusal"' in refused.text) == (400, True), name
    assert settings(desk, "tea")
    desk.calls.boards.clear()
    gone = admin.send(url, deed="remove_board", name_again="/tea/")
    assert gone.headers["location"] == "/mod/board-settings?done=remove_board"
    assert set(desk.calls.boards) == {"b", "tea"}
    assert "The board is gone." in admin.get(gone.headers["location"]).text
    assert admin.get(url).status_code == 404
    assert admin.send(url, deed="remove_board", name_again="tea").status_code == 404
    (entry,) = desk.log()
    assert (entry.action, entry.board) == ("remove_board", "tea")


def test_owner_of_a_board_does_not_remove_it(desk: TheDesk) -> None:
    with desk.database.transaction() as db:
        staff.add(db, "ann", PASSWORD, Role.OWNER, "b")
    owner = desk.browser()
    owner.log_in("ann")
    assert "Remove the board" not in owner.get(URL).text
    assert owner.send(URL, deed="remove_board", name_again="b").status_code == 403
    assert settings(desk)
