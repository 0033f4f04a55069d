"""What was done before boards came here stands behind the log, for those who read it there."""

from __future__ import annotations

import re

from imageboard.staff_roles import Role
from imageboard.store import old_log, staff
from tests.builders import a_board
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk
from writer.desk.log_page import ROWS_MAX


def _told(browser: Browser, url: str) -> list[str]:
    return re.findall(r"old deed [0-9]+", browser.get(url).text)


def test_old_entries_follow_all_of_ours_page_by_page(desk: TheDesk, admin: Browser) -> None:
    with desk.database.transaction() as db:
        entry = old_log.NewOldEntry("b", "2021-01-01T00:00:00Z", "ann", "", "none")
        old_log.add(db, [entry._replace(told=f"old deed {no}") for no in range(ROWS_MAX + 2)])
    page = admin.get("/mod/log")
    assert page.text.index("Before it came here") < page.text.index("old deed")
    first = _told(admin, "/mod/log")
    older = re.search(r'href="(/mod/log\?elsewhere=[0-9]+)"', page.text)
    assert older is not None
    newest_first = [f"old deed {no}" for no in range(ROWS_MAX + 1, -1, -1)]
    assert [*first, *_told(admin, older[1])] == newest_first
    assert "Older entries" not in admin.get(older[1]).text


def test_whoever_reads_the_log_of_one_board_reads_its_old_one_alone(desk: TheDesk) -> None:
    a_board(desk.database, "other")
    with desk.database.transaction() as db:
        staff.add(db, "ofb", PASSWORD, Role.OWNER, "b")
        for place, board in enumerate(("b", "other", None), start=1):
            told = f"old deed {place}"
            old_log.add(db, [old_log.NewOldEntry(board, "2021-01-01", "ann", told, "none")])
    browser = desk.browser()
    browser.log_in("ofb")
    assert _told(browser, "/mod/log") == ["old deed 1"]
