"""Two readers of one thread behind a CDN: what one of them writes, the other sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.visits import a_visit, begun, expect
from tests.edge_twin.running import a_board_behind_an_edge

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_post_of_one_browser_is_seen_in_another_through_the_edges_copies(
    chromium: Browser,
) -> None:
    """`python -m tests.browser.bench_pages --runs 0 --edge` says how soon."""
    with a_board_behind_an_edge() as behind:
        thread = int(behind.board.post(board="b", body="For two.")["id"])
        behind.board.settle()
        visits = (a_visit(chromium, behind, javascript=True) for _ in range(2))
        with next(visits) as writer, next(visits) as reader:
            for page in (reader.page, writer.page):
                page.goto(f"/b/res/{thread}.html")
                begun(page)
                expect(page.locator(".live-bar")).to_be_visible()
            reader.page.evaluate("window.stays = true")
            for text in ("One.", "And another."):
                writer.page.locator("textarea[name=body]").fill(text)
                writer.page.get_by_role("button", name="Post the reply").click()
                expect(reader.page.locator("article.reply").last).to_contain_text(text)
                expect(writer.page.locator("textarea[name=body]")).to_have_value("")
            assert reader.page.evaluate("window.stays")
