"""What is exported is read back as it was, or not at all."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from psycopg.sql import SQL, Identifier

from imageboard.bans import NewBan
from imageboard.moderation import Action
from imageboard.store import (
    bans,
    boards,
    moderation_log,
    removals,
    reports,
    staff,
    whole_tables,
    written,
)
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from imageboard.words import N_
from importing import whole_board
from importing.whole_board import BoardInUse, MadeByANewerVersion, NotAnExport
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post
from tests.databases import Lender

pytestmark = pytest.mark.slow

A_BAN = NewBan(board="b", reason="Spam.", duration_s=None, address_hash=b"p" * 16)


@pytest.fixture
def uploads(tmp_path: Path) -> UploadStore:
    return UploadStore(tmp_path / "uploads")


@pytest.fixture
def lived_in(database: Database, uploads: UploadStore, tmp_path: Path) -> Database:
    """Rows in most tables that are carried, with all that JSON and lines trip over."""
    board = a_board(database)
    a_board(database, "c", title="Läuft & mehr")
    (tmp_path / "picture").write_bytes(b"picture")
    (tmp_path / "thumbnail").write_bytes(b"the thumbnail")
    stored_as = uploads.take(tmp_path / "picture", tmp_path / "thumbnail")
    a_post(database, board, body='ОП\n"\\n" \x85 {}', files=(a_file(stored_as=stored_as),))
    a_post(database, board, thread=1, body=">>1 🎉", name="A\u2028B", email="sage")
    for thread in (a_post(database, board, body="old").thread, a_post(database, board).thread):
        a_post(database, board, thread=thread, body=">>1")
    with database.transaction() as db:
        db.execute("SELECT archive_thread('b', 3)")
        reports.add(db, "b", [2], reason="Spam.", address_hash=b"r" * 16)
        staff.add(db, "ann", "a password of hers")
        removals.remove(db, "ann", {"b": [6]})
        bans.add(db, A_BAN, "ann")
        moderation_log.add(
            db, Action("ban", N_("banned")), staff="ann", board="b", name="Ünd\u2028so"
        )
        written.add_news(db, None, "News", "of the *site*")
    return database


def rows_of(database: Database) -> dict[str, list[Any]]:
    with database.connection() as db:
        return {
            table: sorted(
                row
                for (row,) in db.execute(
                    SQL("SELECT to_jsonb(t)::text FROM {} t").format(Identifier(table))
                )
            )
            for table in whole_tables.CARRIED
        }


def exported(database: Database, uploads: UploadStore) -> bytes:
    out = io.BytesIO()
    whole_board.write(database, uploads, out)
    return out.getvalue()


@pytest.fixture
def elsewhere(lender: Lender) -> Iterator[Database]:
    """A board that was just founded, and never used."""
    with lender.lend() as lent:
        there = lent.open()
        a_board(there)
        with there.transaction() as db:
            staff.add(db, "admin", "the first password")
        yield there


def read(export: bytes, there: Database, folder: Path) -> None:
    whole_board.read(there, UploadStore(folder), io.BytesIO(export))


def test_each_table_leaves_or_stays_for_a_reason(database: Database) -> None:
    with database.connection() as db:
        there = {
            name
            for (name,) in db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        }
    assert set(whole_tables.CARRIED) | set(whole_tables.LEFT) == there
    assert set(whole_tables.CARRIED).isdisjoint(whole_tables.LEFT)


def test_export_is_read_back_as_it_was(
    lived_in: Database, uploads: UploadStore, elsewhere: Database, tmp_path: Path
) -> None:
    read(exported(lived_in, uploads), elsewhere, tmp_path / "there")
    assert rows_of(elsewhere) == rows_of(lived_in)
    files = {
        folder: {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        for folder in (tmp_path / "uploads", tmp_path / "there")
    }
    assert files[tmp_path / "uploads"] == files[tmp_path / "there"] != {}


def test_board_goes_on_counting_where_it_stood(
    lived_in: Database, uploads: UploadStore, elsewhere: Database, tmp_path: Path
) -> None:
    read(exported(lived_in, uploads), elsewhere, tmp_path / "there")
    with elsewhere.transaction() as db:
        board = boards.get(db, "b")
        assert board is not None
        reports.add(db, "b", [1], reason="Spam.", address_hash=b"s" * 16)
        bans.add(db, A_BAN, "ann")
    assert a_post(elsewhere, board).no == a_post(lived_in, board).no


def test_both_sites_are_alike_to_the_byte(
    lived_in: Database, uploads: UploadStore, elsewhere: Database, tmp_path: Path
) -> None:
    read(exported(lived_in, uploads), elsewhere, tmp_path / "there")
    sites = []
    for database, folder in ((lived_in, "uploads"), (elsewhere, "there")):
        site = tmp_path / f"site of {folder}"
        store = UploadStore(tmp_path / folder)
        for repair in (True, False):
            verifier = Verifier(database, WebRoot(site), store, "Stillboard", repair=repair)
            found = list(verifier.verify())
        assert found == []
        sites.append(
            {p.relative_to(site): p.read_bytes() for p in site.rglob("*.*") if p.is_file()}
        )
    assert sites[0] == sites[1]
    assert Path("b/res/1.html") in sites[0]


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda export: export[: len(export) // 2], "end|read"),
        (lambda export: export.replace(b'"name":"ann"', b'"name":"eve"'), "as it was written"),
        (lambda export: export.replace(b"the thumbnail", b"the thumbnaiL"), "as it was written"),
        (lambda _export: b"", "read to its end|manifest"),
        (lambda _export: b"no tar at all" * 100, "read to its end"),
    ],
    ids=["cut short", "a row changed", "a file changed", "empty", "something else"],
)
def test_export_that_is_not_as_it_was_written_leaves_nothing(
    harm: Callable[[bytes], bytes],
    why: str,
    lived_in: Database,
    uploads: UploadStore,
    elsewhere: Database,
    tmp_path: Path,
) -> None:
    before = rows_of(elsewhere)
    with pytest.raises(NotAnExport, match=why):
        read(harm(exported(lived_in, uploads)), elsewhere, tmp_path / "there")
    assert rows_of(elsewhere) == before


def test_export_cut_short_anywhere_leaves_nothing(
    lived_in: Database, uploads: UploadStore, elsewhere: Database, tmp_path: Path
) -> None:
    export, before, chance = exported(lived_in, uploads), rows_of(elsewhere), Random(7)
    for length in sorted(chance.sample(range(len(export) - 10_240), 12)):
        with pytest.raises(NotAnExport):
            read(export[:length], elsewhere, tmp_path / "there")
    assert rows_of(elsewhere) == before


def test_board_that_has_posts_is_not_read_over(
    lived_in: Database, uploads: UploadStore, tmp_path: Path
) -> None:
    before = rows_of(lived_in)
    with pytest.raises(BoardInUse, match="/b/"):
        read(exported(lived_in, uploads), lived_in, tmp_path / "there")
    assert rows_of(lived_in) == before


@pytest.mark.parametrize(
    ("harm", "what"),
    [
        (lambda manifest: manifest.replace(b'"subject"', b'"mood"'), "posts.mood"),
        (lambda manifest: manifest.replace(b'"news"', b'"moods"'), "moods"),
        (lambda manifest: manifest.replace(b'"version": 1', b'"version": 9'), "version 9"),
    ],
    ids=["column", "table", "format"],
)
def test_export_of_a_newer_version_is_refused_with_what_is_unknown(
    harm: Callable[[bytes], bytes], what: str, elsewhere: Database, uploads: UploadStore
) -> None:
    manifest = next(iter(members(exported(elsewhere, uploads)).values()))
    with pytest.raises(MadeByANewerVersion, match=what):
        whole_board.read(elsewhere, uploads, a_tar({"manifest.json": harm(manifest)}))


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "uploads/aa/../../evil", "uploads/aa/evil", "tables/staff"]
)
def test_member_of_another_name_is_never_written(
    name: str, elsewhere: Database, uploads: UploadStore, tmp_path: Path
) -> None:
    whole = members(exported(elsewhere, uploads))
    with pytest.raises(NotAnExport, match="has no place"):
        whole_board.read(
            elsewhere, uploads, a_tar({"manifest.json": whole["manifest.json"], name: b"evil"})
        )
    assert list(tmp_path.rglob("*evil*")) == []


def test_link_in_an_export_is_refused(elsewhere: Database, uploads: UploadStore) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        link = tarfile.TarInfo("manifest.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(NotAnExport, match="more than files"):
        whole_board.read(elsewhere, uploads, io.BytesIO(out.getvalue()))


def members(export: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(export)) as tar:
        return {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]


def a_tar(files: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return io.BytesIO(out.getvalue())
