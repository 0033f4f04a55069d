"""Stores the demo as its people would have posted it over the last weeks: all of it, or nothing."""

from __future__ import annotations

import ipaddress
import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from cli.demo import props, script
from cli.demo.script import BoardScript, Cue, Place, SiteScript
from deploy.embedded.service import ServiceFailed
from imageboard import plain_text, post_rules, written_pages
from imageboard.boards import Board
from imageboard.cloaks import Address, Cloak
from imageboard.dice import Throw
from imageboard.post_rules import Draft, NewFile, OfferedFile
from imageboard.settings import BoardSettings
from imageboard.store import banners, boards, flags, posts, written
from imageboard.store.banners import NewBanner
from imageboard.store.database import Connection, Database
from imageboard.tripcodes import Salt
from imageboard.written_pages import ANNOUNCEMENT
from writer.banners import take
from writer.forms import SpooledFile
from writer.uploading import Receiver

_RULES = "rules"
#: Networks that documentation uses (RFC 5737); the people of the demo have an address each.
_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
_ADDRESSES_OF_NETWORK = 254


class Staged(NamedTuple):
    """What was stored: nothing, where every board was somebody's already."""

    boards: tuple[str, ...]
    posts: int
    files: int


class _Rehearsed(NamedTuple):
    """A post that lacks the numbers of others, with its files in the upload store."""

    cue: Cue
    draft: Draft
    files: tuple[NewFile, ...]


@dataclass(slots=True)
class Stage:
    """What it takes to store the demo. Its times count back from `now`."""

    database: Database
    receiver: Receiver
    cloak: Cloak
    trip_salt: Salt
    now: datetime
    #: What is to be taken out again if the demo is not stored.
    _uploads: list[str] = field(default_factory=list)
    _posted: dict[Place, tuple[str, int]] = field(default_factory=dict)

    def perform(self, told: Sequence[BoardScript], site: SiteScript) -> Staged:
        """A board that somebody has set up or posted on stays as it is.

        Others who post wait while the demo is stored, so its pictures are developed before.
        """
        ours = self._free(told)
        settings = {each.name: BoardSettings().changed(each.settings) for each in ours}
        try:
            hung = {each.name: self._banners(each, settings[each.name]) for each in ours}
            rehearsed = [self._rehearsed(cue, settings[cue.board]) for cue in script.cues(ours)]
            with self.database.transaction() as db:
                boards_by_name = {each.name: _set_up(db, each, hung[each.name]) for each in ours}
                for each in rehearsed:
                    self._post(db, each, boards_by_name[each.cue.board])
                self._mark(db, ours)
                if ours:
                    _write_for_all(db, site)
        except BaseException:
            for name in self._uploads:
                self.receiver.uploads.drop(name)
            raise
        files = sum(len(each.files) for each in rehearsed)
        return Staged(tuple(boards_by_name), len(rehearsed), files)

    def _free(self, told: Sequence[BoardScript]) -> list[BoardScript]:
        with self.database.connection() as db:
            there = {board.name: board for board in boards.list_all(db)}
        return [each for each in told if each.name not in there or _is_new(there[each.name])]

    def _banners(self, told: BoardScript, settings: BoardSettings) -> list[NewBanner]:
        found = []
        for each in told.banners:
            path = self.receiver.darkroom.scratch / props.BANNER
            path.write_bytes(props.banner(each))
            board = Board(told.name, settings)
            found.append(take(self.receiver.darkroom, self.receiver.uploads, board, path))
            self._uploads.append(found[-1].stored_as)
        return found

    def _rehearsed(self, cue: Cue, settings: BoardSettings) -> _Rehearsed:
        sent = []
        for number, spelled in enumerate(cue.said.files):
            prop, path = props.made(spelled), self.receiver.darkroom.scratch / f"prop-{number}"
            path.write_bytes(prop.body)
            sent.append(SpooledFile(prop.name, path, len(prop.body)))
        draft = _draft(cue, sent)
        files = self.receiver.store(sent, draft, settings) if sent else ()
        self._uploads += [file.stored_as for file in files]
        return _Rehearsed(cue, draft, files)

    def _post(self, db: Connection, rehearsed: _Rehearsed, board: Board) -> None:
        cue = rehearsed.cue
        draft = replace(
            rehearsed.draft,
            thread=None if cue.place.number == 1 else self._posted[Place(cue.place.thread, 1)][1],
            body=script.quoting(rehearsed.draft.body, cue, self._posted.get),
        )
        post_rules.check(draft, board.settings)
        chance = random.Random(f"{cue.place}")  # noqa: S311 -- the same each time is the point
        asked = post_rules.asked_dice(draft, board.settings)
        new_post = post_rules.accept(
            draft,
            board,
            address=_address(cue),
            cloak=self.cloak,
            trip_salt=self.trip_salt,
            files=rehearsed.files,
            throws=tuple(Throw.of(each, chance) for each in asked),
            country=cue.said.country if post_rules.shows_country(draft, board.settings) else None,
        )
        stored = posts.add(db, new_post, limits=False, created_at=self.now - cue.ago)
        self._posted[cue.place] = cue.board, stored.no

    def _mark(self, db: Connection, ours: list[BoardScript]) -> None:
        for thread in (thread for each in ours for thread in each.threads if thread.marks):
            board, no = self._posted[Place(thread.id, 1)]
            posts.mark_thread(db, board, no, **thread.marks)


def _is_new(board: Board) -> bool:
    """It is as the first start has made it."""
    return board.last_no == 0 and board.settings == BoardSettings()


def _draft(cue: Cue, sent: list[SpooledFile]) -> Draft:
    said = cue.said
    alts = said.alts or ("",) * len(sent)
    return Draft(
        board=cue.board,
        name=plain_text.clean_line(said.name, "name"),
        email=plain_text.clean_line(said.email, "email"),
        subject=plain_text.clean_line(said.subject, "subject"),
        body=plain_text.clean_body(said.body, "body"),
        tag=said.tag,
        user_flag=said.user_flag,
        capcode=said.capcode,
        is_spoiler=said.is_spoiler,
        keeps_file_names=said.keeps_file_names,
        offered=tuple(
            OfferedFile(file.name, file.bytes, is_spoiler=number in said.spoilers, alt=alt)
            for number, (file, alt) in enumerate(zip(sent, alts, strict=True), start=1)
        ),
    )


def _address(cue: Cue) -> Address:
    """Of whoever posts it: of one that is not named, another one each time."""
    who = f"{cue.place.thread} {cue.said.by or cue.place.number}"
    number = zlib.crc32(who.encode()) % (len(_NETWORKS) * _ADDRESSES_OF_NETWORK)
    network, host = divmod(number, _ADDRESSES_OF_NETWORK)
    return ipaddress.ip_address(f"{_NETWORKS[network]}.{host + 1}")


def _set_up(db: Connection, told: BoardScript, hung: list[NewBanner]) -> Board:
    if not boards.add(db, told.name, BoardSettings().changed(told.settings)):
        if not _is_new(boards.lock(db, told.name)):
            raise ServiceFailed(f"/{told.name}/ was set up meanwhile: call seed again")
        boards.change_settings(db, told.name, told.settings)
    for flag in told.flags:
        picture = props.flag(flag.colours, flag.layout)
        flags.add(db, told.name, flag.name, flag.title, picture)
    for banner in hung:
        banners.add(db, told.name, banner)
    for name, text in ((ANNOUNCEMENT, told.announcement), (_RULES, told.rules)):
        if text:
            _write(db, told.name, name, text)
    return boards.get(db, told.name)


def _write_for_all(db: Connection, told: SiteScript) -> None:
    """What the operator has written for the site is not written over."""
    there = {page.name for page in written.pages(db, None)}
    for name, text in {ANNOUNCEMENT: told.announcement, **told.pages}.items():
        if name not in there:
            _write(db, None, name, text)
    if not written.news(db, None, 1):
        for item in told.news:
            written.add_news(db, None, item["title"], item["body"].strip())


def _write(db: Connection, board: str | None, name: str, text: str) -> None:
    title, body = written_pages.titled(name, text.strip())
    written.set_page(db, board, name, title, body)
