"""One post, from the form to every page that shows it, as a reader gets it from nginx."""

from __future__ import annotations

import io
import itertools
import re
from typing import Any, NamedTuple

import httpx
import pytest
from PIL import Image

from tests.walk.board_process import BoardProcess, Upload

pytestmark = pytest.mark.board

BOARD = "walk"
_numbers = itertools.count(1)


class Posted(NamedTuple):
    """Where a post of these tests is, and the words by which it is found."""

    no: int
    thread: int
    words: str

    @property
    def page(self) -> str:
        return f"/{BOARD}/res/{self.thread}.html"

    @property
    def json(self) -> str:
        return f"/{BOARD}/res/{self.thread}.json"


@pytest.fixture(scope="module")
def board(board_process: BoardProcess) -> BoardProcess:
    board_process.cli("board", "add", BOARD, "title=The way of one post")
    return board_process


def a_post(board: BoardProcess, body: str = "", **form: Any) -> Posted:
    """Sent and on its pages; its text ends in words that no other post has."""
    words = f"walking post {next(_numbers)}."
    answer = board.post(board=BOARD, body=f"{body}\n{words}".strip(), **form)
    board.settle()
    return Posted(int(answer["id"]), int(answer["thread"]), words)


def a_picture() -> Upload:
    """No two are alike."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (next(_numbers), 90, 120)).save(out, "png")
    return Upload("tulip.png", out.getvalue())


def order(board: BoardProcess) -> list[int]:
    """Threads as the catalog has them."""
    return [op["no"] for page in board.read(f"/{BOARD}/catalog.json") for op in page["threads"]]


def post_in(page: Any, no: int) -> dict[str, Any]:
    found: dict[str, Any] = next(post for post in page["posts"] if post["no"] == no)
    return found


PAGES = ("/", f"/{BOARD}/", f"/{BOARD}/catalog.html")
JSON_PAGES = (f"/{BOARD}/0.json", f"/{BOARD}/catalog.json")


def test_a_thread_is_on_every_page_that_shows_it(board: BoardProcess) -> None:
    posted = a_post(board, files=[a_picture()], subject="Tulips & <co>")
    for path in (posted.page, posted.json, *PAGES, *JSON_PAGES):
        assert posted.words in board.http.get(path).text, path
    assert f'<article class="post op" id="{posted.no}"' in board.http.get(posted.page).text
    assert board.read(f"/{BOARD}/threads.json")[0]["threads"][0]["no"] == posted.no
    assert board.http.get(posted.page).text.rstrip().endswith("</html>")


def test_the_file_of_a_post_is_served_as_a_picture_and_nothing_else(board: BoardProcess) -> None:
    picture = a_picture()
    posted = a_post(board, files=[picture])
    post = post_in(board.read(posted.json), posted.no)
    answer = board.http.get(f"/{BOARD}/src/{post['tim']}{post['ext']}")
    assert answer.content == picture.body
    assert answer.headers["Content-Type"] == "image/png"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "media-src 'self'" in answer.headers["Content-Security-Policy"], "a film plays there"
    assert f'download="{picture.name}"' in board.http.get(posted.page).text


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_every_page_comes_in_each_encoding_and_is_not_sent_twice(
    board: BoardProcess, encoding: str
) -> None:
    posted = a_post(board)
    for path in (posted.page, posted.json, *PAGES, *JSON_PAGES):
        plain = board.http.get(path, headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        encoded = board.http.get(path, headers={"Accept-Encoding": encoding})
        assert encoded.headers.get("Content-Encoding", "identity") == encoding, path
        assert encoded.content == plain.content, path
        assert "Accept-Encoding" in encoded.headers["Vary"]
        for condition, validator in (
            ("If-None-Match", encoded.headers["ETag"]),
            ("If-Modified-Since", encoded.headers["Last-Modified"]),
        ):
            again = board.http.get(
                path, headers={"Accept-Encoding": encoding, condition: validator}
            )
            assert (again.status_code, again.content) == (httpx.codes.NOT_MODIFIED, b""), path


def test_a_reply_is_counted_bumps_its_thread_and_can_be_seen_from_the_board(
    board: BoardProcess,
) -> None:
    older = a_post(board)
    newer = a_post(board)
    assert order(board).index(newer.no) < order(board).index(older.no)
    reply = a_post(board, thread=older.no)
    assert order(board)[0] == older.no
    assert reply.words in board.http.get(f"/{BOARD}/").text
    assert post_in(board.read(older.json), older.no)["replies"] == 1


def test_sage_leaves_a_thread_where_it_was(board: BoardProcess) -> None:
    older = a_post(board)
    a_post(board)
    before = order(board)
    reply = a_post(board, thread=older.no, email="sage")
    assert order(board) == before
    assert reply.words in board.http.get(older.page).text


def test_a_quote_in_another_thread_is_a_link_and_a_backlink(board: BoardProcess) -> None:
    quoted = a_post(board)
    quoting = a_post(board, body=f">>{quoted.no}")
    link = f'class="post-link" href="{quoted.page}#{quoted.no}">&gt;&gt;{quoted.no}</a>'
    assert link in board.http.get(quoting.page).text
    backlink = f'href="{quoting.page}#{quoting.no}">&gt;&gt;{quoting.no}</a>'
    assert backlink in board.http.get(quoted.page).text


def test_a_post_deleted_by_its_password_is_gone_from_every_page(board: BoardProcess) -> None:
    quoted = a_post(board)
    posted = a_post(
        board, body=f">>{quoted.no}", thread=quoted.no, password="tulip", files=[a_picture()]
    )
    tim = post_in(board.read(posted.json), posted.no)["tim"]
    media = set(
        re.findall(rf'"(/{BOARD}/(?:src|thumb)/{tim}[^"]+)"', board.http.get(posted.page).text)
    )
    assert len(media) == len({"picture", "thumbnail"})
    assert all(board.http.get(url).status_code == httpx.codes.OK for url in media)
    form: dict[str, Any] = {"board": BOARD, "delete": "Delete", f"delete_{posted.no}": "on"}

    assert board.send(**form, password="rose").status_code == httpx.codes.FORBIDDEN
    board.settle()
    assert posted.words in board.http.get(posted.page).text

    assert board.send(**form, password="tulip").status_code == httpx.codes.OK
    board.settle()
    for path in (posted.page, posted.json, *PAGES, *JSON_PAGES):
        assert posted.words not in board.http.get(path).text, path
    assert f"&gt;&gt;{posted.no}<" not in board.http.get(quoted.page).text, "a backlink is left"
    assert all(board.http.get(url).status_code == httpx.codes.NOT_FOUND for url in media)


def test_without_javascript_the_poster_is_led_to_a_page_that_shows_the_post(
    board: BoardProcess,
) -> None:
    """Asked for at once, as a browser does: the answer comes when the page is there."""
    thread = a_post(board)
    for number in range(10):
        words = f"no script {number} in thread {thread.no}"
        answer = board.send(board=BOARD, thread=thread.no, body=words)
        assert answer.status_code == httpx.codes.SEE_OTHER
        page, _, no = answer.headers["Location"].partition("#")
        assert page == f"/{BOARD}/res/{thread.no}.html?seen={no}"
        shown = board.http.get(page).text
        assert words in shown
        assert f'id="{no}"' in shown


def test_nonoko_leads_back_to_the_board(board: BoardProcess) -> None:
    thread = a_post(board)
    answer = board.send(board=BOARD, thread=thread.no, body="and back", email="nonoko")
    page = answer.headers["Location"]
    assert re.fullmatch(rf"/{BOARD}/\?seen=\d+", page)
    assert "and back" in board.http.get(page).text


def test_the_html_in_the_answer_is_what_the_page_shows(board: BoardProcess) -> None:
    answer = board.post(board=BOARD, body="the same bytes", subject="Here and there")
    board.settle()
    assert answer["html"] in board.http.get(f"/{BOARD}/res/{answer['thread']}.html").text
