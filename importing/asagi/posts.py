"""A row of a board's table -> a post with its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from imageboard import countries
from importing.asagi import files
from importing.asagi.clock import Moment, moment
from importing.asagi.files import Stored
from importing.asagi.text import said
from importing.fourchan.posts import EXTENSION, NUMBERS_END, TIM, flag_of, md5_of, name_of
from importing.records import OldFile, OldMarks, OldPost, own_tim
from importing.vichan.charsets import text

#: None: of nobody in particular.
_CAPCODES = {
    "M": "Mod",
    "A": "Admin",
    "G": "Manager",
    "D": "Developer",
    "V": "Verified",
    "F": "Founder",
}
#: Of the name of a file: seconds.
_SECONDS_DIGITS = 10

Fields = Mapping[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """Of a thread, by all that the dump has of it."""

    bumped_s: int
    archived_s: int


def number(row: Fields, column: str) -> int:
    """Raises ValueError: it is no number; the sentence says so."""
    value = whole(row, column)
    if not 0 < value < NUMBERS_END:
        raise ValueError(f"its {column} is no number")
    return value


def whole(row: Fields, column: str) -> int:
    value = row.get(column) or b"0"
    return int(value) if value.isdigit() and len(value) <= 18 else 0


def is_on(row: Fields, column: str) -> bool:
    return row.get(column) not in (None, b"", b"0", b"\0")


def told(row: Fields, column: str) -> str | None:
    value = row.get(column)
    return (text(value) or None) if value is not None else None


def created(row: Fields) -> Moment:
    """Raises ValueError, NoTimeZones."""
    tim = (told(row, "media_orig") or "")[:_SECONDS_DIGITS]
    is_named = len(tim) == _SECONDS_DIGITS and tim.isascii() and tim.isdigit()
    return moment(number(row, "timestamp"), int(tim) if is_named else None)


def post(board: str, row: Fields, stored: Stored | None, standing: Standing | None) -> OldPost:
    """`standing` None: a reply. Raises ValueError: it is no post; the sentence says why."""
    no, created_s = number(row, "num"), created(row).unix_s
    body, ban_message, quotes = said(told(row, "comment") or "", no)
    tripcode = told(row, "trip")
    country = (told(row, "poster_country") or "").upper()
    is_country = country in countries.NAMES
    return OldPost(
        board=board,
        no=no,
        thread=number(row, "thread_num"),
        created_s=created_s,
        name=name_of(told(row, "name"), tripcode),
        tripcode=tripcode,
        capcode=_CAPCODES.get(told(row, "capcode") or ""),
        email=told(row, "email"),
        subject=told(row, "title"),
        body=body,
        poster_id=told(row, "poster_hash"),
        address=None,
        password=None,
        country=country if is_country else None,
        flag=flag_of(country or None) if not is_country else None,
        flag_name=None,
        ban_message=ban_message,
        quotes=tuple((other or board, quoted) for other, quoted in quotes),
        files=_files(row, no, created_s, stored, is_op=standing is not None),
        marks=_marks(row, standing) if standing is not None else None,
    )


def _marks(row: Fields, standing: Standing) -> OldMarks:
    return OldMarks(
        bumped_s=standing.bumped_s,
        is_sticky=is_on(row, "sticky"),
        archived_s=standing.archived_s,
    )


def _files(
    row: Fields, no: int, created_s: int, stored: Stored | None, *, is_op: bool
) -> tuple[OldFile, ...]:
    original, filename = told(row, "media_orig"), told(row, "media_filename") or ""
    if original is None and told(row, "media_hash") is None:
        return ()
    tim, dot, ending = (original or "").lower().rpartition(".")
    extension = dot + ending
    if EXTENSION.fullmatch(extension) is None:
        extension = ".bin"
    width, height = _size(row, "media_w", "media_h")
    thumb_width, thumb_height = _size(row, "preview_w", "preview_h")
    path, thumb = _places(row, stored, is_op=is_op)
    if thumb is None or thumb_width is None:
        thumb, thumb_width, thumb_height = None, None, None
    return (
        OldFile(
            tim=tim if TIM.fullmatch(tim) else own_tim(created_s, no, 0),
            extension=extension,
            original_name=filename.removesuffix(extension),
            path=path,
            thumb_path=thumb if path is not None else None,
            told_bytes=whole(row, "media_size"),
            width=width,
            height=height,
            thumb_width=thumb_width,
            thumb_height=thumb_height,
            md5=md5_of(told(row, "media_hash")),
            is_spoiler=is_on(row, "spoiler"),
        ),
    )


def _places(row: Fields, stored: Stored | None, *, is_op: bool) -> tuple[str | None, str | None]:
    """Of the file and its thumbnail; without a table of images each has a name of its own."""
    if stored is None:
        media, thumb = told(row, "media_orig"), told(row, "preview_orig")
    elif stored.is_banned:
        return None, None
    else:
        previews = stored.preview_op, stored.preview_reply
        media, thumb = stored.media, previews[not is_op] or previews[is_op]
    return files.path("image", media), files.path("thumb", thumb)


def _size(row: Fields, width: str, height: str) -> tuple[int | None, int | None]:
    """Both, or neither."""
    size = whole(row, width), whole(row, height)
    return size if min(size) > 0 else (None, None)
