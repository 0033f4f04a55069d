"""Bans, reports, accounts and all else that is no post -> this board, each once."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

from imageboard import bans
from imageboard.boards import Board
from imageboard.cloaks import Address, parse_address
from imageboard.errors import BadPage, ImageboardError, StaffNameTaken, StatementFailed
from imageboard.file_bans import BannedFile, NewFileBan
from imageboard.settings import Network
from imageboard.spam import rules
from imageboard.staff_roles import Role
from imageboard.store import (
    banners,
    boards,
    file_bans,
    flags,
    imports,
    notes,
    old_log,
    spam_rules,
    staff,
    written,
)
from imageboard.store.banners import NewBanner
from imageboard.store.database import Connection, Database
from importing.records import (
    OldAccount,
    OldAppeal,
    OldBan,
    OldBanner,
    OldFileBan,
    OldFlag,
    OldLogEntry,
    OldNews,
    OldNote,
    OldPage,
    OldReport,
    OldRule,
    Other,
)
from importing.report import Report, refused
from importing.rows import RowMaker, moment
from importing.sameness import Noted, Once, digest

_NOBODY = "import"
_KINDS = {
    OldBan: "ban",
    OldFileBan: "fileban",
    OldReport: "report",
    OldAccount: "account",
    OldNews: "news",
    OldPage: "page",
    OldNote: "note",
    OldAppeal: "appeal",
    OldRule: "rule",
    OldFlag: "flag",
    OldBanner: "banner",
}
#: A role on a board, which comes with that board.
_GRANT = "grant"
#: A filter that is a rule of all boards here.
_EVERYWHERE = "*"
_ENTRIES_AT_ONCE = 1_000
_NAME_CHARS_TOLD_MAX = 80
_TITLE_CHARS_MAX = 100
_TEXT_CHARS_MAX = 50_000
_REASON_CHARS_MAX = 5_000
_FILE_BAN_CHARS_MAX = 500
_REPORT_CHARS_MAX = 2_000
_APPEAL_CHARS_MAX = 1_000
_DENIED = "It was denied."
NO_PICTURE = "a flag without its picture"

#: Looks at a picture, and puts it into the upload store.
TakeBanner = Callable[[Board, Path], NewBanner]


class _CannotComeError(Exception):
    """Another dump, or another day, may bring it."""

    def __init__(self, why: str, where: str) -> None:
        super().__init__(why)
        self.why, self.where = why, where


@dataclass
class OthersLoader:
    """Brings what is no post; what has come before is passed over."""

    database: Database
    rows: RowMaker
    report: Report
    now_s: float
    #: That come.
    boards: frozenset[str]
    #: Where pictures are that do not belong to a post.
    folder: Path = Path()
    #: None: nobody is there who looks at them.
    take_banner: TakeBanner | None = None
    #: Boards of which something is to be drawn.
    stale: set[str] = field(default_factory=set)
    #: {ban, as it is called there: as it is known}, to which appeals lead. PERF: 200 bytes each.
    _bans: dict[str, imports.Other] = field(default_factory=dict)

    def load(self, coming: Iterable[tuple[str, Other]]) -> None:
        with self.database.connection() as db:
            is_older = imports.without_digests(db, self.boards)
        for name, other in self._past_log(coming):
            known = imports.Other(_KINDS[type(other)], name, digest(other))
            try:
                with self.database.transaction() as db:
                    if imports.came_without_digest(db, known) and (
                        is_older or self._is_what_came(db, known, other)
                    ):
                        known = known._replace(digest=b"")
                    else:
                        self._bring(db, known, other)
            except _CannotComeError as ex:
                self.report.trouble(ex.why, ex.where)
            except StatementFailed as ex:
                # As of a post: one that is broken there keeps no other away.
                self.report.trouble(refused(ex), f"{known.kind} {name[:_NAME_CHARS_TOLD_MAX]}")
            if isinstance(other, OldBan):
                self._bans[name] = known

    def _is_what_came(self, db: Connection, known: imports.Other, other: Noted) -> bool:
        """With other boards of its site, when it was noted by its name alone: its moment tells.

        What staff have taken away since can't be told from that of another site, and comes.
        """
        match other:
            case OldBan() | OldNews() | OldNote():
                return imports.stands_here(db, known, other.created_s)
            case OldAppeal():
                ban = self._bans.get(other.ban)
                return ban is not None and not ban.digest
            case _:
                return False

    def _bring(self, db: Connection, known: imports.Other, other: Noted) -> None:
        """What has come of it is passed over. Raises _CannotComeError."""
        if isinstance(other, OldRule):
            self._bring_rule(db, known, other)
            return
        if imports.comes(db, known):
            imports.note_ours(db, known, self._add(db, known.name, other))
            self.report.count(known.kind)
        if isinstance(other, OldAccount):
            self._appoint(db, known, other)

    def _past_log(self, coming: Iterable[tuple[str, Other]]) -> Iterator[tuple[str, Noted]]:
        """All but entries of the log, which may be many: these come together."""
        batch: list[OldLogEntry] = []
        for name, other in coming:
            if not isinstance(other, OldLogEntry):
                yield name, other
                continue
            batch.append(other)
            if len(batch) == _ENTRIES_AT_ONCE:
                self._add_log(batch)
                batch = []
        self._add_log(batch)

    def _add_log(self, entries: list[OldLogEntry]) -> None:
        rows = [
            old_log.NewOldEntry(
                entry.board, moment(entry.created_s), entry.made_by, entry.told, entry.was_told
            )
            for entry in entries
        ]
        if not rows:
            return
        try:
            with self.database.transaction() as db:
                self.report.count("logentry", old_log.add(db, rows))
        except StatementFailed as ex:
            if len(entries) == 1:
                self.report.trouble(refused(ex), f"logentry of {entries[0].created_s}")
                return
            for entry in entries:
                self._add_log([entry])

    def _add(self, db: Connection, name: str, other: Once) -> list[str]:
        """What it is called here. Raises _CannotComeError."""
        match other:
            case OldBan() | OldFileBan():
                return self._forbidden(db, f"ban {name}", other)
            case OldReport():
                return self._report(db, name, other)
            case OldAccount():
                return self._account(db, other)
            case OldNews():
                return self._news(db, other)
            case OldPage():
                return self._page(db, other)
            case OldNote() | OldAppeal():
                return self._of_poster(db, name, other)
            case OldFlag() | OldBanner():
                return self._picture(db, other)
            case _:
                assert_never(other)

    def _forbidden(self, db: Connection, where: str, ban: OldBan | OldFileBan) -> list[str]:
        if isinstance(ban, OldBan):
            return self._ban(db, where, ban)
        new_ban = NewFileBan(ban.board, ban.reason[:_FILE_BAN_CHARS_MAX] or "–", None)
        file = BannedFile((ban.sha256,), None)
        return [str(file_bans.add(db, file, new_ban, ban.made_by or _NOBODY))]

    def _ban(self, db: Connection, where: str, ban: OldBan) -> list[str]:
        if ban.expires_s is not None and ban.expires_s <= self.now_s:
            raise _CannotComeError("it is over", where)
        first, last = parse_address(_spelled(ban.first)), parse_address(_spelled(ban.last))
        if first.version != last.version:
            raise _CannotComeError("it begins in IPv4 and ends in IPv6", where)
        return [str(self._add_ban(db, ban, hit)) for hit in bans.whole_interval(first, last)]

    def _add_ban(self, db: Connection, ban: OldBan, hit: Address | Network) -> int:
        is_range = isinstance(hit, Network)
        return imports.add_ban(
            db,
            address_hash=None if isinstance(hit, Network) else self.rows.cloak.hash_address(hit),
            range=str(hit) if is_range else None,
            board=ban.board,
            reason=ban.reason[:_REASON_CHARS_MAX],
            created_by=ban.made_by or _NOBODY,
            created_s=ban.created_s,
            expires_s=ban.expires_s,
            # When they were told, nobody knows.
            seen_s=ban.created_s if ban.is_seen else None,
        )

    def _report(self, db: Connection, name: str, report: OldReport) -> list[str]:
        """Of several by one address the first counts, as here."""
        if not imports.taken(db, report.board, [report.no]):
            where = f"/{report.board}/{report.no}"
            raise _CannotComeError("a report of a post that is not there", where)
        imports.add_report(
            db,
            board=report.board,
            no=report.no,
            reason=report.reason[:_REPORT_CHARS_MAX] or "–",
            address_hash=self.rows.address_hash(report.address, f"report/{name}"),
            created_s=report.created_s,
        )
        return []

    def _account(self, db: Connection, account: OldAccount) -> list[str]:
        """It has no role yet."""
        name = account.name.lower()
        if not staff.is_name(name):
            raise _CannotComeError("an account of a name that nobody can log in with", name)
        try:
            with db.transaction():
                staff.add_hashed(db, name, account.password_hash, None, None)
        except StaffNameTaken:
            raise _CannotComeError("an account of this name is here", name) from None
        return [name]

    def _appoint(self, db: Connection, known: imports.Other, account: OldAccount) -> None:
        """Each role once, since staff may have taken it away; what they gave instead stays.

        SECURITY: a role on one board stays one on that board.
        """
        name = account.name.lower()
        there = {grant.board for grant in staff.get(db, name).grants}
        for grant in account.grants:
            role = imports.Other(_GRANT, f"{name}/{grant.board or ''}", known.digest)
            if imports.comes(db, role) and grant.board not in there:
                staff.appoint(db, name, Role(grant.role), grant.board)
                self.report.count(_GRANT)

    def _news(self, db: Connection, news: OldNews) -> list[str]:
        title, body = news.title[:_TITLE_CHARS_MAX], news.body[:_TEXT_CHARS_MAX]
        news_id, stale = written.add_news(db, None, title, body, created_s=news.created_s)
        self.stale.update(stale)
        return [str(news_id)]

    def _page(self, db: Connection, page: OldPage) -> list[str]:
        where = f"/{page.board}/{page.name}" if page.board else f"/{page.name}"
        if written.page(db, page.board, page.name) is not None:
            raise _CannotComeError("a page of this name is here", where)
        title, body = page.title[:_TITLE_CHARS_MAX], page.body[:_TEXT_CHARS_MAX]
        try:
            with db.transaction():
                self.stale.update(written.set_page(db, page.board, page.name, title, body))
        except BadPage as ex:
            raise _CannotComeError(ex.sentence, where) from None
        return [f"{page.board or ''}/{page.name}"]

    def _of_poster(self, db: Connection, name: str, other: OldNote | OldAppeal) -> list[str]:
        if isinstance(other, OldNote):
            return self._note(db, name, other)
        return self._appeal(db, name, other)

    def _note(self, db: Connection, name: str, note: OldNote) -> list[str]:
        try:
            address = parse_address(note.address)
        except ValueError:
            raise _CannotComeError("a note about no address", f"note {name}") from None
        added = imports.add_note(
            db,
            address_hash=self.rows.cloak.hash_address(address),
            staff=note.made_by or _NOBODY,
            note=note.note[: notes.NOTE_CHARS_MAX] or "–",
            written_s=note.created_s,
            notes_max=notes.NOTES_MAX,
        )
        if added is None:
            raise _CannotComeError("a note about a poster with too many notes", f"note {name}")
        return [str(added)]

    def _appeal(self, db: Connection, name: str, appeal: OldAppeal) -> list[str]:
        """Against the first of several bans that were one: its answer is read there alone."""
        ban = self._bans.get(appeal.ban)
        against = imports.ours_of(db, ban) if ban is not None else []
        if not against:
            raise _CannotComeError("an appeal against a ban that does not come", f"appeal {name}")
        imports.add_appeal(
            db,
            ban=int(against[0]),
            # Of a range nobody knows who it was.
            otherwise=self.rows.cloak.hash_name(f"import/appeal/{name}"),
            body=appeal.body[:_APPEAL_CHARS_MAX] or "–",
            made_s=appeal.created_s,
            answer=_DENIED if appeal.is_denied else None,
        )
        return []

    def _bring_rule(self, db: Connection, known: imports.Other, rule: OldRule) -> None:
        """Of all boards there: of all here, unless people post on one that does not come.

        It is known by what it says and the boards that have it: others get it as they come.
        """
        have = imports.names_of(db, known.kind, known.digest)
        if _EVERYWHERE in have:
            return
        places = sorted(self.boards) if rule.boards is None else rule.boards
        if rule.boards is None and not have and not self._has_strangers(db):
            places = [_EVERYWHERE]
        try:
            with db.transaction():
                for place in places:
                    self._bring_rule_to(db, known._replace(name=place), rule)
        except ImageboardError as ex:
            why = f"a filter can't be a rule here: {ex.sentence}"
            raise _CannotComeError(why, known.name) from None
        self.report.count(known.kind, int(not have.issuperset(places)))

    def _bring_rule_to(self, db: Connection, known: imports.Other, rule: OldRule) -> None:
        if imports.comes(db, known):
            board = None if known.name == _EVERYWHERE else known.name
            imports.note_ours(db, known, [str(self._add_rule(db, rule, board))])

    def _add_rule(self, db: Connection, rule: OldRule, board: str | None) -> int:
        return spam_rules.add(db, rules.read(rule.typed | {"board": board or ""}), _NOBODY)

    def _has_strangers(self, db: Connection) -> bool:
        here = (board.name for board in boards.list_all(db))
        return any(name not in self.boards and imports.has_posts(db, name) for name in here)

    def _picture(self, db: Connection, other: OldFlag | OldBanner) -> list[str]:
        where = f"/{other.board}/ {other.path}"
        if isinstance(other, OldFlag):
            return self._flag(db, where, other)
        return self._banner(db, where, other)

    def _flag(self, db: Connection, where: str, flag: OldFlag) -> list[str]:
        try:
            picture = (self.folder / flag.path).read_bytes()
        except OSError:
            raise _CannotComeError(NO_PICTURE, where) from None
        try:
            with db.transaction():
                self.stale.update(flags.add(db, flag.board, flag.name, flag.title, picture))
        except ImageboardError as ex:
            raise _CannotComeError(f"a flag: {ex.sentence}", where) from None
        return [f"{flag.board}/{flag.name}"]

    def _banner(self, db: Connection, where: str, banner: OldBanner) -> list[str]:
        if self.take_banner is None:
            raise _CannotComeError("a banner that nobody looks at", where)
        try:
            with db.transaction():
                board = boards.get(db, banner.board)
                new = self.take_banner(board, self.folder / banner.path)
                hung = banners.add(db, board.name, new)
        except ImageboardError as ex:
            raise _CannotComeError(f"a banner: {ex.sentence}", where) from None
        self.stale.add(board.name)
        return [f"{board.name}/{hung.name}"]


def _spelled(packed: bytes) -> str:
    return str(ipaddress.ip_address(packed))
