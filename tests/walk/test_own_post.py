"""A poster without JavaScript, behind a CDN that has the page of before, sees the own post."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.deploy.stand_ins import WAIT_S
from tests.edge_twin.nginx_edge import NginxEdge
from tests.edge_twin.test_edge import Edge
from tests.nginx.front import free_port
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.board

BOARD = "kept"


@pytest.fixture(scope="module")
def board(board_process: BoardProcess) -> BoardProcess:
    board_process.cli("board", "add", BOARD, "title=Behind a CDN")
    return board_process


@pytest.fixture
def reader(board: BoardProcess) -> Iterator[httpx.Client]:
    """A browser that knows the CDN's address alone; the CDN is the twin that nginx makes."""
    with tempfile.TemporaryDirectory(prefix="edge-", dir="/tmp") as folder:
        edge = NginxEdge(
            origin=f"127.0.0.1:{board.running.port}",
            run_dir=Path(folder),
            listen_port=free_port(),
            worker_processes=1,
            user="root root" if os.geteuid() == 0 else None,
        )
        url = f"http://{edge.listen}"
        with (
            Edge(edge),
            httpx.Client(base_url=url, timeout=WAIT_S, follow_redirects=True) as reader,
        ):
            yield reader


@pytest.mark.parametrize("email", ["", "nonoko"])
def test_own_post_is_shown_though_the_cdn_keeps_the_page_of_before(
    board: BoardProcess, reader: httpx.Client, email: str
) -> None:
    thread = board.post(board=BOARD, body="the first of all")["thread"]
    board.settle()
    page = f"/{BOARD}/" if email else f"/{BOARD}/res/{thread}.html"
    while reader.get(page).headers["X-Cache-Status"] != "HIT":
        pass  # it answers before its copy is in place
    words = f"my very own words, {email or 'noko'}"
    form = {"board": BOARD, "thread": thread, "body": words, "email": email}

    shown = reader.post("/post", data=form)

    assert words in shown.text
    assert shown.url.path == page
    kept = reader.get(page)
    assert kept.headers["X-Cache-Status"] == "HIT"
    assert words not in kept.text, "it would have been shown without ?seen"
