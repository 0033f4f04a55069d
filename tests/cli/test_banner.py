"""`stillboard banner`: hung up, shown in turn, led to, taken down, refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import falcon
import pytest
from falcon import testing
from PIL import Image

from deploy.embedded.valkey import Valkey
from imageboard.errors import BadBanner, FileRefused
from imageboard.store import boards, posts
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post
from tests.cli.commands import Commands
from writer.answers import Answers
from writer.banners import ADDRESS, Banners
from writer.board_list import BoardList
from writer.captchas import Captchas
from writer.forms import Form

pytestmark = pytest.mark.slow

_SHOWN = re.compile(r'<p class="banner"><img src="/b/(src/[0-9]+\.png)" width="300" height="100"')


@pytest.fixture
def run(tmp_path: Path, database_url: str, valkey_server: Valkey, database: Database) -> Commands:
    a_board(database)
    return Commands(tmp_path, database_url, valkey_server.url)


def a_picture(
    folder: Path, colour: str = "red", size: tuple[int, int] = (300, 100), ending: str = ""
) -> str:
    path = folder / f"{colour}{ending}.png"
    Image.new("RGB", size, colour).save(path)
    return str(path)


def test_banners_hang_above_the_lists_and_each_post_brings_the_next(
    run: Commands, database: Database, tmp_path: Path
) -> None:
    hung = run("banner", "add", "b", a_picture(tmp_path, "red"), a_picture(tmp_path, "blue"))
    assert re.fullmatch(
        r"red\.png hangs on /b/ as [0-9]{13}\.png\.\nblue\.png hangs .*\n", hung.output
    )
    names = [each["name"] for each in json.loads(run("banner", "list", "b", "--json").output)]
    uploads = UploadStore(tmp_path / "uploads")
    web_root = WebRoot(tmp_path / "public")
    loop = RenderLoop(database, web_root, uploads, "Stillboard")
    verifier = Verifier(database, web_root, uploads, "Stillboard")
    seen = set()
    with database.connection() as db:
        board = boards.get(db, "b")
    for _ in names:
        a_post(database, board)
        loop.render("b")
        for page in ("b/index.html", "b/catalog.html"):
            shown = _SHOWN.search((web_root.read(page) or b"").decode())
            assert shown is not None
            assert web_root.read(f"b/{shown[1]}"), "it stands there"
        seen.add(shown[1])
        assert list(verifier.verify()) == []
    assert seen == {f"src/{name}" for name in names}
    with database.connection() as db:
        masters = [path.name for path in (tmp_path / "uploads").rglob("*") if path.is_file()]
        assert posts.stored_names(db, masters) == set(masters), "none of them is swept"

    run("banner", "remove", "b", names[0])
    loop.render("b")
    assert web_root.read(f"b/src/{names[0]}") is None
    assert f"src/{names[1]}" in (web_root.read("b/index.html") or b"").decode()
    assert list(verifier.verify()) == []

    run("banner", "remove", "b", names[1])
    loop.render("b")
    assert not _SHOWN.search((web_root.read("b/index.html") or b"").decode())
    run("banner", "add", "b", a_picture(tmp_path, "green"))
    loop.render("b")
    shown = _SHOWN.search((web_root.read("b/index.html") or b"").decode())
    assert shown, "though nobody has posted since"
    assert web_root.read(f"b/{shown[1]}")


def test_picture_whose_name_says_that_it_is_dense_is_shown_at_half_its_size(
    run: Commands, tmp_path: Path
) -> None:
    run("banner", "add", "b", a_picture(tmp_path, size=(2000, 600), ending="@2x"))
    (hung,) = json.loads(run("banner", "list", "b", "--json").output)
    assert (hung["width"], hung["height"]) == (1000, 300)


@pytest.mark.parametrize(
    ("size", "ending", "says"),
    [
        ((1001, 10), "", "1000 × 300 pixels at most"),
        ((10, 301), "", "this one has 10 × 301"),
        ((10, 602), "@2x", "2000 × 600 pixels at most"),
    ],
)
def test_picture_that_is_too_large_is_refused_and_not_kept(
    run: Commands, tmp_path: Path, size: tuple[int, int], ending: str, says: str
) -> None:
    refused = run("banner", "add", "b", a_picture(tmp_path, size=size, ending=ending))
    assert isinstance(refused.exception, BadBanner)
    assert says in str(refused.exception)
    kept = [path for place in ("uploads", "scratch") for path in (tmp_path / place).rglob("*")]
    assert [path for path in kept if path.is_file()] == []


def test_the_same_picture_hangs_once_and_what_is_none_not_at_all(
    run: Commands, tmp_path: Path
) -> None:
    run("banner", "add", "b", a_picture(tmp_path))
    again = run("banner", "add", "b", a_picture(tmp_path))
    assert isinstance(again.exception, BadBanner)
    assert len([path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]) == 1
    (tmp_path / "text.png").write_text("no picture")
    none = run("banner", "add", "b", str(tmp_path / "text.png"))
    assert isinstance(none.exception, FileRefused)
    assert isinstance(run("banner", "remove", "b", "1.png").exception, BadBanner)


def test_address_leads_to_one_of_them_by_the_clock(
    run: Commands, database: Database, tmp_path: Path
) -> None:
    times = iter((0.2, 0.9, 1.1))
    app = falcon.App()
    answers = Answers(Captchas(BoardList(database), None, {}))
    app.add_error_handler(
        Exception, lambda req, resp, ex, _params: answers.refuse(req, resp, ex, Form())
    )
    app.add_route(ADDRESS, Banners(database, BoardList(database), clock=lambda: next(times)))
    client = testing.TestClient(app)
    assert client.simulate_get("/b/banner").status == falcon.HTTP_404
    run("banner", "add", "b", a_picture(tmp_path, "red"), a_picture(tmp_path, "blue"))
    urls = [each["url"] for each in json.loads(run("banner", "list", "b", "--json").output)]
    led = [client.simulate_get("/b/banner") for _ in range(3)]
    assert [each.status for each in led] == [falcon.HTTP_302] * 3
    assert [each.headers["location"] for each in led] == [urls[0], urls[0], urls[1]]
    assert led[0].headers["cdn-cache-control"] == "no-store"
    assert client.simulate_get("/tea/banner").status == falcon.HTTP_404
