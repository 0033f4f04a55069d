"""A document of `threads` or `posts` -> a post with its files."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from imageboard import countries, plain_text
from importing.bson_dump import Document
from importing.documents import (
    line,
    number,
    of_somebody,
    parts,
    said,
    seconds,
    size_of,
    slug_of,
    stem_of,
    whole,
    with_our_line_ends,
)
from importing.lynxchan.media import MediaOfSite
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

_MEDIA = "/.media/"
#: What it calls a file that is served: nothing that could lead out of its folder.
_STORED = re.compile(r"/\.media/([0-9a-f]{32,64}(?:-[a-z0-9]{1,40})?(\.[a-z0-9]{1,10})?)")
_THUMB = re.compile(r"/\.media/t_[0-9a-f]{32,64}(?:-[a-z0-9]{1,40})?")
_SPOILER = re.compile(r"/(?:spoiler\.[a-z]{2,5}|custom\.spoiler)\Z")
#: What stands behind a name: '#AbC123', hashed; '##aB3dE6', which it found by chance.
_TRIPCODE = re.compile(r"##?[A-Za-z0-9+/]{6}")
#: A link to a post; what somebody typed as an address has no class.
_POST_LINK = re.compile(
    r"<a class=\"quoteLink\" href=\"/([^/\"]+)/res/[0-9]+\.html#([0-9]{1,18})\""
)
#: What it escapes before it keeps a line (src/be/engine/miscOps.js, cleanHTML).
_ESCAPED = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
#: Of pages, where nothing else was kept.
_MARKS = {
    "strong": Mark("'''", "'''"),
    "em": Mark("''", "''"),
    "u": Mark("__", "__"),
    "s": Mark("~~", "~~"),
    "code": Mark("[code]", "[/code]"),
    "span.spoiler": Mark("[spoiler]", "[/spoiler]"),
    "span.redText": Mark("==", "=="),
    "span.aa": Mark("[aa]", "[/aa]"),
}


@dataclass(frozen=True, slots=True)
class PostReader:
    """Reads the posts of one board."""

    #: The name of posts that have none.
    anonymous: str | None
    media: MediaOfSite
    #: How large its thumbnails are at most.
    thumb_px: int

    def post(self, document: Document) -> OldPost:
        """Raises ValueError: it is no post; the sentence says why."""
        thread, created_s = number(document, "threadId"), number(document, "creation")
        is_thread = document.get("postId") is None
        no = thread if is_thread else number(document, "postId")
        name, tripcode = self._signed(unescaped(line(document.get("name"))))
        html = said(document.get("markdown")) or ""
        country, flag, flag_name = _flag(document)
        return OldPost(
            board=str(document["boardUri"]),
            no=no,
            thread=thread,
            created_s=created_s,
            name=name,
            tripcode=tripcode,
            capcode=line(document.get("signedRole")),
            email=unescaped(line(document.get("email"))),
            subject=unescaped(line(document.get("subject"))),
            body=_body(said(document.get("message")), html),
            poster_id=line(document.get("id")),
            address=address_of(document.get("ip")),
            password=_password(said(document.get("password"))),
            country=country,
            flag=flag,
            flag_name=flag_name,
            ban_message=line(document.get("banMessage")),
            quotes=linked_posts(html),
            files=self._files(document, no, created_s),
            marks=_marks(document, created_s) if is_thread else None,
            edited_s=seconds(document.get("lastEditTime")),
        )

    def _signed(self, kept: str | None) -> tuple[str | None, str | None]:
        """'Ann#AbC123' -> ('Ann', '#AbC123'); None stands for the board's anonymous name."""
        name, sharp, rest = (kept or "").partition("#")
        tripcode = f"{sharp}{rest}"
        if not _TRIPCODE.fullmatch(tripcode):
            name, tripcode = kept or "", ""
        has_name = name != self.anonymous and plain_text.shows_anything(name)
        return (name if has_name else None), tripcode or None

    def _files(self, document: Document, no: int, created_s: int) -> tuple[OldFile, ...]:
        """Posts share a file; each has a name of its own for it here."""
        return tuple(
            self._file(told, own_tim(created_s, no, position))
            for position, told in enumerate(parts(document.get("files"))[:FILES_MAX])
        )

    def _file(self, told: Document, tim: str) -> OldFile:
        found = _STORED.fullmatch(line(told.get("path")) or "")
        if found is None:
            raise BrokenFiles("one of them has no name of LynxChan's")
        kept = self.media.find(found[1])
        extension = found[2] or (kept and kept.picture_ending) or ".bin"
        size = size_of(told, "width", "height")
        thumb = line(told.get("thumb")) or ""
        shown = None
        if _THUMB.fullmatch(thumb):
            shown = self.media.find(thumb.removeprefix(_MEDIA))
        elif thumb == found[0]:
            # A picture that is small enough stands for itself.
            shown = kept
        has_thumb = shown is not None and shown.picture_ending is not None
        thumb_size = size if shown is kept else _thumb_size(size, self.thumb_px)
        return OldFile(
            tim=tim,
            extension=extension,
            original_name=stem_of(unescaped(line(told.get("originalName"))) or found[1], extension),
            path=str(kept.path) if kept else None,
            thumb_path=str(shown.path) if has_thumb and shown else None,
            told_bytes=whole(told.get("size")) or 0,
            width=size[0],
            height=size[1],
            thumb_width=thumb_size[0] if has_thumb else None,
            thumb_height=thumb_size[1] if has_thumb else None,
            md5=None,
            # A picture of the site's or the board's own stands before it.
            is_spoiler=_SPOILER.search(thumb) is not None,
            thumb_extension=shown.picture_ending if shown else None,
            address=found[0].removeprefix("/"),
            thumb_address=thumb.removeprefix("/") if has_thumb and shown is not kept else None,
        )


def linked_posts(html: str) -> tuple[tuple[str, int], ...]:
    """(board, number) of the posts that a post leads to, once each."""
    return tuple(dict.fromkeys((board, int(no)) for board, no in _POST_LINK.findall(html)))


def address_of(ip: object) -> str | None:
    """[192, 0, 2, 1] -> '192.0.2.1'; None of whoever came through Tor, or with a bypass."""
    packed = packed_of(ip)
    return of_somebody(str(ipaddress.ip_address(packed))) if len(packed) in (4, 16) else None


def packed_of(told: object) -> bytes:
    """[192, 0] -> b'\\xc0\\0'; b'': something else stands there."""
    numbers = [whole(each) for each in told] if isinstance(told, list) else []
    known = [each for each in numbers if each is not None and 0 <= each < 256]
    return bytes(known) if len(known) == len(numbers) else b""


def unescaped(kept: str | None) -> str | None:
    """'&lt;3' -> '<3', once; a '&' stood as it was."""
    if kept is None:
        return None
    return re.sub("&(?:lt|gt|quot|apos);", lambda found: _ESCAPED[found[0]], kept)


def _body(message: str | None, html: str) -> str:
    """Its marks are ours."""
    typed = message if message is not None else from_html(html, _MARKS)
    return with_our_line_ends(typed).rstrip()


def _password(kept: str | None) -> OldPassword | None:
    return OldPassword("lynxchan", kept) if kept is not None else None


def _flag(document: Document) -> tuple[str | None, str | None, str | None]:
    """Country ('-us', '-us-ca'), flag and its name: by the address, or chosen."""
    path, name = line(document.get("flag")), unescaped(line(document.get("flagName")))
    if path is None:
        return None, None, None
    code = (line(document.get("flagCode")) or "").strip("-").partition("-")[0].upper()
    if code in countries.NAMES:
        return code, None, None
    slug = slug_of(name or "")
    return None, slug, name if slug else None


def _marks(document: Document, created_s: int) -> OldMarks:
    bumped_s = seconds(document.get("lastBump")) or created_s
    return OldMarks(
        bumped_s=bumped_s,
        is_sticky=bool(document.get("pinned")),
        is_locked=bool(document.get("locked")),
        is_bump_locked=bool(document.get("autoSage")),
        is_cyclical=bool(document.get("cyclic")),
        # When, it does not say.
        archived_s=bumped_s if document.get("archived") else None,
    )


def _thumb_size(size: tuple[int | None, int | None], px_max: int) -> tuple[int | None, int | None]:
    """What it made of a picture of this size; of what shows nothing, a square."""
    width, height = size
    if width is None or height is None:
        return px_max, px_max
    scale = min(1.0, px_max / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
