"""A page of the database's disk that can't be read costs what it held, and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from random import Random

import psycopg
import pytest

from deploy.embedded.postgres import Postgres
from imageboard.store import boards, migrations
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post

THREADS = 40


@pytest.fixture
def database(postgres: Postgres, _superuser: psycopg.Connection) -> Iterator[Database]:
    """One that no other test gets: it is damaged."""
    _superuser.execute("CREATE DATABASE damaged OWNER stillboard")
    # As with a table of some size, where nobody reads all of it for one thread.
    _superuser.execute("ALTER DATABASE damaged SET enable_seqscan = off")
    database = Database(postgres.url.rsplit("/", 1)[0] + "/damaged", connections_max=4)
    database.open()
    migrations.apply(database)
    yield database
    database.close()
    _superuser.execute("DROP DATABASE damaged WITH (FORCE)")


def damage_posts_of(postgres: Postgres, no: int) -> set[int]:
    """Overwrite a part of the page on which a post lies; the posts that were on it."""
    url = postgres.superuser_url.rsplit("/", 1)[0] + "/damaged"
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("CREATE EXTENSION pg_buffercache")
        (path, block) = db.execute(
            "SELECT pg_relation_filepath('posts'), (ctid::text::point)[0]::int FROM posts"
            " WHERE no = %s",
            (no,),
        ).fetchone() or ("", 0)
        lost = {
            row[0]
            for row in db.execute(
                "SELECT no FROM posts WHERE (ctid::text::point)[0]::int = %s", (block,)
            )
        }
        db.execute("ANALYZE")
        db.execute("CHECKPOINT")
        with (postgres.cluster / path).open("r+b") as file:
            file.seek(block * 8192 + 4096)
            file.write(b"\xff" * 512)
        db.execute("SELECT pg_buffercache_evict_relation('posts')")
    return lost


@pytest.mark.slow
def test_one_unreadable_thread_stops_no_other_and_is_named(
    postgres: Postgres,
    database: Database,
    loop: RenderLoop,
    web_root: WebRoot,
    uploads: UploadStore,
) -> None:
    board = a_board(database)
    for _ in range(THREADS):
        a_post(database, board, body=secrets.token_hex(900))
    loop.render("b")
    lost = damage_posts_of(postgres, 1)
    assert 1 in lost
    assert THREADS not in lost
    before = web_root.read("b/res/1.html")

    fresh = RenderLoop(database, web_root, uploads, "Stillboard", captcha=loop.captcha)
    a_post(database, board, thread=THREADS, body="the others go on")
    a_post(database, board, body="so do new ones")
    fresh.render("b")
    assert b"the others go on" in (web_root.read(f"b/res/{THREADS}.html") or b"")
    assert b"so do new ones" in (web_root.read(f"b/res/{THREADS + 2}.html") or b"")
    assert web_root.read("b/res/1.html") == before
    with database.connection() as db:
        assert boards.get(db, "b").drawn_as is None, "a page stands as it was"

    verifier = Verifier(
        database, web_root, uploads, "Stillboard", captcha=loop.captcha, repair=True
    )
    found = list(verifier.verify())
    unreadable = {finding.path for finding in found if finding.wrong == "unreadable"}
    assert {f"b/res/{no}.html" for no in lost} <= unreadable
    assert f"b/res/{THREADS}.html" not in unreadable
    sampled = {finding.path for finding in verifier.verify_sample(1_000, Random(1))}
    assert {f"b/res/{no}.html" for no in lost} <= sampled
    assert web_root.read("b/res/1.html") == before, "what stands is all that is left"
    assert Path(web_root.folder / "b/index.html").exists()
