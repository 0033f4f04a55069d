"""Following threads: what scripts show of them while nobody loads a page again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visits import a_visit, expect
from tests.walk.board_process import BoardProcess, StaffDesk

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(board: BoardProcess) -> Iterator[StaffDesk]:
    desk = board.staff_desk()
    yield desk
    desk.close()


def a_thread(board: BoardProcess, *replies: str, **form: Any) -> int:
    """A new thread of /b/ with these replies, there to be read; its number."""
    no = int(board.post(board="b", **({"body": "A thread to follow."} | form))["thread"])
    for body in replies:
        board.post(board="b", thread=no, body=body)
    board.settle()
    return no


def is_following(page: Page) -> None:
    """Features begin one by one: this one has, when it shows its bar."""
    expect(page.locator(".live-bar")).to_be_visible()


def test_post_appears_in_an_open_thread_as_its_page_shows_it(
    chromium: Browser, board: BoardProcess
) -> None:
    thread = a_thread(board)
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto(f"/b/res/{thread}.html")
        is_following(page)
        no = board.post(board="b", thread=thread, body=f">>{thread}\n>a quote\n<b>")["id"]
        expect(page.locator(f'[id="{no}"] .body')).to_contain_text("a quote")
        # The post that it quotes leads to it, and the thread counts it.
        expect(page.locator(f'[id="{thread}"] .mentioned')).to_contain_text(f">>{no}")
        expect(page.locator(".thread-bar .counts")).to_contain_text("1 reply, 0 images")
        live = page.locator(f'[id="{no}"]').evaluate(_WITHOUT_TIMES)
        board.settle()
        with a_visit(chromium, board, javascript=False) as other:
            other.page.goto(f"/b/res/{thread}.html")
            assert other.page.locator(f'[id="{no}"]').evaluate(_WITHOUT_TIMES) == live


#: Times are told from now on by another feature.
_WITHOUT_TIMES = """post => {
    const copy = post.cloneNode(true);
    copy.querySelectorAll("time").forEach((time) => time.remove());
    return copy.outerHTML.replaceAll(/\\s+/g, " ");
}"""


def test_removed_post_is_marked_and_a_lock_is_told(
    chromium: Browser, board: BoardProcess, desk: StaffDesk
) -> None:
    thread = a_thread(board, "Goes.", "Stays.")
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto(f"/b/res/{thread}.html")
        is_following(page)
        goes = page.locator("article.reply").first
        desk.press("delete", "b", int(goes.get_attribute("id") or 0))
        expect(goes).to_contain_text("Removed")
        expect(page.locator(".counts")).to_contain_text("1 reply,")
        desk.press("lock", "b", thread)
        expect(page.locator(".notes")).to_contain_text("This thread is locked now")
        shoulder.expected_statuses.add(404)
        desk.press("delete", "b", thread)
        expect(page.locator(".live-bar")).to_contain_text("This thread is gone")


def test_whoever_was_away_for_long_catches_up(chromium: Browser, board: BoardProcess) -> None:
    """More happened than the short feed tells: by the page itself, once."""
    thread = a_thread(board, "First.")
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.route("**/*.latest.json", lambda route: route.abort())
        page.goto(f"/b/res/{thread}.html")
        is_following(page)
        expect(page.locator(".notes")).to_contain_text("The board does not answer")
        for number in range(8):
            board.post(board="b", thread=thread, body=f"Number {number}.")
        board.settle()
        page.unroute("**/*.latest.json")
        shoulder.faults.clear()
        page.keyboard.press("u")
        expect(page.locator("article.reply")).to_have_count(9)
        assert page.locator("article.post").evaluate_all(
            "posts => posts.every((post, at) => !at || Number(posts[at - 1].id) < Number(post.id))"
        )


def test_many_tabs_of_one_reader_ask_once(chromium: Browser, board: BoardProcess) -> None:
    thread = a_thread(board)
    with a_visit(chromium, board, javascript=True) as shoulder:
        asked: list[str] = []
        context = shoulder.page.context
        context.on(
            "request", lambda made: made.url.endswith("latest.json") and asked.append(made.url)
        )
        pages = [shoulder.page, *(context.new_page() for _ in range(7))]
        for page in pages:
            page.goto(f"/b/res/{thread}.html")
            is_following(page)
        asked.clear()
        no = board.post(board="b", thread=thread, body="For all of them.")["id"]
        for page in pages:
            expect(page.locator(f'[id="{no}"]')).to_be_visible()
        # One tab asks each two seconds, and has not asked often until then.
        assert len(asked) < len(pages)
        # Its job is taken over when it is closed.
        pages.pop(0).close()
        no = board.post(board="b", thread=thread, body="And this.")["id"]
        for page in pages:
            expect(page.locator(f'[id="{no}"]')).to_be_visible()
