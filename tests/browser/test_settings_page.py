"""What readers choose: on one page, in their browser, and as a file for another."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.visits import a_visit, begun, expect, until
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.browser

LIVE = "Threads bring themselves up to date"


def test_settings_go_with_their_file_to_another_browser_and_are_forgotten(
    chromium: Browser, board: BoardProcess, tmp_path: Path
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto("/b/res/1.html")
        begun(page)
        expect(page.locator(".live-bar")).to_be_visible()
        page.get_by_role("button", name="Menu of post 2", exact=True).click()
        page.get_by_role("menuitem", name="Hide this post", exact=True).click()
        page.evaluate(
            """() => {
                const film = document.createElement("video");
                document.body.append(film);
                film.volume = 0.25;
            }"""
        )
        page.wait_for_function("() => localStorage['stillboard:volume']")
        page.get_by_role("link", name="Settings").click()
        page.get_by_label(LIVE).uncheck()
        expect(page.get_by_role("group", name="Filters").get_by_role("button")).not_to_have_count(0)
        page.locator("textarea[name=css]").fill(".thread-bar { letter-spacing: 7px }")
        page.get_by_role("button", name="Keep the CSS").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Save all as a file").click()
        file = tmp_path / "settings.json"
        download.value.save_as(file)
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        page.goto("/settings.html")
        chooser = page.get_by_label("A file with settings")
        chooser.set_input_files(
            {"name": "x.json", "mimeType": "application/json", "buffer": b"[1]"}
        )
        expect(page.locator(".notes")).to_contain_text("no file with settings")
        chooser.set_input_files(file)
        expect(page.get_by_label(LIVE)).not_to_be_checked()
        expect(page.locator(".note").last).to_have_text("The settings are taken in.")
        page.goto("/b/res/1.html")
        begun(page)
        expect(page.locator(".live-bar")).to_have_count(0)
        expect(page.locator(".thread-bar")).to_have_css("letter-spacing", "7px")
        expect(page.locator('[id="2"]')).to_be_hidden()
        assert "0.25" in page.evaluate("localStorage['stillboard:volume']")
        # Files of a draft, and a thread to be read offline.
        page.locator("#post-file1").set_input_files(
            {"name": "cat.png", "mimeType": "image/png", "buffer": b"a cat"}
        )
        until(page, _FILES_ARE_KEPT)
        page.evaluate("async () => { await caches.open('threads'); }")
        page.goto("/settings.html")
        page.get_by_role("button", name="Forget all that is kept here").click()
        page.get_by_role("button", name="Forget them").click()
        expect(page.get_by_label(LIVE)).to_be_checked()
        expect(page.locator("textarea[name=css]")).to_have_value("")
        until(page, f"async () => !(await ({_FILES_ARE_KEPT})())")
        until(page, "async () => (await caches.keys()).length === 0")


_FILES_ARE_KEPT = """() => new Promise(resolve => {
    const opened = indexedDB.open("stillboard", 1);
    opened.onsuccess = () => {
        const asked = opened.result.transaction("drafts").objectStore("drafts").count();
        asked.onsuccess = () => { opened.result.close(); resolve(asked.result > 0); };
    };
})"""


def test_without_javascript_the_page_of_settings_says_so(
    chromium: Browser, board: BoardProcess
) -> None:
    with a_visit(chromium, board, javascript=False) as shoulder:
        shoulder.page.goto("/settings.html")
        expect(shoulder.page.locator("main")).to_contain_text("does not run in your browser")
