"""`stillboard import vichan`: told beforehand, brought, told afterwards, taken back."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

import pytest
import redis
from click.testing import CliRunner, Result

from cli.registry import stillboard
from deploy.embedded.valkey import Valkey
from imageboard.store.database import Database
from importing import moving
from importing.living import site as living_site
from tests.builders import a_board, a_post
from tests.importing import jschan_board, lynxchan_board
from tests.importing.asagi_archive import an_archive
from tests.importing.conftest import KEY, SAMPLE
from tests.importing.mongo import dumped
from tests.importing.old_site import Reply, serving
from tests.importing.thread_folders import a_file, an_op, write
from tests.importing.thread_folders import a_post as a_told_post
from tests.walk import sample

pytestmark = pytest.mark.slow

Run = Callable[..., Result]
#: As its owner writes it.
_CONFIG = """<?php
$config['db']['prefix'] = '';
$config['secure_trip_salt'] = 'x';
$config['secure_password_salt'] = 'y';
$config['poster_ids'] = true;
"""


@pytest.fixture
def run(tmp_path: Path, database_url: str, valkey_server: Valkey, queue: redis.Redis) -> Run:
    environ = {
        "DATABASE_URL": database_url,
        "REDIS_URL": valkey_server.url,
        "STILLBOARD_ADDRESS_KEY": KEY,
    }

    def call(*arguments: str) -> Result:
        typed = ["import", *arguments, "--data", str(tmp_path)]
        return CliRunner().invoke(stillboard, typed, obj=environ)

    return call


def test_a_board_is_looked_at_brought_and_taken_back(
    run: Run, tmp_path: Path, database: Database
) -> None:
    config = tmp_path / "instance-config.php"
    config.write_text(_CONFIG)
    call = ("vichan", str(SAMPLE), "--boards", str(sample.FOLDER), "--config", str(config))

    def posts() -> int:
        with database.connection() as db:
            return int((db.execute("SELECT count(*) FROM shown_posts").fetchone() or (0,))[0])

    told = json.loads(run(*call, "--dry-run", "--json").stdout)
    assert told["boards"]["lab"] == {"posts": 196, "threads": 14, "files": 30} | {
        "files that were deleted there": 1
    }
    assert (posts(), list(tmp_path.glob("imports/*"))) == (0, [])
    (links,) = [each for each in told["troubles"] if "a link leads" in each["why"]]
    assert (links["count"], links["examples"][0]) == (2, "/lab/130 to /b/5050")

    brought = run(*call, "--next", "lab=500")
    assert brought.exit_code == 0, brought.output
    assert posts() == 196
    (page,) = tmp_path.glob("imports/*.html")
    assert "a link leads to a post that is not there" in page.read_text()
    (kept,) = tmp_path.glob("imports/*.json")
    assert json.loads(kept.read_text())["counts"] == told["counts"] | {"ban": 3}
    with database.connection() as db:
        assert db.execute("SELECT last_no FROM boards").fetchone() == (499,)

    assert run("undo", "--yes").output.endswith("taken back: /lab/\n")
    assert posts() == 0
    with database.connection() as db:
        assert db.execute("SELECT count(*) FROM bans").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM old_boards").fetchone() == (0,)


def test_a_board_that_somebody_posts_on_is_left_alone(
    run: Run, database: Database, tmp_path: Path
) -> None:
    a_post(database, a_board(database, "lab"))
    call = ("vichan", str(SAMPLE), "--boards", str(sample.FOLDER))
    why = "/lab/ has posts of its own"
    assert why in run(*call, "--dry-run").output
    assert why in str(run(*call).exception)
    assert run(*call, "--board", "b").exit_code == 0
    assert run("undo", "--yes").output.endswith("nothing had come\n")
    with database.connection() as db:
        assert db.execute("SELECT no FROM posts").fetchall() == [(1,)]


def test_threads_that_somebody_kept_are_looked_at_and_brought(
    run: Run, tmp_path: Path, database: Database
) -> None:
    write(tmp_path / "kept" / "b", an_op(5, since4pass=2016), a_told_post(6, 5))
    write(tmp_path / "kept" / "g", an_op(7))
    call = ("4chan", str(tmp_path / "kept"), "--board", "b")
    told = json.loads(run(*call, "--dry-run", "--json").stdout)
    assert (told["boards"], told["counts"]["threads"]) == ({"b": {"posts": 2, "threads": 1}}, 1)
    assert [each["examples"] for each in told["troubles"]] == [["/b/5"]]
    brought = run(*call, "--next", "b=500")
    assert brought.exit_code == 0, brought.output
    with database.connection() as db:
        assert db.execute("SELECT name, last_no FROM boards").fetchall() == [("b", 499)]
    assert "name the folder in which boards" in str(run("4chan", str(tmp_path)).exception)


def test_an_archive_of_asagi_is_looked_at_and_brought(
    run: Run, tmp_path: Path, database: Database
) -> None:
    dump, media = tmp_path / "asagi.sql.gz", tmp_path / "media"
    dump.write_bytes(gzip.compress(an_archive(media).encode()))
    call = ("asagi", str(dump), "--media", str(media))
    told = json.loads(run(*call, "--dry-run", "--json").stdout)
    assert told["boards"] == {"g": {"posts": 4, "threads": 2, "files": 2} | _BANNED}
    assert run(*call).exit_code == 0
    with database.connection() as db:
        assert db.execute("SELECT count(*) FROM shown_posts").fetchone() == (4,)
        assert db.execute("SELECT count(*) FROM threads").fetchone() == (0,)


#: By the archive's staff.
_BANNED = {"files that were deleted there": 1}


def test_a_living_site_is_read_and_brought_and_then_the_difference(
    run: Run, tmp_path: Path, database: Database
) -> None:
    there = tmp_path / "there"
    write(there / "b", an_op(5, **a_file(1_707_523_200_123)), a_told_post(6, 5))
    write(there / "b", an_op(7))
    (there / "b" / "threads.json").write_text('[{"page": 1, "threads": [{"no": 5}, {"no": 7}]}]')

    def posts() -> list[int]:
        with database.connection() as db:
            return [no for (no,) in db.execute("SELECT no FROM shown_posts ORDER BY no")]

    with serving(there) as old:
        old.told["/b/thread/7.json"] = [Reply(200, b"<html>")] * 5
        call = ("site", old.address + "/", "--board", "b", "--per-second", "1000")
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(living_site, "FIRST_WAIT_S", 0)
            assert "in a network of one's own" in run(*call).output
            call = (*call, "--private")
            refused = run(*call)
            assert "it is no JSON, 5 times: /b/thread/7.json" in refused.output
            assert "1 addresses of the site could not be read" in str(refused.exception)
            assert posts() == []
            told = json.loads(run(*call, "--dry-run", "--json").stdout)
            assert (told["counts"]["posts"], told["troubles"]) == (3, [])
            brought = run(*call)
            assert (brought.exit_code, posts()) == (0, [5, 6, 7]), brought.output
            # A reply is gone there, and another thread came.
            write(there / "b", an_op(5, **a_file(1_707_523_200_123)))
            write(there / "b", an_op(8))
            (there / "b" / "threads.json").write_text("[5, 7, 8]")
            old.asked.clear()
            assert run(*call).exit_code == 0
            assert posts() == [5, 7, 8]
            assert [path for path in old.paths if "1707" in path] == []
    host = old.address.removeprefix("http://").replace(":", "_")
    assert (tmp_path / "imports" / host / "b" / "src" / "1707523200123.png").is_file()


def test_what_can_t_be_read_is_said(run: Run, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_bytes(SAMPLE.read_bytes()[:30_000])
    answer = run("vichan", str(dump), "--boards", str(sample.FOLDER))
    assert "can't be read at byte" in str(answer.exception)
    wrong = run("vichan", str(SAMPLE), "--boards", str(sample.FOLDER), "--next", "lab")
    assert (wrong.exit_code, "--next is a board and a number" in wrong.output) == (2, True)


def test_one_import_is_at_work_at_a_time(run: Run, tmp_path: Path, database: Database) -> None:
    """A second one, though it only looked, cleared away what the first had laid out."""
    media, dump = lynxchan_board.media(tmp_path), tmp_path / "dump"
    dumped(dump, lynxchan_board.collections())
    laid_out = tmp_path / "imports" / "laid-out" / "of the first"
    laid_out.mkdir(parents=True)
    call = ("lynxchan", str(dump), "--media", str(media))
    with moving.alone(database):
        for other in ((*call, "--dry-run"), call, ("undo", "--yes")):
            assert "Another import is at work" in str(run(*other).exception)
    assert laid_out.exists()
    with moving.alone(database):
        assert laid_out.exists()


def test_a_board_comes_under_another_name(run: Run, database: Database) -> None:
    """With its files, and what its posts say of each other."""
    call = ("vichan", str(SAMPLE), "--boards", str(sample.FOLDER), "--board", "lab=desk")
    brought = run(*call, "--next", "lab=7000")
    assert brought.exit_code == 0, brought.output
    assert run(*call).exit_code == 0

    def asked(query: LiteralString) -> list[Any]:
        with database.connection() as db:
            return [row[0] for row in db.execute(query)]

    assert asked("SELECT DISTINCT board FROM shown_posts") == ["desk"]
    assert asked("SELECT count(*) FROM shown_posts") == [196]
    assert asked("SELECT count(*) FROM files WHERE stored_as IS NOT NULL")[0] > 20
    assert asked("SELECT count(*) FROM quotes WHERE to_board = 'desk'")[0] > 50
    assert asked("SELECT count(*) FROM quotes WHERE to_board = 'lab'") == [0]
    assert asked("SELECT count(*) FROM posts WHERE body LIKE '%>>>/lab/%'") == [0]
    assert asked("SELECT last_no FROM boards WHERE name = 'desk'") == [6999]
    for wrong in (("--board", "lab="), ("--board", "a=b", "--board", "b")):
        told = run(*call[:4], *wrong)
        assert (told.exit_code, "its name there and here" in told.output) == (2, True)


def test_a_dump_of_documents_is_looked_at_and_brought(
    run: Run, tmp_path: Path, database: Database
) -> None:
    media, dump = jschan_board.media(tmp_path), tmp_path / "dump"
    dumped(dump, jschan_board.collections())
    secrets = tmp_path / "secrets.js"
    secrets.write_text("module.exports = { postPasswordSecret: 'pepper' };")
    call = ("jschan", str(dump), "--media", str(media), "--secrets", str(secrets))
    told = json.loads(run(*call, "--dry-run", "--json").stdout)
    assert told["boards"]["b"] == {"posts": 9, "threads": 4, "files": 4}
    assert {"ban", "report", "account", "news", "page"} <= told["counts"].keys()
    brought = run(*call, "--board", "b")
    assert brought.exit_code == 0, brought.output
    with database.connection() as db:
        assert db.execute("SELECT count(*), min(board) FROM shown_posts").fetchone() == (9, "b")
    nothing = run("jschan", str(media), "--media", str(media))
    assert "holds no posts.bson" in str(nothing.exception)


def test_files_in_a_dump_of_documents_are_laid_out_for_a_while(
    run: Run, tmp_path: Path, database: Database
) -> None:
    """Also what an import that was killed has left there goes."""
    media, dump = lynxchan_board.media(tmp_path), tmp_path / "dump"
    dumped(dump, lynxchan_board.collections())
    laid_out = tmp_path / "imports" / "laid-out"
    laid_out.mkdir(parents=True)
    (laid_out / "left").write_bytes(b"by one that was killed")
    call = ("lynxchan", str(dump), "--media", str(media), "--thumb-px", "64")
    told = json.loads(run(*call, "--dry-run", "--json").stdout)
    assert told["boards"]["b"]["files"] == 4
    assert not laid_out.exists()
    brought = run(*call)
    assert brought.exit_code == 0, brought.output
    assert not laid_out.exists()
    with database.connection() as db:
        files = db.execute("SELECT count(stored_as), max(thumb_height) FROM files").fetchone()
        assert db.execute("SELECT count(*) FROM file_bans").fetchone() == (1,)
    assert files == (4, 480)
    assert run("undo", "--yes").exit_code == 0
    with database.connection() as db:
        assert db.execute("SELECT count(*) FROM file_bans").fetchone() == (0,)
