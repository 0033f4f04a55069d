"""A dense screen loads the second thumbnail of a picture, and no other screen does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.visits import WAIT_MS
from tests.tables import for_each
from tests.walk.board_process import BoardProcess, Upload
from tests.writer.media import hostile
from tests.writer.media.bench_darkroom import photograph

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@for_each(
    ("density", "pixels"),
    [(1, 255), (2, 400), (3, 400)],
)
def test_dense_screens_alone_load_the_second_thumbnail(
    chromium: Browser, board: BoardProcess, density: int, pixels: int
) -> None:
    """In a page, and in a post that comes into a page that is open."""
    picture = Upload("a.jpg", hostile.a_jpeg(photograph(800, 600)))
    no = int(board.post(board="b", body="Sharp.", files=[picture])["id"])
    board.settle()
    context = chromium.new_context(device_scale_factor=density, viewport=WINDOW)
    try:
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        loaded: list[str] = []
        page.on("response", lambda answer: loaded.append(answer.url))
        page.goto(f"{board.url}/b/res/{no}.html")
        first = page.locator(f'[id="{no}"] img.post-image')
        assert first.evaluate(SHOWN) == [pixels, 255]
        board.post(board="b", thread=no, body="Sharp too.", files=[picture])
        board.settle()
        reply = page.locator("article.reply img.post-image")
        reply.wait_for()
        reply.scroll_into_view_if_needed()
        assert reply.evaluate(SHOWN)[0] == pixels
        thumbnails = [url for url in loaded if "/thumb/" in url]
        assert {"-0002." in url for url in thumbnails} == {density > 1}
        assert len(set(thumbnails)) == 2
    finally:
        context.close()


WINDOW = {"width": 1200, "height": 900}
#: Pixels of the file that was loaded, and as how many of the page it is shown.
SHOWN = """async image => {
    await image.decode();
    const file = await createImageBitmap(await (await fetch(image.currentSrc)).blob());
    return [file.width, Math.round(image.getBoundingClientRect().width)];
}"""
