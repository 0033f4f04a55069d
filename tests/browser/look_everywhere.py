"""Every kind of page in every theme, light and dark, on a phone and on a desktop, as axe sees it.

    python -m tests.browser.look_everywhere

The suite looks at each kind in one theme and at each theme on a few kinds (test_look.py); all of it
takes up to a quarter of an hour. Some alone: `--pages busy_thread --themes night --screens phone`.
Exit status 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from cli import programs
from imageboard.themes import THEMES, Theme
from tests.browser import shown_pages
from tests.browser.looks import (
    FAINT,
    FAULTS,
    LARGE_LETTERS,
    PRESSED_PX,
    SCREENS,
    TOO_SMALL,
    TOO_WIDE,
    WEAR,
    a_page,
    schemes,
    take_axe,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page


def faults_of(page: Page, kind: str, themes: list[Theme], screen: str) -> Iterator[str]:
    """What is wrong with one kind of page: 'thread, night on a dark phone: color-contrast …'."""
    page.goto(shown_pages.address(kind))
    take_axe(page)
    for theme in themes:
        for scheme in schemes(theme):
            page.emulate_media(color_scheme=scheme)
            page.evaluate(WEAR, theme.name)
            found = page.evaluate(FAULTS) + page.evaluate(FAINT)
            found += page.evaluate(TOO_WIDE) + page.evaluate(TOO_SMALL, PRESSED_PX[screen])
            yield from (f"{kind}, {theme.name} on a {scheme} {screen}: {fault}" for fault in found)
    page.evaluate(LARGE_LETTERS)
    yield from (f"{kind}, large letters on a {screen}: {it}" for it in page.evaluate(TOO_WIDE))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = list(shown_pages.every_page())
    by_name = {theme.name: theme for theme in THEMES}
    parser.add_argument("--pages", nargs="+", default=kinds, choices=kinds, metavar="PAGE")
    parser.add_argument("--themes", nargs="+", default=list(by_name), choices=list(by_name))
    parser.add_argument("--screens", nargs="+", default=list(SCREENS), choices=list(SCREENS))
    chosen = parser.parse_args()
    faults: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=programs.PROGRAMS["chromium"].place, args=["--no-sandbox"]
        )
        for screen in chosen.screens:
            with a_page(chromium, **SCREENS[screen]) as page:
                for kind in chosen.pages:
                    found = [*faults_of(page, kind, [by_name[n] for n in chosen.themes], screen)]
                    print(
                        f"{kind} on a {screen}: {len(found)} faults", *found, sep="\n", flush=True
                    )
                    faults += found
        chromium.close()
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
