"""Following threads: what scripts show of them while nobody loads a page again."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from templates.pages import TAIL_MIN_REPLIES
from tests.browser.visits import a_visit, begun, expect
from tests.tables import for_each
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
    begun(page)
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
        # Its first reply: from now on there is a conversation to be shown.
        expect(page.locator(f'[id="{thread}"] .conversation-button')).to_be_visible()
        assert page.locator("[data-marks]").count() == 0, "neither is gone"
        expect(page.locator(".thread-bar .counts")).to_contain_text("1 reply, 0 images")
        live = page.locator(f'[id="{no}"]').evaluate(_WITHOUT_TIMES)
        board.settle()
        page.reload()
        page.wait_for_function(
            f"([no, live]) => ({_WITHOUT_TIMES})(document.getElementById(no)) === live",
            arg=[no, live],
        )


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
        board.settle()
        page.reload()
        is_following(page)
        desk.press("unlock", "b", thread)
        expect(page.locator(".notes")).to_contain_text("This thread is open again")
        shoulder.expected_statuses.add(404)
        desk.press("delete", "b", thread)
        expect(page.locator(".live-bar")).to_contain_text("This thread is gone")


def test_whoever_was_away_for_long_catches_up(
    chromium: Browser, board: BoardProcess, desk: StaffDesk
) -> None:
    """More happened than the short feed tells: by the page itself, once."""
    thread = a_thread(board, "First.")
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.route("**/*.latest.json", lambda route: route.abort())
        shoulder.expected_failures.add("net::ERR_FAILED")
        page.goto(f"/b/res/{thread}.html")
        is_following(page)
        expect(page.locator(".notes")).to_contain_text("The board does not answer")
        for number in range(8):
            board.post(board="b", thread=thread, body=f"Number {number}.")
        desk.press("archive", "b", thread)
        board.settle()
        page.unroute("**/*.latest.json")
        page.get_by_role("link", name="Update").first.click()
        expect(page.locator("article.reply")).to_have_count(9)
        assert page.locator("article.post").evaluate_all(
            "posts => posts.every((post, at) => !at || Number(posts[at - 1].id) < Number(post.id))"
        )
        expect(page.locator(".live-bar")).to_contain_text("in the archive now")


def test_reader_of_a_thread_that_is_put_into_another_is_led_on(
    chromium: Browser, board: BoardProcess, desk: StaffDesk
) -> None:
    older, newer = a_thread(board), a_thread(board)
    with a_visit(chromium, board, javascript=True) as shoulder:
        shoulder.expected_statuses.add(404)
        page = shoulder.page
        page.goto(f"/b/res/{newer}.html")
        is_following(page)
        desk.send(f"/mod/b/{newer}", deed="merge", thread=str(older), sure="yes")
        expect(page.locator(".live-bar")).to_contain_text("This thread was moved")
        link = page.locator(".live-bar a")
        expect(link).to_have_attribute("href", re.compile(rf"^/b/res/{older}\.html"))


def test_post_is_brought_up_to_date_where_it_stands(
    chromium: Browser, board: BoardProcess, desk: StaffDesk
) -> None:
    """What a reader has opened in it stays, and what staff say of it comes."""
    thread = a_thread(board)
    form = {"board": "b", "thread": thread}
    spam = int(board.post(**form, body="Buy shoes!", address="198.51.100.91")["id"])
    answer = int(board.post(**form, body=f">>{spam}\nNo.")["id"])
    board.settle()
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto(f"/b/res/{thread}.html")
        is_following(page)
        page.locator(f'[id="{answer}"] .body a.post-link').click()
        opened = page.locator(f'[id="{answer}"] .inline-quote')
        expect(opened).to_contain_text("Buy shoes!")
        board.post(**form, body=f">>{answer}\nIndeed.")
        expect(page.locator(f'[id="{answer}"] .mentioned')).to_be_visible()
        expect(opened).to_contain_text("Buy shoes!")
        desk.send(f"/mod/b/{spam}", deed="warn", reason="Shoes.", message="Shoes are for /shoe/.")
        expect(page.locator(f'[id="{spam}"] .public_ban')).to_contain_text("Shoes are for /shoe/.")


def test_old_post_that_is_answered_does_not_come_to_the_page_of_the_last_ones(
    chromium: Browser, board: BoardProcess
) -> None:
    thread = a_thread(board, *(f"Number {number}." for number in range(TAIL_MIN_REPLIES)))
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto(f"/b/res/{thread}+50.html")
        is_following(page)
        page.keyboard.press("w")
        shown = page.locator("article.reply").count()
        old = thread + 1
        no = board.post(board="b", thread=thread, body=f">>{old}")["id"]
        expect(page.locator(f'[id="{no}"]')).to_be_visible()
        # It was told first, in the same answer.
        assert page.locator(f'[id="{old}"]').count() == 0
        expect(page.locator("article.reply")).to_have_count(shown + 1)
        # What is saved is all of it.
        with page.expect_download() as download:
            page.get_by_role("button", name="Save as ZIP").click()
        with zipfile.ZipFile(download.value.path()) as archive:
            html = archive.read(f"b-{thread}/b/res/{thread}.html").decode()
        assert f'id="{old}"' in html
        # Whoever reads the last ones has seen all.
        page.wait_for_function(
            "([key, seen]) => JSON.parse(localStorage['stillboard:watched'])[key].seen === seen",
            arg=[f"b/{thread}", TAIL_MIN_REPLIES + 1],
        )


def test_many_tabs_of_one_reader_ask_once(chromium: Browser, board: BoardProcess) -> None:
    thread = a_thread(board)
    with a_visit(chromium, board, javascript=True) as shoulder:
        asking: list[Page] = []
        context = shoulder.page.context
        context.on(
            "request",
            lambda made: made.url.endswith("latest.json") and asking.append(made.frame.page),
        )
        pages = [shoulder.page, *(context.new_page() for _ in range(2))]
        for page in pages:
            page.goto(f"/b/res/{thread}.html")
            is_following(page)
        no = board.post(board="b", thread=thread, body="For all of them.")["id"]
        for page in pages:
            expect(page.locator(f'[id="{no}"]')).to_be_visible()
        assert set(asking) == {pages[0]}
        # Its job is taken over when it is closed.
        pages.pop(0).close()
        no = board.post(board="b", thread=thread, body="And this.")["id"]
        for page in pages:
            expect(page.locator(f'[id="{no}"]')).to_be_visible()


#: A tab that nobody looks at, and then somebody: browsers without a window never say so themselves.
_HIDEABLE = """Object.defineProperty(document, "hidden", {get: () => Boolean(window.isHidden)});
window.look = (isLookedAt) => {
    window.isHidden = !isLookedAt;
    document.dispatchEvent(new Event("visibilitychange"));
};"""


def test_tab_says_what_is_unread_and_that_somebody_answered(
    chromium: Browser, board: BoardProcess
) -> None:
    thread = a_thread(board, "Mine.")
    own = thread + 1
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.add_init_script(
            f"""{_HIDEABLE}
            localStorage["stillboard:own-posts"] = JSON.stringify({{b: [{own}]}});"""
        )
        page.goto(f"/b/res/{thread}.html")
        is_following(page)
        expect(page.locator(f'[id="{own}"]')).to_have_class("post reply own")
        expect(page.locator(f'[id="{own}"] .signature')).to_have_attribute("data-you", "(You)")
        title = page.title()
        page.wait_for_function("() => localStorage['stillboard:last-read']")
        page.evaluate("look(false)")
        answer = board.post(board="b", thread=thread, body=f">>{own}\nYes.\n" * 30)["id"]
        board.post(board="b", thread=thread, body="By the way.\n" * 60)
        board.settle()
        # Nobody looks: it is asked once somebody does, or the reader says so.
        page.keyboard.press("u")
        expect(page.locator(f'[id="{answer}"]')).to_have_class("post reply reply-to-you")
        expect(page.locator(".notes")).to_contain_text(f"Reply to you: >>{answer}")
        page.wait_for_function(f"() => document.title === '(!1) (2) ' + {title!r}")
        icon = page.locator("link[rel=icon]")
        expect(icon).to_have_attribute("href", re.compile("favicon-you"))
        # The line stands above what is new.
        expect(page.locator("hr.unread-line + article")).to_have_attribute("id", str(answer))
        page.evaluate("look(true)")
        page.keyboard.press("G")
        page.wait_for_function(f"() => document.title === {title!r}")
        expect(icon).not_to_have_attribute("href", re.compile("favicon-you"))
        # Whoever comes again has read all of it.
        page.reload()
        is_following(page)
        expect(page.locator("hr.unread-line")).to_have_count(0)


@pytest.fixture
def _poster_ids(board: BoardProcess) -> Iterator[None]:
    """While the test lasts, /b/ shows them."""
    board.cli("board", "set", "b", "poster_ids=on")
    yield
    board.cli("board", "set", "b", "poster_ids=off")
    board.settle()


@pytest.mark.usefixtures("_poster_ids")
def test_ids_are_coloured_and_gathered_and_keys_lead_through_posts(
    chromium: Browser, board: BoardProcess
) -> None:
    thread = a_thread(board, "One.", "Two.")
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto(f"/b/res/{thread}.html")
        label = page.locator(".poster_id").first
        expect(label).to_have_attribute("role", "button")
        label.click()
        expect(page.locator(".same-poster")).to_have_count(3)
        expect(label).to_have_attribute("data-count", "(3 posts)")
        label.press("Enter")
        expect(page.locator(".same-poster")).to_have_count(0)
        is_following(page)
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("g")
        for _ in range(2):
            page.keyboard.press("j")
        page.wait_for_function("() => document.activeElement.matches('article.post')")
        page.keyboard.press("c")
        page.wait_for_url("**/b/catalog.html")


#: A minute is over at once, as often as the test says so.
_NEXT_MINUTE = """const later = window.setTimeout;
window.setTimeout = (done, ms, ...more) =>
    ms === 60000 ? (window.nextMinute = done, 0) : later(done, ms, ...more);"""


def test_watched_threads_say_what_is_new_and_when_they_are_gone(
    chromium: Browser, board: BoardProcess, desk: StaffDesk
) -> None:
    thread = a_thread(board, "Mine.", subject="Teapot General #124")
    own = thread + 1
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.add_init_script(
            f"""localStorage["stillboard:own-posts"] = JSON.stringify({{b: [{own}]}});
            {_NEXT_MINUTE}"""
        )
        page.goto(f"/b/res/{thread}.html")
        watch = page.locator(f'button.watch[data-thread="b/{thread}"]')
        expect(watch).to_have_attribute("aria-pressed", "false")
        begun(page)
        page.keyboard.press("w")
        expect(watch).to_have_attribute("aria-pressed", "true")
        page.goto("/b/catalog.html")
        expect(watch).to_have_attribute("aria-pressed", "true")
        panel = page.locator(".watcher")
        panel.locator("summary").click()
        expect(panel.locator("li")).to_contain_text("Teapot General #124")
        page.wait_for_function(
            f"() => JSON.parse(localStorage['stillboard:watched'])['b/{thread}'].change > 0"
        )
        board.post(board="b", thread=thread, body=f">>{own}")
        board.settle()
        page.wait_for_function("() => window.nextMinute")
        page.evaluate("nextMinute()")
        expect(panel.locator("li")).to_contain_text("1 new, 1 reply to you")
        # It has ended, and another goes on with the same subject.
        shoulder.expected_statuses.add(404)
        desk.press("delete", "b", thread)
        successor = a_thread(board, subject="Teapot General #125")
        page.evaluate("nextMinute()")
        expect(panel.locator("li")).to_contain_text("gone")
        panel.get_by_role("button", name="Go on with Teapot General #125").click()
        expect(panel.locator("li")).to_have_count(1)
        expect(panel.locator("li a")).to_have_attribute("href", f"/b/res/{successor}.html")
        panel.get_by_role("button", name=f"Watch thread {successor} no more").click()
        expect(panel).to_be_hidden()


def test_answer_that_was_seen_as_it_came_is_not_told_in_the_list(
    chromium: Browser, board: BoardProcess
) -> None:
    thread = a_thread(board, "Mine.")
    own = thread + 1
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.add_init_script(
            f"""localStorage["stillboard:own-posts"] = JSON.stringify({{b: [{own}]}});
            {_NEXT_MINUTE}"""
        )
        page.goto(f"/b/res/{thread}.html")
        is_following(page)
        page.keyboard.press("w")
        change = f"JSON.parse(localStorage['stillboard:watched'])['b/{thread}'].change"
        page.wait_for_function("() => window.nextMinute")
        page.evaluate("nextMinute()")
        page.wait_for_function(f"() => {change} > 0")
        before = page.evaluate(change)
        answer = board.post(board="b", thread=thread, body=f">>{own}")["id"]
        expect(page.locator(f'[id="{answer}"]')).to_be_visible()
        board.settle()
        page.evaluate("nextMinute()")
        page.wait_for_function(f"before => {change} > before", arg=before)
        page.locator(".watcher summary").click()
        expect(page.locator(".watcher li")).not_to_contain_text("to you")


def test_catalog_is_ordered_sized_and_searched_and_remembers_how(
    chromium: Browser, board: BoardProcess
) -> None:
    lone = a_thread(board, subject="Kettles and pots")
    busy = a_thread(board, "One.", "Two.", subject="Pots alone")
    board.post(board="b", thread=lone, body="Bumped.")
    board.settle()
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto("/b/catalog.html#q=pots")
        shown = page.locator("li.tile:visible")
        expect(shown).to_have_count(2)
        expect(shown.first).to_have_id(f"thread_{lone}")
        order = page.get_by_label("Order")
        order.select_option("replies")
        expect(shown.first).to_have_id(f"thread_{busy}")
        search = page.get_by_label("Search the catalog")
        search.fill("KETTLES pots")
        expect(shown).to_have_count(1)
        page.wait_for_url("**/catalog.html#q=KETTLES%20pots")
        page.get_by_label("Size").select_option("small")
        page.reload()
        expect(page.locator("ul.catalog-small")).to_be_visible()
        expect(order).to_have_value("replies")
        expect(shown).to_have_count(1)


@for_each("width", [320, 390, 1280])
def test_all_controls_of_the_catalog_are_within_the_screen(
    chromium: Browser, board: BoardProcess, width: int
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/b/catalog.html")
        bar = page.locator(".catalog-bar")
        expect(bar.locator("select")).to_have_count(2)
        page.get_by_label("Search the catalog").fill("pots")
        assert bar.evaluate("bar => bar.scrollWidth - bar.clientWidth") == 0


def test_threads_that_a_reader_began_are_watched_by_themselves(
    chromium: Browser, board: BoardProcess
) -> None:
    thread = a_thread(board)
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.add_init_script(
            f"localStorage['stillboard:own-posts'] = JSON.stringify({{b: [{thread}]}})"
        )
        page.goto(f"/b/res/{thread}.html")
        watch = page.locator(f'button.watch[data-thread="b/{thread}"]')
        expect(watch).to_have_attribute("aria-pressed", "true")
        # Not against the reader's will, on the next visit either.
        watch.click()
        expect(watch).to_have_attribute("aria-pressed", "false")
        page.reload()
        expect(watch).to_have_attribute("aria-pressed", "false")
