"""`up --with-r2`: the second stage in a whole board, with a real bucket, and its proof."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cdn.cache_policy import headers_of
from cdn.object_store import ObjectStore
from deploy.embedded.seaweedfs import SeaweedFS
from renderer.publisher.jobs import open_object_store
from renderer.web_root import WebRoot
from tests.cli.boards import UNPRESSED, RunningBoard, a_running_board, call
from tests.cli.debts import owed
from tests.deploy.stand_ins import WAIT_S, eventually, is_alive
from tests.servers import running
from tests.writer.media.hostile import a_jpeg

pytestmark = pytest.mark.board


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBoard]:
    data = tmp_path_factory.mktemp("with-r2") / "data"
    with a_running_board(data, "--with-r2", "--no-limits", **UNPRESSED) as board:
        yield board


def bucket_of(board: RunningBoard) -> ObjectStore:
    return open_object_store(board.settings)


def post(board: RunningBoard, words: str) -> None:
    form = f"board=b&body={words}&json_response=1".encode()
    with urllib.request.urlopen(board.url + "post", data=form) as answer:
        assert answer.status == 200


def cloud(board: RunningBoard) -> dict[str, float]:
    now = json.loads(call("status", "--json", "--data", str(board.data)).stdout)
    found: dict[str, float] = now["cloud"]
    return found


def verify(board: RunningBoard, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = call("verify", "--r2", "--json", "--data", str(board.data), *arguments)
    report: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, report


def holds_what_the_web_root_shows(board: RunningBoard) -> bool:
    """Byte for byte, as a reader without any key gets it."""
    settings, web_root = board.settings, WebRoot(board.data / "public")
    address = f"{settings.object_store_endpoint}/{settings.r2_bucket_name}"
    for path in web_root.paths():
        with urllib.request.urlopen(f"{address}/{path}") as answer:
            if answer.read() != web_root.read(path):
                return False
            assert answer.headers["Content-Type"] == headers_of(path).content_type
    listed = {stored.key for stored in bucket_of(board).list()}
    return listed == set(web_root.paths())


def test_bucket_comes_to_hold_what_the_web_root_shows(board: RunningBoard) -> None:
    post(board, "hello+bucket")
    board.settle()
    assert holds_what_the_web_root_shows(board)
    assert verify(board)[0] == 0
    assert call("doctor", "--data", str(board.data)).returncode == 0
    assert cloud(board)["publishers"] == 1
    assert "no limits: whoever reaches this board" in board.complaints


def test_picture_that_its_poster_removes_is_gone_from_disk_and_bucket(
    board: RunningBoard,
) -> None:
    """Its master copy too, which no address leads to, as soon as its post is off the pages."""
    form = {"board": "b", "password": "my own", "json_response": "1"}
    picture = {"file": ("cat.jpeg", a_jpeg(), "image/jpeg")}
    sent = httpx.post(f"{board.url}post", data=form, files=picture, timeout=WAIT_S)
    assert sent.status_code == 200, sent.text
    board.settle()

    def copies() -> list[str]:
        places = (
            board.data / "uploads",
            board.data / "public/b/src",
            board.data / "public/b/thumb",
        )
        on_disk = [str(path) for place in places for path in place.rglob("*") if path.is_file()]
        in_bucket = [each.key for each in bucket_of(board).list() if "/src/" in each.key]
        return on_disk + in_bucket

    assert len(copies()) == 5, (
        "master and thumbnail, both in the web root, the picture in the bucket"
    )
    deletion = form | {f"delete_{sent.json()['id']}": "on", "delete": "Delete"}
    assert httpx.post(f"{board.url}post", data=deletion, timeout=WAIT_S).status_code == 200
    assert eventually(lambda: copies() == [])


def test_what_somebody_did_to_the_bucket_is_found_and_mended(board: RunningBoard) -> None:
    post(board, "here+before+the+vandal")
    board.settle()
    bucket = bucket_of(board)
    bucket.delete(["b/catalog.html"])
    headers = headers_of("b/res/999.html")
    bucket.put("b/res/999.html", b"spam", headers=headers, version=1, replaces=None)
    wrong = [
        {"wrong": "missing", "path": "r2:b/catalog.html"},
        {"wrong": "orphaned", "path": "r2:b/res/999.html"},
    ]
    status, report = verify(board)
    assert (status, report["findings"]) == (1, wrong)
    status, report = verify(board, "--repair")
    assert (status, report["findings"], report["still_behind"]) == (1, wrong, 0)
    assert verify(board)[0] == 0
    assert holds_what_the_web_root_shows(board)


@pytest.mark.crash
@pytest.mark.parametrize("part", ["publisher", "seaweedfs"])
def test_killed_part_of_the_second_stage_comes_back_and_catches_up(
    board: RunningBoard, part: str
) -> None:
    with board.brought_back(part):
        os.kill(board.pids()[part], signal.SIGKILL)
        post(board, f"while+{part}+is+dead")
    board.settle()
    assert verify(board)[0] == 0


def test_second_stage_stops_with_the_board_and_its_bucket_is_kept(board: RunningBoard) -> None:
    board.settle()
    pids = board.pids().values()
    assert board.stop(signal.SIGTERM) == 0
    assert not any(is_alive(pid) for pid in pids)
    assert not (board.data / "run.json").exists()
    board.start()
    board.settle()
    assert verify(board)[0] == 0


def test_bucket_of_the_operator_s_own_is_used_in_place_of_ours_once_its_key_is_right(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A wrong one is said, and holds up no post."""
    own = SeaweedFS(
        tmp_path_factory.mktemp("own"), bucket="own", access_key="me", secret_key="a secret of mine"
    )
    environ = {
        "S3_ENDPOINT_URL": own.url,
        "R2_BUCKET_NAME": "own",
        "R2_ACCESS_KEY": "nobody",
        "R2_SECRET_KEY": "knows",
    }
    with running(own), a_running_board(tmp_path / "data", **environ) as board:
        assert "publisher" in board.pids()
        assert "seaweedfs" not in board.pids()
        post(board, "still+posted")
        log = board.data / "logs" / "publisher.log"
        assert eventually(lambda: "cloud_paused" in log.read_text())
        assert eventually(lambda: "still posted" in board.get("b/catalog.html"))
        assert "cloud" in owed(board.settings)
        done = call("verify", "--r2", "--data", str(board.data))
        assert done.returncode == 1
        assert "until R2_ACCESS_KEY" in done.stderr.replace("\n", " ")
        assert "Traceback" not in done.stderr

        board.stop()
        board.environ.update(R2_ACCESS_KEY="me", R2_SECRET_KEY="a secret of mine")
        board.start()
        board.settle()
        assert holds_what_the_web_root_shows(board)


def test_verify_of_a_bucket_that_is_not_there_is_one_line(
    tmp_path: Path, database_url: str
) -> None:
    done = call("verify", "--r2", "--data", str(tmp_path), DATABASE_URL=database_url)
    assert done.returncode == 1
    assert done.stderr.startswith("stillboard: R2_BUCKET_NAME: is not set")
