"""A reader has the board tell them of replies, and closes it: from the button to the note."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from deploy.inspection import asks_database
from tests.browser.visits import a_visit, begun, expect, until
from tests.deploy.stand_ins import eventually
from tests.walk.board_process import BoardProcess, a_board_process
from tests.writer.push_stand_in import Browser as Subscribed
from tests.writer.push_stand_in import StandIn, a_push_service

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

#: Chromium's own service is not to be had in a test: its answer is given by the test's.
SUBSCRIBE = """([endpoint, p256dh, auth]) => {
    const mine = {
        endpoint, options: {}, toJSON: () => ({ endpoint, keys: { p256dh, auth } }),
        unsubscribe: async () => { window.subscribed = null; return true; },
    };
    window.subscribed = null;
    PushManager.prototype.getSubscription = async () => window.subscribed;
    PushManager.prototype.subscribe = async (asked) => {
        window.askedFor = asked;
        return window.subscribed = mine;
    };
}"""
#: A headless Chromium shows no notes: they are taken from the program's hand.
TAKE_NOTES = """() => {
    self.notes = [];
    self.registration.getNotifications = async () => [];
    self.registration.showNotification = async (title, { body, tag, lang }) => {
        self.notes.push({ title, body, tag, lang });
    };
}"""


@pytest.fixture(scope="module")
def service() -> Iterator[StandIn]:
    with a_push_service() as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def told_board(service: StandIn) -> Iterator[BoardProcess]:
    with a_board_process(
        STILLBOARD_PUSH="on",
        STILLBOARD_PUSH_SERVICES=service.url,
        STILLBOARD_SITE_URL="http://127.0.0.1",
        STILLBOARD_LANGUAGE="de",
    ) as board:
        yield board


def registration_of(page: Page) -> tuple[object, str]:
    """The program that says the words, as DevTools know it."""
    devtools = page.context.new_cdp_session(page)
    found: list[str] = []

    def note(event: dict[str, list[dict[str, str]]]) -> None:
        for each in event["registrations"]:
            if each["scopeURL"].endswith("/assets/scripts/"):
                found.append(each["registrationId"])

    devtools.on("ServiceWorker.workerRegistrationUpdated", note)
    devtools.send("ServiceWorker.enable")
    while not found:
        page.evaluate("0")
    return devtools, found[0]


def subscriptions(board: BoardProcess) -> int:
    """How many the board holds, of readers of this test and of others."""
    counting = "SELECT count(*) FROM push_subscriptions"
    return asks_database(
        board.running.settings, lambda db: int((db.execute(counting).fetchone() or (0,))[0])
    )


def test_reader_is_told_of_a_reply_in_the_words_of_the_page_and_stops_it_again(
    chromium: Browser, told_board: BoardProcess, service: StandIn
) -> None:
    board = told_board
    no = int(board.post(board="b", subject="Kettles", body="Who has one?")["id"])
    board.settle()
    reader, before = Subscribed(service), subscriptions(board)
    with a_visit(chromium, board, javascript=True, keeps_threads=True) as visit:
        page = visit.page
        page.context.grant_permissions(["notifications"], origin=board.url.rstrip("/"))
        page.goto(f"/b/res/{no}.html")
        begun(page)
        page.evaluate(SUBSCRIBE, list(reader.fields.values()))
        mine = page.get_by_role("button", name="Bei Antworten an mich benachrichtigen")
        expect(mine).to_have_count(0)
        every = page.get_by_role("button", name="Bei jeder Antwort benachrichtigen")
        expect(every).to_have_attribute("aria-pressed", "false")
        every.click()
        expect(every).to_have_attribute("aria-pressed", "true")
        assert "✓" in every.evaluate("button => getComputedStyle(button, '::before').content")
        asked = page.evaluate(
            "[window.askedFor.userVisibleOnly, window.askedFor.applicationServerKey.length]"
        )
        assert asked == [True, 65]
        assert subscriptions(board) == before + 1
        devtools, registration = registration_of(page)

        # The reader is elsewhere.
        page.goto("/b/")
        board.post(board="b", thread=no, body="I have.")
        assert eventually(lambda: reader.messages)
        (message,) = reader.messages
        assert message == {"board": "b", "thread": no, "count": 1, "every": True}
        told = {
            "origin": board.url.rstrip("/"),
            "registrationId": registration,
            "data": json.dumps(message),
        }
        (program,) = [each for each in page.context.service_workers if "/push_worker." in each.url]
        program.evaluate(TAKE_NOTES)
        devtools.send("ServiceWorker.deliverPushMessage", told)  # type: ignore[attr-defined]
        assert eventually(lambda: program.evaluate("self.notes.length"))
        assert program.evaluate("self.notes") == [
            {"title": "/b/ Kettles", "body": "Neue Antworten: 1", "tag": f"b/{no}", "lang": "de"}
        ]

        page.goto(f"/b/res/{no}.html")
        begun(page)
        page.evaluate(SUBSCRIBE, list(reader.fields.values()))
        page.evaluate("PushManager.prototype.subscribe.call(null, {})")
        expect(every).to_have_attribute("aria-pressed", "true")
        every.click()
        expect(every).to_have_attribute("aria-pressed", "false")
        until(
            page,
            """async () => !(await caches.has("push"))
                && !(await navigator.serviceWorker.getRegistrations())
                    .some(({ scope }) => scope.endsWith("/assets/scripts/"))""",
        )
    assert subscriptions(board) == before


def test_reader_with_own_posts_may_be_told_of_replies_to_them_alone(
    chromium: Browser, told_board: BoardProcess, service: StandIn
) -> None:
    board = told_board
    no = int(board.post(board="b", body="Another one.")["id"])
    board.settle()
    reader = Subscribed(service, "author")
    with a_visit(chromium, board, javascript=True, keeps_threads=True) as visit:
        page = visit.page
        page.context.grant_permissions(["notifications"], origin=board.url.rstrip("/"))
        page.goto("/b/")
        page.evaluate(
            "no => localStorage.setItem('stillboard:own-posts', JSON.stringify({ b: [no] }))", no
        )
        page.goto(f"/b/res/{no}.html")
        begun(page)
        page.evaluate(SUBSCRIBE, list(reader.fields.values()))
        mine = page.get_by_role("button", name="Bei Antworten an mich benachrichtigen")
        mine.click()
        expect(mine).to_have_attribute("aria-pressed", "true")
        page.goto("/b/")
        board.post(board="b", thread=no, body="Not to you.")
        board.post(board="b", thread=no, body=f">>{no} To you.")
        assert eventually(lambda: reader.messages)
        assert [message["every"] for message in reader.messages] == [False]
        assert [message["count"] for message in reader.messages] == [1]


def test_page_of_a_site_without_push_has_no_button_and_no_switch(
    chromium: Browser, board: BoardProcess
) -> None:
    with a_visit(chromium, board, javascript=True) as visit:
        page = visit.page
        page.goto("/b/res/1.html")
        begun(page)
        assert page.locator("body[data-push]").count() == 0
        expect(page.get_by_role("button", name="Tell me of every reply")).to_have_count(0)
        page.goto("/settings.html")
        begun(page)
        expect(page.locator("input[name=push]")).to_have_count(0)
