"""Pages of every kind in a browser: how they are read, and what the standards ask for."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.shown_pages import address, every_page, proxy
from tests.browser.visits import WAIT_MS, expect
from tests.node_packages import installed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@contextmanager
def shown(browser: Browser, kind: str, **context: Any) -> Iterator[Page]:
    """The page in a browser that has never been here."""
    visit = browser.new_context(**{"java_script_enabled": False, "proxy": proxy()} | context)
    visit.set_default_timeout(WAIT_MS)
    try:
        page = visit.new_page()
        page.goto(address(kind))
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
    with shown(chromium, "thread_from_right_to_left") as page:
        places = page.locator(".reply .body > .post-link").evaluate(LETTERS, len(">>123"))
        assert places == sorted(places)


@pytest.mark.parametrize("forced_colors", ["none", "active"])
def test_spoiler_is_hidden_until_the_keyboard_or_the_mouse_is_on_it(
    chromium: Browser, forced_colors: str
) -> None:
    """With the system's own colours too, which replace the page's."""
    with shown(chromium, "thread_from_right_to_left", forced_colors=forced_colors) as page:
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


@pytest.mark.parametrize("size", [(390, 844), (1280, 800)], ids=["phone", "desktop"])
def test_answering_a_post_says_what_to_type_and_can_be_sent_at_once(
    chromium: Browser, size: tuple[int, int]
) -> None:
    """Without a script: its number, the hint, the field and the button are in sight."""
    viewport = {"width": size[0], "height": size[1]}
    with shown(chromium, "busy_thread", viewport=viewport) as page:
        number = page.locator(".reply .post_no[id]").nth(5)
        assert not page.locator(".reply-hint").is_visible()
        # Its link leads to the thread's own address.
        page.goto(f"{address('busy_thread')}#{number.get_attribute('id')}")
        for place in (
            number,
            page.locator(".reply-hint"),
            page.locator("#post-body"),
            page.get_by_role("button", name="Post the reply"),
        ):
            expect(place).to_be_in_viewport(ratio=0.5)


# --- by the book ---

NODE = Path(__file__).parents[1] / "browser_modules"


@pytest.mark.node
def test_pages_are_html_as_the_standard_has_it(tmp_path: Path) -> None:
    # It shows one thread ten times.
    for kind in every_page().keys() - {"busy_board"}:
        (tmp_path / f"{kind}.html").write_text(every_page()[kind])
    # Clients of vichan want a post's number as its id, and its text with <br/>.
    rules = {
        "root": True,
        "extends": ["html-validate:recommended"],
        "rules": {"valid-id": ["error", {"relaxed": True}], "void-style": "off"},
    }
    (tmp_path / ".htmlvalidate.json").write_text(json.dumps(rules))
    validate = installed(NODE) / "node_modules" / ".bin" / "html-validate"
    done = subprocess.run(
        [validate, "-f", "text", "*.html"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
