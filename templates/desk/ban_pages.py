"""Pages of bans: of posters, with what they answer, and of files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from imageboard.appeals import ANSWER_CHARS_MAX, WaitingAppeal
from imageboard.bans import Ban
from imageboard.file_bans import BannedFile, FileBan
from imageboard.likeness import BITS_APART_MAX
from imageboard.spam.known_files import spelled
from imageboard.staff_roles import Visitor
from imageboard.store import appeal_deeds, ban_deeds, file_ban_deeds
from imageboard.store.deeds import Case
from imageboard.threads import Post
from templates.desk import urls
from templates.desk.forms import Refusal, button, deed_form, done_sentence
from templates.desk.frame import render


class WouldHit(NamedTuple):
    """What a ban of a file would have refused."""

    #: (board, post), the newest first.
    posts: Sequence[tuple[str, Post]]
    has_more: bool


def bans_page(
    visitor: Visitor,
    bans: Sequence[Ban],
    *,
    has_more: bool,
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """Bans in force, newest first."""
    return render(
        "bans",
        visitor,
        bans=bans,
        older_url=f"{urls.BANS_URL}?before={bans[-1].id}" if has_more else None,
        bans_url=urls.BANS_URL,
        new_ban=deed_form(ban_deeds.BAN, None, refusal),
        lift=button(ban_deeds.LIFT),
        done=done_sentence(ban_deeds.OF_BANS, done),
        sentence=refusal.sentence if refusal else None,
    )


def appeals_page(
    visitor: Visitor,
    appeals: Sequence[WaitingAppeal],
    *,
    next_page: int | None,
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """What the banned ask, the first first."""
    return render(
        "appeals",
        visitor,
        appeals=appeals,
        appeals_url=urls.APPEALS_URL,
        buttons=[button(deed) for deed in appeal_deeds.OF_APPEALS],
        chars_max=ANSWER_CHARS_MAX,
        older_url=f"{urls.APPEALS_URL}?page={next_page}" if next_page else None,
        typed=refusal.typed if refusal else {},
        done=done_sentence(appeal_deeds.OF_APPEALS, done),
        sentence=refusal.sentence if refusal else None,
    )


def file_bans_page(
    visitor: Visitor,
    file_bans: Sequence[FileBan],
    *,
    next_page: int | None,
    done: str | None = None,
) -> str:
    """Files that may not be posted, the newest ban first."""
    tables = (*file_ban_deeds.OF_POST_FILES, *file_ban_deeds.OF_FILE_BANS)
    return render(
        "file_bans",
        visitor,
        file_bans=file_bans,
        file_bans_url=urls.FILE_BANS_URL,
        lift=button(file_ban_deeds.LIFT),
        older_url=f"{urls.FILE_BANS_URL}?page={next_page}" if next_page else None,
        done=done_sentence(tables, done),
    )


def file_ban_page(
    visitor: Visitor,
    case: Case,
    *,
    number: int,
    bits: int | None,
    file: BannedFile,
    would_hit: WouldHit,
    refusal: Refusal | None = None,
) -> str:
    """A file of a post, what its ban would have refused, and the form that bans it."""
    return render(
        "file_ban",
        visitor,
        board=case.board,
        post=case.post,
        number=number,
        bits=bits,
        digests=[digest.hex() for digest in file.hashes],
        look=None if file.likeness is None else spelled(file.likeness),
        usual_bits=BITS_APART_MAX,
        would_hit=would_hit,
        file_ban_url=urls.file_ban_url(case.board, case.post.no),
        form=deed_form(file_ban_deeds.BAN_FILE, case, refusal),
        sentence=refusal.sentence if refusal else None,
    )
