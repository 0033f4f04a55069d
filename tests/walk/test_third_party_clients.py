"""Clients of vichan and of 4chan's API that others wrote read a thread and its files, unmodified.

Those that know one site alone are told this board's address as a proxy would tell it: what they
ask that site for is asked of the board, 4chan's pictures under vichan's path, 8kun's list of boards
by the name that it has here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import basc_py4chan
import py8chan
import pysharty
import pytest
import pyvichan
import requests
from requests.adapters import HTTPAdapter

from tests.walk import sample
from tests.walk.board_process import BoardProcess, Upload

pytestmark = pytest.mark.board

BOARD = "clients"


class Told(NamedTuple):
    """What a client reads of the thread."""

    files: list[bytes]
    #: None: it looks for files alone.
    nos: list[int] | None = None
    subject: str | None = None


class ToTheBoard(HTTPAdapter):
    """Sends what is asked of whatever site to the board."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url.rstrip("/")

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        asked = urlsplit(str(request.url))
        path = re.sub(r"^/(\w+)/([0-9]{13,}\.[a-z]+)$", r"/\1/src/\2", asked.path)
        if asked.hostname == "8kun.top" and path == "/boards.json":
            path = "/boards-list.json"
        request.url = self._url + path
        return super().send(request, **options)


@pytest.fixture(scope="module")
def pictures() -> list[bytes]:
    folder = sample.FOLDER / sample.BOARD / "src"
    return [path.read_bytes() for path in sorted(folder.glob("*.png"))[:3]]


@pytest.fixture(scope="module")
def thread(board_process: BoardProcess, pictures: list[bytes]) -> int:
    """An OP with a picture, a reply with two, one without."""
    board_process.cli("board", "add", BOARD, "files_max=2")
    uploads = [Upload(f"{number}.png", body) for number, body in enumerate(pictures)]
    op = board_process.post(board=BOARD, subject="Kettles & pots", body="Hello.", files=uploads[:1])
    no = int(op["thread"])
    board_process.post(board=BOARD, thread=no, body=f">>{no}", files=uploads[1:])
    board_process.post(board=BOARD, thread=no, body="Without a picture.")
    board_process.settle()
    return no


def session_to(board: BoardProcess) -> requests.Session:
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, ToTheBoard(board.url))
    return session


def read_by(client: Any) -> Callable[[BoardProcess, int], Told]:
    def read(board: BoardProcess, no: int) -> Told:
        found = client.Board(BOARD, session=session_to(board)).get_thread(no)
        files = [file.file_request().content for file in _files(found)]
        nos = [post.post_id for post in found.all_posts]
        return Told(files, nos, found.topic.subject)

    return read


def _files(thread: Any) -> Iterator[Any]:
    for post in thread.all_posts:
        if post.has_file:
            several = getattr(post, "all_files", None)
            yield from several() if callable(several) else several or [post.file]


def read_by_gallery_dl(board: BoardProcess, no: int) -> Told:
    config = board.data / "gallery-dl.json"
    site = {"root": board.url.rstrip("/"), "pattern": re.escape(urlsplit(board.url).netloc)}
    config.write_text(json.dumps({"extractor": {"vichan": {"ours": site}}}))
    folder = board.data / "gallery-dl"
    subprocess.run(
        [
            *(sys.executable, "-m", "gallery_dl", "--config-ignore", "-c", str(config)),
            *("-D", str(folder), "-o", "filename={no}_{num}.{extension}"),
            f"{board.url.rstrip('/')}/{BOARD}/res/{no}.html",
        ],
        check=True,
    )
    listed = sorted(Path(folder).iterdir())
    return Told([path.read_bytes() for path in listed])


CLIENTS = {
    "BASC-py4chan": read_by(basc_py4chan),
    "py8chan": read_by(py8chan),
    "pyvichan": read_by(pyvichan),
    "pysharty": read_by(pysharty),
    "gallery-dl": read_by_gallery_dl,
}


@pytest.mark.parametrize("name", CLIENTS)
def test_client_reads_thread_and_files_as_they_were_sent(
    board_process: BoardProcess,
    thread: int,
    pictures: list[bytes],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(requests, "get", session_to(board_process).get)
    told = CLIENTS[name](board_process, thread)
    assert told.nos in (None, [thread, thread + 1, thread + 2])
    assert told.subject in (None, "Kettles & pots", "Kettles &amp; pots")
    # 4chan has one file a post, and so have those that were made for it.
    is_of_4chan = name in ("BASC-py4chan", "pysharty")
    assert told.files == (pictures[:2] if is_of_4chan else pictures)
