"""What an owner can set for a board: `stillboard board set b bump_limit=300`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import IntEnum
from functools import cache
from typing import Any, Self

from imageboard import media_kinds, themes
from imageboard.errors import BadBoardSetting
from imageboard.markup import Marking
from imageboard.markup.marks import MARKS, USUAL, VICHANS
from imageboard.media_kinds import MediaKind
from imageboard.settings.readers import (
    Reader,
    asked_questions,
    choice,
    country_codes,
    flag,
    names,
    one_line,
    some_of,
    whole,
)
from imageboard.settings.rows import Row, nearest, rows_of, setting
from imageboard.words import LANGUAGES, N_, Message

#: A hundred years.
FOR_EVER_DAYS = 36_500


class Shows(IntEnum):
    """Where a setting shows, and so what is stale when it changes; each holds those before it.

    A test draws whole sites and holds each row to it: tests/renderer/test_board_settings.py.
    """

    #: It counts from the next post on; no file tells of it.
    NOWHERE = 0
    #: The front page and boards.json, which tell of all boards.
    IN_THE_LIST_OF_BOARDS = 1
    ON_ITS_BOARD = 2
    #: Every page of every board, below the links to all boards.
    ON_ALL_MASTHEADS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow(Row):
    """A setting of a board. `is_read_in_sql`: functions of schema.sql ask for it by its name."""

    shows: Shows
    is_read_in_sql: bool = False


def _setting(
    reader: Reader, default: object, sentence: str, *, shows: Shows, is_read_in_sql: bool = False
) -> Any:
    return setting(BoardRow(reader, default, sentence, shows=shows, is_read_in_sql=is_read_in_sql))


@dataclass(frozen=True, slots=True)
class BoardSettings:
    """One board's settings. The highest values keep a page to a size that an old phone can hold and
    a form to what nginx lets through."""

    title: str = _setting(
        one_line(80, is_needed=True),
        "Random",
        "What the board is called, after its `/b/`.",
        shows=Shows.ON_ALL_MASTHEADS,
    )
    subtitle: str = _setting(one_line(200), "", "A line below the title.", shows=Shows.ON_ITS_BOARD)
    anonymous_name: str = _setting(
        one_line(35, is_needed=True),
        "Anonymous",
        "The name of posts without one, old ones too.",
        shows=Shows.ON_ITS_BOARD,
    )
    worksafe: bool = _setting(
        flag(),
        False,
        "Whether it is safe to be looked at at work: `ws_board` of boards.json.",
        shows=Shows.IN_THE_LIST_OF_BOARDS,
    )
    group: str = _setting(
        one_line(40),
        "",
        "The heading below which it stands on the front page; boards without one stand first.",
        shows=Shows.IN_THE_LIST_OF_BOARDS,
    )
    place: int = _setting(
        whole(0, 10_000, "places"),
        0,
        "Its place among the boards, wherever they are listed; those of one place go by name.",
        shows=Shows.ON_ALL_MASTHEADS,
    )
    style: str = _setting(
        choice(*themes.NAMES),
        themes.PLAIN.name,
        "The theme of its pages until a reader chooses one (themes.md). `plain` and `contrast` are"
        " light or dark as the reader's system is.",
        shows=Shows.ON_ITS_BOARD,
    )
    language: str = _setting(
        choice("site", *LANGUAGES),
        "site",
        "What its pages, and the answers to its posters, are written in; `site`: as"
        " `STILLBOARD_LANGUAGE` says for the whole site.",
        shows=Shows.ON_ITS_BOARD,
    )
    in_overboard: bool = _setting(
        flag(),
        True,
        "Whether the overboard shows its threads too, and the front page its pictures.",
        shows=Shows.IN_THE_LIST_OF_BOARDS,
    )
    bump_limit: int = _setting(
        whole(0, 100_000, "replies"),
        250,  # vichan's
        "The reply that no longer bumps its thread, and all after it, counted from 1; 0: none.",
        shows=Shows.ON_ITS_BOARD,
        is_read_in_sql=True,
    )
    reply_limit: int = _setting(
        whole(0, 100_000, "replies"),
        5000,
        "Replies after which a thread takes no more; 0: only when its page is 8 MB large.",
        shows=Shows.ON_ITS_BOARD,
        is_read_in_sql=True,
    )
    image_limit: int = _setting(
        whole(0, 100_000, "files"),
        0,
        "Files of replies after which a thread takes no more of them; 0: any number.",
        shows=Shows.ON_ITS_BOARD,
        is_read_in_sql=True,
    )
    bump_days_max: int = _setting(
        whole(0, 3_650, "days"),
        0,
        "Days after its start from which on no reply bumps a thread; 0: it never grows too old.",
        shows=Shows.NOWHERE,
        is_read_in_sql=True,
    )
    cyclical_replies: int = _setting(
        whole(10, 5_000, "replies"),
        250,
        "Replies of a cyclical thread; of more, the oldest go.",
        shows=Shows.NOWHERE,
        is_read_in_sql=True,
    )
    threads_per_page: int = _setting(
        whole(1, 50, "threads"),
        10,
        "Threads on one board page.",
        shows=Shows.ON_ITS_BOARD,
        is_read_in_sql=True,
    )
    pages_max: int = _setting(
        whole(1, 100, "pages"),
        10,
        "Board pages; a thread that falls off the last one is archived, or else kept aside.",
        # What falls off tells its pages by itself.
        shows=Shows.IN_THE_LIST_OF_BOARDS,
        is_read_in_sql=True,
    )
    quiet_minutes_min: int = _setting(
        whole(0, 1440, "minutes"),
        10,
        "Minutes since its last bump before a thread falls off. Until then the board is longer; at"
        " twice its threads a new one has to wait.",
        shows=Shows.NOWHERE,
        is_read_in_sql=True,
    )
    archive_days: int = _setting(
        whole(0, FOR_EVER_DAYS, "days"),
        30,
        "Days for which threads that fell off can be read in the board's archive; 0: there is none;"
        f" {FOR_EVER_DAYS}: for ever.",
        shows=Shows.ON_ITS_BOARD,
        is_read_in_sql=True,
    )
    dead_after_pages: int = _setting(
        whole(0, 100, "pages"),
        0,
        "Threads of few replies that stand behind so many pages of threads fall off at once, and"
        " are kept aside (vichan's early 404); 0: none.",
        shows=Shows.NOWHERE,
        is_read_in_sql=True,
    )
    dead_replies_max: int = _setting(
        whole(1, 1_000, "replies"),
        5,
        "Replies that keep a thread from that.",
        shows=Shows.NOWHERE,
        is_read_in_sql=True,
    )
    aside_days: int = _setting(
        whole(0, 365, "days"),
        30,
        "Days for which threads that fell off without an archive are kept aside, and can be brought"
        " back by staff.",
        shows=Shows.NOWHERE,
        is_read_in_sql=True,
    )
    undo_hours: int = _setting(
        whole(0, 168, "hours"),
        24,
        "Hours for which staff can bring back what they removed; then it is erased. 0: it is erased"
        " at once.",
        shows=Shows.NOWHERE,
        is_read_in_sql=True,
    )
    aside_threads_max: int = _setting(
        whole(0, 10_000, "threads"),
        1_000,
        "Threads that are kept aside; of more, those go first that fell off first.",
        shows=Shows.NOWHERE,
        is_read_in_sql=True,
    )
    preview_replies: int = _setting(
        whole(0, 20, "replies"),
        5,
        "Last replies shown below an OP on board pages.",
        shows=Shows.ON_ITS_BOARD,
    )
    preview_replies_sticky: int = _setting(
        whole(0, 20, "replies"),
        1,
        "Last replies shown below the OP of a sticky thread on board pages.",
        shows=Shows.ON_ITS_BOARD,
    )
    body_chars_max: int = _setting(
        whole(1, 20_000, "characters"),
        4000,
        "Characters of a post's text.",
        shows=Shows.ON_ITS_BOARD,
    )
    body_lines_max: int = _setting(
        whole(1, 2_000, "lines"), 200, "Lines of a post's text.", shows=Shows.IN_THE_LIST_OF_BOARDS
    )
    marks: str = _setting(
        some_of(*MARKS),
        " ".join(mark for mark in MARKS if mark in USUAL),
        "What posters may mark their text with, by blanks; the text of old posts too. Vichan's are"
        f" `{' '.join(mark for mark in MARKS if mark in VICHANS)}`.",
        shows=Shows.ON_ITS_BOARD,
    )
    links_drop_tracking: bool = _setting(
        flag(),
        False,
        "Whether links lose `utm_source`, `fbclid` and their like, which tell who passed them on.",
        shows=Shows.ON_ITS_BOARD,
    )
    subject_chars_max: int = _setting(
        whole(1, 200, "characters"), 100, "Characters of a subject.", shows=Shows.ON_ITS_BOARD
    )
    name_chars_max: int = _setting(
        whole(1, 100, "characters"),
        35,
        "Characters of the name field, the password of a tripcode among them.",
        shows=Shows.ON_ITS_BOARD,
    )
    email_chars_max: int = _setting(
        whole(4, 100, "characters"),
        40,
        "Characters of the e-mail field.",
        shows=Shows.ON_ITS_BOARD,
    )
    upload_bytes_max: int = _setting(
        whole(0, 10 * 1024 * 1024, "bytes"),
        10 * 1024 * 1024,
        "Bytes of one file.",
        shows=Shows.ON_ITS_BOARD,
    )
    files_max: int = _setting(
        whole(0, 5, "files"),
        4,
        "Files of one post; 0: a board of text.",
        shows=Shows.ON_ITS_BOARD,
    )
    file_kinds: str = _setting(
        some_of(*media_kinds.BY_NAME),
        media_kinds.USUAL,
        "Kinds of files that posters may send, by blanks; those that are there stay.",
        shows=Shows.ON_ITS_BOARD,
    )
    files_once_in: str = _setting(
        choice("nowhere", "thread", "board"),
        "nowhere",
        "Where the same file may stand once: in its thread, on its board, or nowhere.",
        shows=Shows.NOWHERE,
    )
    played_max_s: int = _setting(
        whole(1, 86_400, "seconds"),
        3600,
        "Seconds of a film or a sound.",
        shows=Shows.IN_THE_LIST_OF_BOARDS,
    )
    thumb_px_max: int = _setting(
        whole(32, 1024, "pixels"),
        255,
        "Longer side of a thumbnail, in pixels; those that are there stay as they are.",
        shows=Shows.NOWHERE,
    )
    thumbs_in_webp: bool = _setting(
        flag(),
        False,
        "Whether new thumbnails are WebP, and lighter; old apps may not show them.",
        shows=Shows.NOWHERE,
    )
    thumb_dense: bool = _setting(
        flag(),
        True,
        "Whether new pictures have a second thumbnail, which dense screens load.",
        shows=Shows.NOWHERE,
    )
    thumb_animated: bool = _setting(
        flag(),
        False,
        "Whether new thumbnails of animations move, for five seconds; a film's stays still.",
        shows=Shows.NOWHERE,
    )
    image_pixels_max: int = _setting(
        whole(1, 500_000_000, "pixels"),
        200_000_000,
        "Pixels of a picture. Memory sets a lower limit to some kinds: see below.",
        shows=Shows.ON_ITS_BOARD,
    )
    image_side_px_max: int = _setting(
        whole(1, 65_500, "pixels"),
        65_500,
        "Longer side of a picture, in pixels.",
        shows=Shows.ON_ITS_BOARD,
    )
    image_frames_max: int = _setting(
        whole(1, 30_000, "frames"),
        10_000,
        "Frames of an animation.",
        shows=Shows.ON_ITS_BOARD,
    )
    thread_needs_file: bool = _setting(
        flag(), False, "Whether a new thread must have a file.", shows=Shows.ON_ITS_BOARD
    )
    thread_needs_body: bool = _setting(
        flag(), False, "Whether a new thread must have a text.", shows=Shows.ON_ITS_BOARD
    )
    thread_needs_subject: bool = _setting(
        flag(), False, "Whether a new thread must have a subject.", shows=Shows.ON_ITS_BOARD
    )
    reply_needs_file: bool = _setting(
        flag(), False, "Whether a reply must have a file.", shows=Shows.ON_ITS_BOARD
    )
    reply_needs_body: bool = _setting(
        flag(), False, "Whether a reply must have a text.", shows=Shows.ON_ITS_BOARD
    )
    reply_needs_subject: bool = _setting(
        flag(), False, "Whether a reply must have a subject.", shows=Shows.ON_ITS_BOARD
    )
    forced_anonymous: bool = _setting(
        flag(),
        False,
        "Whether new posts have no name of their own, and no tripcode.",
        shows=Shows.ON_ITS_BOARD,
    )
    file_names: str = _setting(
        choice("kept", "asked", "replaced"),
        "kept",
        "Whether files keep their names: always, if their poster asks for it, or never.",
        shows=Shows.ON_ITS_BOARD,
    )
    delete_wait_s: int = _setting(
        whole(0, 86_400, "seconds"),
        0,
        "Seconds before a poster may delete a post or its files by password.",
        shows=Shows.IN_THE_LIST_OF_BOARDS,
    )
    delete_hours_max: int = _setting(
        whole(0, 8_760, "hours"),
        0,
        "Hours after which a poster may no longer delete them; 0: at any time.",
        shows=Shows.IN_THE_LIST_OF_BOARDS,
    )
    public_log: str = _setting(
        choice("without_names", "with_names", "none"),
        "without_names",
        "Whether readers see what staff did here (`/b/log/`), and by whom (audit.md).",
        shows=Shows.ON_ITS_BOARD,
        is_read_in_sql=True,
    )
    op_deletes_replies: bool = _setting(
        flag(),
        False,
        "Whether the password of an OP deletes the replies of its thread too.",
        shows=Shows.IN_THE_LIST_OF_BOARDS,
    )
    edited_mark: bool = _setting(
        flag(),
        True,
        "Whether a post that staff edited says so.",
        shows=Shows.ON_ITS_BOARD,
    )
    appeals: bool = _setting(
        flag(),
        True,
        "Whether the banned may appeal against a ban of more than 6 hours, once each.",
        shows=Shows.NOWHERE,
        is_read_in_sql=True,
    )
    report_categories: str = _setting(
        names(20, 40),
        "",
        "Kinds of reports, `Spam, Illegal`: each new report is one of them. None: any reason.",
        shows=Shows.ON_ITS_BOARD,
    )
    thread_tags: str = _setting(
        names(20, 40),
        "",
        "Kinds of threads, `Anime, Loop`: each new one may be tagged as one of them.",
        shows=Shows.ON_ITS_BOARD,
    )
    user_flags: str = _setting(
        names(100, 93),
        "",
        "Flags that posters choose from, each a name and what it is called: `lake Lake of fire`."
        " `stillboard flag` writes it, with their pictures.",
        shows=Shows.ON_ITS_BOARD,
    )
    country_flags: str = _setting(
        choice("off", "on", "always"),
        "off",
        "Whether posts show the flag of the country that they are sent from: `on`, unless their"
        " poster hides it, or `always`. The machine has to know countries:"
        " `STILLBOARD_COUNTRY_HEADER`, `STILLBOARD_COUNTRY_DATABASE`.",
        shows=Shows.ON_ITS_BOARD,
    )
    dice: bool = _setting(
        flag(),
        False,
        "Whether `!2d6+1` in a post, or `dice 2d6+1` in its e-mail field, throws dice.",
        shows=Shows.ON_ITS_BOARD,
    )
    poster_ids: bool = _setting(
        flag(),
        True,
        "Whether posts of one address in one thread show the same ID; old posts stay as they are.",
        # A post's ID is stored with it: pages show what they showed.
        shows=Shows.IN_THE_LIST_OF_BOARDS,
        is_read_in_sql=True,
    )
    search: bool = _setting(
        flag(),
        True,
        "Whether its posts are found by their words (`/search`).",
        shows=Shows.ON_ITS_BOARD,
    )
    captcha: str = _setting(
        choice("site", "never", "threads", "strangers", "pressed", "always"),
        "site",
        "When posters solve a captcha: to start a thread, always, if no post from their address has"
        " stood for a day (`strangers`), while more than half of what the board or the poster's"
        " network may post is used (`pressed`), or as `STILLBOARD_CAPTCHA` says for all boards.",
        shows=Shows.ON_ITS_BOARD,
    )
    form_trap: bool = _setting(
        flag(),
        False,
        "Whether its posting form has a field that no person sees: robots that fill it in are"
        " refused.",
        shows=Shows.ON_ITS_BOARD,
    )
    blocked_countries: str = _setting(
        country_codes(250),
        "",
        "Countries from which the board takes no posts, `DE, FR`. The machine has to know"
        " countries: `STILLBOARD_COUNTRY_HEADER`, `STILLBOARD_COUNTRY_DATABASE`.",
        shows=Shows.NOWHERE,
    )
    listed_ranges: str = _setting(
        choice("off", "captcha", "hold", "refuse"),
        "off",
        "What becomes of posts from the ranges of `STILLBOARD_RANGES_FILE`.",
        shows=Shows.NOWHERE,
    )
    block_lists: str = _setting(
        choice("off", "captcha", "hold", "refuse"),
        "off",
        "What becomes of posts from addresses that a list of `STILLBOARD_BLOCK_LISTS` has.",
        shows=Shows.NOWHERE,
    )
    alike_text: str = _setting(
        choice("off", "captcha", "hold", "refuse"),
        "off",
        "What becomes of a post of 40 letters or more that says nearly what another poster has just"
        " said on the board.",
        shows=Shows.NOWHERE,
    )
    alike_text_minutes: int = _setting(
        whole(1, 1_440, "minutes"),
        10,
        "For how long a text counts for `alike_text`.",
        shows=Shows.NOWHERE,
    )
    unique_text_days: int = _setting(
        whole(0, 3_650, "days"),
        0,
        "Days in which the board takes each text once, by its letters alone; 0: as often as one"
        " likes.",
        shows=Shows.NOWHERE,
    )
    captcha_questions: str = _setting(
        asked_questions(),
        "",
        "What posters are asked where `STILLBOARD_CAPTCHA` is `question`, one of these at a time,"
        " and the answers, which are taken in any case and spacing; none: the site's.",
        shows=Shows.NOWHERE,
    )
    captcha_from_posts_per_hour: int = _setting(
        whole(0, 100_000, "posts"),
        0,
        "Posts of the board within an hour from which on each post asks for a captcha, whatever"
        " `captcha` says; 0: their number does not matter.",
        shows=Shows.ON_ITS_BOARD,
    )
    captcha_pass_posts: int = _setting(
        whole(0, 1_000, "posts"),
        0,
        "Posts within a day for which whoever has solved a captcha is asked for no other; 0: each"
        " post needs its own.",
        shows=Shows.IN_THE_LIST_OF_BOARDS,
    )
    captcha_for_all: bool = _setting(
        flag(),
        False,
        "Whether every post asks for a captcha for now, whatever `captcha` says: a state that staff"
        " put their boards into.",
        shows=Shows.ON_ITS_BOARD,
    )
    read_only: bool = _setting(
        flag(),
        False,
        "Whether nobody but staff who say so can post for now: a state as well.",
        shows=Shows.ON_ITS_BOARD,
    )
    staff_look_first: str = _setting(
        choice("nowhere", "files", "posts"),
        "nowhere",
        "Which new posts wait until staff have looked at them: those with files, all, or none. A"
        " state as well.",
        shows=Shows.NOWHERE,
    )
    held_hours: int = _setting(
        whole(1, 720, "hours"),
        72,
        "Hours for which a post waits for staff; then it is erased.",
        shows=Shows.NOWHERE,
        is_read_in_sql=True,
    )
    reply_wait_s: int = _setting(
        whole(0, 3600, "seconds"),
        10,
        "Seconds for which one address waits after a post before it replies.",
        shows=Shows.IN_THE_LIST_OF_BOARDS,
    )
    thread_wait_s: int = _setting(
        whole(0, 86_400, "seconds"),
        30,
        "Seconds for which one address waits between two threads.",
        shows=Shows.IN_THE_LIST_OF_BOARDS,
    )
    same_text_wait_s: int = _setting(
        whole(0, 86_400, "seconds"),
        120,
        "Seconds for which one address waits before it posts the same text again.",
        shows=Shows.NOWHERE,
    )
    posts_per_minute_max: int = _setting(
        whole(0, 10_000, "posts"),
        300,
        "Posts that the board takes in a minute, of all posters together; 0: any number.",
        shows=Shows.NOWHERE,
    )
    threads_per_hour_max: int = _setting(
        whole(0, 10_000, "threads"),
        30,  # vichan's
        "New threads that the board takes in an hour, of all posters together; 0: any number.",
        shows=Shows.NOWHERE,
    )
    threads_per_hour_of_address_max: int = _setting(
        whole(0, 1_000, "threads"),
        10,
        "New threads that one address may begin in an hour, and a network up to half of what the"
        " board takes; 0: any number.",
        shows=Shows.NOWHERE,
    )

    @classmethod
    @cache
    def rows(cls) -> tuple[BoardRow, ...]:
        """Every setting, in order."""
        return rows_of(cls)

    @classmethod
    def defaults_in_sql(cls) -> dict[str, Any]:
        """{'pages_max': 10}: what the database needs to know of a board that lacks a setting."""
        return {row.name: row.default for row in cls.rows() if row.is_read_in_sql}

    def changed(self, changes: Mapping[str, str]) -> Self:
        """These settings with `changes` ({'bump_limit': '300'}) made.

        Raises:
            BadBoardSetting: an unknown name, or a value that does not fit.
        """
        rows = {row.name: row for row in self.rows()}
        return replace(self, **{name: _read(rows, name, text) for name, text in changes.items()})

    def differing(self, other: BoardSettings) -> tuple[BoardRow, ...]:
        """The rows of the settings in which these two differ."""
        return tuple(
            row
            for row in self.rows()
            if getattr(self, row.attribute) != getattr(other, row.attribute)
        )

    @property
    def marking(self) -> Marking:
        """What is made of the text of posts."""
        return Marking(frozenset(self.marks.split()), self.links_drop_tracking)

    @property
    def kinds(self) -> tuple[MediaKind, ...]:
        """Of the files that posters may send."""
        return media_kinds.taken(self.file_kinds)

    @property
    def tags(self) -> tuple[str, ...]:
        return _listed(self.thread_tags)

    @property
    def flags(self) -> tuple[tuple[str, str], ...]:
        """(('lake', 'Lake of fire'), …)"""
        parted = (flag.partition(" ") for flag in _listed(self.user_flags))
        return tuple((name, title or name) for name, _, title in parted)

    @property
    def categories(self) -> tuple[str, ...]:
        """Of reports."""
        return _listed(self.report_categories)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """What the database holds; a setting that it lacks, or has as null, has its default."""
        values = {each.name: stored.get(each.name) for each in fields(cls)}
        return cls(**{name: value for name, value in values.items() if value is not None})


def _listed(names: str) -> tuple[str, ...]:
    return tuple(names.split(", ")) if names else ()


def _read(rows: Mapping[str, BoardRow], name: str, text: str) -> Any:
    if name not in rows:
        meant = nearest(name, rows)
        fault = (
            N_("no such setting; did you mean {meant}? there are {names}").filled(meant=meant)
            if meant
            else N_("no such setting; there are {names}")
        )
        raise BadBoardSetting(name=name, fault=fault.filled(names=", ".join(sorted(rows))))
    row = rows[name]
    try:
        return row.reader.read(text)
    except ValueError as ex:
        fault = N_("{fault}. {meaning}").filled(fault=ex.args[0], meaning=Message(row.sentence))
        raise BadBoardSetting(name=name, fault=fault) from None
