"""A dump is read as it was written, in whatever shape its program gave it."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importing import sql_dump
from importing.errors import BadDump
from importing.sql_dump import Dump, Row
from tests.tables import for_each

#: As mysqldump escapes them in a string between single quotes.
_ESCAPES = {
    b"\\": b"\\\\",
    b"\0": b"\\0",
    b"\n": b"\\n",
    b"\r": b"\\r",
    b"'": b"\\'",
    b'"': b'\\"',
    b"\x1a": b"\\Z",
}
_WRITERS = {
    "escaped": lambda value: b"'" + b"".join(_ESCAPES.get(b, b) for b in _bytes(value)) + b"'",
    "doubled": lambda value: b"'" + value.replace(b"\\", b"\\\\").replace(b"'", b"''") + b"'",
    "binary": lambda value: (
        b"_binary '" + value.replace(b"\\", b"\\\\").replace(b"'", b"\\'") + b"'"
    ),
    "hex": lambda value: b"0x" + value.hex().encode() if value else b"''",
    "hex string": lambda value: b"X'" + value.hex().encode() + b"'",
}
_HEAD = (
    b"-- MariaDB dump 10.19\n/*!40101 SET NAMES utf8mb4 */;\n-- Don't; `stop\n"
    b"LOCK TABLES `t` WRITE;\n"
)
_FOOT = b"UNLOCK TABLES;\n\n-- Dump completed on 2026-11-29\n"


def _bytes(value: bytes) -> Iterable[bytes]:
    return (bytes([byte]) for byte in value)


def read(dump: bytes | BinaryIO, *wanted: str) -> list[Row]:
    stream = io.BytesIO(dump) if isinstance(dump, bytes) else dump
    return list(Dump(stream, wants=lambda table: not wanted or table in wanted).rows())


class Trickle(io.RawIOBase):
    """A file of which a few bytes come at a time, however many are asked for."""

    def __init__(self, body: bytes, pieces: int) -> None:
        self._body, self._pieces = io.BytesIO(body), pieces

    def read(self, _size: int = -1) -> bytes:
        return self._body.read(self._pieces)


_VALUES = (
    st.none() | st.binary(max_size=40) | st.sampled_from([b"'", b"\\", b"\\'", b"''", b"),(", b";"])
)
_ROWS = st.lists(st.tuples(_VALUES, _VALUES, _VALUES), min_size=1, max_size=5)


@given(
    rows=_ROWS,
    writer=st.sampled_from(sorted(_WRITERS)),
    is_extended=st.booleans(),
    has_columns=st.booleans(),
    has_table=st.booleans(),
    pieces=st.integers(1, 60),
)
def test_what_was_written_is_read(
    rows: Sequence[tuple[bytes | None, ...]],
    writer: str,
    is_extended: bool,
    has_columns: bool,
    has_table: bool,
    pieces: int,
) -> None:
    table = (
        b"CREATE TABLE `t` (\n  `a` int NOT NULL COMMENT 'a; \\'b',\n  `b``c` text,\n  `c` blob,\n"
        b"  PRIMARY KEY (`a`)\n) ENGINE=InnoDB AUTO_INCREMENT=77 DEFAULT CHARSET=utf8;\n"
    )
    head = b"INSERT INTO `t` " + (b"(`a`, `b``c`, `c`) " if has_columns else b"") + b"VALUES "
    spelled = [
        b"(" + b",".join(b"NULL" if v is None else _WRITERS[writer](v) for v in row) + b")"
        for row in rows
    ]
    inserts = (
        head + b",".join(spelled) + b";\n"
        if is_extended
        else b"".join(head + row + b";\n" for row in spelled)
    )
    dump = _HEAD + (table if has_table else b"") + inserts + _FOOT
    found = read(Trickle(dump, pieces))  # type: ignore[arg-type]
    assert [row.values for row in found] == list(rows)
    names = ("a", "b`c", "c") if has_columns or has_table else ()
    assert {(row.table, row.columns) for row in found} == {("t", names)}


@for_each(
    ("token", "value"),
    [
        (b"-12.5e3", b"-12.5e3"),
        (b"null", None),
        (b"b'101'", b"5"),
        (b"_utf8mb4 'a\\%\\_\\q'", b"a\\%\\_q"),
        (b"_binary 0xff00", b"\xff\0"),
        (b"N'a'", b"a"),
        (b"b''", b""),
        (b"0xABC", b"\x0a\xbc"),
        (b"0xyz", b"yz"),
    ],
)
def test_a_value_is_what_mysql_takes_it_for(token: bytes, value: bytes | None) -> None:
    insert = io.BytesIO(b"INSERT INTO t VALUES (1, " + token + b" );")
    (row,) = Dump(insert, wants=lambda _table: True, backslashes="escape").rows()
    assert row.values == (b"1", value)


def test_dumps_one_after_the_other_are_read_and_other_tables_passed_over() -> None:
    one = (
        _HEAD
        + b"REPLACE INTO `v`.`a` VALUES (1,'it;'),\n(2,'),(');\nINSERT INTO b VALUES (3);"
        + _FOOT
    )
    routine = (
        b"DELIMITER ;;\nCREATE TRIGGER x BEGIN INSERT INTO a VALUES (9); END ;;\nDELIMITER ;\n"
    )
    sandbox = b"/*M!999999\\- enable the sandbox mode */ \n"
    two = sandbox + b"INSERT INTO a VALUES (4,'# no comment -- either');"
    dump = Dump(io.BytesIO(one + routine + two), wants="a".__eq__)
    found = list(dump.rows())
    assert dump.passed_over == {"b"}
    assert [(row.table, row.values[0]) for row in found] == [("a", b"1"), ("a", b"2"), ("a", b"4")]


@for_each(
    "told",
    [
        b"CREATE TABLE `posts_b` (\n  `id` int\n) ENGINE=InnoDB AUTO_INCREMENT=203;\n",
        # As phpMyAdmin says it, at the end.
        (
            b"CREATE TABLE `posts_b` (\n  `id` int NOT NULL\n) ENGINE=InnoDB;\n"
            b"ALTER TABLE `posts_b`\n  ADD PRIMARY KEY (`id`);\n"
            b"ALTER TABLE `posts_b`\n  MODIFY `id` int AUTO_INCREMENT, AUTO_INCREMENT=203;\n"
        ),
    ],
)
def test_what_the_next_row_would_have_been_called_is_told(told: bytes) -> None:
    dump = Dump(io.BytesIO(told), wants=lambda _table: True)
    assert list(dump.rows()) == []
    assert dump.next_numbers == {"posts_b": 203}


@for_each(
    ("body", "fault"),
    [
        ("INSERT INTO t VALUES (1);".encode("utf-16"), "UTF-16: make the dump with --result-file"),
        (b"\x28\xb5\x2f\xfd\0\0", "packed by zstd: unpack it first"),
        (lzma.compress(b"INSERT INTO t VALUES (1);"), "packed by xz: unpack it first"),
        (bz2.compress(b"INSERT INTO t VALUES (1);"), "packed by bzip2: unpack it first"),
        (b"PK\x03\x04\0\0", "packed by zip: unpack it first"),
        (b'<?xml version="1.0"?>\n<mysqldump>', "it is XML: make the dump without --xml"),
        (b"INSERT INTO t SET a=1;", "rows of t stand there in a way that no dump has"),
        (
            b"USE `a`;\nINSERT INTO t VALUES (1);\nUSE `c`;\nINSERT INTO t VALUES (1);\n",
            "two databases have a table t, a and c: dump one",
        ),
    ],
)
def test_a_file_that_is_no_dump_of_one_site_is_said_to_be_what_it_is(
    body: bytes, fault: str
) -> None:
    """Read as far as it goes, it would be a site without boards, or one of two."""
    with pytest.raises(BadDump, match=fault):
        read(body)


def test_a_packed_dump_that_is_cut_off_is_said(tmp_path: Path) -> None:
    path = tmp_path / "dump.sql.gz"
    path.write_bytes(gzip.compress(b"INSERT INTO t VALUES (1);\n" * 9)[:-12])
    with sql_dump.opened(path) as (stream, _), pytest.raises(BadDump, match="can't be unpacked"):
        read(stream)


def test_a_mark_of_utf_8_hides_no_row() -> None:
    """Windows begins files with it, also those that are put behind another one."""
    one = b"\xef\xbb\xbfINSERT INTO t VALUES (1);\n"
    assert [row.values for row in read(one + one)] == [(b"1",), (b"1",)]


@for_each("length", range(1, 60))
def test_a_dump_that_was_cut_off_is_no_shorter_dump(length: int) -> None:
    whole = b"INSERT INTO `t` VALUES (1,'a\\'b'),(2,'cd');\n"
    if length >= len(whole) - 1:
        return
    with pytest.raises(BadDump):
        read(whole[:length])


def test_a_dump_whose_program_did_not_say_that_it_was_done_is_told() -> None:
    whole = _HEAD + b"INSERT INTO t VALUES (1);\n" + _FOOT
    # phpMyAdmin, and mysqldump without comments.
    kept = b"/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;\n"
    cut = kept + b"INSERT INTO t VALUES (1);\n"
    done = cut + b"/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;\n"
    for body, is_cut_off in (
        *((whole, False), (whole[: -len(_FOOT)], True), (whole[:-1], False)),
        *((cut, True), (done, False)),
    ):
        dump = Dump(io.BytesIO(body), wants=lambda _table: True)
        assert len(list(dump.rows())) == 1
        assert dump.is_cut_off is is_cut_off


def test_no_more_than_a_row_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement may be longer than memory; a row that is as long is refused."""
    monkeypatch.setattr(sql_dump, "ROW_BYTES_MAX", 200_000)
    monkeypatch.setattr(sql_dump, "PIECE_BYTES", 1000)
    row = b"('" + b"x" * 100_000 + b"')"
    assert len(read(b"INSERT INTO t VALUES " + b",".join([row] * 9) + b";")) == 9
    with pytest.raises(BadDump):
        read(b"INSERT INTO t VALUES ('" + b"x" * 900_000 + b"');")


def test_names_stand_in_quotes_of_the_standard_as_well() -> None:
    """As `mysqldump --compatible=ansi` has them."""
    dump = b"""CREATE TABLE "t" (\n  "id" int,\n  "a""b" text,\n  PRIMARY KEY ("id")\n);
INSERT INTO "t" VALUES (1,'"');
INSERT INTO "v"."u" ("id", "c") VALUES (2,'x');
"""
    assert read(dump) == [
        Row("t", ("id", 'a"b'), (b"1", b'"')),
        Row("u", ("id", "c"), (b"2", b"x")),
    ]


#: A text as vichan has them, and how a server writes it that was told NO_BACKSLASH_ESCAPES: only
#: quotes are doubled.
_TYPED = b'It\'s C:\\new\\\n\xe3\x81\x82 "\\u3042" a\\'
_PLAIN = b"INSERT INTO `t` (`a`, `b`) VALUES (1,'" + _TYPED.replace(b"'", b"''") + b"'),(2,'\\');\n"


@for_each(
    "told",
    [
        b"SET sql_mode = 'NO_BACKSLASH_ESCAPES';\n",
        b"/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='ANSI,NO_BACKSLASH_ESCAPES' */;\n",
        b'SET SESSION sql_mode="no_backslash_escapes,STRICT_TRANS_TABLES";\n',
        b"SET @@sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES');\n",
        b"SET sql_mode='NO_BACKSLASH_ESCAPES';\nSET sql_mode='ANSI';\nSET sql_mode=@OLD_MODE;\n",
    ],
)
def test_a_dump_that_says_so_has_backslashes_that_are_letters(told: bytes) -> None:
    assert [row.values[1] for row in read(told + _PLAIN)] == [_TYPED, b"\\"]


def test_the_mode_of_a_trigger_ends_with_it() -> None:
    """mysqldump gives each the mode in which it was made, and then its own back."""
    trigger = (
        b"/*!50003 SET @saved_sql_mode = @@sql_mode */ ;\n"
        b"/*!50003 SET sql_mode = 'NO_BACKSLASH_ESCAPES' */ ;\n"
        b"DELIMITER ;;\n/*!50003 CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a=1 */;;\n"
        b"DELIMITER ;\n/*!50003 SET sql_mode = @saved_sql_mode */ ;\n"
    )
    assert read(trigger + b"INSERT INTO t VALUES ('a\\nb');")[0].values == (b"a\nb",)


@for_each("text", [b'{"file":"a\\/b"}', b"\\u3042", b"C:\\Users", b"\\\n"])
def test_a_backslash_that_no_dump_writes_is_asked_about(text: bytes) -> None:
    """Read as MySQL would, 'C:\\Users' came as 'C:Users', and nobody was told."""
    insert = b"INSERT INTO t VALUES (1,'" + text + b"');"
    with pytest.raises(BadDump, match=r"line 2: .* of t .*--backslashes"):
        read(b"\n" + insert)
    for backslashes, meant in (("letters", text), ("escape", text.replace(b"\\", b""))):
        dump = Dump(io.BytesIO(insert), wants=lambda _table: True, backslashes=backslashes)  # type: ignore[arg-type]
        assert [row.values[1] for row in dump.rows()] == [meant]


def test_a_string_that_ends_with_a_backslash_is_asked_about() -> None:
    """It seems to go on behind its end."""
    with pytest.raises(BadDump, match="--backslashes letters"):
        read(b"INSERT INTO t (a, b) VALUES (1,'a\\');\nINSERT INTO t (a, b) VALUES (2,'b');\n")


@for_each("values", [b"(3,'c')", b"(3,'c',4,5)"])
def test_a_row_of_too_few_values_is_said_where_it_stands(values: bytes) -> None:
    """Nobody can know which of them is missing; it was said that the dump has no end there."""
    dump = b"\nINSERT INTO t (a, b, c) VALUES (1,'a\n',2),\n" + values + b",\n(5,'d',6);\n"
    count = values.count(b",") + 1
    with pytest.raises(BadDump, match=f"line 4: a row of t has {count} values, but 3 columns"):
        read(dump)


def test_lines_are_counted_for_a_fault_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """For each row that was all that is held, and reading took eight times as long."""
    monkeypatch.delattr(sql_dump._Source, "line_of")
    assert len(read(b"INSERT INTO t (a, b) VALUES (1,'a\n'),(2,'b');")) == 2
    with pytest.raises(AttributeError, match="line_of"):
        read(b"INSERT INTO t (a, b) VALUES (1);")
