"""A board of vichan, moved to a board that is up: read, posted to and looked after as it was there.

It is called as none of ours can be, and has a sibling that another letter's case tells apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg
import pytest
from PIL import Image

from imageboard import libcrypt
from importing.sql_dump import Dump
from tests.deploy.stand_ins import eventually
from tests.tables import for_each
from tests.walk import moved_board, sample
from tests.walk.board_process import BoardProcess
from writer.own_posts import DELETIONS_MAX

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
#: {name: password}
_STAFF = {"curator": "lens cap", "mona": "aperture", "jan": "f/8"}
_FILTERS = """
$config['filters'][] = array('condition' => array('body' => '/sell(s|ing) sextants/i'),
    'action' => 'reject', 'message' => 'No sextants.');
$config['wordfilters'][] = array('astrolabe', 'kettle');
$config['user_flag'] = true;
$config['user_flags'] = array('nz' => 'Order of tea');
"""


def _staff() -> str:
    """As vichan has them since 4.4, but for Jan, who has not logged in for so long."""
    crypted = {
        name: libcrypt.crypt(password.encode(), f"$6$rounds=25000${name}salt$")
        for name, password in _STAFF.items()
    }
    inner = hashlib.sha1(_STAFF["jan"].encode()).hexdigest()
    old = hashlib.sha256(f"salt{inner}".encode()).hexdigest()
    return f"""
INSERT INTO mods (id,username,password,version,type,boards) VALUES
 (1,'Curator','{crypted["curator"]}','1',30,'*'), (2,'Mona','{crypted["mona"]}','1',20,'{BOARD}'),
 (3,'Jan','{old}','salt',10,'{SIBLING},gone');
"""


@pytest.fixture(scope="module")
def moved(
    board_process: BoardProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoardProcess]:
    """Gone at the end: its bans are for all boards, and others ask for a /B/ in vain."""
    folder = tmp_path_factory.mktemp("old")
    for name, size in (("banners/a.png", (300, 100)), ("flags/nz.png", (16, 11))):
        path = folder / "static" / name
        path.parent.mkdir(parents=True)
        Image.new("RGB", size).save(path)
    old = moved_board.write(folder, BOARD, more=_SIBLING + _staff(), config=_FILTERS)
    board_process.cli("import", "vichan", *old.arguments)
    board_process.settle()
    yield board_process
    board_process.cli("import", "undo", "--yes")
    for name in (BOARD, SIBLING):
        board_process.cli("board", "remove", name, "--yes")


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


def test_banner_and_flags_of_the_old_site_are_there(moved: BoardProcess) -> None:
    hung = moved.http.get(f"{URL}/banner").headers["location"]
    for address in (hung, f"{URL}/flags/nz.png"):
        answer = moved.http.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert "Order of tea" in moved.http.get(f"{URL}/").text


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
    search = f"/search?board={quote(BOARD)}&q=zirconium&json=1"
    # Found a moment after it is shown.
    assert eventually(lambda: moved.read(search)["posts"])
    assert [(each["board"], each["no"]) for each in moved.read(search)["posts"]] == [(BOARD, no)]
    assert BOARD in [board["board"] for board in moved.read("/boards.json")["boards"]]
    assert [each["no"] for each in moved.read(f"/{SIBLING}/res/7.json")["posts"]] == [7, 9]
    assert f'href="{URL}/res/3.html#3"' in moved.http.get(f"/{SIBLING}/res/7.html").text

    moved.cli("export", "--board", BOARD, str(tmp_path / "back"))
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


@for_each(
    ("address", "board", "reason"),
    [
        ("192.0.2.66", BOARD, "Advertising in three threads"),
        ("192.0.2.66", SIBLING, None),
        ("192.0.2.65", BOARD, None),
        ("198.51.100.255", SIBLING, "Flood from this range"),
        ("198.51.101.0", SIBLING, None),
        ("2001:db8:1::7", BOARD, "Spam bots &lt;see log&gt;, permanent."),
    ],
)
def test_whoever_was_banned_is(
    moved: BoardProcess, address: str, board: str, reason: str | None
) -> None:
    thread = 3 if board == BOARD else 7
    answer = moved.send(board=board, thread=thread, body=f"from {address}", address=address)
    if reason is None:
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    else:
        assert answer.status_code == httpx.codes.FORBIDDEN
        assert reason in answer.text


def test_what_was_filtered_is(moved: BoardProcess) -> None:
    refused = moved.send(board=SIBLING, thread=7, body="He SELLS sextants")
    assert "No sextants." in refused.text
    posted = moved.post(board=SIBLING, thread=7, body="My Astrolabe sings.")
    moved.settle()
    post = moved.read(f"/{SIBLING}/res/7.json")["posts"][-1]
    assert (post["no"], post["com"]) == (int(posted["id"]), "My kettle sings.")


@for_each(
    ("name", "may", "may_not"),
    [
        ("jan", (f"/mod/{SIBLING}/7",), (f"/mod{URL}/3", "/mod/staff", "/mod/rules")),
        ("mona", (f"/mod{URL}/3",), (f"/mod/{SIBLING}/7", "/mod/staff", "/mod/rules")),
        ("curator", (f"/mod/{SIBLING}/7", f"/mod{URL}/3", "/mod/rules"), ()),
    ],
)
def test_staff_log_in_as_they_did_and_may_do_what_they_might(
    moved: BoardProcess, name: str, may: tuple[str, ...], may_not: tuple[str, ...]
) -> None:
    """By an old password once; by then it is hashed as ours are."""
    for kept in ("$argon2id$", "$argon2id$"):
        desk = moved.staff_desk(name, _STAFF[name])
        with psycopg.connect(moved.environment["DATABASE_URL"]) as db:
            found = db.execute("SELECT password_hash FROM staff WHERE name = %s", [name])
            assert str((found.fetchone() or ("",))[0]).startswith(kept)
        for page in may:
            desk.read(page)
        for page in may_not:
            assert desk.status_of(page) in (httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND), page
        desk.log_out()
        desk.close()


def test_every_password_deletes_its_post_and_no_other_does(moved: BoardProcess) -> None:
    """By forms over HTTP: of each post another one's, then of all that share one theirs.

    A form deletes all of its posts or none.
    """
    posts = {post["no"]: post["password_plain"] for post in sample.expected()["posts"]}

    def send(nos: list[int], password: str) -> str:
        boxes = {f"delete_{no}": "on" for no in nos}
        form = {"board": BOARD, "password": password, "delete": "Delete"} | boxes
        return moved.http.post("/post.php", data=form).text

    for no, password in posts.items():
        refused = f"This is not the password of post {no}: nothing was deleted."
        assert refused in send([no], password[:-1])
    # Replies first: they would go with their threads.
    replies = sorted((posts[no], no) for no in posts if no not in sample.threads())
    for password, theirs in groupby(replies, key=itemgetter(0)):
        nos = [no for _, no in theirs]
        for first in range(0, len(nos), DELETIONS_MAX):
            some = nos[first : first + DELETIONS_MAX]
            assert "<h1>Deleted</h1>" in send(some, password), some
    for no in sample.threads():
        assert "<h1>Deleted</h1>" in send([no], posts[no]), no
    with psycopg.connect(moved.environment["DATABASE_URL"]) as db:
        left = db.execute("SELECT no FROM shown_posts WHERE board = %s AND no <= 202", [BOARD])
        assert left.fetchall() == []
