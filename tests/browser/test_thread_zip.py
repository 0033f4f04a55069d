"""A thread saved as a ZIP opens without the board, whatever its files are called."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.talk import Talk, a_talk
from tests.browser.visits import a_visit, begun, expect, pictures_there
from tests.walk.board_process import BoardProcess, Upload
from tests.writer.media import hostile

pytestmark = pytest.mark.browser

SAFE_NAME = re.compile(r"index\.html|(?:more/|styles/|(?:files|thumbs)/\d)[^/\\:*?\"<>|]*")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save as ZIP").click()


def test_saved_thread_opens_without_the_board_whatever_its_files_are_called(
    chromium: Browser, board: BoardProcess, tmp_path: Path
) -> None:
    # Of its own: others count the pictures of the talk that all share.
    talk = a_talk(board)
    same = hostile.a_png(hostile.scene(40, 40))
    names = ["../../up.png", "CON.png", "<img src=x onerror=alert(1)>.png", "\u202egnp.exe.png"]
    form = {"board": "b", "thread": talk.thread, "body": "files", "email": "sage"}
    board.post(**form, files=[Upload(name, same) for name in names])
    board.settle()
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        # What this reader wrote, and is looking at, is nobody else's business.
        page.goto("/settings.html")
        own = f'{{"b":[{talk.reply}]}}'
        page.evaluate("own => localStorage.setItem('stillboard:own-posts', own)", own)
        page.goto(f"/b/res/{talk.thread}.html")
        begun(page)
        expect(page.locator(f'[id="{talk.last}"]')).to_have_class("post reply reply-to-you")
        page.locator(f'[id="{talk.thread}"] .file-link').click()
        expect(page.locator("img.expanded")).to_be_visible()
        with page.expect_download() as download:
            save(page)
        expect(page.locator("dialog.zip-progress")).to_have_count(0)
        assert download.value.suggested_filename == f"b-{talk.thread}.zip"
        with zipfile.ZipFile(download.value.path()) as archive:
            assert archive.testzip() is None
            saved = archive.namelist()
            assert [name for name in saved if not SAFE_NAME.fullmatch(name)] == []
            assert len(saved) == len(set(saved))
            archive.extractall(tmp_path)
        # Whoever is still on the board asks it for news.
        page.goto("about:blank")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"file://{tmp_path}/index.html")
        assert page.locator("img.post-image").count() == 8
        assert page.locator("img.post-image:visible").count() == 8
        pictures_there(page)
        assert "(You)" not in page.content()
        assert page.locator(".own, .reply-to-you").count() == 0
        # When it is opened again that is long ago.
        assert not page.locator("time").first.evaluate(
            "time => getComputedStyle(time, '::before').content.includes('ago')"
        )
        expect(page.locator("time").first).to_be_visible()
        assert [url for url in asked if not url.startswith("file:")] == []
        assert page.locator(f'a[href="#{talk.reply}"]').count() > 0


def test_thread_is_saved_without_scripts_too(
    chromium: Browser, board: BoardProcess, talk: Talk, tmp_path: Path
) -> None:
    with a_visit(chromium, board, javascript=False) as shoulder:
        page = shoulder.page
        page.goto(f"/b/res/{talk.thread}.html")
        with page.expect_download() as download:
            page.get_by_role("link", name="Save as ZIP").click()
        name = f"b-{talk.thread}"
        assert download.value.suggested_filename == f"{name}.zip"
        with zipfile.ZipFile(download.value.path()) as archive:
            archive.extractall(tmp_path)
        page.goto(f"file://{tmp_path}/{name}/b/res/{talk.thread}.html")
        pictures_there(page)
        assert page.locator(f'a[href="{talk.thread}.html#{talk.reply}"]').count() > 0


def test_saving_can_be_called_off_and_goes_on_without_what_is_gone(
    chromium: Browser, board: BoardProcess, talk: Talk
) -> None:
    with a_visit(chromium, board, javascript=True) as shoulder:
        page = shoulder.page
        shoulder.expected_statuses.add(404)
        page.goto(f"/b/res/{talk.thread}.html")
        begun(page)
        page.route("**/src/*", lambda _route: None, times=1)
        with page.expect_request("**/src/*"):
            save(page)
        page.locator("dialog.zip-progress").get_by_role("button", name="Cancel").click()
        expect(page.locator("dialog.zip-progress")).to_have_count(0)
        page.route("**/src/*", lambda route: route.fulfill(status=404), times=1)
        with page.expect_download():
            save(page)
        expect(page.locator(".note")).to_contain_text("without 1 file")
