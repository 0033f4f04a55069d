"""A board whose posters are asked to solve a captcha, in a browser, under the real policy of pages.

reCAPTCHA is a stand-in: its check is a server of ours, its script is handed out at the real
script's address, so the browser lets it in, or not, as it would the real one. The captchas of our
own are real, but for the eye that reads letters: it has the key to the picture's seal.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imageboard.cloaks import derived_key
from imageboard.settings import Settings
from tests.browser.visits import a_visit, expect
from tests.cli.boards import RunningBoard
from tests.walk.board_process import BoardProcess, until_done
from tests.writer.captcha_stand_in import StandIn, a_stand_in
from writer import letters
from writer.captchas.picture import PictureCaptcha

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

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


@contextmanager
def a_guarded_board(**environ: str) -> Iterator[BoardProcess]:
    """With its limits on, which the captcha is one of."""
    with (
        tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder,
        until_done(RunningBoard(Path(folder) / "data", **environ)) as board,
    ):
        # A board that has no wait from its first moment: a writer knows a setting that was
        # changed only when its list of boards is a second old.
        board.cli("board", "add", "tea", "title=Tea", "reply_wait_s=0", "thread_wait_s=0")
        board.settle()
        yield board


@pytest.fixture(scope="module")
def guarded_board(provider: StandIn) -> Iterator[BoardProcess]:
    with a_guarded_board(
        RECAPTCHA_SITE_KEY="a-site-key",
        RECAPTCHA_SECRET_KEY="a-secret-key",
        STILLBOARD_RECAPTCHA_VERIFY_URL=provider.url,
    ) as board:
        yield board


@pytest.fixture(scope="module")
def altcha_board() -> Iterator[BoardProcess]:
    with a_guarded_board(STILLBOARD_CAPTCHA="altcha") as board:
        yield board


@pytest.fixture(scope="module")
def picture_board() -> Iterator[BoardProcess]:
    with a_guarded_board(STILLBOARD_CAPTCHA="picture") as board:
        yield board


def type_letters(page: Page, board: BoardProcess) -> None:
    """Those of the picture that is shown, in small letters."""
    image = page.locator(".captcha-picture img")
    expect(image).to_have_js_property("naturalWidth", letters.WIDTH)
    key = derived_key(Settings.read(board.environment).csrf_key, b"picture captcha")
    shown = page.locator("[name=captcha_id]").input_value()
    asked = PictureCaptcha(key, None, "").opened(shown)  # type: ignore[arg-type]
    assert asked is not None
    page.get_by_label("Letters of the picture").fill(asked.text.lower())


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
        # Its page is asked for until it is drawn.
        visit.expected_statuses = {403, 404}
        page = visit.page
        stand_in_for_google(page)
        start_thread(page, "Solved at the second try.")
        page.get_by_role("button", name="Start the thread").click()
        expect(page.get_by_role("alert")).to_contain_text("tick its box above the button")
        expect(page.get_by_label("Comment")).to_have_value("Solved at the second try.")

        page.get_by_label("I'm not a robot").check()
        page.get_by_role("button", name="Start the thread").click()
        page.wait_for_url("**/tea/res/*")
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


# --- ALTCHA ---


def test_whoever_has_scripts_does_not_notice_the_proof_of_work(
    chromium: Browser, altcha_board: BoardProcess
) -> None:
    """No post is refused on the way, and a double click is one post."""
    with a_visit(chromium, altcha_board, javascript=True) as visit:
        visit.expected_statuses = {404}
        page = visit.page
        start_thread(page, "Solved unasked.")
        expect(page.locator(".captcha")).to_contain_text("has shown that you are no robot")
        page.get_by_role("button", name="Start the thread").click()
        page.wait_for_url("**/tea/res/*")
        expect(page.locator("article.op")).to_contain_text("Solved unasked.")

        # Sent before anything was solved: it waits for that by itself.
        page.get_by_label("Comment").evaluate("field => { field.value = 'At once.'; }")
        page.get_by_role("button", name="Post the reply").dblclick()
        expect(page.locator("article.reply")).to_contain_text("At once.")
        page.get_by_label("Comment").fill("Once more.")
        page.get_by_role("button", name="Post the reply").click()
        expect(page.locator("article.reply")).to_have_count(2)


def test_challenge_that_did_not_come_costs_a_second_try(
    chromium: Browser, altcha_board: BoardProcess
) -> None:
    with a_visit(chromium, altcha_board, javascript=True) as visit:
        visit.expected_statuses = {403, 404, 503}
        page = visit.page
        page.route("**/captcha/altcha", lambda route: route.fulfill(status=503), times=2)
        start_thread(page, "The first try fails.")
        page.get_by_role("button", name="Start the thread").click()
        expect(page.get_by_role("alert")).to_contain_text("send the form again")
        expect(page.get_by_label("Comment")).to_have_value("The first try fails.")
        # Whoever's browser can solve nothing has letters; one that can now need not read them.
        expect(page.locator(".captcha-picture img")).to_have_js_property("complete", True)
        page.get_by_role("button", name="Start the thread").click()
        page.wait_for_url("**/tea/res/*")
        expect(page.locator("article.op")).to_contain_text("The first try fails.")


@pytest.mark.parametrize(
    "javascript", [False, True], ids=["no script", "a script that does nothing"]
)
def test_without_its_script_letters_are_read(
    chromium: Browser, altcha_board: BoardProcess, javascript: bool
) -> None:
    with a_visit(chromium, altcha_board, javascript=javascript) as visit:
        visit.expected_statuses = {403}
        page = visit.page
        page.route(
            "**/assets/scripts/altcha.*.js",
            lambda route: route.fulfill(content_type="text/javascript", body=""),
        )
        start_thread(page, "Read by a person.")
        page.get_by_label("Name").fill("Somebody")
        page.get_by_role("button", name="Start the thread").click()
        expect(page.get_by_role("alert")).to_contain_text("type the letters of the picture")
        expect(page.get_by_label("Name")).to_have_value("Somebody")

        page.get_by_label("Letters of the picture").fill("not these")
        page.get_by_role("button", name="Send it again").click()
        expect(page.get_by_role("alert")).to_contain_text("not the letters")
        type_letters(page, altcha_board)
        page.get_by_role("button", name="Send it again").click()
        expect(page.locator("article.op")).to_contain_text("Read by a person.")
        expect(page.locator("article.op")).to_contain_text("Somebody")


# --- the picture ---


def test_letters_are_shown_in_the_form_when_somebody_begins_to_write(
    chromium: Browser, picture_board: BoardProcess
) -> None:
    with a_visit(chromium, picture_board, javascript=True) as visit:
        visit.expected_statuses = {404}
        page = visit.page
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/tea/")
        assert not [url for url in asked if "/captcha/" in url], "a reader costs nothing"
        start_thread(page, "Typed from the form.")
        first = page.locator("[name=captcha_id]")
        expect(first).not_to_have_value("")
        before = first.input_value()
        page.get_by_role("button", name="Another picture").click()
        expect(first).not_to_have_value(before)
        type_letters(page, picture_board)
        page.get_by_role("button", name="Start the thread").click()
        page.wait_for_url("**/tea/res/*")
        expect(page.locator("article.op")).to_contain_text("Typed from the form.")


def test_letters_are_shown_with_the_refusal_to_who_has_no_script(
    chromium: Browser, picture_board: BoardProcess
) -> None:
    with a_visit(chromium, picture_board, javascript=False) as visit:
        visit.expected_statuses = {403}
        page = visit.page
        start_thread(page, "Typed from the refusal.")
        page.get_by_role("button", name="Start the thread").click()
        expect(page.get_by_role("alert")).to_contain_text("Type the letters")
        type_letters(page, picture_board)
        page.get_by_role("button", name="Send it again").click()
        expect(page.locator("article.op")).to_contain_text("Typed from the refusal.")
