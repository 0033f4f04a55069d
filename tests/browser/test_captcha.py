"""Posters are asked to solve a captcha, in a browser, under the real policy of pages.

Those of other people are stand-ins: their check is a server of ours, their script is handed out at
the real script's address, so the browser lets it in, or not, as it would the real one. The captchas
of our own are real, but for the eye that reads letters: it has the key to the picture's seal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from deploy.embedded.valkey import Valkey
from imageboard.captchas import BY_NAME
from imageboard.store import boards
from imageboard.store.database import Database
from tests.browser.captcha_site import CaptchaSite, a_captcha_site
from tests.browser.visits import Shoulder, a_visit, begun, expect
from tests.writer.captcha_stand_in import StandIn, a_stand_in
from writer import letters
from writer.board_list import BoardList
from writer.captchas import picture
from writer.outage import Instead

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser


@pytest.fixture
def site(
    chromium: Browser, database: Database, database_url: str, valkey_server: Valkey, queue: Any
) -> Any:
    """`with site(STILLBOARD_CAPTCHA="altcha") as (board, visit)`: a board, and somebody there."""

    @contextmanager
    def visited(
        *, javascript: bool = True, **environ: str
    ) -> Iterator[tuple[CaptchaSite, Shoulder]]:
        with (
            a_captcha_site(database, database_url, valkey_server, **environ) as board,
            a_visit(chromium, board, javascript=javascript) as visit,
        ):
            visit.expected_statuses = {403}
            yield board, visit

    return visited


def type_letters(page: Page, seen: picture.PictureCaptcha) -> None:
    """Those of the picture that is shown, in small letters."""
    image = page.locator(".captcha-picture img")
    expect(image).to_have_js_property("naturalWidth", letters.WIDTH)
    expect(page.locator("[name=captcha_id]")).not_to_have_value("")
    asked = seen.opened(page.locator("[name=captcha_id]").input_value())
    assert asked is not None
    page.get_by_label("Letters of the picture").fill(asked.text.lower())


def eye(board: CaptchaSite, database: Database) -> picture.PictureCaptcha:
    return picture.from_settings(board.settings, database, BoardList(database))


def start_thread(page: Page, text: str, *, begins: bool = True) -> None:
    """`begins`: scripts run."""
    page.goto("/tea/")
    if begins:
        begun(page)
    page.get_by_text("Start a new thread").click()
    page.get_by_label("Comment").fill(text)


def reply(page: Page, text: str) -> None:
    """On a page whose scripts run."""
    begun(page)
    page.get_by_label("Comment").fill(text)
    page.get_by_role("button", name="Post the reply").click()


def see_replies(page: Page, count: int) -> None:
    """And the form empty for the next: the thread may show a post before its answer is read."""
    expect(page.locator("article.reply")).to_have_count(count)
    expect(page.get_by_label("Comment")).to_have_value("")


# --- of other people ---


class Widget(NamedTuple):
    """What a provider's script puts into a page, and from where."""

    name: str
    #: The element that waits for it, and the object by which pages speak to it.
    place: str
    spoken_to: str
    script: str
    frame: str

    @property
    def body(self) -> str:
        (answers_in,) = BY_NAME[self.name].fields
        return f"""
for (const place of document.querySelectorAll(".{self.place}")) {{
    const label = document.createElement("label"), box = document.createElement("input");
    const answer = document.createElement("textarea"), frame = document.createElement("iframe");
    box.type = "checkbox";
    box.onchange = () => {{ answer.value = "solved-with-" + place.dataset.sitekey; }};
    label.append(box, "I'm not a robot");
    answer.name = "{answers_in}";
    answer.hidden = true;
    frame.title = "{self.name}";
    frame.src = "{self.frame}";
    place.append(label, answer, frame);
    globalThis.{self.spoken_to} = {{ reset() {{ box.checked = false; answer.value = ""; }} }};
}}
"""

    def stand_in(self, page: Page) -> None:
        def answer(route: Route) -> None:
            if route.request.url == self.script:
                route.fulfill(content_type="text/javascript", body=self.body)
            else:
                assert route.request.url == self.frame
                route.fulfill(content_type="text/html", body="<!DOCTYPE html><title>Frame</title>")

        page.route(re.compile("^https://"), answer)

    def keys(self, provider: StandIn) -> dict[str, str]:
        name = self.name.upper()
        return {
            f"{name}_SITE_KEY": "a-site-key",
            f"{name}_SECRET_KEY": "a-secret-key",
            f"STILLBOARD_{name}_VERIFY_URL": provider.url,
        }


WIDGETS = (
    Widget(
        "recaptcha",
        "g-recaptcha",
        "grecaptcha",
        "https://www.google.com/recaptcha/api.js",
        "https://www.google.com/recaptcha/api2/anchor",
    ),
    Widget(
        "hcaptcha",
        "h-captcha",
        "hcaptcha",
        "https://js.hcaptcha.com/1/api.js",
        "https://newassets.hcaptcha.com/captcha/v1/static/hcaptcha.html",
    ),
    Widget(
        "turnstile",
        "cf-turnstile",
        "turnstile",
        "https://challenges.cloudflare.com/turnstile/v0/api.js",
        "https://challenges.cloudflare.com/cdn-cgi/challenge-platform/h/g/turnstile",
    ),
)


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: widget.name)
def test_post_goes_through_somebody_elses_widget_and_through_their_outage(
    site: Any, database: Database, widget: Widget
) -> None:
    """At the second try, at once, and by letters while nobody answers."""
    with a_stand_in() as provider, site(**widget.keys(provider)) as (board, visit):
        page = visit.page
        widget.stand_in(page)
        provider.says(**{"success": False, "error-codes": ["invalid-input-response"]})
        start_thread(page, "Solved at the second try.")
        page.get_by_label("I'm not a robot").wait_for()
        page.get_by_role("button", name="Start the thread").click()
        expect(page.get_by_role("alert")).to_contain_text("The captcha was not solved")
        expect(page.get_by_label("Comment")).to_have_value("Solved at the second try.")
        provider.says(success=True)
        page.get_by_label("I'm not a robot").check()
        page.get_by_role("button", name="Start the thread").click()
        page.wait_for_url("**/tea/res/*")
        expect(page.locator("article.op")).to_contain_text("Solved at the second try.")

        page.get_by_label("I'm not a robot").check()
        reply(page, "Solved at once.")
        see_replies(page, 1)
        expect(page.get_by_label("I'm not a robot")).not_to_be_checked()
        responses = [asked["response"] for asked in provider.asked]
        assert responses[-2:] == [["solved-with-a-site-key"]] * 2

        provider.status = 503
        page.get_by_label("I'm not a robot").check()
        reply(page, "In their outage.")
        expect(page.get_by_role("alert")).to_contain_text("Type the letters of the picture instead")
        type_letters(page, Instead.from_settings(board.settings, database).picture)
        page.get_by_role("button", name="Post the reply").click()
        see_replies(page, 2)


def test_reader_without_scripts_is_told_what_to_do(site: Any) -> None:
    keys = WIDGETS[1].keys
    with a_stand_in() as provider, site(javascript=False, **keys(provider)) as (_board, visit):
        page = visit.page
        provider.says(**{"success": False, "error-codes": ["invalid-input-response"]})
        start_thread(page, "Without scripts.", begins=False)
        page.get_by_role("button", name="Start the thread").click()
        expect(page.get_by_role("alert")).to_contain_text("needs JavaScript")
        expect(page.get_by_label("Comment")).to_have_value("Without scripts.")


def test_reader_without_scripts_reads_letters_in_an_outage(site: Any, database: Database) -> None:
    keys = WIDGETS[2].keys
    with a_stand_in() as provider, site(javascript=False, **keys(provider)) as (board, visit):
        page = visit.page
        provider.status = 503
        start_thread(page, "Without scripts, in an outage.", begins=False)
        page.get_by_role("button", name="Start the thread").click()
        expect(page.get_by_role("alert")).to_contain_text("Type the letters of the picture instead")
        type_letters(page, Instead.from_settings(board.settings, database).picture)
        page.get_by_role("button", name="Send it again").click()
        expect(page.locator("article.op")).to_contain_text("Without scripts, in an outage.")


# --- ALTCHA, and a pass ---


def test_whoever_has_scripts_does_not_notice_the_proof_of_work(site: Any) -> None:
    """No post is refused on the way, and a double click is one post."""
    with site(STILLBOARD_CAPTCHA="altcha") as (_board, visit):
        visit.expected_statuses = set()
        page = visit.page
        start_thread(page, "Solved unasked.")
        expect(page.locator(".captcha")).to_contain_text("has shown that you are no robot")
        page.get_by_role("button", name="Start the thread").click()
        page.wait_for_url("**/tea/res/*")
        begun(page)
        expect(page.locator("article.op")).to_contain_text("Solved unasked.")

        # Sent before anything was solved: it waits for that by itself.
        page.get_by_label("Comment").evaluate("field => { field.value = 'At once.'; }")
        page.get_by_role("button", name="Post the reply").dblclick()
        see_replies(page, 1)
        reply(page, "Once more.")
        see_replies(page, 2)


def test_whoever_has_a_pass_does_no_sums_until_it_is_used_up(site: Any, database: Database) -> None:
    with site(STILLBOARD_CAPTCHA="altcha") as (_board, visit):
        with database.transaction() as db:
            boards.change_settings(db, "tea", {"captcha_pass_posts": "2"})
        page = visit.page
        challenges: list[str] = []
        page.on("request", lambda request: challenges.append(request.url))
        start_thread(page, "It earns a pass.")
        page.get_by_role("button", name="Start the thread").click()
        page.wait_for_url("**/tea/res/*")
        begun(page)
        asked = [url for url in challenges if "/captcha/" in url]
        for number in (1, 2):
            reply(page, f"Spared {number}.")
            see_replies(page, number)
        assert [url for url in challenges if "/captcha/" in url] == asked
        reply(page, "Solved again.")
        see_replies(page, 3)
        assert len([url for url in challenges if "/captcha/" in url]) == len(asked) + 1


def test_challenge_that_did_not_come_costs_a_second_try(site: Any) -> None:
    with site(STILLBOARD_CAPTCHA="altcha") as (_board, visit):
        visit.expected_statuses = {403, 503}
        page = visit.page
        page.route("**/captcha/altcha", lambda route: route.fulfill(status=503))
        start_thread(page, "The first try fails.")
        page.get_by_role("button", name="Start the thread").click()
        expect(page.get_by_role("alert")).to_contain_text("send the form again")
        expect(page.get_by_label("Comment")).to_have_value("The first try fails.")
        page.unroute("**/captcha/altcha")
        # Whoever's browser can solve nothing has letters; one that can now need not read them.
        expect(page.locator(".captcha-picture img")).to_have_js_property("complete", True)
        page.get_by_role("button", name="Start the thread").click()
        page.wait_for_url("**/tea/res/*")
        expect(page.locator("article.op")).to_contain_text("The first try fails.")


@pytest.mark.parametrize(
    "javascript", [False, True], ids=["no script", "a script that does nothing"]
)
def test_without_its_script_letters_are_read(
    site: Any, database: Database, javascript: bool
) -> None:
    with site(javascript=javascript, STILLBOARD_CAPTCHA="altcha") as (board, visit):
        page = visit.page
        page.route(
            "**/assets/scripts/altcha.*.js",
            lambda route: route.fulfill(content_type="text/javascript", body=""),
        )
        start_thread(page, "Read by a person.", begins=javascript)
        page.get_by_label("Name").fill("Somebody")
        page.get_by_role("button", name="Start the thread").click()
        expect(page.get_by_role("alert")).to_contain_text("type the letters of the picture")
        expect(page.get_by_label("Name")).to_have_value("Somebody")

        page.get_by_label("Letters of the picture").fill("not these")
        page.get_by_role("button", name="Send it again").click()
        expect(page.get_by_role("alert")).to_contain_text("not the letters")
        type_letters(page, eye(board, database))
        page.get_by_role("button", name="Send it again").click()
        expect(page.locator("article.op")).to_contain_text("Read by a person.")
        expect(page.locator("article.op")).to_contain_text("Somebody")


# --- the picture ---


def test_letters_are_shown_and_spoken_in_the_form_when_somebody_begins_to_write(
    site: Any, database: Database
) -> None:
    with site(STILLBOARD_CAPTCHA="picture") as (board, visit):
        page = visit.page
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/tea/")
        begun(page)
        assert not [url for url in asked if "/captcha/" in url], "a reader costs nothing"
        start_thread(page, "Typed from the form.")
        first = page.locator("[name=captcha_id]")
        expect(first).not_to_have_value("")
        before = first.input_value()
        page.get_by_role("button", name="Another picture").click()
        expect(first).not_to_have_value(before)
        assert not [url for url in asked if ".wav" in url], "nobody listens"
        length_s = page.locator(".captcha-picture audio").evaluate(
            """audio => new Promise((loaded, failed) => {
                audio.addEventListener("loadedmetadata", () => loaded(audio.duration));
                audio.addEventListener("error", () => failed(audio.error.message));
                audio.preload = "metadata";
                audio.load();
            })"""
        )
        assert length_s > 3
        type_letters(page, eye(board, database))
        page.get_by_role("button", name="Start the thread").click()
        page.wait_for_url("**/tea/res/*")
        expect(page.locator("article.op")).to_contain_text("Typed from the form.")


def test_letters_are_shown_with_the_refusal_to_who_has_no_script(
    site: Any, database: Database
) -> None:
    with site(javascript=False, STILLBOARD_CAPTCHA="picture") as (board, visit):
        page = visit.page
        start_thread(page, "Typed from the refusal.", begins=False)
        page.get_by_role("button", name="Start the thread").click()
        expect(page.get_by_role("alert")).to_contain_text("Type the letters")
        expect(page.locator(".captcha-picture audio")).to_be_visible()
        type_letters(page, eye(board, database))
        page.get_by_role("button", name="Send it again").click()
        expect(page.locator("article.op")).to_contain_text("Typed from the refusal.")


# --- the question ---


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_question_is_answered_in_the_form_or_with_the_refusal(site: Any, javascript: bool) -> None:
    asking = {
        "STILLBOARD_CAPTCHA": "question",
        "STILLBOARD_CAPTCHA_QUESTIONS": "Tea or milk? = Tea",
    }
    with site(javascript=javascript, **asking) as (_board, visit):
        page = visit.page
        start_thread(page, "Answered.", begins=javascript)
        if javascript:
            page.get_by_label("Tea or milk?").fill("milk")
            page.get_by_role("button", name="Start the thread").click()
            expect(page.get_by_role("alert")).to_contain_text("not the answer")
        else:
            page.get_by_role("button", name="Start the thread").click()
            expect(page.get_by_role("alert")).to_contain_text("Answer the question")
        expect(page.locator("[name=captcha_id]")).not_to_have_value("")
        expect(page.get_by_label("Tea or milk?")).to_have_value("")
        page.get_by_label("Tea or milk?").fill("T E A")
        send = "Start the thread" if javascript else "Send it again"
        page.get_by_role("button", name=send).click()
        expect(page.locator("article.op")).to_contain_text("Answered.")
