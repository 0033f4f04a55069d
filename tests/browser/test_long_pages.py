"""Pages so long that their siblings are joined of segments are read by browsers as any other."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from renderer.bodies import SHORT_BYTES_MAX
from renderer.packs import PACK_REPLIES, PACKS_MERGED
from tests.browser.visits import a_visit
from tests.tables import for_each
from tests.walk.board_process import BoardProcess

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

#: More than are kept one by one, and a pack of the size that is kept in brotli too.
REPLIES = PACK_REPLIES * (PACKS_MERGED + 2)


GUNZIP = """async (base64) => {
    const gz = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const page = new Blob([gz]).stream().pipeThrough(new DecompressionStream("gzip"));
    return await new Response(page).text();
}"""


@pytest.fixture(scope="module")
def long_thread(board: BoardProcess) -> int:
    thread = int(board.post(board="b", subject="A long one", body="It begins.")["id"])
    for number in range(REPLIES):
        text = "\n".join(f"Line {line} of reply {number}, as long as it is." for line in range(90))
        board.post(board="b", thread=thread, body=text)
    board.settle()
    return thread


@for_each("ending", ["html", "json"])
def test_browser_reads_a_page_that_is_joined_of_segments(
    chromium: Browser, board: BoardProcess, long_thread: int, ending: str
) -> None:
    address = f"/b/res/{long_thread}.{ending}"
    page = board.http.get(address, headers={"Accept-Encoding": "identity"}).text
    assert len(page) > SHORT_BYTES_MAX
    with board.http.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as raw:
        assert raw.headers["Content-Encoding"] == "gzip"
        gz = base64.b64encode(b"".join(raw.iter_raw())).decode()
    with a_visit(chromium, board, javascript=True) as shoulder:
        answer = shoulder.page.goto(address)
        assert answer is not None
        assert answer.headers["content-encoding"] == "br"
        assert answer.text() == page
        shown = shoulder.page.content()
        assert all(f"Line 89 of reply {number}," in shown for number in range(REPLIES))
        # To 127.0.0.1 browsers always ask for brotli.
        assert shoulder.page.evaluate(GUNZIP, gz) == page
