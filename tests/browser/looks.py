"""How a page is looked at: the screens it is shown on, and what is asked of it on each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from imageboard.themes import Theme
from tests.browser import shown_pages
from tests.browser.visits import WAIT_MS
from tests.node_packages import installed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PHONE = {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
SCREENS = {"phone": PHONE, "desktop": DESKTOP}
#: What a thumb hits, and a mouse.
PRESSED_PX = {"phone": 44, "desktop": 24}

#: What makes a page wider than its screen, by its classes. `innerWidth` is no measure: on a phone
#: it grows with what is shown.
TOO_WIDE = """() => {
    const {scrollWidth, clientWidth} = document.documentElement;
    return scrollWidth <= clientWidth ? [] : [...document.querySelectorAll("body *")]
        .filter(each => each.getBoundingClientRect().right > clientWidth + 1)
        .map(each => each.tagName + "." + each.className);
}"""
#: What is pressed most, where it is less high than `side` px; a link in a text is as high as it.
TOO_SMALL = """side => [...document.querySelectorAll(
        ".boards a, .ways a, .pages a, .button, button, summary, select, textarea, .delete,"
        + ".field > input, .field-check label, .postfilename, .mentioned a, .tile-title a,"
        + ".board-list > li > a")]
    .filter(each => each.checkVisibility() && each.getBoundingClientRect().height < side - 0.5)
    .map(each => each.outerHTML.slice(0, 100) + each.getBoundingClientRect().height)"""

WEAR = "theme => { document.documentElement.dataset.theme = theme; }"
#: What WCAG 2.2 AA asks for, as far as a program can see it.
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What is not laid out yet would be seen heaped up.
FAULTS = """async rules => {
    const skipped = document.querySelectorAll(".posts, .reply");
    for (const {style} of skipped) style.contentVisibility = "visible";
    const {violations} = await axe.run({runOnly: rules, resultTypes: ["violations"]});
    return violations.map(({id, nodes}) => id + ": " + nodes.map(each => each.html).join(" "));
}"""


@contextmanager
def a_page(chromium: Browser, **context: Any) -> Iterator[Page]:
    reader = chromium.new_context(proxy=shown_pages.proxy(), **context)
    reader.set_default_timeout(WAIT_MS)
    yield reader.new_page()
    reader.close()


@cache
def axe() -> str:
    """The script that gives a page `axe`."""
    folder = installed(Path(__file__).parents[1] / "browser_modules")
    return (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def schemes(theme: Theme) -> list[Literal["light", "dark"]]:
    """The systems on which it looks different."""
    return ["light", "dark"] if theme.light and theme.dark else ["light"]
