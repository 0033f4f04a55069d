"""Whatever a text holds, it is drawn within its own post, and no page becomes wider by it."""

from __future__ import annotations

from math import ceil

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Locator, Page, ViewportSize

from tests.browser.visits import a_visit, painted, pictures_there
from tests.walk.board_process import BoardProcess, Upload
from tests.writer.media import hostile

pytestmark = pytest.mark.browser

PHONE = ViewportSize(width=360, height=740)
DESKTOP = ViewportSize(width=1280, height=900)

#: A page, and what stands on it side by side, each with texts of one poster.
BOXES = {
    "/b/": ".post",
    "/b/catalog.html": ".tile",
    "/b/res/1.html": ".post",
    "/": ".recent li",
    "/mod/reports": ".desk-case",
}
#: Whatever a poster has written, where it is shown.
TEXTS = """.subject, .name, .trip, .email, .body, .postfilename, .file-removed, .file-pending,
    .tile-title a, .recent-text, .recent-text b, .desk-reasons li, .desk-covered summary,
    .file-link:not(:has(img))"""

#: Marks on each letter: far more than any rule lets through.
HEAP = """(texts) => {
    for (const text of texts) {
        const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const marks = "\\u0301".repeat(120) + "\\u0323".repeat(120);
            walker.currentNode.data = walker.currentNode.data.replace(/[a-z]/g, `$&${marks}`);
        }
    }
}"""

#: Blanks that hang at the end of a line, marks that no line breaks, and letters without an end: of
#: each more than the widest screen has room for.
WIDE = {
    "ideographic spaces": "\u3000" * 400 + "end",
    "em quads": "\u2001" * 400 + "end",
    "no-break spaces": "\u00a0" * 800 + "end",
    "figure spaces": "\u2007" * 800 + "end",
    "spacing marks": "\u0915" + "\u0903" * 800,
    "conjoining jamo": "\u1100" * 400 + "\u1161" * 400,
    "right to left": "\u202e" + "\u3000" * 400 + "\u05d0" * 400,
    "word joiners": "a\u2060" * 400,
    "widest ligature": "\ufdfd\u2060" * 200,
    "long dashes": "\u2e3b\u2060" * 200,
}

#: Those of the texts that make the page wider than its window, each in both directions.
WIDER = """(texts, wide) => {
    const found = [];
    for (const [name, text] of Object.entries(wide)) for (const direction of ["ltr", "rtl"]) {
        for (const each of texts) {
            each.dir = direction;
            each.textContent = text;
        }
        const {scrollWidth, clientWidth} = document.documentElement;
        if (scrollWidth > clientWidth) found.push(`${name}, ${direction}: ${scrollWidth}`);
    }
    return found;
}"""


@pytest.fixture(scope="module", autouse=True)
def _posts(board: BoardProcess) -> None:
    """Beside the long thread: a thread whose posts stand close together, some of them reported."""
    picture = Upload("a file name.png", hostile.a_png(hostile.scene(60, 40)))
    for number in range(3):
        form = {"board": "b", "subject": f"subject {number}", "name": "somebody#trip"}
        board.post(**form, body="some letters", files=[picture])
        no = board.post(**form, thread=1, body="some letters", email="sage")["id"]
        board.send(board="b", report="1", reason="some reason", **{f"delete_{no}": "on"})
    board.settle()


def log_in(page: Page, board: BoardProcess) -> None:
    login = dict(
        line.split(": ", 1) for line in (board.data / "first-login.txt").read_text().splitlines()
    )
    page.goto("/mod/")
    page.get_by_label("Name").fill(login["name"])
    page.get_by_label("Password").fill(login["password"])
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Log out").wait_for()


def around(page: Page, box: Locator) -> Image.Image:
    """What is to be seen on the screen, but for the box."""
    seen = painted(page)
    place = box.bounding_box()
    assert place is not None
    right, bottom = ceil(place["x"] + place["width"]), ceil(place["y"] + place["height"])
    seen.paste((0, 0, 0), (int(place["x"]), int(place["y"]), right, bottom))
    return seen


def test_heap_of_marks_is_not_drawn_over_neighbours(chromium: Browser, board: BoardProcess) -> None:
    with a_visit(chromium, board, javascript=False, viewport=DESKTOP) as visit:
        page = visit.page
        log_in(page, board)
        for path, place in BOXES.items():
            page.goto(path)
            pictures_there(page)
            boxes = page.locator(place)
            box = boxes.nth(boxes.count() - 2)
            box.evaluate("box => box.scrollIntoView({block: 'center'})")
            texts = box.locator(TEXTS)
            assert texts.count() > 0, path
            before = around(page, box)
            texts.evaluate_all(HEAP)
            # Painted again, the edge of a box may be off by one shade in 256.
            changed = ImageChops.difference(around(page, box), before)
            assert changed.point(lambda v: v > 8 and 255).getbbox() is None, path


def test_wide_text_makes_no_page_wider(chromium: Browser, board: BoardProcess) -> None:
    with a_visit(chromium, board, javascript=False) as visit:
        page = visit.page
        log_in(page, board)
        for path, boxes in BOXES.items():
            page.goto(path)
            texts = page.locator(boxes).last.locator(TEXTS)
            assert texts.count() > 0
            for viewport in (PHONE, DESKTOP):
                page.set_viewport_size(viewport)
                assert texts.evaluate_all(WIDER, WIDE) == [], (path, viewport)
