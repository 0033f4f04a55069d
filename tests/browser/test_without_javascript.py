"""Everything that a poster does works without a script, and every page fits its screen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pytest

from tests.browser.visits import a_visit, expect
from tests.tables import for_each
from tests.walk.board_process import BoardProcess
from tests.writer.media import hostile

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FilePayload, Page, ViewportSize

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 740}
SMALL_PHONE: ViewportSize = {"width": 320, "height": 568}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PAGES = ["/", "/b/", "/b/catalog.html", "/b/res/1.html", "/mod/"]

PICTURE: FilePayload = {
    "name": "corners.jpg",
    "mimeType": "image/jpeg",
    "buffer": hostile.a_jpeg(hostile.scene(640, 480)),
}
ANOTHER: FilePayload = {
    "name": "another.png",
    "mimeType": "image/png",
    "buffer": hostile.a_png(hostile.scene(640, 480)),
}
A_THIRD: FilePayload = {
    "name": "a third, with a long name.gif",
    "mimeType": "image/gif",
    "buffer": hostile.a_gif(),
}


def start_thread(page: Page, *, subject: str, text: str, password: str = "") -> int:
    """Fill in the form of the board page; the number of the thread that one is led to."""
    page.goto("/b/")
    page.get_by_text("Start a new thread").click()
    page.get_by_label("Subject", exact=True).fill(subject)
    page.get_by_label("Comment").fill(text)
    page.locator("#post-file1").set_input_files(PICTURE)
    page.locator("#post-password").fill(password)
    page.get_by_role("button", name="Start the thread").click()
    return number_led_to(page)


_OWN_POST = re.compile(r".*/b/res/\d+\.html(?:\?seen=\d+)?#(\d+)")


def number_led_to(page: Page, *, after: int = 0) -> int:
    """'…/b/res/7.html?seen=9#9' -> 9; a form is answered some time after it was sent.

    `after`: the post that one was led to before, on whose page the form stood.
    """

    def is_led_to(url: str) -> bool:
        found = _OWN_POST.fullmatch(url)
        return found is not None and int(found[1]) > after

    page.wait_for_url(is_led_to)
    led_to = _OWN_POST.fullmatch(page.url)
    assert led_to, page.url
    return int(led_to[1])


def tick(page: Page, no: int) -> None:
    page.locator(f"[name=delete_{no}]").check()


def test_a_thread_with_a_picture_is_posted_and_seen_and_answered(
    chromium: Browser, board: BoardProcess
) -> None:
    with a_visit(chromium, board, javascript=False) as visit:
        page = visit.page
        thread = start_thread(page, subject="Corners & <colours>", text="One per corner.\nLook!")
        post = page.locator(f"[id='{thread}']")
        expect(post).to_contain_text("Corners & <colours>")
        expect(post).to_contain_text("Look!")
        thumbnail = post.locator("img")
        thumbnail.scroll_into_view_if_needed()
        expect(thumbnail).to_have_js_property("complete", True)
        assert thumbnail.evaluate("img => img.naturalWidth") > 0

        page.get_by_label("Comment").fill(f">>{thread}\nThe blue one is mine.")
        page.get_by_role("button", name="Post the reply").click()
        no = number_led_to(page, after=thread)
        expect(page.locator(f"[id='{no}']")).to_contain_text("The blue one is mine.")
        expect(post).to_contain_text(f">>{no}")  # the link back


def test_files_chosen_together_and_one_by_one_stand_side_by_side(
    chromium: Browser, board: BoardProcess
) -> None:
    with a_visit(chromium, board, javascript=False, viewport=SMALL_PHONE) as visit:
        page = visit.page
        page.goto("/b/res/1.html")
        page.locator("#post-file1").set_input_files([PICTURE, ANOTHER])
        page.get_by_text("One file after the other").click()
        page.get_by_label("File 4", exact=True).set_input_files(A_THIRD)
        page.get_by_label("Description of file 4").fill("A third picture, with letters in it")
        page.get_by_label("Hide file 2").check()
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= SMALL_PHONE["width"], "the form"
        page.get_by_role("button", name="Post the reply").click()
        reply = page.locator(f"[id='{number_led_to(page)}']")
        names = reply.locator(".postfilename")
        expect(names).to_have_text([file["name"] for file in (PICTURE, ANOTHER, A_THIRD)])
        shown = reply.locator("img")
        expect(shown).to_have_count(3)
        assert [img.get_attribute("alt") for img in shown.all()] == [
            "Open the picture",
            "Spoiler: open the file to see it",
            "A third picture, with letters in it",
        ]
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= SMALL_PHONE["width"], "the post"
        places = [box for img in shown.all() if (box := img.bounding_box())]
        assert places[0]["y"] == places[1]["y"], "two stand side by side"
        assert places[1]["x"] >= places[0]["x"] + places[0]["width"]


def test_a_refused_post_keeps_what_was_typed_and_can_be_sent_again(
    chromium: Browser, board: BoardProcess
) -> None:
    with a_visit(chromium, board, javascript=False) as visit:
        visit.expected_statuses = {422}
        page = visit.page
        page.goto("/b/res/1.html")
        page.get_by_label("Name").fill("Somebody")
        page.get_by_label("Email").fill("sage")
        page.locator("#post-password").fill("kept password")
        page.get_by_role("button", name="Post the reply").click()
        expect(page.get_by_role("alert")).to_contain_text("The post is empty")
        expect(page.get_by_label("Name")).to_have_value("Somebody")
        expect(page.get_by_label("Email")).to_have_value("sage")
        expect(page.get_by_label("Password")).to_have_value("kept password")

        page.get_by_label("Comment").fill("Now with a text.")
        page.get_by_role("button", name="Send it again").click()
        expect(page.locator(f"[id='{number_led_to(page)}']")).to_contain_text("Now with a text.")
        assert page.url.startswith(f"{board.url}b/res/1.html")


def test_one_s_own_post_is_deleted_by_its_password(chromium: Browser, board: BoardProcess) -> None:
    with a_visit(chromium, board, javascript=False) as visit:
        visit.expected_statuses = {403, 404}
        page = visit.page
        thread = start_thread(page, subject="Gone soon", text="Typo.", password="my own")
        tick(page, thread)
        page.locator("#delete-password").fill("somebody else's")
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("alert")).to_contain_text("not the password")

        page.get_by_label("Password").fill("my own")
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("heading", name="Deleted")).to_be_visible()
        board.settle()
        gone = page.goto(f"/b/res/{thread}.html")
        assert gone is not None
        assert gone.status == 404


def test_a_post_is_reported_to_the_staff(chromium: Browser, board: BoardProcess) -> None:
    with a_visit(chromium, board, javascript=False) as visit:
        page = visit.page
        page.goto("/b/res/1.html")
        tick(page, 1)
        page.get_by_label("Reason").fill("A word without an end")
        page.get_by_role("button", name="Report").click()
        expect(page.get_by_role("heading", name="Reported")).to_be_visible()
    desk = board.staff_desk()
    assert "A word without an end" in desk.read("/mod/b/1")
    desk.close()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_bottom_is_where_the_last_post_and_the_way_to_the_form_are_in_sight(
    chromium: Browser, board: BoardProcess, viewport: ViewportSize
) -> None:
    with a_visit(chromium, board, javascript=False, viewport=viewport) as visit:
        page = visit.page
        page.goto("/b/res/1.html")
        page.get_by_role("link", name="Bottom").click()
        expect(page.locator("article.post").last).to_be_in_viewport()
        below = page.get_by_role("navigation", name="Thread, below its posts")
        expect(below.get_by_role("link", name="Reply")).to_be_in_viewport(ratio=1)
        below.get_by_role("link", name="Update").click()
        page.wait_for_url("**/b/res/1.html")
        page.get_by_role("navigation", name="Thread", exact=True).get_by_text("Reply").click()
        expect(page.get_by_label("Comment")).to_be_in_viewport()


#: Each two of screen, colours and scripts meet once.
@for_each(
    ("viewport", "colour_scheme", "javascript"),
    [
        (PHONE, "light", False),
        (PHONE, "dark", True),
        (DESKTOP, "light", True),
        (DESKTOP, "dark", False),
    ],
)
def test_every_page_fits_and_nothing_goes_wrong_on_it(
    chromium: Browser,
    board: BoardProcess,
    viewport: ViewportSize,
    colour_scheme: Literal["light", "dark"],
    javascript: bool,
) -> None:
    """No scrolling sideways, no error on the console, nothing refused or missing."""
    with a_visit(
        chromium, board, javascript=javascript, viewport=viewport, colour_scheme=colour_scheme
    ) as visit:
        for path in PAGES:
            visit.page.goto(path)
            width = visit.page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], path


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_refusals_and_missing_pages_fit_too(
    chromium: Browser, board: BoardProcess, viewport: ViewportSize
) -> None:
    with a_visit(chromium, board, javascript=False, viewport=viewport) as visit:
        visit.expected_statuses = {404, 422}
        page = visit.page
        page.goto("/nowhere.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        page.goto("/b/res/1.html")
        page.get_by_role("button", name="Post the reply").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
