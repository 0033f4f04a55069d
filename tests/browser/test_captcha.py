"""A board whose posters are asked to solve a captcha, in a browser, under the real policy of pages.

The provider is a stand-in: its check is a server of ours, its script is handed out at the real
script's address, so the browser lets it in, or not, as it would the real one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.visits import a_visit
from tests.cli.boards import RunningBoard
from tests.walk.board_process import BoardProcess
from tests.writer.captcha_stand_in import StandIn, a_stand_in

pytestmark = pytest.mark.browser

SCRIPT = """
for (const place of document.querySelectorAll(".g-recaptcha")) {
    const label = document.createElement("label"), box = document.createElement("input");
    const answer = document.createElement("textarea"), frame = document.createElement("iframe");
    box.type = "checkbox";
    box.onchange = () => { answer.value = "solved with " + place.dataset.sitekey; };
    label.append(box, "I'm not a robot");
    answer.name = "g-recaptcha-response";
    answer.hidden = true;
    frame.title = "reCAPTCHA";
    frame.src = "https://www.google.com/recaptcha/api2/anchor";
    place.append(label, answer, frame);
}
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[StandIn]:
    with a_stand_in() as provider:
        yield provider


@pytest.fixture(scope="module")
def guarded_board(provider: StandIn) -> Iterator[BoardProcess]:
    """With its limits on, which the captcha is one of."""
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        running = RunningBoard(
            Path(folder) / "data",
            RECAPTCHA_SITE_KEY="a-site-key",
            RECAPTCHA_SECRET_KEY="a-secret-key",
            STILLBOARD_RECAPTCHA_VERIFY_URL=provider.url,
        )
        board = BoardProcess(running)
        try:
            # A board that has no wait from its first moment: a writer knows a setting that was
            # changed only when its list of boards is a second old.
            board.cli("board", "add", "tea", "title=Tea", "reply_wait_s=0", "thread_wait_s=0")
            board.settle()
            yield board
        finally:
            board.http.close()
            running.stop()


def stand_in_for_google(page: Page) -> None:
    def answer(route: Route) -> None:
        if route.request.url == "https://www.google.com/recaptcha/api.js":
            route.fulfill(content_type="text/javascript", body=SCRIPT)
        else:
            route.fulfill(content_type="text/html", body="<!DOCTYPE html><title>Anchor</title>")

    page.route("https://www.google.com/**", answer)


def start_thread(page: Page, text: str) -> None:
    page.goto("/tea/")
    page.get_by_text("Start a new thread").click()
    page.get_by_label("Comment").fill(text)


def test_post_goes_through_the_widget_of_the_page(
    chromium: Browser, guarded_board: BoardProcess, provider: StandIn
) -> None:
    with a_visit(chromium, guarded_board, javascript=True) as visit:
        visit.expected_statuses = {403}
        page = visit.page
        stand_in_for_google(page)
        start_thread(page, "Solved at the second try.")
        page.get_by_role("button", name="Start the thread").click()
        expect(page.get_by_role("alert")).to_contain_text("tick its box above the button")
        expect(page.get_by_label("Comment")).to_have_value("Solved at the second try.")

        page.get_by_label("I'm not a robot").check()
        page.get_by_role("button", name="Send it again").click()
        expect(page.locator("article.op")).to_contain_text("Solved at the second try.")

        page.get_by_label("Comment").fill("Solved at once.")
        page.get_by_label("I'm not a robot").check()
        page.get_by_role("button", name="Post the reply").click()
        expect(page.locator("article.reply")).to_contain_text("Solved at once.")
    assert [asked["response"] for asked in provider.asked] == [["solved with a-site-key"]] * 2


def test_reader_without_scripts_is_told_what_to_do(
    chromium: Browser, guarded_board: BoardProcess
) -> None:
    with a_visit(chromium, guarded_board, javascript=False) as visit:
        visit.expected_statuses = {403}
        page = visit.page
        start_thread(page, "Without scripts.")
        page.get_by_role("button", name="Start the thread").click()
        expect(page.get_by_role("alert")).to_contain_text("needs JavaScript")
        expect(page.get_by_label("Comment")).to_have_value("Without scripts.")
