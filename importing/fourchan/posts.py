"""A post of a thread's JSON -> a post with its files: as 4chan's API has it, or vichan's.

Which of the two it is its thread says (`locked` is vichan's word, `closed` 4chan's). This board's
own JSON has both; and `raw`, its text as it was typed.
"""

from __future__ import annotations

import binascii
import html
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imageboard import countries, plain_text
from importing.fourchan.text import html_of, said
from importing.records import FILES_MAX, OldFile, OldMarks, OldPost, own_tim
from importing.vichan.text import from_html, linked_posts

#: Numbers and seconds are below.
NUMBERS_END = 2**32
_HELD_END = 2**31
_ANONYMOUS = "Anonymous"
TIM = re.compile(r"[0-9]{10,20}(-[0-9]{1,3})?")
EXTENSION = re.compile(r"\.[a-z0-9]{1,10}")
_FLAG = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_BREAKS = re.compile(r"\s*\Z")
#: By what 4chan's API calls them; others are called there as they are here.
_CAPCODES = {
    "mod": "Mod",
    "admin": "Admin",
    "admin_highlight": "Admin",
    "manager": "Manager",
    "developer": "Developer",
    "verified": "Verified",
    "founder": "Founder",
}
#: Fields of which nothing comes, and why that is told.
LEFT_BEHIND = {
    "m_img": "pictures for phones do not come: ours has thumbnails",
    "since4pass": "since when a poster has a pass does not come",
}
_EXIF_LEFT = "what cameras noted of pictures does not come"

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ThreadReader:
    """Reads the posts of one thread."""

    board: str
    #: Its first post.
    op: Fields
    bumped_s: int
    #: {'1795500950388.png': name of its thumbnail, None: it is hidden}: what pages alone tell.
    pictures: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def is_of_vichan(self) -> bool:
        return "locked" in self.op

    def post(self, fields: Fields) -> OldPost:
        """Raises ValueError: it is no post; the sentence says why."""
        no, created_s = number(fields, "no"), number(fields, "time")
        thread = number(self.op, "no")
        name, tripcode = _line(fields, "name"), _line(fields, "trip")
        body, ban_message, quotes = self._said(fields)
        country, flag, flag_name = _flag(fields)
        return OldPost(
            board=self.board,
            no=no,
            thread=thread,
            created_s=created_s,
            name=name_of(name, tripcode),
            tripcode=tripcode,
            capcode=_capcode(fields),
            email=_email(fields),
            subject=_line(fields, "sub"),
            body=body,
            poster_id=_text(fields, "id"),
            address=None,
            password=None,
            country=country,
            flag=flag,
            flag_name=flag_name,
            ban_message=ban_message,
            quotes=tuple((board or self.board, to_no) for board, to_no in quotes),
            files=self._files(fields, no, created_s),
            marks=self._marks() if no == thread else None,
            tag=_text(fields, "tag") if no == thread else None,
        )

    def _said(self, fields: Fields) -> tuple[str, str | None, tuple[tuple[str, int], ...]]:
        com = html_of(_text(fields, "com") or "")
        if not self.is_of_vichan:
            return said(com)[:3]
        raw = fields.get("raw")
        body = _clean(raw) if isinstance(raw, str) else from_html(com)
        embedded = _EMBEDDED.search(html.unescape(_text(fields, "embed") or ""))
        if embedded is not None and embedded[0] not in body:
            body = f"{body}\n{embedded[0]}".lstrip("\n")
        return _BREAKS.sub("", body), None, linked_posts(com)

    def _files(self, fields: Fields, no: int, created_s: int) -> tuple[OldFile, ...]:
        told = [fields] if "filename" in fields or fields.get("filedeleted") else []
        extra = fields.get("extra_files")
        if isinstance(extra, list):
            told += [each for each in extra if isinstance(each, Mapping)]
        return tuple(
            self._file(each, own_tim(created_s, no, position))
            for position, each in enumerate(told[:FILES_MAX])
        )

    def _file(self, told: Fields, other_tim: str) -> OldFile:
        tim, extension = str(told.get("tim", "")), str(told.get("ext", "")).lower()
        is_named = TIM.fullmatch(tim) is not None and EXTENSION.fullmatch(extension) is not None
        is_there = is_named and not told.get("filedeleted")
        stored = tim + extension
        width, height = _size(told, "w", "h")
        thumb_width, thumb_height = _size(told, "tn_w", "tn_h")
        thumb = self._thumb(told, stored) if thumb_width is not None else None
        is_spoiler = bool(told.get("spoiler")) or self.pictures.get(stored, "") is None
        return OldFile(
            tim=tim if is_named else other_tim,
            extension=extension if EXTENSION.fullmatch(extension) else ".bin",
            original_name=_line(told, "filename") or "",
            path=stored if is_there else None,
            thumb_path=thumb if is_there else None,
            told_bytes=_held(told, "fsize"),
            width=width,
            height=height,
            thumb_width=thumb_width if thumb else None,
            thumb_height=thumb_height if thumb else None,
            md5=md5_of(told.get("md5")),
            is_spoiler=is_spoiler,
        )

    def _thumb(self, told: Fields, stored: str) -> str | None:
        """What its thumbnail is called; of vichan's '….*' where nobody says how it ends."""
        tim = str(told.get("tim", ""))
        if not self.is_of_vichan:
            return f"{tim}s.jpg"
        named = self.pictures.get(stored, told.get("thumb", f"{tim}.*"))
        return named if isinstance(named, str) and _THUMB.fullmatch(named) else None

    def _marks(self) -> OldMarks:
        archived_s = None
        if _is_on(self.op, "archived"):
            told_s = _whole(self.op.get("archived_on"))
            archived_s = told_s if 0 < told_s < NUMBERS_END else self.bumped_s
        closed = _is_on(self.op, "locked") or _is_on(self.op, "closed")
        return OldMarks(
            bumped_s=self.bumped_s,
            is_sticky=_is_on(self.op, "sticky"),
            # Whatever is archived is closed.
            is_locked=closed and archived_s is None,
            is_bump_locked=_is_on(self.op, "bumplocked"),
            is_cyclical=_is_on(self.op, "cyclical"),
            archived_s=archived_s,
        )


_EMBEDDED = re.compile(r"https?://[^\s\"'<>]{4,500}")
_THUMB = re.compile(r"[0-9A-Za-z_-]{1,80}\.(?:[0-9a-z]{1,10}|\*)")


def number(fields: Fields, name: str) -> int:
    value = _whole(fields.get(name))
    if not 0 < value < NUMBERS_END:
        raise ValueError(f"its {name} is no number")
    return value


def left_behind(fields: Fields) -> set[str]:
    """What of a post does not come, in sentences."""
    why = {why for name, why in LEFT_BEHIND.items() if fields.get(name)}
    com = fields.get("com")
    return why | {_EXIF_LEFT} if isinstance(com, str) and 'class="exif"' in com else why


def _whole(value: object) -> int:
    """12 and '12' -> 12; what is no number -> 0."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    return 0


def _clean(text: str) -> str:
    """Half of a character, which JSON can spell, is none; nor is a null one."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _text(fields: Fields, name: str) -> str | None:
    value = fields.get(name)
    return _clean(value) or None if isinstance(value, str) else None


def _line(fields: Fields, name: str) -> str | None:
    """They have HTML in each field."""
    return html.unescape(_text(fields, name) or "") or None


def name_of(name: str | None, tripcode: str | None) -> str | None:
    """None stands for the board's anonymous name, and for that of a tripcode alone."""
    if name == _ANONYMOUS and tripcode is None:
        return None
    return name if name and plain_text.shows_anything(name) else None


def _email(fields: Fields) -> str | None:
    """HTML, with blanks as in an address, in both."""
    kept = _text(fields, "email")
    return html.unescape(kept.replace("%20", " ")) or None if kept else None


def _capcode(fields: Fields) -> str | None:
    capcode = _text(fields, "capcode")
    return _CAPCODES.get(capcode, capcode) if capcode else None


def _flag(fields: Fields) -> tuple[str | None, str | None, str | None]:
    """A country; or a flag that its poster chose (or a country that is none), and its name."""
    country = _text(fields, "country")
    if country is not None and country.upper() in countries.NAMES:
        return country.upper(), None, None
    for code, title in (
        (_text(fields, "board_flag"), "flag_name"),
        (_text(fields, "troll_country"), "country_name"),
        (country, "country_name"),
    ):
        if (flag := flag_of(code)) is not None:
            told = html.unescape(_text(fields, title) or "")
            return None, flag, " ".join(told.split()) or None
    return None, None, None


def flag_of(code: str | None) -> str | None:
    """'4CC' -> '4cc'; XX is nobody's."""
    is_one = code is not None and code != "XX" and _FLAG.fullmatch(code.lower()) is not None
    return code.lower() if code is not None and is_one else None


def _size(told: Fields, width: str, height: str) -> tuple[int | None, int | None]:
    """Both, or neither."""
    size = _held(told, width), _held(told, height)
    return size if min(size) > 0 else (None, None)


def _held(told: Fields, name: str) -> int:
    """A number that a column of ours holds; of another one 0."""
    value = _whole(told.get(name))
    return value if 0 < value < _HELD_END else 0


def md5_of(spelled: object) -> bytes | None:
    try:
        md5 = b64decode(spelled, validate=True) if isinstance(spelled, str) else b""
    except (binascii.Error, ValueError):
        return None
    return md5 if len(md5) == 16 else None


def _is_on(fields: Fields, name: str) -> bool:
    return fields.get(name) not in (None, 0, "", "0", False)
