"""What scripts add to a page, in a browser that enforces the page's own policy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.visits import a_visit, begun, expect
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.browser


def test_times_are_told_from_now_and_exactly_when_pressed(
    chromium: Browser, board: BoardProcess
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        shoulder.page.goto("/b/res/1.html")
        time = shoulder.page.locator('[id="1"] time')
        expect(time).to_have_attribute("data-ago", re.compile(r"^\d\d:\d\d · .* ago$"))
        time.click()
        expect(time).to_contain_text("202")


def test_question_mark_shows_the_keys(chromium: Browser, board: BoardProcess) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto("/b/res/1.html")
        begun(page)
        page.keyboard.press("?")
        shown = page.locator("dialog.key-map")
        expect(shown).to_contain_text("Show this list")
        # Of the page below they do nothing: this one would lead to the catalog.
        page.keyboard.press("c")
        page.keyboard.press("?")
        expect(shown).to_have_count(0)
        page.keyboard.press("?")
        page.keyboard.press("Escape")
        expect(shown).to_have_count(0)
        assert page.url.endswith("/b/res/1.html")
