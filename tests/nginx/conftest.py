"""One nginx for the tests that only read, and `make_front` for those that need their own."""

import gzip
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import brotli
import pytest

from nginx.site import NginxSite
from tests.nginx.front import Front, Writer, free_port

MakeFront = Callable[..., Front]

PAGES = (
    "index.html",
    "404.html",
    "robots.txt",
    "sitemap.xml",
    "boards.json",
    "b/index.html",
    "b/2.html",
    "b/catalog.html",
    "b/catalog.json",
    "b/0.json",
    "b/index.rss",
    "b/index.atom",
    "b/archive/index.html",
    "b/res/123.html",
    "b/res/123+50.html",
    "b/res/123.json",
    "b/res/123-tail.json",
    "b/res/123.changes.json",
    "b/res/123.atom",
    "assets/board.0123abcd.css",
    "assets/board.0123abcd.js",
    "assets/unhashed.css",
    "assets/logo.0123abcd.svg",
)
#: Of boards that are called as no board of ours: they came from elsewhere.
OLD_BOARDS = (
    "λ/index.html",
    "λ/2.html",
    "λ/catalog.json",
    "λ/res/1.html",
    "λ/res/1+50.html",
    "λ/res/1.changes.json",
    "B_$/index.html",
    "B_$/res/1.json",
)
OLD_MEDIA = (
    "λ/src/1700000000000-1.png",
    "λ/thumb/1700000000000-1.webp",
    "λ/src/1700000000000-2.swf",
)
WITHOUT_SIBLINGS = (
    "b/identity_only.html",
    "assets/icon.0123abcd.png",
    "favicon.ico",
    "b/src/1700000000000.jpg",
    "b/src/1700000000001.jpeg",
    "b/src/1700000000002.png",
    "b/src/1700000000003.gif",
    "b/src/1700000000004.webp",
    "b/src/1700000000005.avif",
    "b/thumb/1700000000000.webp",
    # What must never be served, whatever put it there:
    "b/src/1.html",
    "b/src/1.svg",
    "b/src/1.html.jpg",
    "b/src/1.jpg.html",
    "b/src/evil.jpg",
    "b/src/index.html",
    "b/thumb/1.json",
    "b/res/.123.html.new",
    "b/res/.123.html",
    ".env",
    ".git/config",
    ".hidden/page.html",
    "notes",
    "backup.sql",
    "page.php",
    "assets/script.sh",
)


def page_text(name: str) -> bytes:
    """The page of that name: no two alike, and long enough to be worth compressing."""
    return f"<!doctype html><p>{name}</p>".encode() + b" and so on" * 200


@pytest.fixture(scope="session")
def web_root() -> Iterator[Path]:
    """A published site. Not below pytest's own folder, which nginx's workers may not enter."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in PAGES + WITHOUT_SIBLINGS + OLD_BOARDS + OLD_MEDIA:
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(page_text(name))
        for name in PAGES + OLD_BOARDS:
            (root / f"{name}.gz").write_bytes(gzip.compress(page_text(name)))
            (root / f"{name}.br").write_bytes(brotli.compress(page_text(name), quality=4))
        (root / "b/gz_only.html").write_bytes(page_text("b/gz_only.html"))
        (root / "b/gz_only.html.gz").write_bytes(gzip.compress(page_text("b/gz_only.html")))
        yield root


@pytest.fixture(scope="session")
def make_front(web_root: Path) -> Iterator[MakeFront]:
    """`make_front(limits=False)`: a running nginx; all are stopped at the end."""
    with ExitStack() as running:

        def make(**values: Any) -> Front:
            # Short, since the path of a Unix socket may have 107 bytes.
            folder = Path(tempfile.mkdtemp(prefix="front"))
            running.callback(shutil.rmtree, folder)
            site: dict[str, Any] = {
                "web_root": web_root,
                "writer_upstreams": (f"unix:{folder}/writer.sock",),
                "run_dir": folder,
                "listen_port": free_port(),
                "limits": False,
                "worker_processes": 1,
                "user": "root root" if os.geteuid() == 0 else None,
            }
            return running.enter_context(Front(NginxSite(**(site | values))))

        yield make


@pytest.fixture(scope="session")
def front(make_front: MakeFront) -> Iterator[Front]:
    """nginx in front of a writer, believing nobody, limiting nobody."""
    made = make_front()
    with Writer(made.site.writer_upstreams[0]):
        yield made
