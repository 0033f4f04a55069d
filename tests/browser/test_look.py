"""How pages look: dense where a regular wants it, within every screen, and nothing moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import shown_pages
from tests.browser.visits import WAIT_MS
from tests.tables import for_each

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
SCREENS = {"phone": PHONE, "desktop": DESKTOP}

#: Where every post, tile and picture stands, and how large it is.
PLACES = """[...document.querySelectorAll(".post, .tile, main img, main video, .recent li")].map(
    element => JSON.stringify(element.getBoundingClientRect()))"""
#: What makes a page wider than its screen, by its classes.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll("body *")]
        .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
        .map(each => each.tagName + "." + each.className)"""
#: What is pressed most, where it is less high than `side` px; a link in a text is as high as it.
TOO_SMALL = """side => [...document.querySelectorAll(
        ".boards a, .ways a, .pages a, .button, button, summary, select, textarea, .delete,"
        + ".field > input, .field-check label, .postfilename, .mentioned a, .tile-title a,"
        + ".board-list > li > a")]
    .filter(each => each.checkVisibility() && each.getBoundingClientRect().height < side - 0.5)
    .map(each => each.outerHTML.slice(0, 100) + each.getBoundingClientRect().height)"""


@contextmanager
def a_page(chromium: Browser, **context: Any) -> Iterator[Page]:
    reader = chromium.new_context(**context)
    reader.set_default_timeout(WAIT_MS)
    shown_pages.show(reader)
    yield reader.new_page()
    reader.close()


def test_a_regular_sees_five_posts_at_once(chromium: Browser) -> None:
    """Fifty replies, ten of them with a picture: whole posts on the first screen and on others."""
    whole = """[...document.querySelectorAll(".post")].filter(post => {
        const box = post.getBoundingClientRect();
        return box.top >= 0 && box.bottom <= innerHeight; }).length"""
    with a_page(chromium, **DESKTOP) as page:
        page.goto(shown_pages.address("busy_thread"))
        assert page.evaluate(whole) >= 5
        screens = []
        for top in range(800, 4800, 400):
            page.evaluate(f"scrollTo(0, {top})")
            screens.append(page.evaluate(whole))
        assert sum(screens) / len(screens) >= 6


@for_each("screen", SCREENS)
def test_every_page_fits_its_screen_and_larger_letters_too(chromium: Browser, screen: str) -> None:
    with a_page(chromium, **SCREENS[screen]) as page:
        for kind in shown_pages.every_page():
            page.goto(shown_pages.address(kind))
            assert page.evaluate(TOO_WIDE) == [], kind
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert page.evaluate(TOO_WIDE) == [], f"{kind}, letters twice as large"


@for_each(("screen", "side_px"), [("phone", 44), ("desktop", 24)])
def test_what_is_pressed_is_large_enough(chromium: Browser, screen: str, side_px: int) -> None:
    with a_page(chromium, **SCREENS[screen]) as page:
        for kind in shown_pages.every_page():
            page.goto(shown_pages.address(kind))
            assert page.evaluate(TOO_SMALL, side_px) == [], kind


@for_each("screen", SCREENS)
def test_nothing_moves_when_pictures_come(chromium: Browser, screen: str) -> None:
    with a_page(chromium, **SCREENS[screen]) as page:
        held: list[Route] = []
        page.route("**/thumb/**", lambda route: held.append(route))
        # What a script changes is its own to answer for.
        page.route("**/*.js", lambda route: route.abort())
        for kind in ("busy_thread", "busy_board", "busy_catalog", "busy_front", "marked_thread"):
            page.goto(shown_pages.address(kind), wait_until="domcontentloaded")
            page.evaluate("document.querySelectorAll('img').forEach(i => { i.loading = 'eager'; })")
            before = page.evaluate(PLACES)
            while held:
                shown_pages.answer(held.pop())
            page.wait_for_function(
                "[...document.images].every(image => image.complete && image.naturalWidth)"
            )
            assert page.evaluate(PLACES) == before, kind
