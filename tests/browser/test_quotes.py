"""What links between posts do: previews, posts opened in place, marks, conversations."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.talk import Talk
from tests.browser.visits import a_visit, begun, expect
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.browser


def link_of(page: Page, post: int, to: int) -> Any:
    return page.locator(f'[id="{post}"] .body a.post-link[href$="#{to}"]')


def test_quoted_post_is_shown_beside_the_link_also_within_what_is_shown(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto(f"/b/res/{talk.thread}.html#{talk.last}")
        begun(page)
        link_of(page, talk.last, talk.reply).hover()
        first = page.locator(".preview")
        expect(first).to_contain_text("the reply")
        first.locator(".body a").first.hover()
        expect(page.locator(".preview")).to_have_count(2)
        expect(page.locator(".preview").last).to_contain_text("the first post")
        page.keyboard.press("Escape")
        expect(page.locator(".preview")).to_have_count(0)


def test_quoted_post_of_another_thread_is_fetched_once_and_shown_to_the_keyboard_too(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto(f"/b/res/{talk.thread}.html#{talk.last}")
        begun(page)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for _ in range(2):
            link_of(page, talk.last, 1).focus()
            page.keyboard.press("Shift+Tab")
            page.keyboard.press("Tab")
            expect(page.locator(".preview")).to_contain_text("A subject")
            page.keyboard.press("Escape")
            expect(page.locator(".preview")).to_have_count(0)
        assert asked.count(f"{board.url}b/res/1.html") == 1


def test_pressed_link_opens_the_post_in_place_and_once_more_closes_it(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto(f"/b/res/{talk.thread}.html")
        begun(page)
        page.clock.install()
        link = link_of(page, talk.last, talk.reply)
        link.click()
        opened = page.locator(f'[id="{talk.last}"] .inline-quote')
        expect(opened).to_contain_text("the reply")
        # Whoever has pressed does not get it once more for having pointed at it.
        page.clock.run_for(1000)
        assert page.locator(".preview, .is-pointed-at").count() == 0
        # The post that is shown again has no id: a page has each once.
        assert page.locator(f'[id="{talk.reply}"]').count() == 1
        link.click()
        expect(opened).to_have_count(0)
        assert page.url.endswith(".html")


def test_links_say_what_they_lead_to(chromium: Browser, board: BoardProcess, talk: Talk) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto(f"/b/res/{talk.thread}.html")
        own = f'{{"b":[{talk.reply}]}}'
        page.evaluate("own => localStorage.setItem('stillboard:own-posts', own)", own)
        page.reload()
        begun(page)
        expect(link_of(page, talk.last, talk.reply)).to_have_attribute("data-marks", "(You)")
        expect(link_of(page, talk.last, 1)).to_have_attribute("data-marks", "(other thread)")
        expect(page.locator(f'[id="{talk.last}"] .dead-quote')).to_have_text(">>999999")


def test_conversation_shows_what_a_post_answers_and_all_that_answers_it(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto(f"/b/res/{talk.thread}.html")
        begun(page)
        page.locator(f'[id="{talk.reply}"] .conversation-button').click()
        shown = page.locator("dialog.conversation")
        expect(shown.locator("> ol > li > .copy")).to_have_count(2)
        expect(shown.locator("li li > .copy")).to_contain_text("the last post")
        page.keyboard.press("Escape")
        expect(shown).to_have_count(0)


def test_link_to_a_post_of_this_page_loads_nothing(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        # As a poster comes to the page: under an address of its own.
        page.goto(f"/b/res/{talk.thread}.html?seen={talk.last}#{talk.last}")
        begun(page)
        page.evaluate("window.isTheSamePage = true")
        page.locator(f'[id="{talk.reply}"] .post_no').first.click()
        page.wait_for_url(f"**#{talk.reply}")
        assert page.evaluate("window.isTheSamePage")


def test_no_answer_is_told_in_the_preview_and_asked_for_again(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        shoulder.expected_statuses.add(503)
        page.goto(f"/b/res/{talk.thread}.html#{talk.last}")
        begun(page)
        page.route("**/b/res/1.html", lambda route: route.fulfill(status=503), times=1)
        link = link_of(page, talk.last, 1)
        link.hover()
        expect(page.locator(".preview")).to_contain_text("no answer")
        page.keyboard.press("Escape")
        page.mouse.move(0, 0)
        link.hover()
        expect(page.locator(".preview")).to_contain_text("A subject")
