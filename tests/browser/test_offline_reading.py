"""Threads that were read are read again without a network, and never in place of a newer page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from templates.assets import asset_url
from tests.browser.visits import OFFLINE, a_visit, expect, until
from tests.walk.board_process import BoardProcess, Upload
from tests.writer.media import hostile

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.browser

IS_KEPT = """async path => {
    const kept = await (await caches.open("threads")).match(path);
    return Boolean(kept);
}"""


def test_thread_is_read_again_offline_and_says_so_and_nothing_else_is_kept(
    chromium: Browser, board: BoardProcess
) -> None:
    picture = hostile.a_png(hostile.scene(64, 48))
    no = int(board.post(board="b", body="Read on a train.", files=[Upload("a.png", picture)])["id"])
    board.settle()
    path = f"/b/res/{no}.html"
    with a_visit(chromium, board, javascript=True, keeps_threads=True) as visit:
        visit.expected_statuses = {404}
        visit.expected_failures = OFFLINE
        page = visit.page
        page.goto(path)
        until(page, IS_KEPT, path)
        page.goto("/b/")
        page.goto(path)
        expect(page.locator("article.op img")).to_have_js_property("complete", True)
        until(page, "async () => (await (await caches.open('pictures')).keys()).length === 1")

        page.context.set_offline(True)
        page.goto(path)
        expect(page.locator("#kept-copy")).to_contain_text("You are offline. This is the thread")
        expect(page.locator("article.op")).to_contain_text("Read on a train.")
        expect(page.locator("article.op img")).to_have_js_property("naturalWidth", 64)
        with page.expect_navigation():  # by itself
            page.context.set_offline(False)

        board.post(board="b", thread=no, body="Newer.")
        board.settle()
        page.goto(path)
        expect(page.locator("article.reply")).to_contain_text("Newer.")
        expect(page.locator("#kept-copy")).to_have_count(0)

        kept = page.evaluate(
            """async () => {
                const names = await caches.keys();
                const each = name => caches.open(name).then(cache => cache.keys());
                const all = await Promise.all(names.map(each));
                return all.flat().map(request => new URL(request.url).pathname);
            }"""
        )
        assert [one for one in kept if not one.startswith("/assets/")] != []
        assert all(one.startswith(("/assets/", "/b/thumb/", "/b/res/")) for one in kept), kept

        # Removed: it leaves with the next look at it.
        desk = board.staff_desk()
        desk.press("delete", "b", no)
        desk.close()
        board.settle()
        page.goto(path)
        until(page, "async () => (await (await caches.open('threads')).keys()).length === 0")
        left = page.evaluate("async () => (await (await caches.open('pictures')).keys()).length")
        assert left == 0

        # Switched off, it is gone with all that it kept.
        page.evaluate(
            """localStorage.setItem("stillboard:settings", '{"offline-reading": false}')"""
        )
        page.goto("/b/")
        until(
            page,
            """async () => (await caches.keys()).length === 0
                && (await navigator.serviceWorker.getRegistrations()).length === 0""",
        )


#: What brings the program, from another of the board's pages.
BRING = """async ([safe, program]) => {
    const { programAddress } = await import(safe);
    const board = navigator.serviceWorker;
    const here = new Promise((come) => board.addEventListener("controllerchange", come));
    await board.register(programAddress(program), { scope: "/" });
    await here;
}"""


def test_thread_that_was_on_its_way_when_the_program_came_is_kept_as_well(
    chromium: Browser, board: BoardProcess
) -> None:
    """As for whoever opens a thread right after the first page that they have ever seen here."""
    no = int(board.post(board="b", body="Opened at once.")["id"])
    board.settle()
    path = f"/b/res/{no}.html"
    with a_visit(chromium, board, javascript=True, keeps_threads=True) as visit:
        page = visit.page
        held: list[Route] = []
        page.route("**/scripts/offline_reading.*.js", lambda route: held.append(route))
        with page.expect_request("**/scripts/offline_reading.*.js"):
            page.goto(path)
        scripts = ("safe_html", "offline_worker")
        page.evaluate(BRING, [asset_url(f"scripts/{name}.js") for name in scripts])
        held[0].continue_()
        until(page, IS_KEPT, path)
