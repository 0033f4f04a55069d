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
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, TypeAlias, cast

from importing.errors import BadDump

#: Read at once: larger pieces are no quicker.
PIECE_BYTES = 1 << 20
#: Of one row, or of a statement that is skipped: by default MySQL takes none above 64 MB.
ROW_BYTES_MAX = 64 << 20
#: What stands before the first row of a statement is shorter.
_BEGINNING_BYTES_MAX = 256 * 1024
_GZIP = b"\x1f\x8b"
#: {how a file begins that is no dump as it stands: what it is}
_NO_DUMPS = {
    # As PowerShell's > writes it.
    b"\xff\xfe": "it is text in UTF-16: make the dump with --result-file",
    b"\xfe\xff": "it is text in UTF-16: make the dump with --result-file",
    b"\x28\xb5\x2f\xfd": "it is packed by zstd: unpack it first",
    b"\xfd7zXZ": "it is packed by xz: unpack it first",
    b"BZh": "it is packed by bzip2: unpack it first",
    b"PK\x03\x04": "it is packed by zip: unpack it first",
    b"7z\xbc\xaf": "it is packed by 7z: unpack it first",
    b"<?xml": "it is XML: make the dump without --xml",
    b"PGDMP": "it is of PostgreSQL",
}
_TOO_LONG = "what begins there is longer than any row"
_WITHOUT_ESCAPES = "if its server had NO_BACKSLASH_ESCAPES"


class Row(NamedTuple):
    """A row that a table is given."""

    table: str
    #: Of a dump without them, and without the table's own statement: ().
    columns: tuple[str, ...]
    #: Numbers as they are written; None: NULL.
    values: tuple[bytes | None, ...]


#: What a backslash in a string is: the beginning of an escape, or (where the server has
#: NO_BACKSLASH_ESCAPES) a letter like all others.
Backslashes: TypeAlias = Literal["escape", "letters"]
#: And marks of UTF-8, with which Windows begins files.
_BLANKS = re.compile(rb"(?:\s|\xef\xbb\xbf)*+")
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
#: Rows that are spelled in another way.
_ROWS_OTHERWISE = re.compile(
    rb"(?:INSERT|REPLACE)\s++(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE)\s++)*(?:INTO\s++)?(%s)"
    % _NAME,
    re.IGNORECASE,
)
_USE = re.compile(rb"USE\s++(%s)\s*+;" % _WORD, re.IGNORECASE)
_CREATE = re.compile(
    rb"CREATE\s++TABLE\s++(?:IF\s++NOT\s++EXISTS\s++)?(%s)\s*+\(" % _NAME, re.IGNORECASE
)
_COLUMN = re.compile(rb"\s*+(%s)\s++\w" % _QUOTED)
_AUTO_INCREMENT = re.compile(rb"AUTO_INCREMENT\s*+=\s*+([0-9]++)", re.IGNORECASE)
#: Where phpMyAdmin says it.
_ALTER = re.compile(rb"ALTER\s++TABLE\s++(%s)\s++(?=MODIFY|AUTO)" % _NAME, re.IGNORECASE)
_DELIMITER = re.compile(rb"DELIMITER[ \t]++(\S++)[^\n]*+\n", re.IGNORECASE)
_COMMENT = re.compile(rb"(?:--(?=\s)|#)[^\n]*+(?:\n|\Z)|/\*.*?\*/", re.DOTALL)
#: What a program writes above its dump, and below it when it was done: its name, or (phpMyAdmin and
#: mysqldump without comments) that it keeps the charset, and gives it back.
_WHOLE = (
    (re.compile(rb"-- (?:MySQL|MariaDB) dump"), re.compile(rb"-- Dump completed")),
    (
        re.compile(rb"/\*!40101 SET @OLD_COLLATION_CONNECTION="),
        re.compile(rb"/\*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION"),
    ),
)
_OPENS = re.compile(rb"['\"`;#]|--(?=\s)|/\*")

#: A mode that is set, or (from a variable) that is set as it was before.
_MODE = re.compile(rb"\bsql_mode\s*+:?=\s*+(@(?!@))?", re.IGNORECASE)
_SET = re.compile(rb"SET\s", re.IGNORECASE)

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
#: Programs that write dumps write no other. MySQL reads any, and the backslash is lost.
_USUAL = frozenset({*_ESCAPED, b"\\", b"'", b'"'})


#: A string with escapes, and one without.
_ESCAPING = rb"'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*'"
_PLAIN = rb"'[^']*+(?:''[^']*+)*'"


class _OddEscape(Exception):
    """A backslash before a character before which no program writes one."""


class Dump:
    """A dump that is being read; what is said of it is said of what was read so far."""

    def __init__(
        self,
        stream: BinaryIO,
        *,
        wants: Callable[[str], bool],
        backslashes: Backslashes | None = None,
    ) -> None:
        """`backslashes`: what the operator says of them. None: as the dump says."""
        self._source = _Source(stream)
        self._told = backslashes
        self._strings = self._before = _strings(backslashes)
        self._wants = wants
        #: {table: the number that its next row would have had}
        self.next_numbers: dict[str, int] = {}
        #: Tables with rows that were passed over.
        self.passed_over: set[str] = set()
        #: What is to stand below the rows.
        self._awaited: re.Pattern[bytes] | None = None
        self._columns: dict[str, tuple[str, ...]] = {}
        self._database = ""
        #: {table: the database in which it has rows}
        self._databases: dict[str, str] = {}

    @property
    def read_bytes(self) -> int:
        return self._source.read_bytes

    @property
    def is_cut_off(self) -> bool:
        """A program that writes below its dump that it is done has not done so."""
        return self._awaited is not None

    def rows(self) -> Iterator[Row]:
        """The rows of the tables that are wanted, in the order of the dump.

        Raises:
            BadDump: it ends within a statement, or is none; two databases have a table; a row has
                another number of values than its table has columns; nobody says what the
                backslashes in it are.
        """
        source = self._source
        self._refuse_what_is_none()
        noted = (
            (_COMMENT, self._note_comment),
            (_ROWS_OTHERWISE, self._skip_rows),
            (_DELIMITER, self._skip_routines),
            (_USE, self._note_database),
            (_SET, self._note_setting),
            (_CREATE, self._note_table),
            (_ALTER, self._note_next),
        )
        while True:
            source.skip_all(_BLANKS)
            if source.is_at_end:
                return
            if (insert := source.take(_INSERT)) is not None:
                yield from self._inserted(insert)
                continue
            for pattern, note in noted:
                if (found := source.take(pattern)) is not None:
                    note(found)
                    break
            else:
                self._rest_of_statement()

    def _inserted(self, insert: re.Match[bytes]) -> Iterator[Row]:
        table, strings = _name(insert[1]), self._strings
        if not self._wants(table):
            self.passed_over.add(table)
            while self._source.need(strings.any_row)[1] == b",":
                self._source.skip_all(_BLANKS)
            return
        self._look_whose(table)
        columns = _names(insert[2]) if insert[2] else self._columns.get(table, ())
        count = len(columns) or strings.count(self._source.need(strings.any_row, takes=False))
        pattern = strings.row_of(count)
        while True:
            found = self._source.need(pattern, otherwise=strings.any_row)
            if found.re is not pattern:
                line, there = self._source.line_of(found), strings.count(found)
                fault = f"line {line}: a row of {table} has {there} values, but {count} columns"
                raise BadDump(place=self._source.place, fault=fault)
            *values, behind = found.groups()
            try:
                row = Row(table, columns, tuple(map(strings.value, values)))
            except _OddEscape as ex:
                fault = _asked(self._source.line_of(found), table, ex)
                raise BadDump(place=self._source.place, fault=fault) from ex
            yield row
            if behind != b",":
                return
            self._source.skip_all(_BLANKS)

    def _look_whose(self, table: str) -> None:
        """Raises BadDump: posts of two sites would come under the same numbers."""
        other = self._databases.get(table)
        if other and self._database and other != self._database:
            fault = f"two databases have a table {table}, {other} and {self._database}: dump one"
            raise BadDump(place=self._source.place, fault=fault)
        self._databases[table] = self._database

    def _refuse_what_is_none(self) -> None:
        for beginning, fault in _NO_DUMPS.items():
            if self._source.take(re.compile(re.escape(beginning))) is not None:
                raise BadDump(place=0, fault=fault)

    def _note_setting(self, _begun: re.Match[bytes]) -> None:
        self._note_mode(self._rest_of_statement())

    def _note_mode(self, setting: bytes) -> None:
        found = _MODE.search(setting)
        if found is None or self._told is not None:
            return
        if found[1]:
            self._strings = self._before
            return
        is_of_letters = b"NO_BACKSLASH_ESCAPES" in setting.upper()
        self._before, self._strings = self._strings, _strings("letters" if is_of_letters else None)

    def _note_comment(self, comment: re.Match[bytes]) -> None:
        if comment[0].startswith((b"/*!", b"/*M!")):
            self._note_mode(comment[0])
        if self._awaited is None:
            ends = (end for begins, end in _WHOLE if begins.match(comment[0]))
            self._awaited = next(ends, None)
        elif self._awaited.match(comment[0]):
            self._awaited = None

    def _note_database(self, use: re.Match[bytes]) -> None:
        self._database = _name(use[1])

    def _note_table(self, create: re.Match[bytes]) -> None:
        table, lines = _name(create[1]), self._rest_of_statement().split(b"\n")
        names = (_COLUMN.match(line) for line in lines)
        self._columns[table] = tuple(_name(found[1]) for found in names if found is not None)
        self._note_number(table, lines[-1])

    def _note_next(self, alter: re.Match[bytes]) -> None:
        self._note_number(_name(alter[1]), self._rest_of_statement())

    def _note_number(self, table: str, told: bytes) -> None:
        if (number := _AUTO_INCREMENT.search(told)) is not None:
            self.next_numbers[table] = int(number[1])

    def _skip_rows(self, found: re.Match[bytes]) -> None:
        """Raises BadDump: they are wanted, and nobody would know that they are missing."""
        table, place = _name(found[1]), self._source.place
        self._rest_of_statement()
        if self._wants(table):
            fault = f"rows of {table} stand there in a way that no dump has"
            raise BadDump(place=place, fault=fault)

    def _rest_of_statement(self) -> bytes:
        """What is skipped, at most as much as is told of a table."""
        skipped = b""
        while True:
            part = self._source.need(_OPENS, searches=True, takes=False)
            skipped += self._source.drop(part.start())
            part = self._source.need(self._strings.parts)
            if part[1]:
                return skipped
            skipped += part[0]
            if len(skipped) > ROW_BYTES_MAX:
                raise BadDump(place=self._source.place, fault=_TOO_LONG)

    def _skip_routines(self, _begun: re.Match[bytes]) -> None:
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
        #: Line ends before what is held.
        self._lines = 0

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
        self,
        pattern: re.Pattern[bytes],
        *,
        searches: bool = False,
        takes: bool = True,
        otherwise: re.Pattern[bytes] | None = None,
    ) -> re.Match[bytes]:
        """The same, where nothing else can stand, or what `otherwise` says. Raises BadDump."""
        look = pattern.search if searches else pattern.match
        while (found := look(self._held, self._at)) is None:
            if otherwise is not None and (other := otherwise.match(self._held, self._at)):
                return other
            if len(self._held) - self._at > ROW_BYTES_MAX:
                raise BadDump(place=self.place, fault=_TOO_LONG)
            if not self._more():
                fault = "what begins there has no end"
                if b"\\'" in self._held[self._at :]:
                    fault += f"; {_WITHOUT_ESCAPES}, say --backslashes letters"
                raise BadDump(place=self.place, fault=fault)
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

    def line_of(self, found: re.Match[bytes]) -> int:
        """In which line, from 1, what was found last begins. Looks at all that is held."""
        return self._lines + self._held.count(b"\n", 0, found.start()) + 1

    def _more(self) -> bool:
        if self._is_read:
            return False
        self._lines += self._held.count(b"\n", 0, self._at)
        left = self._held[self._at :]
        # As much as is held: a row that needs many pieces is looked at anew for each.
        try:
            piece = self._stream.read(max(PIECE_BYTES, len(left)))
        except (OSError, EOFError, zlib.error) as ex:
            raise BadDump(place=self.read_bytes, fault=f"it can't be unpacked ({ex})") from ex
        self._is_read = not piece
        self.read_bytes += len(piece)
        self._held, self._at = left + piece, 0
        return bool(piece)


class _Strings:
    """Rows and statements, where backslashes in strings are one thing or the other."""

    def __init__(self, backslashes: Backslashes | None) -> None:
        self._are_letters = backslashes == "letters"
        #: Nobody says that they are escapes: those that no program writes are asked about.
        self._asks = backslashes is None
        # PERF: one match takes a whole row apart. Runs are possessive and alternatives disjoint, so
        # nothing is tried twice. (Repeats of groups are not: Python before 3.11.5 matches
        # possessive ones wrongly.)
        string = _PLAIN if self._are_letters else _ESCAPING
        self._value = (
            rb"(?:_[a-z0-9]++\s*+|[xXbBnN](?='))?" + string + rb"|[^\s'\"`,()][^'\"`,()]*+"
        )
        self._values = re.compile(self._value, re.DOTALL | re.IGNORECASE)
        self.any_row = re.compile(
            rb"\(\s*+(?:%s)\s*+(?:,\s*+(?:%s)\s*+)*\)\s*+([,;])" % (self._value, self._value),
            re.DOTALL | re.IGNORECASE,
        )
        #: What a statement that is skipped is made of: its end, or what may hold a semicolon that
        #: is not.
        self.parts = re.compile(
            rb"(;)|"
            + string
            + rb"|"
            + string.replace(b"'", b'"')
            + rb"|`[^`]*+`|--(?=\s)[^\n]*+\n|#[^\n]*+\n|/\*.*?\*/",
            re.DOTALL,
        )
        self.row_of = lru_cache(maxsize=64)(self._row_of)

    def _row_of(self, count: int) -> re.Pattern[bytes]:
        value = rb"\s*+(%s)\s*+" % self._value
        row = rb"\(" + b",".join([value] * count) + rb"\)\s*+([,;])"
        return re.compile(row, re.DOTALL | re.IGNORECASE)

    def count(self, row: re.Match[bytes]) -> int:
        """How many values `any_row` found."""
        return len(self._values.findall(row[0][1:-1]))

    def value(self, token: bytes) -> bytes | None:
        """b"'It''s'" -> b"It's"; b'NULL' -> None; b'0xFF' -> b'\\xff'; b'12' -> b'12'."""
        if token[:1] == b"'":
            return self._unescaped(token[1:-1])
        if token[-1:] == b"'":
            kind, text = token[:1].lower(), token[token.index(b"'") + 1 : -1]
            if kind == b"x":
                return _of_digits(text)
            return b"%d" % int(text, 2) if kind == b"b" and text else self._unescaped(text)
        token = token.rstrip()
        if token[:2] == b"0x":
            return _of_digits(token[2:])
        if token[:1] == b"_" and b"0x" in token:
            return _of_digits(token[token.index(b"0x") + 2 :])
        return None if token.upper() == b"NULL" else token

    def _unescaped(self, text: bytes) -> bytes:
        if self._are_letters:
            return text.replace(b"''", b"'")
        if b"\\" not in text and b"'" not in text:
            return text
        return _ESCAPE.sub(self._as_meant, text)

    def _as_meant(self, escape: re.Match[bytes]) -> bytes:
        char = escape[1]
        if char is None:
            return b"'"
        if self._asks and char not in _USUAL:
            raise _OddEscape(escape[0].decode("latin-1"))
        return _ESCAPED.get(char, char)


_strings = lru_cache(maxsize=3)(_Strings)


def _asked(line: int, table: str, odd: _OddEscape) -> str:
    return (
        f"line {line}: a string of {table} has {str(odd)!r}, which no program writes"
        f" that escapes by backslashes; {_WITHOUT_ESCAPES}, say --backslashes letters, else"
        " --backslashes escape"
    )


def _of_digits(spelled: bytes) -> bytes:
    """b'ff00' -> b'\\xff\\0'; MySQL takes 'f' for '0f', and what has other digits for a name."""
    digits = spelled.decode("ascii", "replace")
    try:
        return bytes.fromhex(digits.rjust(len(digits) + len(digits) % 2, "0"))
    except ValueError:
        return spelled


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
