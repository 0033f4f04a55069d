"""A thread as one ZIP: all that its page shows, and nothing that readers are not served."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import falcon
import pytest
from falcon import testing

from imageboard.errors import ZipsBusy
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.store.room import Room
from imageboard.store.uploads import UploadStore
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post
from tests.tables import for_each
from writer.answers import Answers
from writer.board_list import BoardList
from writer.captchas import Captchas
from writer.forms import Form
from writer.thread_zips import ADDRESS, AT_ONCE_MAX, ThreadZips

pytestmark = pytest.mark.slow

FILE = b"the bytes of a picture"


class Site:
    """A thread with a file, drawn, and the writer beside it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.settings = Settings.read(
            {"STILLBOARD_DATA": str(folder), "STILLBOARD_WEB_ROOT": str(folder / "public")}
        )
        (folder / "scratch").mkdir()
        (folder / "original").write_bytes(FILE)
        (folder / "thumbnail").write_bytes(b"small")
        self.uploads = UploadStore(folder / "uploads")
        stored_as = self.uploads.take(folder / "original", folder / "thumbnail")
        board = a_board(database)
        a_post(database, board, subject="Kettles", files=(a_file(stored_as=stored_as),))
        web_root = WebRoot(self.settings.web_root)
        list(Verifier(database, web_root, self.uploads, "Stillboard", repair=True).verify())
        self.boards = BoardList(database)

    def zips(self, bytes_max: int = 1_000_000, free_mb_min: int = 0) -> ThreadZips:
        room = Room((self.settings.data,), 0, free_mb_min * 1024 * 1024)
        return ThreadZips(self.settings, self.boards, room, bytes_max)

    def ask(self, address: str, zips: ThreadZips | None = None) -> testing.Result:
        app = falcon.App()
        answers = Answers(Captchas(self.boards, None, {}))
        app.add_error_handler(
            Exception, lambda req, resp, ex, _params: answers.refuse(req, resp, ex, Form())
        )
        app.add_route(ADDRESS, zips or self.zips())
        return testing.TestClient(app).simulate_get(address, headers={"Accept": "application/json"})


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    return Site(database, tmp_path)


def test_zip_has_the_page_and_all_that_it_shows(site: Site) -> None:
    answer = site.ask("/b/res/1.zip")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="b-1.zip"'
    assert answer.headers["cdn-cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        files = {name: packed.read(name) for name in packed.namelist()}
    page = files["b-1/b/res/1.html"].decode()
    assert "Kettles" in page
    assert "<script" not in page
    (picture,) = (name for name in files if name.startswith("b-1/b/src/"))
    assert files[picture] == FILE
    assert f'href="../src/{picture.rpartition("/")[2]}"' in page
    assert any(name.startswith("b-1/assets/board.") for name in files)


def test_what_readers_are_no_longer_served_is_in_no_zip(site: Site) -> None:
    for file in (site.settings.web_root / "b/src").iterdir():
        file.unlink()
    with zipfile.ZipFile(io.BytesIO(site.ask("/b/res/1.zip").content)) as packed:
        assert not [name for name in packed.namelist() if "/src/" in name]


@for_each("address", ["/b/res/2.zip", "/b/res/x.zip", "/b/res/²2.zip", "/nope/res/1.zip"])
def test_thread_that_is_not_there_is_not_found(site: Site, address: str) -> None:
    assert site.ask(address).status_code == 404


def test_thread_that_is_too_large_is_refused_and_nothing_is_left(site: Site) -> None:
    answer = site.ask("/b/res/1.zip", site.zips(bytes_max=1000))
    assert (answer.status_code, answer.json["code"]) == (422, "zip_too_large")
    assert not list((site.settings.data / "scratch").iterdir())


def test_disk_that_is_nearly_full_packs_nothing(site: Site) -> None:
    assert site.ask("/b/res/1.zip", site.zips(free_mb_min=2**40)).status_code == 507


def test_no_more_are_packed_at_once_than_leave_posting_its_threads(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("writer.thread_zips._TURN_WAIT_S", 0)
    zips = site.zips()
    held = [zips._turn() for _ in range(AT_ONCE_MAX)]
    for turn in held:
        turn.__enter__()
    with pytest.raises(ZipsBusy), zips._turn():
        pass
    for turn in held:
        turn.__exit__(None, None, None)
    assert site.ask("/b/res/1.zip", zips).status_code == 200
