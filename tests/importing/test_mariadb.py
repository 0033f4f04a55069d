"""The real MariaDB: it takes what `export --board` writes, and we read whatever it dumps."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cli.programs import PROGRAMS
from imageboard.store.database import snapshot
from importing import to_vichan
from importing.report import Report
from importing.vichan.dump import VichanDump
from tests.deploy.stand_ins import eventually
from tests.importing.conftest import SAMPLE, SAMPLE_SETTINGS, Site
from tests.walk import sample

pytestmark = [pytest.mark.slow, pytest.mark.needs("mariadb")]

#: vichan's own, of version 5.2 (install.sql).
_TABLES = """
CREATE TABLE boards (uri varchar(58) CHARACTER SET utf8mb4 NOT NULL, title tinytext NOT NULL,
    subtitle tinytext, PRIMARY KEY (uri)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE bans (id int(10) unsigned NOT NULL AUTO_INCREMENT, ipstart varbinary(16) NOT NULL,
    ipend varbinary(16) DEFAULT NULL, created int(10) unsigned NOT NULL,
    expires int(10) unsigned DEFAULT NULL, board varchar(58) CHARACTER SET utf8mb4 DEFAULT NULL,
    creator int(10) NOT NULL, reason text, seen tinyint(1) NOT NULL, post blob, PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
"""
#: How owners dump: each has rows spelled in another way.
_SHAPES = {
    "extended": [],
    "one row a statement": ["--skip-extended-insert", "--complete-insert"],
    "bytes as hexadecimals": ["--hex-blob"],
    "without comments": ["--compact", "--complete-insert"],
    # Without the character set it sends question marks for all that is not in its own.
    "ANSI": ["--compatible=ansi", "--default-character-set=utf8mb4"],
}


class MariaDb(NamedTuple):
    """A server that is up."""

    folder: Path

    def run(self, database: str, statements: bytes) -> str:
        """What its client answers: a row a line, tabs between."""
        return self._call("mariadb", "-N", "-B", database, typed=statements).decode()

    def dump(self, database: str, *options: str) -> bytes:
        return self._call("mariadb-dump", *options, database)

    def answers(self) -> bool:
        """Its socket is there a moment before anybody listens."""
        return self._called("mariadb", "-e", "SELECT 1").returncode == 0

    def _call(self, program: str, *arguments: str, typed: bytes = b"") -> bytes:
        done = self._called(program, *arguments, typed=typed)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def _called(
        self, program: str, *arguments: str, typed: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        call = [program, "--no-defaults", f"--socket={self.folder}/s", "-uroot", *arguments]
        return subprocess.run(call, input=typed, capture_output=True, check=False)


@pytest.fixture(scope="module")
def mariadb(short_folder: Path) -> Iterator[MariaDb]:
    folder = short_folder / "m"
    folder.mkdir()
    common = ["--no-defaults", f"--datadir={folder}/data"]
    if os.geteuid() == 0:
        common.append("--user=root")
    install = ["mariadb-install-db", *common, "--auth-root-authentication-method=normal"]
    subprocess.run([*install, "--skip-test-db"], check=True, capture_output=True)
    server = subprocess.Popen(
        [
            *(PROGRAMS["mariadb"].place or "", *common, "--skip-networking"),
            *(f"--socket={folder}/s", f"--pid-file={folder}/pid", "--innodb-flush-method=nosync"),
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        assert eventually(MariaDb(folder).answers)
        yield MariaDb(folder)
    finally:
        server.terminate()
        server.wait()


def records(dump: Path) -> list[Any]:
    """All that our reader makes of it."""
    read, report = VichanDump([dump], settings=SAMPLE_SETTINGS), Report()  # type: ignore[arg-type]
    read.survey()
    found = [list(read.posts(report)), list(read.others(report)), read.boards, read.surveys]
    assert report.troubles == {}
    return found


@pytest.fixture(scope="module")
def loaded(mariadb: MariaDb) -> str:
    """A database with the sample."""
    tables = _TABLES + to_vichan._TABLE.format(sample.BOARD, 203)
    mariadb.run("", b"CREATE DATABASE old CHARACTER SET utf8mb4")
    mariadb.run("old", tables.encode() + SAMPLE.read_bytes())
    return "old"


@pytest.mark.parametrize("options", _SHAPES.values(), ids=_SHAPES)
def test_each_shape_of_a_dump_has_the_same_records(
    mariadb: MariaDb, loaded: str, options: list[str], tmp_path: Path
) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_bytes(mariadb.dump(loaded, *options))
    assert records(dump) == records(SAMPLE)


#: vichan's own, of version 5.2: a page of a board, a thread, its counts (inc/functions.php), and
#: the catalog (templates/themes/catalog/theme.php); where it asks for all of a post, its number.
_PAGE = """SELECT id FROM posts_{0} WHERE thread IS NULL
    ORDER BY sticky DESC, bump DESC LIMIT 0, 100"""
_THREAD = """SELECT id FROM posts_{0} WHERE (thread IS NULL AND id = {1}) OR thread = {1}
    ORDER BY thread, id"""
_COUNTS = "SELECT COUNT(*) AS replies, SUM(num_files) AS images FROM posts_{0} WHERE thread = {1}"
_CATALOG = """SELECT id AS thread_id,
    (SELECT COUNT(id) FROM posts_{0} WHERE thread = thread_id) AS reply_count,
    (SELECT SUM(num_files) FROM posts_{0} WHERE thread = thread_id AND num_files IS NOT NULL)
    FROM posts_{0} WHERE thread IS NULL ORDER BY bump DESC"""


def test_vichan_finds_what_was_exported_as_it_found_what_came(
    mariadb: MariaDb, loaded: str, moved: Site
) -> None:
    """A server in strict mode takes the export whole, and answers vichan's questions alike."""
    mariadb.run("", b"CREATE DATABASE back CHARACTER SET utf8mb4")
    with moved.database.connection() as db, snapshot(db):
        exported = "".join(to_vichan.dump(db, sample.BOARD))
    mariadb.run("back", _TABLES.encode() + exported.encode())
    questions = [_PAGE, _CATALOG, *([_THREAD, _COUNTS] * len(sample.threads()))]
    threads = [no for no in sample.threads() for _ in (_THREAD, _COUNTS)]
    asked = ";\n".join(
        question.format(sample.BOARD, no)
        for question, no in zip(questions, [0, 0, *threads], strict=True)
    )
    answers = {name: mariadb.run(name, asked.encode()) for name in (loaded, "back")}
    assert answers["back"] == answers[loaded]
    assert len(answers["back"].splitlines()) > 196
