"""What it looks like, for the README and for volunteers: `python -m tests.browser.readme_pictures`.

Starts a board, fills it with the demo and writes docs/pictures/NAME.webp. It is called before a
version when pages look otherwise than they did.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from cli import programs
from deploy.environment import ROOT
from tests.walk.board_process import BoardProcess, a_board_process

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = ROOT / "docs" / "pictures"
BYTES_MAX = 60 * 1024
_QUALITIES = range(86, 20, -6)


class Shot(NamedTuple):
    """A page, as a window of this size shows it."""

    name: str
    path: str
    width: int
    height: int
    #: The element that is brought to the upper edge.
    at: str = "body"
    is_of_staff: bool = False


SHOTS = (
    Shot("board", "/draw/", 1000, 900),
    Shot("catalog", "/overboard/catalog.html", 1000, 900),
    Shot("phone", "/dice/res/1.html", 390, 844, at="article.reply"),
    Shot("phone-night", "/retro/", 390, 844),
    Shot("desk", "/mod/reports", 1000, 480, is_of_staff=True),
    Shot("desk-reports", "/mod/reports", 390, 844, at="article", is_of_staff=True),
    Shot("desk-post", "{reported}", 390, 844, at="form.post-form", is_of_staff=True),
    Shot("desk-removed", "/mod/removed", 390, 500, is_of_staff=True),
    Shot("desk-states", "/mod/states", 390, 844, at="h1", is_of_staff=True),
)
#: What the desk shows: the first post of a board with these words, and what was reported of it.
_REPORTS = (
    ("b", "I had to read that twice", "Somebody should frame this"),
    ("tec", "What do the odd keys", "Off topic? No, sorry, I pressed the wrong button"),
    ("food", "Four minutes is a broth", "Slander of broth"),
)


def main() -> None:
    # Here: it is looked for by whoever takes pictures alone.
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(exist_ok=True)
    with a_board_process() as board, sync_playwright() as playwright:
        board.cli("seed")
        reported = _report(board)
        _remove(board)
        board.settle()
        browser = playwright.chromium.launch(
            executable_path=programs.PROGRAMS["chromium"].place, args=["--no-sandbox"]
        )
        for shot in SHOTS:
            path = FOLDER / f"{shot.name}.webp"
            shown = shot._replace(path=shot.path.format(reported=reported[0]))
            path.write_bytes(_small(_taken(browser, board, shown)))
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")
        browser.close()


def _report(board: BoardProcess) -> list[str]:
    """Where the desk has what was reported."""
    pages = []
    for name, words, reason in _REPORTS:
        (found, *_) = board.read(f"/search.json?board={name}&q={words}")["posts"]
        board.send(board=name, report=1, reason=reason, **{f"delete_{found['no']}": "on"})
        pages.append(f"/mod/{name}/{found['no']}")
    return pages


def _remove(board: BoardProcess) -> None:
    """The last post of the first board page of /retro/."""
    *_, last = board.read("/retro/0.json")["threads"][-1]["posts"]
    desk = board.staff_desk()
    desk.press("delete", "retro", last["no"])
    desk.close()


def _taken(browser: Browser, board: BoardProcess, shot: Shot) -> bytes:
    """As a PNG."""
    page = browser.new_page(
        base_url=board.url,
        viewport={"width": shot.width, "height": shot.height},
    )
    if shot.is_of_staff:
        _log_in(page, board.data)
    page.goto(shot.path)
    page.evaluate("at => document.querySelector(at).scrollIntoView()", shot.at)
    # What is loaded lazily comes when it is in sight.
    page.wait_for_load_state("networkidle")
    picture = page.screenshot()
    page.close()
    return picture


def _log_in(page: Page, data: Path) -> None:
    told = dict(line.split(": ", 1) for line in (data / "first-login.txt").read_text().splitlines())
    page.goto("/mod/")
    page.fill("input[name=name]", told["name"])
    page.fill("input[name=password]", told["password"])
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/mod/")


def _small(png: bytes) -> bytes:
    """The best WebP that has BYTES_MAX at most."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in _QUALITIES:
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= BYTES_MAX:
            return out.getvalue()
    raise AssertionError("the picture shows too much for its bytes: make it smaller")


if __name__ == "__main__":
    main()
