"""A board of vichan, moved to a board that is up: read, posted to and looked after as it was there.

It is called as none of ours can be, and has a sibling that another letter's case tells apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from importing.sql_dump import Dump
from tests.tables import for_each
from tests.walk import moved_board, sample
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.board

BOARD = "λ_$"
URL = f"/{quote(BOARD, safe='$')}"
#: Beside a /b/ that is here.
SIBLING = "B"
_SIBLING = f"""
INSERT INTO `boards` (`uri`,`title`) VALUES ('{SIBLING}','Large');
INSERT INTO `posts_{SIBLING}` (`id`,`thread`,`body`,`body_nomarkup`,`time`,`bump`,`ip`) VALUES
 (7,NULL,'x','of the large board',1795501400,1795501400,'192.0.2.9'),
 (9,7,'<a href="{URL}/res/3.html#3">&gt;&gt;&gt;/{BOARD}/3</a>','>>>/{BOARD}/3',1795501401,NULL,'');
"""


@pytest.fixture(scope="module")
def moved(
    board_process: BoardProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoardProcess]:
    """Taken back at the end: its bans are for all boards."""
    old = moved_board.write(tmp_path_factory.mktemp("old"), BOARD, more=_SIBLING)
    board_process.cli("import", "vichan", *old.arguments)
    board_process.settle()
    yield board_process
    board_process.cli("import", "undo", "--yes")


@for_each(
    ("address", "led_to"),
    [
        (f"{URL}/", None),
        (f"{URL}/2.html", None),
        (f"{URL}/catalog.html", None),
        (f"{URL}/res/3.html", None),
        (f"{URL}/res/3+50.html", None),
        (f"{URL}/threads.json", None),
        (f"{URL}/0.json", None),
        (f"{URL}/index.rss", None),
        (f"{URL}/src/1795500951406-1.gif", None),
        (f"{URL}/thumb/1795500951406-1.png", None),
        (f"/{SIBLING}/res/7.html", None),
        ("/b/", None),
        # As its old site had them.
        (f"{URL}/index.html", f"{URL}/"),
        (f"{URL}/res/3-what-did-you-measure.html", f"{URL}/res/3.html"),
        (f"{URL}/res/3-what+50.html", f"{URL}/res/3+50.html"),
        (f"/vichan{URL}/res/3.html", f"{URL}/res/3.html"),
        (f"/player.php?v={URL}/src/1795500951406-1.gif", f"{URL}/src/1795500951406-1.gif"),
        (f"/search.php?search=lamp&board={quote(BOARD)}", f"/search?q=lamp&board={quote(BOARD)}"),
        (f"/b.php?board={quote(BOARD)}", f"/{quote(BOARD)}/banner"),
    ],
)
def test_address_of_the_old_board_answers(
    moved: BoardProcess, address: str, led_to: str | None
) -> None:
    answer = moved.http.get(address)
    assert (answer.status_code, answer.headers.get("location")) == (301 if led_to else 200, led_to)


def test_board_is_posted_to_and_read_like_any_other(moved: BoardProcess, tmp_path: Path) -> None:
    """A reply with a file, by the address that vichan's forms have; found, exported, deleted."""
    picture = next((sample.FOLDER / sample.BOARD / "src").glob("*.webp"))
    sent = {"board": BOARD, "thread": "3", "body": ">>3\nzirconium", "password": "tea"}
    answer = moved.http.post(
        "/post.php",
        data=sent | {"json_response": "1"},
        files={"file": (picture.name, picture.read_bytes())},
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    no = int(answer.json()["id"])
    assert (no > 202, answer.json()["redirect"]) == (True, f"{URL}/res/3.html#{no}")
    moved.settle()
    post = moved.read(f"{URL}/res/3.json")["posts"][-1]
    assert (post["no"], post["resto"]) == (no, 3)
    assert moved.http.get(f"{URL}/src/{post['tim']}{post['ext']}").status_code == httpx.codes.OK
    found = moved.read(f"/search?board={quote(BOARD)}&q=zirconium&json=1")["posts"]
    assert [(each["board"], each["no"]) for each in found] == [(BOARD, no)]
    assert BOARD in [board["board"] for board in moved.read("/boards.json")["boards"]]
    assert [each["no"] for each in moved.read(f"/{SIBLING}/res/7.json")["posts"]] == [7, 9]
    assert f'href="{URL}/res/3.html#3"' in moved.http.get(f"/{SIBLING}/res/7.html").text

    moved.cli("export", "vichan", "--board", BOARD, str(tmp_path / "back"))
    with (tmp_path / "back" / f"{BOARD}.sql").open("rb") as stream:
        rows = list(Dump(stream, wants=f"posts_{BOARD}".__eq__).rows())
    assert [int(row.values[0] or 0) for row in rows if row.values[0] == str(no).encode()] == [no]
    assert (tmp_path / "back" / BOARD / "src" / f"{post['tim']}{post['ext']}").exists()

    gone = moved.http.post(
        "/post.php", data={"board": BOARD, f"delete_{no}": "on", "password": "tea", "delete": "x"}
    )
    assert gone.status_code < 400, gone.text
    moved.settle()
    assert moved.read(f"{URL}/res/3.json")["posts"][-1]["no"] == 202
