"""A file of a slow kind, from the form to the page: posted at once, shown when it is ready."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from tests.cli.boards import UNPRESSED, call
from tests.deploy.stand_ins import eventually
from tests.monitoring.servers import get
from tests.walk.board_process import BoardProcess, Upload, a_board_process
from tests.walk.slow_house import SERVED, a_film, build

pytestmark = pytest.mark.board


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout, where films are known."""
    house = tmp_path_factory.mktemp("house")
    build(house)
    return house


@pytest.fixture(scope="module")
def board(house: Path) -> Iterator[BoardProcess]:
    """`up` of it. At the end its pages show what the database holds."""
    with a_board_process(PYTHONPATH=str(house), **UNPRESSED) as board:
        yield board
        board.settle()
        done = call("verify", "--data", str(board.data), PYTHONPATH=str(house))
        assert done.returncode == 0, done.stdout + done.stderr


class Gate:
    """Holds the developer in the middle of a film until it is opened."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path

    def wait_for_developer(self) -> int:
        """It has begun; the end to write to, which holds it until it is closed."""
        return os.open(self.path, os.O_WRONLY)

    def open(self, held: int) -> None:
        """Let the developer through, and whoever comes after it."""
        opened = self.path.with_suffix(".open")
        opened.write_text("open")
        opened.chmod(0o644)
        # At no moment there is none: whoever comes just then would take the film for a bad one.
        opened.replace(self.path)
        os.close(held)


@pytest.fixture
def gate() -> Iterator[Gate]:
    with tempfile.TemporaryDirectory(prefix="sb-gate-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        gate = Gate(Path(folder) / "gate")
        gate.path.chmod(0o644)
        yield gate


def post_film(board: BoardProcess, film: bytes, **fields: Any) -> int:
    answer = board.post(board="b", body="Look.", files=[Upload("my film.flm", film)], **fields)
    return int(answer["id"])


def shown(board: BoardProcess, no: int) -> dict[str, Any]:
    """The OP as its thread's JSON has it."""
    post: dict[str, Any] = board.read(f"/b/res/{no}.json")["posts"][0]
    return post


def has_come(board: BoardProcess, no: int) -> bool:
    """Whether its thread is there, with its film."""
    answer = board.http.get(f"/b/res/{no}.json")
    return answer.status_code == httpx.codes.OK and "tim" in answer.json()["posts"][0]


def films(board: BoardProcess) -> set[Path]:
    """Those that stand in the web root."""
    return set(board.web_root.rglob("*.f*lm"))


@pytest.fixture
def cleaned(board: BoardProcess) -> Iterator[None]:
    """Afterwards no film stands on its pages as it was sent."""
    yield
    board.settle()
    assert [path for path in films(board) if b"shot by me" in path.read_bytes()] == []


@pytest.mark.usefixtures("cleaned")
def test_film_is_posted_at_once_and_shown_when_it_is_ready(board: BoardProcess, gate: Gate) -> None:
    form = {"board": "b", "body": "Look.", "files": [Upload("my film.flm", a_film(str(gate.path)))]}
    of_others = films(board)
    answer = board.send(**form)
    assert answer.status_code == httpx.codes.SEE_OTHER
    held = gate.wait_for_developer()
    no = int(answer.headers["location"].rpartition("#")[2])
    board.settle()
    pages = {"thread": f"/b/res/{no}.html", "board": "/b/", "catalog": "/b/catalog.html"}
    for page in ("thread", "board"):
        assert "my film.flm: being made ready" in board.http.get(pages[page]).text
    assert shown(board, no)["filepending"] == 1
    assert films(board) == of_others
    gate.open(held)
    assert eventually(lambda: has_come(board, no))
    board.settle()
    post = shown(board, no)
    assert (post["filename"], post["ext"], post["w"], post["h"]) == ("my film", ".flm", 320, 240)
    assert "filepending" not in post
    for page in pages.values():
        text = board.http.get(page).text
        assert "being made ready" not in text
        assert f"/b/thumb/{post['tim']}.png" in text, page
    film = board.http.get(f"/b/src/{post['tim']}.flm")
    assert (film.content, film.headers["content-type"]) == (SERVED, "video/x-film")
    assert board.http.get(f"/b/thumb/{post['tim']}.png").headers["content-type"] == "image/png"


def test_what_is_no_film_is_refused_while_its_poster_waits(board: BoardProcess) -> None:
    answer = board.send(board="b", body="Look.", files=[Upload("a.flm", b"FILM\nopen\ncut")])
    assert answer.status_code == httpx.codes.UNSUPPORTED_MEDIA_TYPE
    assert "did not arrive whole" in answer.text


@pytest.mark.usefixtures("cleaned")
def test_killed_developer_loses_nothing(board: BoardProcess, gate: Gate) -> None:
    """The next one finishes what it had begun; nothing of what was half made is left."""
    no = post_film(board, a_film(str(gate.path)))
    held = gate.wait_for_developer()
    os.kill(board.running.pids()["developer"], signal.SIGKILL)
    assert not has_come(board, no)
    gate.open(held)
    assert eventually(lambda: has_come(board, no))


@pytest.mark.usefixtures("cleaned")
def test_film_waits_for_a_queue_that_was_emptied(board: BoardProcess, gate: Gate) -> None:
    first = post_film(board, a_film(str(gate.path)))
    held = gate.wait_for_developer()
    second = post_film(board, a_film())
    with redis.Redis.from_url(board.environment["REDIS_URL"]) as queue:
        queue.flushall()
    gate.open(held)
    assert eventually(lambda: has_come(board, first) and has_come(board, second))


@pytest.mark.usefixtures("cleaned")
def test_post_that_is_removed_meanwhile_stays_removed(board: BoardProcess, gate: Gate) -> None:
    no = post_film(board, a_film(str(gate.path)))
    held = gate.wait_for_developer()
    desk = board.staff_desk()
    desk.press("delete", "b", no)
    desk.close()
    board.settle()
    assert board.http.get(f"/b/res/{no}.html").status_code == httpx.codes.NOT_FOUND
    gate.open(held)
    other = post_film(board, a_film())  # it is begun when the developer is done with that one
    assert eventually(lambda: has_come(board, other))
    board.settle()
    assert board.http.get(f"/b/res/{no}.html").status_code == httpx.codes.NOT_FOUND


@pytest.mark.usefixtures("cleaned")
@pytest.mark.parametrize(
    ("gate_name", "reason"),
    [("empty", "The film shows nothing."), ("dies", "It could not be read.")],
)
def test_film_that_can_not_be_made_ready_says_so(
    board: BoardProcess, gate_name: str, reason: str
) -> None:
    no = post_film(board, a_film(gate_name))
    assert eventually(lambda: reason in board.http.get(f"/b/res/{no}.html").text)
    assert not has_come(board, no)


def test_up_runs_a_developer_and_shows_its_metrics(board: BoardProcess) -> None:
    no = post_film(board, a_film())
    assert eventually(lambda: has_come(board, no))
    run = json.loads((board.data / "run.json").read_text())
    counted = 'stillboard_pending_files_tried_total{how="ready"}'
    # Counted a moment after it is stored.
    assert eventually(lambda: counted in get(run["metrics"]["developer"], "/metrics"))
