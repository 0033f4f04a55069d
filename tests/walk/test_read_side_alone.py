"""Reading needs nginx and files, or a bucket, and nothing else of the board."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from urllib.parse import quote, urlsplit

import httpx
import pytest

from cdn.object_store import etag_of
from cdn.purger import urls_of
from imageboard.served_kinds import ASK_EACH_TIME
from renderer.bodies import COMPRESSED_SUFFIXES
from renderer.web_root import WebRoot
from tests.cli.boards import UNPRESSED
from tests.deploy.stand_ins import WAIT_S
from tests.nginx.front import Answer, ask_at
from tests.walk.board_process import BoardProcess, a_board_process
from tests.walk.killing import end, supervisor_stopped

pytestmark = [pytest.mark.board, pytest.mark.crash]

ENCODINGS = {"identity": "", "gzip": ".gz", "br": ".br"}
#: A thread has a page of its last 50 replies from 100 on.
REPLIES = 105


@pytest.fixture(scope="module")
def board() -> Iterator[BoardProcess]:
    """With every kind of page, pictures, and all of it in the bucket."""
    with a_board_process("--with-r2", **UNPRESSED) as board:
        # One long thread, and as many others as a second board page takes, with pictures.
        for threads, replies, more in ((1, REPLIES, ()), (11, 1, ("--images",))):
            sizes = ("--threads", str(threads), "--replies", str(replies))
            board.cli("seed", "--board", "b", *sizes, *more)
        board.settle()
        yield board


@pytest.fixture(scope="module")
def paths(board: BoardProcess) -> list[str]:
    found = list(WebRoot(board.web_root).paths())
    kinds = {path.rpartition(".")[2] for path in found}
    assert {"html", "json", "css", "txt"} <= kinds
    assert any("+50.html" in path for path in found)
    assert "b/2.html" in found
    assert any("/src/" in path for path in found)
    assert any("/thumb/" in path for path in found)
    return found


@contextmanager
def only(board: BoardProcess, *parts: str) -> Iterator[None]:
    """Every process but those of `parts` is dead while the block lasts."""
    others = board.running.pids().keys() - set(parts)
    with board.running.brought_back(*others), supervisor_stopped(board):
        for name, pid in board.running.pids().items():
            if name in others:
                end(pid)
        yield


@contextmanager
def standing_still(board: BoardProcess, part: str) -> Iterator[None]:
    """No process of `part` does anything while the block lasts: as good as dead."""
    group = board.running.pids()[part]
    os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(group, signal.SIGCONT)


def read(board: BoardProcess, url: str, encoding: str = "identity") -> Answer:
    """As nginx sends it, not decoded."""
    return ask_at("127.0.0.1", board.running.port, "GET", url, {"Accept-Encoding": encoding})


def addresses(path: str) -> list[str]:
    """Every address of a file that is answered with it and not with another address."""
    told = [urlsplit(url).path for url in urls_of(path, "http://board.example")]
    return [address for address in told if not address.endswith("/index.html")]


def test_with_all_else_dead_every_file_is_read_from_nginx_alone_and_from_the_bucket_alone(
    board: BoardProcess, paths: list[str]
) -> None:
    """From both the same bytes, and of the same type and age.

    PERF: one death of all others for both: to start them again takes 4 s of CPU.
    """
    told = {path: read(board, addresses(path)[-1]) for path in paths}
    with only(board, "nginx", "seaweedfs"):
        with standing_still(board, "seaweedfs"):
            assert_each_address_answers_in_each_encoding(board, paths)
        with standing_still(board, "nginx"):
            assert_bucket_answers_as(board, told)


def assert_each_address_answers_in_each_encoding(board: BoardProcess, paths: list[str]) -> None:
    for path, (encoding, ending) in product(paths, ENCODINGS.items()):
        is_compressed = path.endswith(tuple(COMPRESSED_SUFFIXES)) and bool(ending)
        suffix = ending if is_compressed else ""
        for url in addresses(path):
            answer = read(board, url, encoding)
            assert answer.status == httpx.codes.OK, url
            assert answer["Content-Encoding"] == (encoding if is_compressed else None), url
            assert answer.body == (board.web_root / f"{path}{suffix}").read_bytes(), url


def assert_bucket_answers_as(board: BoardProcess, told: dict[str, Answer]) -> None:
    """With each file of the web root, and with what nginx told of it."""
    settings = board.environment
    bucket = f"{settings['S3_ENDPOINT_URL']}/{settings['R2_BUCKET_NAME']}/"
    with httpx.Client(timeout=WAIT_S) as http:
        for path, by_nginx in told.items():
            answer = http.get(bucket + quote(path))
            assert answer.status_code == httpx.codes.OK, path
            assert answer.content == (board.web_root / path).read_bytes(), path
            assert answer.headers["ETag"] == etag_of(answer.content), path
            assert answer.headers["Content-Type"] == by_nginx["Content-Type"], path
            # Two ways to say the same: see cdn/cache_policy.py.
            age = (by_nginx["Cache-Control"] or "").replace("no-cache", ASK_EACH_TIME)
            assert answer.headers["Cache-Control"] == age, path
