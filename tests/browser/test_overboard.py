"""What scripts do on pages that show several boards."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visits import a_visit, begun, expect
from tests.walk.board_process import BoardProcess, Upload
from tests.writer.media import hostile

pytestmark = pytest.mark.browser


def watched(page: Page) -> dict[str, object]:
    kept: dict[str, object] = json.loads(page.evaluate("localStorage['stillboard:watched']"))
    return kept


def test_thread_is_watched_shown_and_hidden_as_on_its_own_board(
    chromium: Browser, board: BoardProcess
) -> None:
    picture = Upload("kettle.png", hostile.a_png(hostile.scene(90, 70)))
    # The newest: whatever others have posted, it is on the first page.
    no = int(board.post(board="b", subject="Kettles", body="Look.", files=[picture])["id"])
    for number in range(2):
        board.post(board="b", thread=no, body=f"Number {number}.")
    board.settle()
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        for address in ("/overboard/", "/overboard/catalog.html"):
            page.goto(address)
            begun(page)
            watch = page.locator(f'button.watch[data-thread="b/{no}"]')
            watch.click()
            expect(watch).to_have_attribute("aria-pressed", "true")
            thread = watched(page)[f"b/{no}"]
            assert isinstance(thread, dict)
            assert (thread["title"], thread["seen"]) == ("Kettles", 2), address
            watch.click()
            expect(watch).to_have_attribute("aria-pressed", "false")

        page.goto("/overboard/")
        begun(page)
        page.keyboard.press("v")
        gallery = page.locator("dialog.gallery")
        expect(gallery.get_by_role("link", name=f"Post {no}", exact=True)).to_be_visible()
        page.keyboard.press("Escape")
        expect(gallery).to_have_count(0)

        section = page.locator(f'section[id="thread_b-{no}"]')
        page.get_by_role("button", name=f"Menu of post {no}").click()
        page.get_by_role("menuitem", name="Hide its pictures everywhere").click()
        expect(section).to_be_hidden()
        for address, place in (
            ("/overboard/", section),
            ("/b/catalog.html", page.locator(f'li[id="thread_{no}"]')),
            ("/overboard/catalog.html", page.locator(f'li[id="thread_b-{no}"]')),
        ):
            page.goto(address)
            expect(place).to_be_hidden()
