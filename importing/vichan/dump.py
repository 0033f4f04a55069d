"""vichan's dump as a whole: what is in it, and its records.

It is read twice: once to see what there is (which numbers are taken, whether texts were encoded
twice, what can't come), and once to bring it. Both times no more of it is held than a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imageboard.old_boards import OldBoard as KeptBoard
from importing import word_filters
from importing.errors import NoBoards
from importing.records import BrokenFiles, OldBoard, OldPost, Other, Survey
from importing.report import Report
from importing.sql_dump import Backslashes, Dump, opened
from importing.vichan import filters, others, pictures, settings, tables, themes
from importing.vichan.charsets import Judge, text, undone
from importing.vichan.php import Value
from importing.vichan.posts import NUMBERS_END, PostReader
from importing.vichan.tables import POSTS, Fields

#: Appeals are held until the bans have come: few boards have had as many.
APPEALS_MAX = 10_000
#: Numbers of posts that the staff's log tells of.
_LOGGED = re.compile(rb"#([0-9]{1,15})\b|No\. ?([0-9]{1,15})\b")
_OWN_TRIPCODES = "custom_tripcode."
#: Names of files, in JSON and (before 4.9) by themselves.
_TIMS = re.compile(rb'(?:"file(?:_id)?":"|^)([0-9]{10,18})')


@dataclass
class VichanDump:
    """A dump (or several, one after the other) with the settings of its site."""

    paths: Sequence[Path]
    prefix: str = ""
    settings: Mapping[str, Value] = field(default_factory=dict)
    #: {board: its own, over those of the site}
    settings_of_boards: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    #: Where boards have their folders, and the site its pictures; None: nowhere.
    folder: Path | None = None
    #: What the operator says of them; None: as the dump says.
    backslashes: Backslashes | None = None
    #: Called with the bytes that were read so far.
    on_read: Callable[[int], object] = lambda _bytes: None

    #: After `survey`.
    boards: dict[str, OldBoard] = field(default_factory=dict)
    surveys: dict[str, Survey] = field(default_factory=dict)
    is_cut_off: bool = False
    #: What does not come, and where it stands.
    left_behind: dict[str, str] = field(default_factory=dict)
    _is_twice: bool = False
    _accounts: dict[int, str] = field(default_factory=dict)

    def survey(self) -> None:
        """Look through all of it.

        Raises:
            BadDump, NoBoards, UnknownColumns.
        """
        judge, titles = Judge(), dict[str, Fields]()
        for kind, row in self._rows():
            if kind.startswith(POSTS):
                self._see_post(kind.removeprefix(POSTS), row, judge)
            else:
                self._see_other(kind, row, titles)
        if not self.surveys:
            raise NoBoards(beginning=f"{self.prefix}{POSTS}")
        self._is_twice = judge.finds_twice
        if self._is_twice:
            self._undo_names(titles)
        if not settings.secrets_of(self.settings).get("secure_password_salt"):
            why = "without its secure_password_salt no password deletes an old post"
            self.left_behind[why] = "settings"
        if any(name.startswith(_OWN_TRIPCODES) for name in self.settings):
            why = "custom tripcodes do not come: they are keys of secrets that people chose"
            self.left_behind[why] = "settings"
        for name in self.surveys:
            self.boards[name] = self._board(name, titles.get(name, Fields()))

    def _undo_names(self, titles: dict[str, Fields]) -> None:
        """Boards as their tables are called: names of tables are never encoded twice."""
        for name in list(self.surveys):
            meant = undone(name)
            if meant != name:
                told = self.surveys.pop(name)
                seen = self.surveys.setdefault(meant, Survey())
                seen.last_no = max(seen.last_no, told.last_no)
                titles[meant] = titles.pop(name, Fields())

    def posts(self, report: Report) -> Iterator[OldPost]:
        """All posts, board by board as the dump has them; those that are none are reported."""
        readers: dict[str, PostReader] = {}
        for kind, row in self._rows(lambda kind: kind.startswith(POSTS)):
            board = kind.removeprefix(POSTS)
            if board not in readers:
                config = settings.config_of(board, self.settings_of(board))
                readers[board] = PostReader(config, self._is_twice)
            try:
                yield self._post(readers[board], row, report)
            except (ValueError, TypeError, RecursionError) as ex:
                no = text(row["id"] or b"?")
                report.trouble(f"no post can be made of it: {ex}", f"/{board}/{no}")

    def _post(self, reader: PostReader, row: Fields, report: Report) -> OldPost:
        try:
            return reader.post(row)
        except BrokenFiles:
            post = reader.post(Fields(row | {"files": None}))
            report.trouble(BrokenFiles.told, f"/{post.board}/{post.no}")
            return post

    def others(self, report: Report) -> Iterator[tuple[str, Other]]:
        """All that is no post, each with what it is called there; appeals after their bans."""
        readers: dict[str, Callable[[Fields], Other]] = {
            "bans": lambda row: others.ban(row, self._accounts),
            "ban_appeals": others.appeal,
            "ip_notes": lambda row: others.note(row, self._accounts),
            "reports": others.report,
            "mods": others.account,
            "modlogs": lambda row: others.log_entry(row, self._accounts, self._log_was_told(row)),
            "news": others.news,
            "pages": others.page,
        }
        appeals: list[tuple[str, Other]] = []
        for kind, row in self._rows(readers.__contains__):
            name = text(row["id"] or b"?")
            try:
                other = readers[kind](self._undone(row))
            except ValueError as ex:
                report.trouble(f"of {kind}: {ex}", f"{kind} {name}")
                continue
            if kind != "ban_appeals":
                yield name, other
            elif len(appeals) < APPEALS_MAX:
                appeals.append((name, other))
            else:
                report.trouble("there are too many appeals", f"{kind} {name}")
        yield from appeals
        yield from self._of_settings(report)

    def _log_was_told(self, row: Fields) -> str:
        """To whom its board told its log (log.php knows no other)."""
        if not row["board"]:
            return "none"
        return settings.log_was_told(self.settings_of(text(row["board"])))

    def _of_settings(self, report: Report) -> Iterator[tuple[str, Other]]:
        """Filters of the site and of its boards, and the pictures that these name."""
        for kind in filters.KINDS:
            own = self.settings_of_boards
            others = {name for name in self.boards if filters.replaces(own.get(name, {}), kind)}
            of_site = tuple(name for name in self.boards if name not in others)
            yield from _rules(self.settings, kind, of_site if others else None, report)
            for board in self.boards:
                yield from _rules(own.get(board, {}), kind, (board,), report)
        for board in self.boards:
            for flag in pictures.flags(board, self.settings_of(board)):
                yield f"{board}/{flag.name}", flag
            for banner in pictures.banners(board, self.folder) if self.folder else ():
                yield f"{board}/{banner.path}"[-200:], banner

    def kept_of(self, board: str) -> KeptBoard:
        """What of it goes on working: passwords, secure tripcodes, IDs."""
        told = self.settings_of(board)
        config = settings.config_of(board, told)
        return KeptBoard("vichan", settings.secrets_of(told), config.poster_id_chars)

    def settings_of(self, board: str) -> Mapping[str, Value]:
        return {**self.settings, **self.settings_of_boards.get(board, {})}

    def _rows(
        self, wants: Callable[[str], bool] = lambda _kind: True
    ) -> Iterator[tuple[str, Fields]]:
        read_before = 0
        self.is_cut_off = False
        for path in self.paths:
            with opened(path) as (stream, position):
                dump = Dump(
                    stream,
                    wants=lambda table: self._is_wanted(table, wants),
                    backslashes=self.backslashes,
                )
                for number, row in enumerate(dump.rows()):
                    if number % 500 == 0:
                        self.on_read(read_before + position())
                    kind = tables.table_of(row.table, self.prefix)
                    assert kind is not None
                    yield kind, tables.fields_of(row, kind)
                self.is_cut_off |= dump.is_cut_off
                self._see_left_behind(dump.passed_over)
                self._see_next_numbers(dump.next_numbers)
            read_before += path.stat().st_size
            self.on_read(read_before)

    def _is_wanted(self, table: str, wants: Callable[[str], bool]) -> bool:
        kind = tables.table_of(table, self.prefix)
        return kind is not None and wants(kind)

    def _see_post(self, board: str, row: Fields, judge: Judge) -> None:
        seen = self.surveys.setdefault(board, Survey())
        no = _whole(row["id"])
        seen.nos.append(no)
        seen.threads += row["thread"] is None
        seen.last_no = max(seen.last_no, no)
        for column in ("body_nomarkup", "subject", "name"):
            if row[column] is not None:
                judge.look_at(row[column] or b"")
        for tim in _TIMS.findall(row["files"] or row["file"] or b""):
            seen.last_tim = max(seen.last_tim, int(tim))

    def _see_other(self, kind: str, row: Fields, titles: dict[str, Fields]) -> None:
        if kind == "boards":
            name = text(row["uri"] or b"")
            titles[name] = row
            # A board without posts has a table without rows, or none.
            self.surveys.setdefault(name, Survey())
        elif kind == "mods":
            self._accounts[_whole(row["id"])] = text(row["username"] or b"")
        elif kind == "cites":
            self._see_number(row["board"], row["post"])
            self._see_number(row["target_board"], row["target"])
        elif kind == "theme_settings":
            self._see_theme(row)
        elif kind == "reports":
            self._see_number(row["board"], row["post"])
        elif kind == "modlogs":
            for hashed, written in _LOGGED.findall(row["text"] or b""):
                self._see_number(row["board"], hashed or written)

    def _see_number(self, board: bytes | None, no: bytes | None) -> None:
        """It was given once, though its post may be gone."""
        seen = self.surveys.get(text(board or b""))
        if seen is not None:
            seen.last_no = max(seen.last_no, _whole(no))

    def _see_theme(self, row: Fields) -> None:
        value, name = text(row["value"] or b""), text(row["name"] or b"")
        if (lost := themes.lost_address(name, value)) is not None:
            theme = text(row["theme"] or b"")
            self.left_behind[f"nothing answers here where a theme drew {lost}"] = theme

    def _see_left_behind(self, names: set[str]) -> None:
        for name in names:
            if (why := tables.left_behind(name, self.prefix)) is not None:
                self.left_behind[why] = name

    def _see_next_numbers(self, next_numbers: Mapping[str, int]) -> None:
        for table, no in next_numbers.items():
            kind = tables.table_of(table, self.prefix)
            if kind is not None and kind.startswith(POSTS):
                seen = self.surveys.setdefault(kind.removeprefix(POSTS), Survey())
                seen.last_no = max(seen.last_no, no - 1)

    def _board(self, name: str, row: Fields) -> OldBoard:
        row = self._undone(row)
        return OldBoard(
            name=name,
            title=text(row["title"] or b"") or name,
            subtitle=text(row["subtitle"] or b""),
            settings=settings.ours(self.settings_of(name)),
        )

    def _undone(self, row: Fields) -> Fields:
        if not self._is_twice:
            return row
        return Fields(
            {
                name: value if value is None or name in _RAW else undone(text(value)).encode()
                for name, value in row.items()
            }
        )


def _rules(
    told: Mapping[str, Value], kind: str, boards: tuple[str, ...] | None, report: Report
) -> Iterator[tuple[str, Other]]:
    for name, rule in filters.rules_of(told, kind, boards):
        called = name if boards is None else f"{name} of {', '.join(boards)}"[:200]
        if isinstance(rule, word_filters.NoRuleError):
            report.trouble(str(rule), called)
        else:
            yield called, rule


#: Addresses, as they are in memory.
_RAW = frozenset({"ipstart", "ipend"})


def _whole(value: bytes | None) -> int:
    """0 of what no post can have: the next number would be behind it."""
    try:
        found = int(value or 0)
    except ValueError:
        return 0
    return found if 0 < found < NUMBERS_END else 0
