"""What readers see opens from a disk, and asks nobody for anything."""

from __future__ import annotations

import io
import re
import tarfile
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from imageboard import public_site
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post

pytestmark = pytest.mark.slow

_ATTRIBUTE = re.compile(r"""\s([a-z-]+)="([^"]*)\"""")
_ASKING = frozenset({"href", "src", "srcset", "action", "poster"})


@pytest.fixture
def web_root(database: Database, tmp_path: Path) -> Path:
    uploads = UploadStore(tmp_path / "uploads")
    for name in ("original", "thumbnail"):
        (tmp_path / name).write_bytes(name.encode())
    stored_as = uploads.take(tmp_path / "original", tmp_path / "thumbnail")
    board = a_board(database, threads_per_page=1)
    a_post(database, board, body="see /b/res/1.html", files=(a_file(stored_as=stored_as),))
    a_post(database, board, body='>>1 " href="/b/" https://other.example/')
    a_post(database, a_board(database, "c"), body=">>>/b/1")
    root = tmp_path / "public"
    list(Verifier(database, WebRoot(root), uploads, "Stillboard", repair=True).verify())
    return root


def asked(page: Path) -> list[str]:
    """Addresses that a page leads to or shows."""
    html = page.read_text(encoding="utf-8")
    return [unescape(value) for name, value in _ATTRIBUTE.findall(html) if name in _ASKING]


def test_every_page_leads_to_files_beside_it_alone(web_root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    count = public_site.write(web_root, "", public_site.into_folder(copy))
    pages = sorted(copy.rglob("*.html"))
    assert copy / "b/res/1.html" in pages
    assert count == sum(path.is_file() for path in copy.rglob("*"))
    for page in pages:
        assert "<script" not in page.read_text(encoding="utf-8")
        for address in asked(page):
            if not address.startswith(("#", "https://", "mailto:", "data:")):
                file = page.parent / unquote(address.partition("#")[0])
                assert file.is_file(), (page, address)
    assert next((copy / "b/src").iterdir()).read_bytes() == b"original"


def test_texts_of_posters_stay_as_they_were(web_root: Path, tmp_path: Path) -> None:
    public_site.write(web_root, "", public_site.into_folder(tmp_path / "copy"))
    thread = (tmp_path / "copy/b/res/1.html").read_text(encoding="utf-8")
    assert "see /b/res/1.html" in thread
    assert "href=&#34;/b/&#34;" in (tmp_path / "copy/b/res/2.html").read_text(encoding="utf-8")


def test_what_only_the_board_can_answer_leads_to_it(web_root: Path, tmp_path: Path) -> None:
    public_site.write(
        web_root, "https://board.example/", public_site.into_folder(tmp_path / "copy")
    )
    html = (tmp_path / "copy/b/index.html").read_text(encoding="utf-8")
    assert ' action="https://board.example/post"' in html
    assert ' href="res/1.html' in html


def test_tar_holds_what_the_folder_would(web_root: Path, tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w|") as tar:
        public_site.write(web_root, "", public_site.into_tar(tar, "copy"))
    public_site.write(web_root, "", public_site.into_folder(tmp_path / "copy"))
    with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as tar:
        packed = {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]
    files = {p for p in (tmp_path / "copy").rglob("*") if p.is_file()}
    assert packed == {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in files}


def test_a_thread_opens_by_itself(web_root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "thread"
    sink = public_site.into_folder(copy)
    count = public_site.write_thread(web_root, "https://board.example/", "b", 1, sink)
    there = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert len(there) == count
    assert {name for name in there if name.startswith("b/res/")} == {"b/res/1.html", "b/res/1.json"}
    assert next((copy / "b/src").iterdir()).read_bytes() == b"original"
    assert next((copy / "b/thumb").iterdir()).read_bytes() == b"thumbnail"
    addresses = asked(copy / "b/res/1.html")
    assert "https://board.example/b/catalog.html" in addresses
    beside = [each for each in addresses if each.startswith("../")]
    assert any(".css" in each for each in beside)
    for address in beside:
        assert (copy / "b/res" / unquote(address.partition("#")[0])).is_file(), address


def test_a_thread_that_is_not_there_leaves_nothing(web_root: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        public_site.write_thread(web_root, "", "b", 99, public_site.into_folder(tmp_path / "copy"))
    assert not (tmp_path / "copy").exists()


def test_a_thread_of_a_board_in_other_letters_has_its_files(
    tmp_path: Path,
) -> None:
    """Its addresses are spelled otherwise than the names of its files."""
    root, copy = tmp_path / "public", tmp_path / "copy"
    for name in ("λ/res/1.html", "λ/res/1.json", "λ/src/5.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text('<head></head><img src="/%CE%BB/src/5.png">')
    assert public_site.write_thread(root, "", "λ", 1, public_site.into_folder(copy)) == 3
    assert 'src="../../%CE%BB/src/5.png"' in (copy / "λ/res/1.html").read_text(encoding="utf-8")
