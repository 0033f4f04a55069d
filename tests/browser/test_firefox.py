"""The shortest evening of a reader, in Firefox: the other engine reads, quotes, posts and follows.

All other tests here can be run in it: `./stillboard test --browser firefox tests/browser`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.visits import a_visit, begun, expect
from tests.walk.board_process import BoardProcess

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.needs("firefox-esr")]


def test_reader_in_firefox_quotes_replies_and_sees_what_comes(
    firefox: Browser, board: BoardProcess
) -> None:
    thread = int(board.post(board="b", body="For two engines.")["id"])
    last = board.post(board="b", thread=thread, body=">>1 is elsewhere")["id"]
    board.settle()
    with a_visit(firefox, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto(f"/b/res/{thread}.html")
        begun(page)
        elsewhere = page.locator(f'[id="{last}"] a.post-link', has_text=">>1")
        elsewhere.last.hover()
        expect(page.locator(".preview")).to_contain_text("heading")
        page.locator(f'[id="q{last}"]').click()
        text = page.locator(".reply-panel textarea")
        expect(text).to_have_value(f">>{last}\n")
        text.press_sequentially("from the other engine")
        text.press("Control+Enter")
        expect(page.locator("article.reply").last).to_contain_text("from the other engine")
        board.post(board="b", thread=thread, body="and an answer")
        expect(page.locator("article.reply").last).to_contain_text("and an answer")
