"""Pictures of every kind of page in each theme: `python -m tests.browser.screenshots`.

They are put below var/screenshots/, which Git leaves alone: THEME/SCREEN/PAGE.png, and those of the
plain theme also as on a dark system. To look at some of them alone:
`python -m tests.browser.screenshots --pages busy_thread desk_home --themes night --screens phone`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from cli import programs
from imageboard.themes import THEMES, Theme
from tests.browser import shown_pages
from tests.house_rules.repository import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = ROOT / "var" / "screenshots"
SCREENS: dict[str, dict[str, Any]] = {
    "phone": {
        "viewport": {"width": 360, "height": 740},
        "device_scale_factor": 2,
        "has_touch": True,
        "is_mobile": True,
    },
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "large": {"viewport": {"width": 3840, "height": 2160}},
}


def schemes(theme: Theme) -> Iterator[tuple[str, str]]:
    """Each colour scheme of a system in which the theme looks different, and what to call it."""
    yield ("light" if theme.light else "dark"), theme.name
    if theme.light and theme.dark:
        yield "dark", f"{theme.name}-dark"


def take(
    browser: Browser, theme: str, scheme: str, screen: str, kinds: list[str], folder: Path
) -> None:
    proxy = shown_pages.proxy()
    context = browser.new_context(color_scheme=scheme, proxy=proxy, **SCREENS[screen])
    page = context.new_page()
    chosen = json.dumps(json.dumps({"theme": theme}))
    page.add_init_script(f"localStorage['stillboard:settings'] = {chosen}")
    for kind in kinds:
        page.goto(shown_pages.address(kind))
        # The desk runs no script.
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        page.screenshot(path=folder / f"{kind}.png", full_page=kind != "busy_thread")
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = list(shown_pages.every_page())
    by_name = {theme.name: theme for theme in THEMES}
    parser.add_argument("--pages", nargs="+", default=kinds, choices=kinds, metavar="PAGE")
    parser.add_argument("--themes", nargs="+", default=list(by_name), choices=list(by_name))
    parser.add_argument("--screens", nargs="+", default=list(SCREENS), choices=list(SCREENS))
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=programs.PROGRAMS["chromium"].place, args=["--no-sandbox"]
        )
        for theme in chosen.themes:
            for scheme, name in schemes(by_name[theme]):
                for screen in chosen.screens:
                    folder = chosen.folder / name / screen
                    take(browser, theme, scheme, screen, chosen.pages, folder)
                    print(folder)
        browser.close()


if __name__ == "__main__":
    main()
