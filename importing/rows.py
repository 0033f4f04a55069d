"""A post of another engine as rows of our tables: cut to what they hold, its address hidden."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from imageboard.cloaks import Address, Cloak, parse_address
from importing.media import Placed
from importing.records import OldFile, OldPost
from importing.report import Report

#: Characters that a column of posts holds.
_CHARS_MAX = {
    "name": 100,
    "tripcode": 40,
    "capcode": 60,
    "email": 100,
    "subject": 200,
    "body": 65_536,
    "poster_id": 16,
    "flag_name": 60,
    "ban_message": 200,
    "tag": 40,
}
_texts_of = attrgetter(*_CHARS_MAX)
_FILE_NAME_CHARS_MAX = 500
#: Links of one post: more is a flood (imageboard.markup).
_QUOTES_MAX = 40


@dataclass(frozen=True, slots=True)
class RowMaker:
    """Makes rows of posts as if they had been posted here."""

    cloak: Cloak
    report: Report
    #: From this moment on (Unix seconds) addresses are kept sealed, and from that as hashes.
    sealed_since_s: float
    hashed_since_s: float
    #: Boards that were asked for, and only these; empty: all.
    only: frozenset[str] = frozenset()

    def post(self, post: OldPost, *, change_base: int, thread_bumped_s: int) -> dict[str, Any]:
        change_no = change_base + 2 * post.no
        bumps = post.no == post.thread or (not post.is_sage and post.created_s <= thread_bumped_s)
        return (
            self._texts(post)
            | self._who(post)
            | {
                "board": post.board,
                "no": post.no,
                "thread_no": post.thread,
                "created_at": moment(post.created_s),
                "changed_no": change_no,
                "bump_no": change_no if bumps else 0,
                "country": post.country,
                "flag": post.flag,
                "edited_at": moment(post.edited_s) if post.edited_s is not None else None,
            }
        )

    def changed(self, post: OldPost) -> dict[str, Any]:
        """Of one that has come: what staff there may have changed since."""
        edited_at = moment(post.edited_s) if post.edited_s is not None else None
        of_post = {"board": post.board, "no": post.no, "edited_at": edited_at}
        return self._texts(post) | of_post

    def thread(self, post: OldPost, *, change_base: int) -> dict[str, Any]:
        assert post.marks is not None
        return {
            "is_sticky": post.marks.is_sticky,
            "sticky_rank": post.marks.sticky_rank,
            "is_locked": post.marks.is_locked,
            "is_bump_locked": post.marks.is_bump_locked,
            "is_cyclical": post.marks.is_cyclical,
            "has_old_ids": post.poster_id is not None,
            "bump_no": change_base + 2 * post.no,
            "changed_no": change_base + 2 * post.no,
            **standing(post),
        }

    def file(
        self, post: OldPost, position: int, file: OldFile, placed: Placed | None
    ) -> dict[str, Any]:
        """`placed` None: it was deleted there, or is not to be found."""
        row: dict[str, Any] = {
            "board": post.board,
            "post_no": post.no,
            "position": position,
            "tim": file.tim,
            "extension": file.extension,
            "original_name": file.original_name[:_FILE_NAME_CHARS_MAX],
            "width": file.width,
            "height": file.height,
            "is_spoiler": file.is_spoiler,
        }
        if placed is None:
            told = file.told_bytes if file.told_bytes > 0 else None
            return row | {"removed_at": moment(post.created_s), "md5": file.md5, "bytes": told}
        if placed.thumbnail is not None:
            row |= {
                "thumb_extension": file.thumb_extension or placed.thumbnail.suffix.lower(),
                "thumb_width": file.thumb_width,
                "thumb_height": file.thumb_height,
            }
        return row | {
            "stored_as": placed.stored_as,
            "bytes": placed.bytes_read,
            "md5": placed.md5,
            "sha256": placed.sha256,
        }

    def addresses(
        self, post: OldPost, position: int, file: OldFile, placed: Placed | None
    ) -> list[dict[str, Any]]:
        """Where one of its files was found that is here, and its thumbnail."""
        if placed is None:
            return []
        of_file = {"board": post.board, "post_no": post.no, "position": position}
        told = {False: file.address, True: file.thumb_address if placed.thumbnail else None}
        return [
            of_file | {"address": address, "is_thumbnail": is_thumbnail}
            for is_thumbnail, address in told.items()
            if address is not None
        ]

    def quotes(self, post: OldPost) -> list[dict[str, Any]]:
        return [
            {
                "board": post.board,
                "no": post.no,
                "to_board": board,
                "to_no": no,
                "of_what_comes": bool(self.only) and board not in self.only,
            }
            for board, no in tuple(dict.fromkeys(post.quotes))[:_QUOTES_MAX]
            if (board, no) != (post.board, post.no)
        ]

    def note(self, post: OldPost) -> dict[str, Any]:
        return {"board": post.board, "no": post.no, "digest": digest(post)}

    def address_hash(self, told: str | None, otherwise: str) -> bytes:
        """Of a poster; without an address, of nobody but `otherwise` ('post/b/124')."""
        return self._hash(_address(told), otherwise)

    def _hash(self, address: Address | None, otherwise: str) -> bytes:
        if address is None:
            return self.cloak.hash_name(f"import/{otherwise}")
        return self.cloak.hash_address(address)

    def _who(self, post: OldPost) -> dict[str, Any]:
        address = _address(post.address)
        hashed = self._hash(address, f"post/{post.board}/{post.no}")
        sealed = address is not None and post.created_s >= self.sealed_since_s
        is_kept = post.created_s >= self.hashed_since_s
        password = post.password
        return {
            "address_hash": hashed if is_kept else None,
            "poster_tag": None if is_kept else _poster_tag(hashed, post),
            "address_sealed": self.cloak.seal_address(address) if sealed and address else None,
            "password_hash": self.cloak.hash_password(password.kept) if password else None,
            "password_scheme": password.scheme if password else None,
        }

    def _texts(self, post: OldPost) -> dict[str, Any]:
        """{column: text}, cut to what it holds."""
        texts = dict(zip(_CHARS_MAX, _texts_of(post), strict=True))
        for name, text in texts.items():
            if text is not None and len(text) > _CHARS_MAX[name]:
                why = f"longer than {_CHARS_MAX[name]} characters, and cut: {name}"
                self.report.trouble(why, f"/{post.board}/{post.no}")
                texts[name] = text[: _CHARS_MAX[name]]
        return texts


def digest(post: OldPost) -> bytes:
    """Of all that may be another in a later dump; its bump, which each reply changes, apart."""
    return _digest(post, (post.name, post.tripcode, post.email))


def is_as_noted(post: OldPost, noted: bytes) -> bool:
    """Whether a post looks as it did when it came; version 2026-11-29 noted no name."""
    return noted == digest(post) or noted == _digest(post, ())


def _digest(post: OldPost, who: tuple[str | None, ...]) -> bytes:
    marks = post.marks
    told = (
        post.subject,
        post.body,
        post.ban_message,
        marks and (marks.is_sticky, marks.is_locked, marks.is_bump_locked, marks.is_cyclical),
        [(file.tim, file.path is None, file.is_spoiler) for file in post.files],
        *who,
    )
    return hashlib.blake2b(repr(told).encode("utf-8", "replace"), digest_size=16).digest()


def standing(post: OldPost) -> dict[str, Any]:
    """Where the thread of which it is the first post stands: what may change without it."""
    marks = post.marks
    assert marks is not None
    archived_at = moment(marks.archived_s) if marks.archived_s is not None else None
    return {
        "board": post.board,
        "no": post.no,
        "bumped_at": moment(marks.bumped_s),
        "archived_at": archived_at,
    }


def moment(unix_s: int) -> str:
    """As PostgreSQL reads it."""
    return datetime.fromtimestamp(unix_s, tz=UTC).isoformat()


def _address(told: str | None) -> Address | None:
    """None: there is none, or what stands there is none (a fork's hash)."""
    try:
        return parse_address(told) if told else None
    except ValueError:
        return None


def _poster_tag(address_hash: bytes, post: OldPost) -> int:
    """As poster_tag() of schema.sql: which posts of a thread are of one poster."""
    told = address_hash + f"{post.board}/{post.thread}".encode()
    return int.from_bytes(hashlib.sha256(told).digest()[:4], "big", signed=True)
