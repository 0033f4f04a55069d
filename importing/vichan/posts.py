"""A row of `posts_b` -> a post with its files."""

from __future__ import annotations

import hashlib
import html
import json
import re
from dataclasses import dataclass
from typing import Any

from imageboard import countries, plain_text
from importing.records import (
    FILES_MAX,
    BrokenFiles,
    OldFile,
    OldMarks,
    OldPassword,
    OldPost,
    own_tim,
)
from importing.vichan.charsets import text, undone
from importing.vichan.settings import BoardConfig, flag_name
from importing.vichan.tables import Fields
from importing.vichan.text import linked_posts, typed

#: What vichan calls a file that is served: nothing that could lead out of its folder.
_STORED = re.compile(r"([0-9A-Za-z_-]{1,80})\.([0-9A-Za-z]{1,10})")
_TIM = re.compile(r"[0-9]{10,20}(-[0-9]{1,3})?")
_SHA3 = re.compile(r"[0-9a-f]{64}")
_EMBEDDED = re.compile(r"https?://[^\s\"'<>]{4,500}")
#: Numbers of posts and seconds are below: vichan's columns hold no more.
NUMBERS_END = 2**32
_DELETED = "deleted"
_SPOILER = "spoiler"


@dataclass(frozen=True, slots=True)
class PostReader:
    """Reads the posts of one board."""

    config: BoardConfig
    #: Texts of the dump were encoded twice.
    is_twice: bool = False

    def post(self, row: Fields) -> OldPost:
        """Raises ValueError: it is no post; the sentence says why."""
        no, created_s = _number(row, "id"), _number(row, "time")
        thread = _number(row, "thread") if row["thread"] is not None else no
        body = self._text(row, "body") or ""
        said = typed(self._text(row, "body_nomarkup"), body)
        name, tripcode = self._text(row, "name"), self._text(row, "trip") or None
        address = _address(row)
        country, flag = self._flag(said.modifiers)
        return OldPost(
            board=self.config.board,
            no=no,
            thread=thread,
            created_s=created_s,
            name=self._name(name, tripcode),
            tripcode=tripcode,
            capcode=self._text(row, "capcode") or None,
            email=_email(self._text(row, "email")),
            subject=self._text(row, "subject") or None,
            body=_with_embed(said.body, self._text(row, "embed")),
            poster_id=self._poster_id(address, thread),
            address=address,
            password=_password(row),
            country=country,
            flag=flag,
            flag_name=_line(said.modifiers.get("flag alt")) if flag else None,
            ban_message=_line(
                said.modifiers.get("ban message") or said.modifiers.get("public_ban_message")
            ),
            quotes=linked_posts(body),
            html=body if said.was_html else None,
            files=self._files(row, no, created_s),
            marks=_marks(row, created_s) if thread == no else None,
        )

    def _text(self, row: Fields, column: str) -> str | None:
        raw = row[column]
        if raw is None:
            return None
        return undone(text(raw)) if self.is_twice else text(raw)

    def _name(self, name: str | None, tripcode: str | None) -> str | None:
        """None stands for the board's anonymous name, and for that of a tripcode alone."""
        if name == self.config.anonymous and tripcode is None:
            return None
        return name if name and plain_text.shows_anything(name) else None

    def _poster_id(self, address: str | None, thread: int) -> str | None:
        """As its pages show it (inc/functions.php, poster_id)."""
        chars, salt = self.config.poster_id_chars, self.config.secure_trip_salt
        if chars is None or salt is None or address is None:
            return None
        return _sha1(_sha1(f"{address}{salt}{thread}") + salt)[:chars]

    def _flag(self, modifiers: dict[str, str]) -> tuple[str | None, str | None]:
        """'de' -> ('DE', None): a country; 'lake' -> (None, 'lake'): one that its poster chose."""
        spelled = modifiers.get("flag", "").strip().rpartition("/")[2]
        if spelled not in self.config.flags and spelled.upper() in countries.NAMES:
            return spelled.upper(), None
        return None, flag_name(spelled) or None

    def _files(self, row: Fields, no: int, created_s: int) -> tuple[OldFile, ...]:
        listed = text(row["files"]).strip() if row["files"] else ""
        if listed:
            try:
                files = json.loads(listed)
            except (ValueError, RecursionError) as ex:
                # A column that was too short cut it off.
                raise BrokenFiles from ex
            if not isinstance(files, list):
                raise BrokenFiles
        else:
            files = [one] if (one := self._one_file(row)) else []
        named = [file for file in files if isinstance(file, dict) and file.get("file")]
        return tuple(
            self._file(file, own_tim(created_s, no, position))
            for position, file in enumerate(named[:FILES_MAX])
        )

    def _one_file(self, row: Fields) -> dict[str, Any] | None:
        """Of versions that knew one file a post."""
        stored = self._text(row, "file")
        if not stored:
            return None
        return {
            "file": stored,
            "thumb": self._text(row, "thumb"),
            "filename": self._text(row, "filename"),
            "size": row["filesize"],
            "width": row["filewidth"],
            "height": row["fileheight"],
            "thumbwidth": row["thumbwidth"],
            "thumbheight": row["thumbheight"],
            "hash": text(row["filehash"] or b""),
        }

    def _file(self, told: dict[str, Any], other_tim: str) -> OldFile:
        stored = str(told["file"])
        if stored == _DELETED:
            stored, is_deleted = str(told.get("file_path") or "").rpartition("/")[2], True
        else:
            is_deleted = False
        found = _STORED.fullmatch(stored)
        tim = found[1] if found else ""
        extension = f".{found[2].lower()}" if found else _ending(told)
        thumb = str(told.get("thumb") or "")
        has_thumb = not is_deleted and _STORED.fullmatch(thumb) is not None
        width, height = _size(told, "width", "height")
        thumb_size = _size(told, "thumbwidth", "thumbheight") if has_thumb else (None, None)
        return OldFile(
            tim=tim if _TIM.fullmatch(tim) else other_tim,
            extension=extension,
            original_name=_stem(told, extension),
            path=f"{self.config.src}{stored}" if found and not is_deleted else None,
            thumb_path=f"{self.config.thumb}{thumb}" if None not in thumb_size else None,
            told_bytes=_whole(told.get("size")) or 0,
            width=width,
            height=height,
            thumb_width=thumb_size[0],
            thumb_height=thumb_size[1],
            md5=_md5(told.get("hash")),
            is_spoiler=thumb == _SPOILER,
        )


def _number(row: Fields, column: str) -> int:
    value = _whole(row[column])
    if value is None or not 0 < value < NUMBERS_END:
        raise ValueError(f"its {column} is no number")
    return value


def _whole(value: object) -> int | None:
    """12, b'12' and '12' -> 12"""
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    try:
        return int(value) if isinstance(value, int | str) else None
    except ValueError:
        return None


def _size(told: dict[str, Any], width: str, height: str) -> tuple[int | None, int | None]:
    """Both, or neither."""
    size = _whole(told.get(width)), _whole(told.get(height))
    return size if size[0] and size[1] and min(size[0], size[1]) > 0 else (None, None)


def _address(row: Fields) -> str | None:
    """None: of nobody in particular. Versions for Tor, and owners who cleared it, leave these."""
    address = text(row["ip"] or b"").strip()
    return None if address in ("", "127.0.0.1", "::1", "0.0.0.0") else address  # noqa: S104


def _with_embed(body: str, embed: str | None) -> str:
    """A film that was embedded is a link below the text: what stands there is HTML."""
    found = _EMBEDDED.search(html.unescape(embed)) if embed else None
    if found is None or found[0] in body:
        return body
    return f"{body}\n{found[0]}".lstrip("\n")


def _email(kept: str | None) -> str | None:
    """It is kept as HTML, with blanks as in an address: 'a%20&amp;%20b' -> 'a & b'."""
    return html.unescape(kept.replace("%20", " ")) or None if kept else None


def _password(row: Fields) -> OldPassword | None:
    """Since 5.1.3 a hash; versions before kept what was typed."""
    kept = text(row["password"] or b"")
    if not kept:
        return None
    return OldPassword("vichan" if _SHA3.fullmatch(kept) else "plain", kept)


def _line(said: str | None) -> str | None:
    return " ".join(said.split()) or None if said else None


def _marks(row: Fields, created_s: int) -> OldMarks:
    bumped_s = _whole(row["bump"])
    return OldMarks(
        bumped_s=bumped_s if bumped_s and 0 < bumped_s < NUMBERS_END else created_s,
        is_sticky=_is_on(row["sticky"]),
        is_locked=_is_on(row["locked"]),
        is_bump_locked=_is_on(row["sage"]),
        is_cyclical=_is_on(row["cycle"]),
    )


def _is_on(value: bytes | None) -> bool:
    return value not in (None, b"", b"0")


def _ending(told: dict[str, Any]) -> str:
    ending = str(told.get("extension") or "").lower()
    return f".{ending}" if re.fullmatch("[a-z0-9]{1,10}", ending) else ".bin"


def _stem(told: dict[str, Any], extension: str) -> str:
    """'gradient.bmp.png' -> 'gradient.bmp'; as the poster's computer had it."""
    name = str(told.get("filename") or told.get("name") or "").rpartition("/")[2]
    # Half of a character, which JSON can spell, is none.
    name = name.replace("\0", "").encode("utf-8", "replace").decode()
    if name.lower().endswith(extension):
        return name[: -len(extension)]
    stem, dot, _ = name.rpartition(".")
    return stem if dot else name


def _md5(spelled: object) -> bytes | None:
    if isinstance(spelled, str) and re.fullmatch("[0-9a-f]{32}", spelled):
        return bytes.fromhex(spelled)
    return None


def _sha1(told: str) -> str:
    return hashlib.sha1(told.encode(), usedforsecurity=False).hexdigest()
