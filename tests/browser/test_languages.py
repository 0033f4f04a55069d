"""A board in another language: its pages, answers and scripts, under the page's own policy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.test_without_javascript import SMALL_PHONE
from tests.browser.visits import a_visit, begun, expect
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.browser


def test_board_is_read_and_posted_to_in_its_language(
    chromium: Browser, board: BoardProcess
) -> None:
    """With scripts, which say the same words; what is of no board stays in the site's language.

    Then in one that is written from the right, which scrolls no more sideways than the others.
    """
    board.cli("board", "add", "jp", "language=ja", "reply_wait_s=0", "thread_wait_s=0")
    board.settle()
    with a_visit(chromium, board, javascript=True, viewport=SMALL_PHONE) as visit:
        visit.expected_statuses = {422}
        page = visit.page
        page.goto("/jp/")
        begun(page)
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        page.get_by_text("新しいスレッドを立てる").click()
        page.get_by_role("button", name="スレッドを立てる").click()
        expect(page.get_by_role("alert")).to_contain_text("投稿が空です")
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        page.get_by_label("本文").fill("湖は静かだ。")
        page.get_by_role("button", name="スレッドを立てる").click()
        post = page.locator("article.op")
        expect(post).to_contain_text("湖は静かだ。")
        begun(page)
        post.locator("time").hover()
        expect(post.locator("time")).to_have_attribute("title", re.compile("年"))
        page.keyboard.press("?")
        expect(page.locator("dialog.key-map")).to_contain_text("この一覧を表示")
        page.goto("/")
        expect(page.locator("html")).to_have_attribute("lang", "en")

        board.cli("board", "set", "jp", "language=ar")
        board.settle()
        for path in ("/jp/", "/jp/catalog.html", "/jp/res/1.html"):
            page.goto(path)
            expect(page.locator("html")).to_have_attribute("dir", "rtl")
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= SMALL_PHONE["width"], path
    board.cli("verify")
