"""A document of `posts` -> a post with its files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from imageboard import countries, plain_text
from importing.bson_dump import Document
from importing.documents import (
    first_of,
    line,
    number,
    of_somebody,
    part,
    parts,
    said,
    seconds,
    size_of,
    slug_of,
    stem_of,
    whole,
)
from importing.jschan.text import typed
from importing.records import (
    FILES_MAX,
    BrokenFiles,
    OldFile,
    OldMarks,
    OldPassword,
    OldPost,
    own_tim,
)
from importing.vichan.text import Mark, from_html

#: What it calls a file that is served: nothing that could lead out of its folder. Behind the hash
#: stands how its poster's name ended ('.jpg (2)'), or all of a name without a dot.
_STORED = re.compile(r"([0-9a-f]{64})([^/\0]{0,180})")
#: What no address of a file has that leads on (imageboard.old_addresses.OLD_FILE).
_UNLINKED = re.compile(r"[^0-9A-Za-z._-]")
_ENDING = re.compile(r"\.[a-z0-9]{1,10}")
_HASHED = re.compile(r"[A-Za-z0-9+/]{43}=")
#: A link to a post; what somebody typed as a link has no class.
_POST_LINK = re.compile(
    r"<a class=[\"']quote[\"'] href=[\"']/([^/\"']+)/thread/[0-9]+\.html#([0-9]{1,18})[\"']"
)
#: Of pages, where nothing else was kept.
_MARKS = {
    "span.bold": Mark("'''", "'''"),
    "span.em": Mark("''", "''"),
    "span.underline": Mark("__", "__"),
    "span.strike": Mark("~~", "~~"),
    "span.title": Mark("==", "=="),
    "span.spoiler": Mark("[spoiler]", "[/spoiler]"),
    "span.mono": Mark("`", "`"),
    "span.code": Mark("[code]\n", "\n[/code]"),
    "span.aa": Mark("[aa]\n", "\n[/aa]"),
}


@dataclass(frozen=True, slots=True)
class PostReader:
    """Reads the posts of one board."""

    #: The name of posts that have none.
    anonymous: str | None
    #: Where the files of all boards are.
    media: Path

    def post(self, document: Document) -> OldPost:
        """Raises ValueError: it is no post; the sentence says why."""
        no, created_s = number(document, "postId"), number(document, "date")
        is_thread = document.get("thread") is None
        tripcode = line(document.get("tripcode"))
        html = said(document.get("message")) or ""
        country, flag, flag_name = _flag(document)
        return OldPost(
            board=str(document["board"]),
            no=no,
            thread=no if is_thread else number(document, "thread"),
            created_s=created_s,
            name=self._name(line(document.get("name")), tripcode),
            tripcode=tripcode,
            capcode=(line(document.get("capcode")) or "").removeprefix("## ") or None,
            email=line(document.get("email")),
            subject=line(document.get("subject")),
            body=_body(said(document.get("nomarkup")), html),
            poster_id=line(document.get("userId")),
            address=address_of(document.get("ip")),
            password=_password(said(document.get("password"))),
            country=country,
            flag=flag,
            flag_name=flag_name,
            ban_message=line(document.get("banmessage")),
            quotes=linked_posts(html),
            files=self._files(document, no, created_s),
            marks=_marks(document, created_s) if is_thread else None,
            edited_s=seconds(part(document.get("edited")).get("date")),
        )

    def _name(self, name: str | None, tripcode: str | None) -> str | None:
        """None stands for the board's anonymous name, and for that of a tripcode alone."""
        if name is None or name == self.anonymous or not plain_text.shows_anything(name):
            return None
        return name

    def _files(self, document: Document, no: int, created_s: int) -> tuple[OldFile, ...]:
        """Posts share a file; each has a name of its own for it here."""
        is_hidden = document.get("spoiler") is True
        return tuple(
            self._file(told, own_tim(created_s, no, position), is_hidden=is_hidden)
            for position, told in enumerate(parts(document.get("files"))[:FILES_MAX])
        )

    def _file(self, told: Document, tim: str, *, is_hidden: bool) -> OldFile:
        found = _STORED.fullmatch(said(told.get("filename")) or "")
        if found is None:
            raise BrokenFiles("one of them has no name of jschan's")
        stored = found[0]
        extension = found[2].lower() if _ENDING.fullmatch(found[2].lower()) else ".bin"
        geometry = part(told.get("geometry"))
        size = size_of(geometry, "width", "height")
        thumb, thumb_size = stored, size
        if told.get("hasThumb"):
            ending = line(told.get("thumbextension")) or ".jpg"
            thumb = f"thumb/{found[1]}{ending if _ENDING.fullmatch(ending) else '.jpg'}"
            thumb_size = size_of(geometry, "thumbwidth", "thumbheight")
        # A picture that is small enough stands for itself.
        has_thumb = thumb_size[0] is not None
        return OldFile(
            tim=tim,
            extension=extension,
            original_name=stem_of(line(told.get("originalFilename")) or stored, extension),
            path=str(self.media / stored),
            thumb_path=str(self.media / thumb) if has_thumb else None,
            told_bytes=whole(told.get("size")) or 0,
            width=size[0],
            height=size[1],
            thumb_width=thumb_size[0],
            thumb_height=thumb_size[1],
            md5=None,
            is_spoiler=is_hidden or bool(told.get("spoiler")),
            address=f"file/{_UNLINKED.sub('_', stored)}",
            thumb_address=f"file/{thumb}" if has_thumb and thumb != stored else None,
        )


def linked_posts(html: str) -> tuple[tuple[str, int], ...]:
    """(board, number) of the posts that a post leads to, once each: those that it found then."""
    return tuple(dict.fromkeys((board, int(no)) for board, no in _POST_LINK.findall(html)))


def address_of(ip: object) -> str | None:
    """'192.0.2.1' of {raw: '192.0.2.1', …}; a cloak, or the number of a bypass, is None's."""
    told = ip if isinstance(ip, str) else first_of(ip, "raw", "single")
    return of_somebody(told) if isinstance(told, str) else None


def _body(nomarkup: str | None, html: str) -> str:
    """Its elders kept no text beside the page."""
    return typed(nomarkup) if nomarkup is not None else from_html(html, _MARKS)


def _password(kept: str | None) -> OldPassword | None:
    """Its elders kept what was typed."""
    if kept is None:
        return None
    return OldPassword("jschan" if _HASHED.fullmatch(kept) else "plain", kept)


def _flag(document: Document) -> tuple[str | None, str | None, str | None]:
    """Country, flag and its name: of the poster's address, or of the flags of the board."""
    told = part(document.get("country"))
    code = line(told.get("code")) or ""
    if not told.get("custom"):
        return (code if code in countries.NAMES else None), None, None
    slug = slug_of(code)
    return None, slug, line(told.get("name")) if slug else None


def _marks(document: Document, created_s: int) -> OldMarks:
    rank = whole(document.get("sticky")) or int(document.get("sticky") is True)
    return OldMarks(
        bumped_s=seconds(document.get("bumped")) or created_s,
        is_sticky=rank > 0,
        sticky_rank=min(max(rank, 0), 1_000),
        is_locked=bool(document.get("locked")),
        is_bump_locked=bool(first_of(document, "bumplocked", "saged")),
        is_cyclical=bool(document.get("cyclic")),
    )
