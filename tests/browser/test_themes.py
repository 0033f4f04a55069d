"""A reader chooses a theme, with scripts and without, and never sees another one before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from imageboard.themes import CONTRAST, NIGHT, PLAIN, THEMES
from tests.browser import shown_pages
from tests.browser.visits import WAIT_MS, expect
from tests.tables import for_each

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

THREAD, CATALOG, DESK = map(shown_pages.address, ("thread", "catalog", "desk_home"))
#: Of a theme of which the reader's system, light in these tests, knows nothing.
TERMINAL = next(theme for theme in THEMES if theme.name == "terminal")


@contextmanager
def a_reader(chromium: Browser, **context: Any) -> Iterator[Page]:
    """At the end nothing was refused, and no script has failed."""
    faults: list[str] = []
    chosen = {"color_scheme": "light", "proxy": shown_pages.proxy()} | context
    reader = chromium.new_context(**chosen)
    reader.set_default_timeout(WAIT_MS)
    # All other scripts have something to ask of a board, and none is here.
    reader.route(
        "**/scripts/start.*.js", lambda route: route.fulfill(content_type="text/javascript")
    )
    page = reader.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    yield page
    reader.close()
    assert faults == []


def ground(page: Page) -> str:
    """'#rrggbb' of what is behind the page."""
    shown: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return "#" + "".join(f"{int(part):02x}" for part in shown[len("rgb(") : -1].split(","))


def test_chosen_theme_is_there_at_once_and_on_every_later_page(chromium: Browser) -> None:
    assert PLAIN.light
    with a_reader(chromium) as page:
        page.goto(THREAD)
        assert ground(page) == PLAIN.light.ground
        for theme in THEMES:
            page.get_by_label("Theme").select_option(theme.name)
            colours = theme.light or theme.dark
            assert colours
            assert ground(page) == colours.ground, theme.name
        page.get_by_label("Theme").select_option("terminal")
        page.goto(CATALOG)
        assert TERMINAL.dark
        assert ground(page) == TERMINAL.dark.ground
        assert page.get_by_label("Theme").input_value() == "terminal"
        page.get_by_label("Theme").select_option("")
        assert ground(page) == PLAIN.light.ground
        page.goto(THREAD)
        assert ground(page) == PLAIN.light.ground


def test_no_other_theme_is_seen_before_the_chosen_one(chromium: Browser) -> None:
    """It is on the page before there is a body that could be painted."""
    with a_reader(chromium) as page:
        page.goto(THREAD)
        page.get_by_label("Theme").select_option("terminal")
        page.add_init_script(
            """new MutationObserver(() => {
                if (document.body && window.themeAtFirst === undefined)
                    window.themeAtFirst = document.documentElement.dataset.theme ?? null;
            }).observe(document, {childList: true, subtree: true});"""
        )
        page.goto(CATALOG)
        assert page.evaluate("window.themeAtFirst") == "terminal"


def test_other_tabs_follow(chromium: Browser) -> None:
    with a_reader(chromium) as page:
        page.goto(THREAD)
        other = page.context.new_page()
        other.goto(CATALOG)
        other.get_by_label("Theme").select_option("terminal")
        expect(page.locator("html")).to_have_attribute("data-theme", "terminal")


def test_without_scripts_the_chooser_itself_keeps_the_theme_of_its_page(chromium: Browser) -> None:
    """As long as the browser remembers what was chosen there: back and forth, and loaded anew."""
    with a_reader(chromium, java_script_enabled=False) as page:
        for address in (THREAD, DESK):
            page.goto(address)
            for theme in THEMES:
                page.get_by_label("Theme").select_option(theme.name)
                colours = theme.light or theme.dark
                assert colours
                assert ground(page) == colours.ground, theme.name
        page.goto(THREAD)
        page.get_by_label("Theme").select_option("terminal")
        page.goto(CATALOG)
        assert PLAIN.light
        assert ground(page) == PLAIN.light.ground, "nothing goes along"
        page.go_back()
        assert TERMINAL.dark
        assert ground(page) == TERMINAL.dark.ground


def test_nothing_chosen_is_as_the_reader_s_system_is(chromium: Browser) -> None:
    assert PLAIN.dark
    assert CONTRAST.light
    assert CONTRAST.dark
    with a_reader(chromium) as page:
        for scheme, contrast, colours in (
            ("light", "no-preference", PLAIN.light),
            ("dark", "no-preference", PLAIN.dark),
            ("light", "more", CONTRAST.light),
            ("dark", "more", CONTRAST.dark),
        ):
            page.emulate_media(color_scheme=scheme, contrast=contrast)  # type: ignore[arg-type]
            page.goto(THREAD)
            assert colours
            assert ground(page) == colours.ground, (scheme, contrast)


@for_each("javascript", [False, True], ids=["no script", "scripts"])
def test_a_board_s_theme_gives_way_to_the_reader_s_need_and_choice(
    chromium: Browser, javascript: bool
) -> None:
    assert NIGHT.dark
    assert CONTRAST.light
    assert PLAIN.light
    with a_reader(chromium, java_script_enabled=javascript) as page:
        page.goto(shown_pages.address("board_of_night"))
        assert ground(page) == NIGHT.dark.ground
        page.emulate_media(contrast="more")
        assert ground(page) == CONTRAST.light.ground
        page.get_by_label("Theme").select_option("plain")
        assert ground(page) == PLAIN.light.ground


def test_paper_is_white_whatever_the_screen_shows(chromium: Browser) -> None:
    with a_reader(chromium, color_scheme="dark") as page:
        page.goto(THREAD)
        page.get_by_label("Theme").select_option("terminal")
        page.emulate_media(media="print")
        assert ground(page) == "#ffffff"


def test_a_reader_s_own_sheet_comes_last(chromium: Browser) -> None:
    with a_reader(chromium) as page:
        page.goto(THREAD)
        page.get_by_label("Theme").select_option("terminal")
        page.evaluate(
            "css => { localStorage['stillboard:css'] = JSON.stringify(css) }",
            ":root { --ground: #123456 !important }",
        )
        page.goto(CATALOG)
        assert ground(page) == "#123456"


def test_pages_are_whole_where_nothing_may_be_kept(chromium: Browser) -> None:
    """Some browsers refuse a page its storage; the theme then lasts as long as the page."""
    with a_reader(chromium) as page:
        page.add_init_script(
            "Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused') }})"
        )
        page.goto(THREAD)
        page.get_by_label("Theme").select_option("terminal")
        assert TERMINAL.dark
        assert ground(page) == TERMINAL.dark.ground
