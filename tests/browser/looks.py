"""How a page is looked at: the screens it is shown on, and what is asked of it on each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from imageboard.themes import Theme
from tests.browser import shown_pages
from tests.browser.visits import WAIT_MS

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

#: As for who reads them at twice their size.
LARGE_LETTERS = "document.documentElement.style.fontSize = '200%'"
WEAR = "theme => { document.documentElement.dataset.theme = theme; }"
#: What WCAG 2.2 AA asks for, as far as a program can see it; how a text stands out is asked below.
FAULTS = """async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const rules = {"color-contrast": {enabled: false}};
    const {violations} = await axe.run({runOnly: tags, rules, resultTypes: ["violations"]});
    return violations.map(({id, nodes}) => id + ": " + nodes.map(each => each.html).join(" "));
}"""
#: Where a text can't be told from what is behind it. PERF: axe takes a millisecond for each text,
#: so of those that look alike, in the same place among classes, it is shown the first.
FAINT = """async () => {
    const place = (each) =>
        each ? `${place(each.parentElement)} > ${each.tagName}.${each.className}` : "";
    const look = (each) => {
        const {color, backgroundColor, opacity, fontSize, fontWeight} = getComputedStyle(each);
        const drawn = [color, backgroundColor, opacity, fontSize, fontWeight];
        const states = [each.matches(":disabled, :disabled *"), each.checkVisibility()];
        return [place(each), ...drawn, ...states].join();
    };
    const is_text = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
    const of_each_look = new Map();
    for (const each of document.body.querySelectorAll("*")) {
        const has_text = "value" in each || [...each.childNodes].some(is_text);
        if (has_text && !of_each_look.has(look(each))) of_each_look.set(look(each), each);
    }
    const {violations} = await axe.run(
        {include: [...of_each_look.values()]},
        {runOnly: ["color-contrast"], resultTypes: ["violations"]},
    );
    return violations.map(({id, nodes}) => id + ": " + nodes.map(each => each.html).join(" "));
}"""


@contextmanager
def a_page(chromium: Browser, **context: Any) -> Iterator[Page]:
    reader = chromium.new_context(proxy=shown_pages.proxy(), **context)
    reader.set_default_timeout(WAIT_MS)
    yield reader.new_page()
    reader.close()


def take_axe(page: Page) -> None:
    """Give the page `axe`, and lay all posts out: they would be seen heaped up else."""
    page.evaluate("address => import(address)", shown_pages.AXE)
    page.evaluate(
        """() => document.querySelectorAll(".posts, .reply").forEach(({style}) => {
            style.contentVisibility = "visible";
        })"""
    )


def schemes(theme: Theme) -> list[Literal["light", "dark"]]:
    """The systems on which it looks different."""
    return ["light", "dark"] if theme.light and theme.dark else ["light"]
