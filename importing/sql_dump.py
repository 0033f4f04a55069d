"""What mysqldump and mariadb-dump write, read row by row.

Bytes, not text: a dump holds addresses as they are in memory, and text in whatever charset its
tables had. Several dumps may follow one another. Nothing of it is executed, and of a dump of any
size no more is held than one row and a piece of what comes next.

    for row in rows(stream, wants={"posts_b"}.__contains__):
        row.table, row.columns, row.values     'posts_b', ('id', …), (b'1', None, b'a text', …)
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from importing.errors import BadDump

#: Read at once: larger pieces are no quicker.
PIECE_BYTES = 1 << 20
#: Of one row, or of a statement that is skipped: by default MySQL takes none above 64 MB.
ROW_BYTES_MAX = 64 << 20
#: What stands before the first row of a statement is shorter.
_BEGINNING_BYTES_MAX = 256 * 1024
_GZIP = b"\x1f\x8b"
_TOO_LONG = "what begins there is longer than any row"


class Row(NamedTuple):
    """A row that a table is given."""

    table: str
    #: Of a dump without them, and without the table's own statement: ().
    columns: tuple[str, ...]
    #: Numbers as they are written; None: NULL.
    values: tuple[bytes | None, ...]


# PERF: one match takes a whole row apart. Runs are possessive and alternatives disjoint, so nothing
# is tried twice. (Repeats of groups are not: Python before 3.11.5 matches possessive ones wrongly.)
_STRING = rb"'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*'"
_VALUE = rb"(?:_[a-z0-9]++\s*+|[xXbBnN](?='))?" + _STRING + rb"|[^\s'\"`,()][^'\"`,()]*+"
_BLANKS = re.compile(rb"\s*+")
_ANY_ROW = re.compile(
    rb"\(\s*+(?:%s)\s*+(?:,\s*+(?:%s)\s*+)*\)\s*+([,;])" % (_VALUE, _VALUE),
    re.DOTALL | re.IGNORECASE,
)
_VALUES = re.compile(_VALUE, re.DOTALL | re.IGNORECASE)

#: In quotes of MySQL's own, or (--compatible=ansi) in those of the standard.
_QUOTED = rb"`(?:[^`]++|``)*`|\"(?:[^\"]++|\"\")*\""
_WORD = rb"(?:%s|[\w$]++)" % _QUOTED
_NAME = rb"%s(?:\.%s)?" % (_WORD, _WORD)
_WORDS = re.compile(_WORD)
_INSERT = re.compile(
    rb"(?:INSERT|REPLACE)\s++(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE)\s++)*(?:INTO\s++)?(%s)\s*+"
    rb"(\((?:\s*+%s\s*+,?)*\))?\s*+VALUES?\s*+(?=\()" % (_NAME, _NAME),
    re.IGNORECASE,
)
_CREATE = re.compile(
    rb"CREATE\s++TABLE\s++(?:IF\s++NOT\s++EXISTS\s++)?(%s)\s*+\(" % _NAME, re.IGNORECASE
)
_COLUMN = re.compile(rb"\s*+(%s)\s++\w" % _QUOTED)
_AUTO_INCREMENT = re.compile(rb"AUTO_INCREMENT\s*+=\s*+([0-9]++)", re.IGNORECASE)
_DELIMITER = re.compile(rb"DELIMITER[ \t]++(\S++)[^\n]*+\n", re.IGNORECASE)
_COMMENT = re.compile(rb"(?:--(?=\s)|#)[^\n]*+(?:\n|\Z)|/\*.*?\*/", re.DOTALL)
_BEGUN = re.compile(rb"-- (?:MySQL|MariaDB) dump")
_DONE = re.compile(rb"-- Dump completed")
#: What a statement that is skipped is made of: its end, or what may hold a semicolon that is not.
_PARTS = re.compile(
    rb"(;)|'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*'|\"[^\"\\]*+(?:(?:\\.|\"\")[^\"\\]*+)*\"|`[^`]*+`"
    rb"|--(?=\s)[^\n]*+\n|#[^\n]*+\n|/\*.*?\*/",
    re.DOTALL,
)
_OPENS = re.compile(rb"['\"`;#]|--(?=\s)|/\*")

_ESCAPE = re.compile(rb"\\(.)|''", re.DOTALL)
#: What a backslash makes of a character; of those that are not here it makes nothing else.
_ESCAPED = {
    b"0": b"\0",
    b"b": b"\b",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"Z": b"\x1a",
    b"%": b"\\%",
    b"_": b"\\_",
}


class Dump:
    """A dump that is being read; what is said of it is said of what was read so far."""

    def __init__(self, stream: BinaryIO, *, wants: Callable[[str], bool]) -> None:
        self._source = _Source(stream)
        self._wants = wants
        #: {table: the number that its next row would have had}
        self.next_numbers: dict[str, int] = {}
        #: Tables with rows that were passed over.
        self.passed_over: set[str] = set()
        #: A program that writes below its dump that it is done has not done so.
        self.is_cut_off = False
        self._columns: dict[str, tuple[str, ...]] = {}

    @property
    def read_bytes(self) -> int:
        return self._source.read_bytes

    def rows(self) -> Iterator[Row]:
        """The rows of the tables that are wanted, in the order of the dump.

        Raises:
            BadDump: it ends within a statement, or is none.
        """
        source = self._source
        while True:
            source.skip_all(_BLANKS)
            if source.is_at_end:
                return
            if (comment := source.take(_COMMENT)) is not None:
                if _BEGUN.match(comment[0]):
                    self.is_cut_off = True
                elif _DONE.match(comment[0]):
                    self.is_cut_off = False
            elif (insert := source.take(_INSERT)) is not None:
                yield from self._inserted(insert)
            elif source.take(_DELIMITER) is not None:
                self._skip_routines()
            elif (create := source.take(_CREATE)) is not None:
                self._note_table(_name(create[1]), self._rest_of_statement())
            else:
                self._rest_of_statement()

    def _inserted(self, insert: re.Match[bytes]) -> Iterator[Row]:
        table = _name(insert[1])
        if not self._wants(table):
            self.passed_over.add(table)
            while self._source.need(_ANY_ROW)[1] == b",":
                self._source.skip_all(_BLANKS)
            return
        columns = _names(insert[2]) if insert[2] else self._columns.get(table, ())
        if not columns:
            first = self._source.need(_ANY_ROW, takes=False)
            pattern = _row_of(len(_VALUES.findall(first[0][1:-1])))
        else:
            pattern = _row_of(len(columns))
        while True:
            found = self._source.need(pattern)
            *values, behind = found.groups()
            yield Row(table, columns, tuple(map(_value, values)))
            if behind != b",":
                return
            self._source.skip_all(_BLANKS)

    def _note_table(self, table: str, rest: bytes) -> None:
        lines = rest.split(b"\n")
        names = (_COLUMN.match(line) for line in lines)
        self._columns[table] = tuple(_name(found[1]) for found in names if found is not None)
        if (number := _AUTO_INCREMENT.search(lines[-1])) is not None:
            self.next_numbers[table] = int(number[1])

    def _rest_of_statement(self) -> bytes:
        """What is skipped, at most as much as is told of a table."""
        skipped = b""
        while True:
            part = self._source.need(_OPENS, searches=True, takes=False)
            skipped += self._source.drop(part.start())
            part = self._source.need(_PARTS)
            if part[1]:
                return skipped
            skipped += part[0]
            if len(skipped) > ROW_BYTES_MAX:
                raise BadDump(place=self._source.place, fault=_TOO_LONG)

    def _skip_routines(self) -> None:
        """Triggers and procedures, which end with something else than a semicolon."""
        while (line := self._source.take(re.compile(rb"[^\n]*+\n"))) is not None:
            ends = _DELIMITER.fullmatch(line[0].lstrip())
            if ends is not None and ends[1] == b";":
                return


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, Callable[[], int]]]:
    """A dump, packed by gzip or not, and how far its file has been read."""
    with path.open("rb") as file, gzip.GzipFile(fileobj=file) as unpacked:
        is_packed = file.peek(2)[:2] == _GZIP
        yield cast("BinaryIO", unpacked) if is_packed else file, file.tell


class _Source:
    """A stream in pieces, of which so much is held as one match needs."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._held = b""
        self._at = 0
        self._is_read = False
        self.read_bytes = 0

    @property
    def is_at_end(self) -> bool:
        return self._at == len(self._held) and not self._more()

    def skip_all(self, pattern: re.Pattern[bytes]) -> None:
        """What `pattern` matches, also over several pieces."""
        while True:
            found = pattern.match(self._held, self._at)
            self._at = found.end() if found is not None else self._at
            if self._at < len(self._held) or not self._more():
                return

    def take(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """What stands here, if it is that."""
        while True:
            found = pattern.match(self._held, self._at)
            if found is not None and (found.end() < len(self._held) or self._is_read):
                self._at = found.end()
                return found
            # A statement begins within so many bytes, but for a comment, which may be long.
            if found is None and len(self._held) - self._at > _BEGINNING_BYTES_MAX:
                return None
            if not self._more():
                if found is not None:
                    self._at = found.end()
                return found

    def need(
        self, pattern: re.Pattern[bytes], *, searches: bool = False, takes: bool = True
    ) -> re.Match[bytes]:
        """The same, where nothing else can stand. Raises BadDump."""
        look = pattern.search if searches else pattern.match
        while (found := look(self._held, self._at)) is None:
            if len(self._held) - self._at > ROW_BYTES_MAX:
                raise BadDump(place=self.place, fault=_TOO_LONG)
            if not self._more():
                raise BadDump(place=self.place, fault="what begins there has no end")
        if takes:
            self._at = found.end()
        return found

    def drop(self, until: int) -> bytes:
        """What stands before a place of the match that was just found."""
        dropped = self._held[self._at : until]
        self._at = until
        return dropped

    @property
    def place(self) -> int:
        """How many bytes stand before the next one."""
        return self.read_bytes - len(self._held) + self._at

    def _more(self) -> bool:
        if self._is_read:
            return False
        left = self._held[self._at :]
        # As much as is held: a row that needs many pieces is looked at anew for each.
        piece = self._stream.read(max(PIECE_BYTES, len(left)))
        self._is_read = not piece
        self.read_bytes += len(piece)
        self._held, self._at = left + piece, 0
        return bool(piece)


@lru_cache(maxsize=64)
def _row_of(count: int) -> re.Pattern[bytes]:
    value = rb"\s*+(%s)\s*+" % _VALUE
    row = rb"\(" + b",".join([value] * count) + rb"\)\s*+([,;])"
    return re.compile(row, re.DOTALL | re.IGNORECASE)


def _value(token: bytes) -> bytes | None:
    """b"'It''s'" -> b"It's"; b'NULL' -> None; b'0xFF' -> b'\\xff'; b'12' -> b'12'."""
    if token[:1] == b"'":
        return _unescaped(token[1:-1])
    if token[-1:] == b"'":
        kind, text = token[:1].lower(), token[token.index(b"'") + 1 : -1]
        if kind == b"x":
            return bytes.fromhex(text.decode())
        return b"%d" % int(text, 2) if kind == b"b" else _unescaped(text)
    token = token.rstrip()
    if token[:2] == b"0x":
        return bytes.fromhex(token[2:].decode())
    if token[:1] == b"_" and b"0x" in token:
        return bytes.fromhex(token[token.index(b"0x") + 2 :].decode())
    return None if token.upper() == b"NULL" else token


def _unescaped(text: bytes) -> bytes:
    if b"\\" not in text and b"'" not in text:
        return text
    return _ESCAPE.sub(_as_meant, text)


def _as_meant(escape: re.Match[bytes]) -> bytes:
    char = escape[1]
    return b"'" if char is None else _ESCAPED.get(char, char)


def _name(spelled: bytes) -> str:
    """b'`vichan`.`posts_b`' -> 'posts_b'"""
    last: bytes = _WORDS.findall(spelled)[-1]
    quote = last[:1]
    if quote in (b"`", b'"'):
        last = last[1:-1].replace(quote * 2, quote)
    return last.decode("utf-8", "replace")


@lru_cache(maxsize=64)
def _names(spelled: bytes) -> tuple[str, ...]:
    return tuple(map(_name, re.findall(_NAME, spelled)))
