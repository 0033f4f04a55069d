"""A bucket answers with the type and the age that nginx answers with."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from cdn import worker_tables
from cdn.cache_policy import NotServed, headers_of
from imageboard.served_kinds import ASK_EACH_TIME, ASSETS, KEEP_FOREVER, MEDIA_TYPES, PUBLISHED
from nginx.site import NginxSite
from tests.nginx.conftest import PAGES, WITHOUT_SIBLINGS
from tests.nginx.front import Front, free_port
from tests.tables import for_each

PATHS = (
    *PAGES,
    *WITHOUT_SIBLINGS,
    "apple-touch-icon.png",
    "assets/font.0123abcd.woff2",
    "assets/icon.0123abcd.ico",
    "assets/app.webmanifest",
    "assets/picture.avif",
    "assets/deep/board.0123abcd.css",
    "assets/.css",
    "b/src/1700000000000-1.png",
    "b/src/1700000000000.PNG",
    "b/src/deep/1700000000000.png",
    "b/thumb/1700000000000.webm",
    "b/res/1.html.gz",
    "b/res/1.html.br",
    "b/favicon.ico",
    "b/page.HTML",
    "b/.html",
    "b/.hidden/page.html",
    "b/spaced name.html",
    "b/page.html\n",
    "b/ünder.html",
    # Each row of the table, where it belongs and where it does not.
    *(f"b/row.{kind.ending}" for kind in (*PUBLISHED, *ASSETS)),
    *(f"assets/row.{kind.ending}" for kind in (*PUBLISHED, *ASSETS)),
    *(f"assets/deep/row.0123abcd.{kind.ending}" for kind in (*PUBLISHED, *ASSETS)),
    *(f"b/src/17.{ending}" for ending in MEDIA_TYPES),
    *(f"b/thumb/17.{kind.ending}" for kind in (*PUBLISHED, *ASSETS)),
)


@pytest.fixture(scope="module")
def front() -> Iterator[Front]:
    """A real nginx over a web root that holds all of PATHS."""
    with tempfile.TemporaryDirectory() as web_root, tempfile.TemporaryDirectory() as run_dir:
        for path in PATHS:
            file = Path(web_root, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"x")
        site = NginxSite(
            web_root=Path(web_root),
            writer_upstreams=(f"unix:{run_dir}/writer.sock",),
            run_dir=Path(run_dir),
            listen_port=free_port(),
            limits=False,
            worker_processes=1,
            user="root root" if os.geteuid() == 0 else None,
        )
        with Front(site) as front:
            yield front


@for_each("path", PATHS)
def test_a_bucket_tells_the_same_story_as_nginx(front: Front, path: str) -> None:
    """The same files, and no others, with the same headers."""
    address = re.sub(r"(^|/)index\.html$", r"\1", path)
    answer = front.get(quote(f"/{address}", safe="/+"))
    if answer.status == 404:
        with pytest.raises(NotServed):
            headers_of(path)
        return
    headers = headers_of(path)
    # Two ways to say the same.
    age = (answer["Cache-Control"] or "").replace("no-cache", ASK_EACH_TIME)
    assert (answer["Content-Type"], age) == (
        headers.content_type,
        headers.cache_control,
    )
    assert headers.content_encoding is None


def test_only_names_that_change_with_their_bytes_are_kept_for_ever() -> None:
    kept = {path for path in PATHS if _is_served(path) and _age(path) == KEEP_FOREVER}
    assert kept
    assert all("assets/" in path or "/src/" in path or "/thumb/" in path for path in kept)
    assert _age("index.html") == _age("assets/board.css") == ASK_EACH_TIME


def _age(path: str) -> str:
    return headers_of(path).cache_control


def _is_served(path: str) -> bool:
    try:
        headers_of(path)
    except NotServed:
        return False
    return True


def test_the_worker_has_the_boards_tables() -> None:
    """After a change of a table: `python -m cdn.worker_tables`."""
    assert worker_tables.PLACE.read_text(encoding="utf-8") == worker_tables.worker_tables()
