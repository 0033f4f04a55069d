"""Pictures and films of posts: shown in their place, in the gallery, as loud as before."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize

from tests.browser.talk import Talk
from tests.browser.visits import a_visit, begun, expect
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.browser

PHONE = ViewportSize(width=390, height=740)


def open_thread(page: Page, talk: Talk, **chosen: bool) -> None:
    """With its features begun, and those switched on or off that are `chosen`."""
    page.goto(f"/b/res/{talk.thread}.html")
    if chosen:
        rows = {name.replace("_", "-"): is_on for name, is_on in chosen.items()}
        page.evaluate(
            "rows => localStorage.setItem('stillboard:settings', JSON.stringify(rows))", rows
        )
        page.reload()
    begun(page)


def test_pressed_thumbnail_becomes_the_picture_and_no_page_becomes_wider(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True, viewport=PHONE) as shoulder:
        page = shoulder.page
        open_thread(page, talk)
        thumb = page.locator(f'[id="{talk.thread}"] .file-link')
        thumb.click()
        expect(page.locator("img.expanded")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.locator("img.expanded").click()
        expect(page.locator("img.expanded")).to_have_count(0)
        expect(thumb.locator("img")).to_be_visible()
        assert page.url.endswith(".html")


def test_key_shows_all_pictures_large_and_small_again(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        open_thread(page, talk)
        page.keyboard.press("Shift+E")
        expect(page.locator("img.expanded")).to_have_count(4)
        page.keyboard.press("Shift+E")
        expect(page.locator("img.expanded")).to_have_count(0)


def test_key_pressed_again_while_pictures_are_on_their_way_leaves_all_small(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        open_thread(page, talk)
        held: list[Route] = []
        page.route("**/src/*", lambda route: held.append(route), times=1)
        with page.expect_request("**/src/*"):
            page.keyboard.press("Shift+E")
        page.keyboard.press("Shift+E")
        held[0].continue_()
        expect(page.locator(".is-loading")).to_have_count(0)
        page.evaluate("new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)))")
        expect(page.locator("img.expanded, .has-expanded, .is-loading")).to_have_count(0)


def test_enlarged_picture_is_small_where_its_post_is_shown_once_more(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        open_thread(page, talk)
        page.locator(f'[id="{talk.thread}"] .file-link').click()
        expect(page.locator("img.expanded")).to_be_visible()
        page.locator(f'[id="{talk.reply}"] .conversation-button').click()
        copy = page.locator(f'.copy[data-copy-of="b/{talk.thread}"]')
        expect(copy.locator("img.post-image")).to_be_visible()


def test_picture_that_is_gone_leaves_its_thumbnail_and_says_so(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        shoulder.expected_statuses.add(404)
        open_thread(page, talk)
        page.route("**/src/*", lambda route: route.fulfill(status=404))
        thumb = page.locator(f'[id="{talk.thread}"] .file-link')
        thumb.click()
        expect(page.locator(".note")).to_contain_text("can't be shown")
        expect(thumb.locator("img")).to_be_visible()


def test_gallery_walks_through_all_pictures_by_keys_and_fingers(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True, viewport=PHONE) as shoulder:
        page = shoulder.page
        open_thread(page, talk)
        page.keyboard.press("v")
        gallery = page.locator("dialog.gallery")
        expect(gallery).to_contain_text("1 of 6")
        expect(gallery).to_contain_text("wide.png")
        page.keyboard.press("ArrowRight")
        expect(gallery).to_contain_text("2 of 6")
        gallery.locator(".gallery-stage").evaluate(
            """stage => {
                const finger = {pointerType: "touch", isPrimary: true, pointerId: 7, bubbles: true};
                stage.dispatchEvent(new PointerEvent("pointerdown", {...finger, clientX: 50}));
                stage.dispatchEvent(new PointerEvent("pointerup", {...finger, clientX: 300}));
            }"""
        )
        expect(gallery).to_contain_text("1 of 6")
        page.keyboard.press("ArrowLeft")
        expect(gallery.locator("video")).to_be_visible()
        page.keyboard.press("Escape")
        expect(gallery).to_have_count(0)


def test_films_play_one_at_a_time_as_loud_as_the_last_one_on_the_next_page_too(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        open_thread(page, talk, looping=True)
        films = page.locator(f'[id="{talk.film}"] video')
        assert films.evaluate_all("films => films.every(film => film.paused && !film.readyState)")
        films.first.evaluate("film => { film.muted = true; film.volume = 0.25; }")
        page.wait_for_function("() => localStorage['stillboard:volume']?.includes('0.25')")
        page.reload()
        begun(page)
        for film in films.all():
            film.evaluate("film => film.play()")
            expect(film).to_have_js_property("volume", 0.25)
            expect(film).to_have_js_property("muted", True)
            expect(film).to_have_js_property("loop", True)
        expect(films.first).to_have_js_property("paused", True)


def test_switches_show_spoilers_large_pictures_under_the_mouse_and_search_engines(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        open_thread(page, talk, spoilers=True, picture_hover=True, image_search=True)
        spoiled = page.locator(f'[id="{talk.spoiled}"] img.post-image')
        expect(spoiled).to_have_js_property("naturalWidth", 120)
        links = page.locator(f'[id="{talk.thread}"] .image-search a')
        expect(links).to_have_count(5)
        expect(links.first).to_have_attribute("rel", "nofollow noopener noreferrer")
        spoiled.hover()
        expect(page.locator(".hover-picture")).to_be_visible()
        page.locator("h1").hover()
        expect(page.locator(".hover-picture")).to_have_count(0)
