"""Boards that came from elsewhere keep their names, and readers all their habits on them."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from imageboard.settings import BoardSettings, Settings
from imageboard.store import boards
from imageboard.store.database import Database
from tests.browser.visits import a_visit, begun, expect
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.browser

NAME = "λ_$"
FOLDER = f"/{quote(NAME, safe='$')}"


def test_quotes_own_posts_watching_and_hiding_work_on_a_board_of_any_name(
    chromium: Browser, board: BoardProcess
) -> None:
    database = Database(Settings.read(board.environment).database_url, connections_max=1)
    database.open()
    with database.transaction() as db:
        boards.add(db, NAME, BoardSettings(title="Programming"))
    database.close()
    thread = int(board.post(board=NAME, subject="Lambdas", body="The first post.")["id"])
    own = int(board.post(board=NAME, thread=thread, body="Mine.")["id"])
    answer = int(board.post(board=NAME, thread=thread, body=f">>{own}\nYours.")["id"])
    other = int(board.post(board=NAME, body=f">>{own}\nElsewhere.")["id"])
    board.settle()
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.add_init_script(
            f"localStorage['stillboard:own-posts'] = JSON.stringify({{{NAME!r}: [{own}]}})"
        )
        page.goto(f"{FOLDER}/res/{thread}.html")
        begun(page)
        expect(page.locator(f'[id="{answer}"]')).to_have_class("post reply reply-to-you")
        link = page.locator(f'[id="{answer}"] .body a.post-link')
        expect(link).to_have_attribute("data-marks", "(You)")
        link.click()
        expect(page.locator(f'[id="{answer}"] .inline-quote')).to_contain_text("Mine.")
        watch = page.locator(f'button.watch[data-thread="{NAME}/{thread}"]')
        watch.click()
        expect(watch).to_have_attribute("aria-pressed", "true")

        page.goto(f"{FOLDER}/res/{other}.html")
        begun(page)
        page.locator(f'[id="{other}"] .body a.post-link').hover()
        expect(page.locator(".preview")).to_contain_text("Mine.")

        page.goto(f"{FOLDER}/catalog.html")
        begun(page)
        expect(watch).to_have_attribute("aria-pressed", "true")
        tile = page.locator(f'li[id="thread_{other}"]')
        tile.get_by_role("button", name="Hide this thread").click()
        page.goto(f"{FOLDER}/")
        expect(page.locator(f'section[id="thread_{other}"]')).to_be_hidden()
