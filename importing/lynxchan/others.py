"""Bans, also of files, appeals, reports, accounts, pages and flags -> records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bson import ObjectId

from imageboard.old_hashes import LYNXCHAN
from importing import logs, word_filters
from importing.bson_dump import Document
from importing.documents import (
    line,
    said,
    seconds,
    slug_of,
    whole,
    with_our_line_ends,
    words,
)
from importing.lynxchan.media import MediaOfSite
from importing.lynxchan.posts import address_of, packed_of, unescaped
from importing.records import (
    OldAccount,
    OldAppeal,
    OldBan,
    OldFileBan,
    OldFlag,
    OldGrant,
    OldLogEntry,
    OldPage,
    OldReport,
    Other,
)
from importing.report import Report

_TITLE_CHARS_MAX = 60
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: {its role for the whole site: ours} (miscRoles: root, admin, global volunteer, global janitor).
_ROLES = {0: "admin", 1: "admin", 2: "moderator", 3: "janitor"}
#: {how it hashes passwords: how often} (src/be/engine/accountOps.js).
_ROUNDS = {"pbkdf2": 4_096, "pbkdf2V2": 16_384}


def ban(document: Document) -> OldBan:
    """Raises ValueError: it says nobody that it hits."""
    if document.get("warning"):
        raise ValueError("it is a warning")
    first, last = _reach(document)
    return OldBan(
        first=first,
        last=last,
        board=line(document.get("boardUri")),
        reason=unescaped(line(document.get("reason"))) or "",
        made_by=line(document.get("appliedBy")),
        created_s=_made_s(document),
        expires_s=seconds(document.get("expiration")),
    )


def _reach(document: Document) -> tuple[bytes, bytes]:
    """The first and the last address: of one, or of those that begin with some of its bytes."""
    packed = packed_of(document.get("ip"))
    if len(packed) in (4, 16):
        return packed, packed
    begun = packed_of(document.get("range"))
    size = 16 if document.get("ipv6") or len(begun) > 4 else 4
    if not 0 < len(begun) <= size:
        raise ValueError("it hits a network by its number, a bypass, or nobody")
    return begun.ljust(size, b"\0"), begun.ljust(size, b"\xff")


def file_ban(document: Document) -> OldFileBan:
    """Raises ValueError: of versions that knew files by their MD5."""
    spelled = line(document.get("sha256")) or ""
    if not _SHA256.fullmatch(spelled):
        raise ValueError("it has no SHA-256")
    return OldFileBan(
        sha256=bytes.fromhex(spelled),
        board=line(document.get("boardUri")),
        reason=unescaped(line(document.get("reason"))) or "",
        made_by=line(document.get("user")),
    )


def appeal(ban: Document) -> OldAppeal | None:
    """Of a ban: what was asked of staff."""
    body = unescaped(line(ban.get("appeal")))
    if body is None:
        return None
    return OldAppeal(
        ban=str(ban.get("_id")),
        body=body,
        is_denied=bool(ban.get("denied")),
        created_s=_made_s(ban),
    )


def flag(document: Document, media: MediaOfSite) -> OldFlag:
    """Raises ValueError: it has no picture, or can't be called."""
    board, title = str(document.get("boardUri")), unescaped(line(document.get("name"))) or ""
    slug, kept = slug_of(title), media.find(f"{board}/flags/{document.get('_id')}")
    if slug is None or kept is None:
        raise ValueError("it has no picture, or no name that a flag may have")
    # Ours are listed with commas between.
    said = (line(title.replace(",", " ")) or slug)[:_TITLE_CHARS_MAX]
    return OldFlag(board=board, name=slug, title=said, path=str(kept.path))


def report(document: Document) -> OldReport:
    """Raises ValueError."""
    if document.get("closedBy") is not None:
        raise ValueError("it is closed")
    no = whole(document.get("postId")) or whole(document.get("threadId"))
    if no is None:
        raise ValueError("it names no post")
    return OldReport(
        board=str(document.get("boardUri")),
        no=no,
        reason=unescaped(line(document.get("reason"))) or "",
        address=address_of(document.get("ip")),
        created_s=seconds(document.get("creation")) or _made_s(document),
    )


def word_filter(told: Document, board: str | None, report: Report) -> Iterator[tuple[str, Other]]:
    """One of a board, or of all: a rule that replaces (src/be/engine/postingOps/common.js)."""
    what, replacement = said(told.get("originalTerm")), unescaped(said(told.get("replacementTerm")))
    if what is None:
        return
    called = f"filter '{what}' of {board or 'all boards'}"
    if replacement is not None and (replacement != replacement.strip() or "$" in replacement):
        why = "a word filter that puts in what it found, or blanks at an end, does not come"
        report.trouble(why, called)
        return
    typed = word_filters.containing(what, by_case=not told.get("caseInsensitive"))
    typed |= {"place": "body", "action": "replace", "replacement": replacement or ""}
    yield from word_filters.told(called, typed, (board,) if board else None, report)


def log_entry(document: Document) -> OldLogEntry:
    """LynxChan's log was public, names and all. Raises ValueError: it says nothing."""
    return logs.entry(
        board=line(document.get("boardUri")),
        created_s=seconds(document.get("time")) or _made_s(document),
        made_by=unescaped(line(document.get("user"))),
        told=unescaped(line(document.get("description"))) or "",
        was_told="with_names",
    )


def account(document: Document, staff_of: Mapping[str, Mapping[str, OldGrant]]) -> OldAccount:
    """`staff_of` {board: {account: its role there}}. Raises ValueError: it has none anywhere.

    SECURITY: whoever has a role on one board has none on another.
    """
    name, role = line(document.get("login")) or "", whole(document.get("globalRole"))
    grants = [staff[name] for staff in staff_of.values() if name in staff]
    if role in _ROLES:
        grants.insert(0, OldGrant(_ROLES[role], None))
    if not grants:
        raise ValueError("it has no role")
    rounds = _ROUNDS.get(str(document.get("passwordMethod")))
    salt, hashed = said(document.get("passwordSalt")), said(document.get("password"))
    if rounds is None or salt is None or hashed is None:
        raise ValueError("its password is of another kind, and it needs an invitation")
    return OldAccount(
        name=name,
        password_hash=f"{LYNXCHAN}{rounds}${salt}${hashed}",
        grants=tuple(grants),
    )


def staff_of(board: Document) -> dict[str, OldGrant]:
    """{account: its role} of a document of `boards`."""
    name, owner = str(board["boardUri"]), line(board.get("owner"))
    staff = {each: OldGrant("moderator", name) for each in words(board.get("volunteers"))}
    return staff | ({owner: OldGrant("owner", name)} if owner else {})


def pages(board: Document) -> Iterator[OldPage]:
    """What stands above the threads of a board, and its rules."""
    name = str(board["boardUri"])
    if above := with_our_line_ends(said(board.get("boardMessage")) or ""):
        yield OldPage(board=name, name="announcement", title=name, body=above)
    if rules := [unescaped(line(rule)) or "" for rule in words(board.get("rules"))]:
        body = "\n".join(f"{number}. {rule}" for number, rule in enumerate(rules, start=1))
        yield OldPage(board=name, name="rules", title="Rules", body=body)


def _made_s(document: Document) -> int:
    """Where it does not say, its number does."""
    known_as = document.get("_id")
    return int(known_as.generation_time.timestamp()) if isinstance(known_as, ObjectId) else 0
