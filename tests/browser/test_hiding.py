"""What readers hide, by hand and by rules, and what the menu of a post does."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.talk import Talk
from tests.browser.visits import a_visit, begun, expect
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.browser


def open_page(page: Page, path: str) -> None:
    page.goto(path)
    begun(page)


def choose(page: Page, no: int, entry: str) -> None:
    page.get_by_role("button", name=f"Menu of post {no}").click()
    page.get_by_role("menuitem", name=entry, exact=True).click()


def post(page: Page, no: int) -> Locator:
    return page.locator(f'article.post[id="{no}"]')


def test_hidden_post_stays_hidden_with_its_replies_until_it_is_shown_again(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        thread = f"/b/res/{talk.thread}.html"
        open_page(page, thread)
        choose(page, talk.reply, "Hide this post and its replies")
        expect(post(page, talk.reply)).to_be_hidden()
        expect(post(page, talk.last)).to_be_hidden()
        expect(post(page, talk.named)).to_be_visible()
        page.reload()
        stubs = page.locator(".stub")
        expect(stubs).to_have_count(2)
        stubs.first.get_by_role("button", name="Show").click()
        expect(post(page, talk.reply)).to_be_visible()
        page.reload()
        begun(page)
        expect(stubs).to_have_count(0)


def test_link_to_a_hidden_post_shows_it(chromium: Browser, board: BoardProcess, talk: Talk) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        open_page(page, f"/b/res/{talk.thread}.html")
        choose(page, talk.named, "Hide this post")
        expect(post(page, talk.named)).to_be_hidden()
        page.evaluate(f"location.hash = '#{talk.named}'")
        expect(post(page, talk.named)).to_be_visible()


def test_hidden_thread_is_hidden_on_board_page_and_in_the_catalog(
    chromium: Browser, board: BoardProcess
) -> None:
    # The newest one: whatever others have posted, it is on the first page.
    thread = int(board.post(board="b", body="Hidden everywhere.")["id"])
    board.settle()
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        open_page(page, "/b/catalog.html")
        tile = page.locator(f'li.tile[id="thread_{thread}"]')
        tile.get_by_role("button", name="Hide this thread").click()
        expect(tile).to_be_hidden()
        # What says so goes where the thread goes, and with it.
        page.get_by_label("Order").select_option("replies")
        expect(page.locator(f'.stub + li[id="thread_{thread}"]')).to_have_count(1)
        page.locator(".stub").get_by_role("button", name="Show").click()
        expect(tile).to_be_visible()
        expect(page.locator(".stub")).to_have_count(0)
        open_page(page, "/b/catalog.html")
        tile.get_by_role("button", name="Hide this thread").click()
        open_page(page, "/b/")
        section = page.locator(f'section[id="thread_{thread}"]')
        expect(section).to_be_hidden()
        page.locator(".stub").get_by_role("button", name="Show").click()
        expect(section).to_be_visible()


def test_one_press_hides_all_by_a_tripcode_and_a_picture_wherever_it_is_posted(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        open_page(page, f"/b/res/{talk.thread}.html")
        choose(page, talk.named, "Hide all by this tripcode")
        for no in (talk.named, talk.again):
            expect(post(page, no)).to_be_hidden()
        page.evaluate("localStorage.clear()")
        page.reload()
        begun(page)
        choose(page, talk.named, "Hide its pictures everywhere")
        for no in (talk.named, talk.again, talk.spoiled):
            expect(post(page, no)).to_be_hidden()
        expect(post(page, talk.reply)).to_be_visible()


def test_filters_are_written_taken_over_from_4chan_x_and_removed(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        open_page(page, f"/b/res/{talk.thread}.html")
        choose(page, talk.thread, "Filters…")
        panel = page.locator("dialog.conversation")
        panel.get_by_label("Words, or").fill("/by anne( again)?$/im")
        panel.get_by_role("button", name="Add the filter").click()
        expect(post(page, talk.named)).to_be_hidden()
        panel.get_by_text("Filters of 4chan X").first.click()
        panel.get_by_role("textbox", name="Filters of 4chan X").fill(
            "# a remark\n/the reply/;highlight\n/a(?!b)/i;boards:b"
        )
        panel.get_by_role("button", name="Take them over").click()
        expect(panel.get_by_role("status")).to_contain_text("1 filter was taken over.")
        expect(panel.get_by_role("status")).to_contain_text("Lookarounds")
        expect(post(page, talk.reply)).to_have_class("post reply is-highlighted")
        # Of shadows and grounds nothing is left where the reader's system has its own colours.
        page.emulate_media(forced_colors="active")
        expect(post(page, talk.reply)).to_have_css("outline-style", "solid")
        page.emulate_media(forced_colors="none")
        expect(panel.locator(".filter-list li")).to_have_count(2)
        panel.get_by_role("button", name="Remove the filter").last.click()
        expect(panel.locator(".filter-list li")).to_have_count(1)
        expect(post(page, talk.reply)).to_have_class("post reply")
        panel.get_by_role("button", name="Close").click()
        kept = json.loads(page.evaluate("localStorage.getItem('stillboard:filters')"))
        assert [rule["field"] for rule in kept] == ["any"]
        page.evaluate("localStorage.setItem('stillboard:filters', '[]')")
        page.evaluate("dispatchEvent(new StorageEvent('storage', {key: 'stillboard:filters'}))")
        expect(post(page, talk.named)).to_be_visible()


def test_menu_copies_the_link_deletes_by_password_and_says_why_not(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    form = {"board": "b", "thread": talk.thread, "email": "sage"}
    no = int(board.post(**form, body="to be deleted", password="right")["id"])
    board.settle()
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        shoulder.expected_statuses.add(403)
        open_page(page, f"/b/res/{talk.thread}.html")
        page.context.grant_permissions(["clipboard-write"])
        choose(page, no, "Copy the link")
        expect(page.locator(".note")).to_contain_text("is copied")
        choose(page, no, "Delete…")
        dialog = page.locator("dialog.post-action")
        dialog.get_by_label("Password").fill("wrong")
        dialog.get_by_role("button", name="Delete").click()
        expect(dialog.get_by_role("alert")).to_contain_text("not the password")
        dialog.get_by_label("Password").fill("right")
        dialog.get_by_role("button", name="Delete").click()
        expect(page.locator(".note").last).to_contain_text("Deleted")
        expect(post(page, no)).to_have_count(0)
        choose(page, talk.last, "Report…")
        dialog.get_by_label("Reason").fill("spam")
        dialog.get_by_role("button", name="Report").click()
        expect(page.locator(".note").last).to_contain_text("Reported")
