"""Every kind of page in a browser, as `tests/templates/sample_pages.py` draws it: no board runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from imageboard import markup
from imageboard.markup import Links, Quote
from templates import pages
from templates.assets import assets
from templates.fragments import post_html
from tests.templates.builders import a_board, a_post, a_site, a_thread, an_about, an_op

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

SITE = "https://board.example"
#: What is hard to show: words from right to left around a quote, a spoiler with a link in it, code.
TEXT = """مرحبا >>123 بالعالم
**he dies in >>123**
[code]for (;;) { /* a line of code that does not end, and goes on and on and on */ }[/code]"""

_BY_URL = {asset.url: asset for asset in assets().values()}
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_DOT = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100">'
    '<rect width="300" height="100" fill="#777"/></svg>'
)


def a_thread_page(text: str = TEXT) -> str:
    board = a_board()
    tree = markup.parse(text)
    body = markup.to_html(tree, Links({Quote(None, 123): "/b/res/123.html#123"}, {"b"}))
    posts = [post_html(board, post, body) for post in (an_op(), a_post())]
    before, after = pages.thread_frame(a_site(board), board, a_thread(), an_about())
    return before.decode() + "".join(posts) + after.decode()


@contextmanager
def shown(browser: Browser, html: str, **context: Any) -> Iterator[Page]:
    """The page in a browser that has never been here, with its assets; its pictures are grey."""

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path == "/":
            route.fulfill(content_type="text/html; charset=utf-8", body=html)
        elif path in _BY_URL:
            ending = path.rpartition(".")[2]
            body = _BY_URL[path].body
            route.fulfill(content_type=_TYPES.get(ending, "image/png"), body=body)
        elif path.startswith(("/b/thumb/", "/b/src/")):
            route.fulfill(content_type="image/svg+xml", body=_DOT)
        else:
            route.abort()

    visit = browser.new_context(**{"java_script_enabled": False} | context)
    try:
        page = visit.new_page()
        page.route("**/*", answer)
        page.goto(f"{SITE}/")
        yield page
    finally:
        visit.close()


LETTERS = """(element, length) => {
    const range = document.createRange();
    return [...Array(length).keys()].map((at) => {
        range.setStart(element.firstChild, at);
        range.setEnd(element.firstChild, at + 1);
        return range.getBoundingClientRect().x;
    });
}"""


def test_quote_reads_from_left_to_right_in_a_text_that_does_not(chromium: Browser) -> None:
    with shown(chromium, a_thread_page()) as page:
        places = page.locator(".reply .body > .post-link").evaluate(LETTERS, len(">>123"))
        assert places == sorted(places)


@pytest.mark.parametrize("forced_colors", ["none", "active"])
def test_spoiler_is_hidden_until_the_keyboard_or_the_mouse_is_on_it(
    chromium: Browser, forced_colors: str
) -> None:
    """With the system's own colours too, which replace the page's."""
    with shown(chromium, a_thread_page(), forced_colors=forced_colors) as page:
        spoiler = page.locator(".reply .spoiler")
        for part in (spoiler, spoiler.locator("a")):
            assert not _is_seen(page, part, spoiler)
        spoiler.focus()
        for part in (spoiler, spoiler.locator("a")):
            assert _is_seen(page, part, spoiler)


def _is_seen(page: Page, part: Any, ground: Any) -> bool:
    ink = part.evaluate("part => getComputedStyle(part).color")
    return ink not in (
        "rgba(0, 0, 0, 0)",
        ground.evaluate("e => getComputedStyle(e).backgroundColor"),
    )
