"""The desk on a phone, without a script: every page can be reached, read and sent from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.visits import a_visit, expect
from tests.walk.board_process import BoardProcess
from tests.writer.media import hostile

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FilePayload

pytestmark = pytest.mark.browser

WIDTH_PX = 360
#: Presses of Tab from one place to the next; who needs more gives up.
KEYS_MAX = 200
BANNER: FilePayload = {
    "name": "banner.png",
    "mimeType": "image/png",
    "buffer": hostile.a_png(hostile.scene(1000, 300)),
}


def test_every_page_of_the_desk_fits_a_phone_and_works_without_a_script(
    chromium: Browser, board: BoardProcess
) -> None:
    login = dict(
        line.split(": ", 1) for line in (board.data / "first-login.txt").read_text().splitlines()
    )
    with a_visit(
        chromium, board, javascript=False, viewport={"width": WIDTH_PX, "height": 740}
    ) as visit:
        page = visit.page

        def fits() -> None:
            # Its sheet as well.
            page.wait_for_load_state()
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= WIDTH_PX, page.url

        page.goto("/mod/")
        fits()
        page.get_by_label("Name").fill(login["name"])
        page.get_by_label("Password").fill(login["password"])
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("button", name="Log out").wait_for()
        ways = page.get_by_role("navigation", name="Desk").get_by_role("listitem")
        urls = [link.get_attribute("href") for link in ways.get_by_role("link").all()]
        assert len(urls) > 8
        for url in (*urls, "/mod/proof", "/mod/board-settings/b", "/mod/b/1"):
            page.goto(str(url))
            fits()

        page.goto("/mod/staff")
        page.locator("#invite-account").fill("zoe")
        page.locator("#invite-role").fill("janitor")
        page.get_by_role("button", name="Invite").click()
        link = page.locator("code").text_content() or ""
        fits()
        page.goto("/mod/board-pictures/b")
        page.locator("#banner-file").set_input_files(BANNER)
        # The renderer puts it into its place a moment later.
        visit.expected_statuses.add(404)
        page.get_by_role("button", name="Hang it up").click()
        expect(page.get_by_role("status")).to_have_text("The banner hangs.")
        fits()
        page.get_by_role("button", name="Take it down").click()
        expect(page.get_by_role("status")).to_have_text("The banner was taken down.")
        page.goto("/mod/account")
        page.get_by_role("button", name="Set up an app").click()
        expect(page.get_by_label("The code that it shows")).to_be_visible()
        fits()

        page.get_by_role("button", name="Log out").click()
        page.goto(link)
        fits()
        page.get_by_label("New password").fill("a password of zoe's")
        page.get_by_label("Once more").fill("a password of zoe's")
        page.get_by_role("button", name="Make the account").click()
        page.get_by_label("Name").fill("zoe")
        page.get_by_label("Password").fill("a password of zoe's")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("button", name="Log out zoe")).to_be_visible()


def test_new_posts_come_to_the_list_and_what_is_ticked_stays_so(
    chromium: Browser, board: BoardProcess
) -> None:
    login = dict(
        line.split(": ", 1) for line in (board.data / "first-login.txt").read_text().splitlines()
    )
    told = board.post(board="b", body="There before.")
    with a_visit(chromium, board, javascript=True) as visit:
        page = visit.page
        page.clock.install()
        page.goto("/mod/")
        page.get_by_label("Name").fill(login["name"])
        page.get_by_label("Password").fill(login["password"])
        page.get_by_role("button", name="Log in", exact=True).click()
        page.get_by_role("button", name="Log out").wait_for()
        page.goto("/mod/recent")
        page.locator(f"[name=post-b-{told['id']}]").check()
        new = board.post(board="b", body="Came later.")
        visit.expected_statuses.add(304)
        box = page.locator(f"[name=post-b-{new['id']}]")
        with page.expect_response("**/mod/recent"):
            page.clock.run_for(5000)
        expect(box).not_to_be_checked()
        expect(page.locator(f"[name=post-b-{told['id']}]")).to_be_checked()


def test_post_is_deleted_and_brought_back_by_the_keyboard_alone(
    chromium: Browser, board: BoardProcess
) -> None:
    """On a wide screen; and who goes by keys sees where they are."""
    login = dict(
        line.split(": ", 1) for line in (board.data / "first-login.txt").read_text().splitlines()
    )
    told = board.post(board="b", body="Buy my shoes.")
    wide = {"width": 1920, "height": 1080}
    with a_visit(chromium, board, javascript=False, viewport=wide) as visit:  # type: ignore[arg-type]
        page = visit.page

        def go_to(place: str) -> None:
            for _ in range(KEYS_MAX):
                page.keyboard.press("Tab")
                if page.evaluate("place => document.activeElement.matches(place)", place):
                    assert page.evaluate(
                        "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
                    ), f"nobody sees that {place} is chosen"
                    return
            raise AssertionError(f"{place} is not reached on {page.url}")

        page.goto("/mod/")
        go_to("[name=name]")
        page.keyboard.type(login["name"])
        go_to("[name=password]")
        page.keyboard.type(login["password"])
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Log out").wait_for()
        go_to("nav a[href='/mod/recent']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/mod/recent")
        go_to(f"[name=post-b-{told['id']}]")
        page.keyboard.press("Space")
        go_to("button[value=delete_ticked]")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("The ticked posts were deleted.")
        assert page.evaluate("document.documentElement.scrollWidth") <= wide["width"]
        go_to("nav a[href='/mod/removed']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/mod/removed")
        go_to("button[value=undo]")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("It is back.")
