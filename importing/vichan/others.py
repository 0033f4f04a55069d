"""Bans, reports, accounts and all else that is no post -> records."""

from __future__ import annotations

import html
import ipaddress
import re

from importing import logs
from importing.records import (
    OldAccount,
    OldAppeal,
    OldBan,
    OldGrant,
    OldLogEntry,
    OldNews,
    OldNote,
    OldPage,
    OldReport,
)
from importing.vichan.charsets import text
from importing.vichan.tables import Fields
from importing.vichan.text import from_html

#: {vichan's type: our role}
_ROLES = {10: "janitor", 20: "moderator", 30: "admin"}
_PAGE = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_ADDRESS_BYTES = (4, 16)


def ban(row: Fields, accounts: dict[int, str]) -> OldBan:
    """Raises ValueError: it says nobody that it hits."""
    first, last = _hit(row)
    if len(first) not in _ADDRESS_BYTES or len(last) != len(first) or last < first:
        raise ValueError("it hits no address")
    creator = _whole(row["creator"] or row["mod"])
    return OldBan(
        first=first,
        last=last,
        board=text(row["board"]) if row["board"] else None,
        reason=_line(from_html(text(row["reason"] or b""))),
        made_by=accounts.get(creator) if creator is not None else None,
        created_s=_whole(row["created"] or row["set"]) or 0,
        expires_s=_whole(row["expires"]),
        is_seen=bool(_whole(row["seen"])),
    )


def _hit(row: Fields) -> tuple[bytes, bytes]:
    """First and last address, packed; of Tinyboard's text '192.0.*' or '192.0.2.0/24' too.

    Raises ValueError.
    """
    if row["ip"] is None:
        first = row["ipstart"] or b""
        return first, row["ipend"] or first
    spelled = text(row["ip"]).strip()
    if spelled.endswith(".*"):
        fixed = spelled.rstrip(".*").split(".")
        spelled = f"{'.'.join((fixed + ['0'] * 4)[:4])}/{8 * len(fixed)}"
    try:
        network = ipaddress.ip_network(spelled, strict=False)
    except ValueError:
        raise ValueError("it hits no address") from None
    return network[0].packed, network[-1].packed


def appeal(row: Fields) -> OldAppeal:
    return OldAppeal(
        ban=text(row["ban_id"] or b""),
        body=text(row["message"] or b"").strip(),
        is_denied=bool(_whole(row["denied"])),
        created_s=_whole(row["time"]) or 0,
    )


def note(row: Fields, accounts: dict[int, str]) -> OldNote:
    made_by = _whole(row["mod"])
    return OldNote(
        address=text(row["ip"] or b"").strip(),
        note=_line(from_html(text(row["body"] or b""))),
        made_by=accounts.get(made_by) if made_by is not None else None,
        created_s=_whole(row["time"]) or 0,
    )


def report(row: Fields) -> OldReport:
    """Raises ValueError."""
    no = _whole(row["post"])
    if no is None or not row["board"]:
        raise ValueError("it names no post")
    return OldReport(
        board=text(row["board"]),
        no=no,
        reason=_line(html.unescape(text(row["reason"] or b""))),
        address=text(row["ip"] or b"") or None,
        created_s=_whole(row["time"]) or 0,
    )


def account(row: Fields) -> OldAccount:
    """`boards` '*' are all. Raises ValueError: it has no role that we have."""
    role = _ROLES.get(_whole(row["type"]) or 0)
    if role is None:
        raise ValueError("its type is none of vichan's own")
    spelled, salt = text(row["password"] or b""), text(row["version"] or b"")
    boards = text(row["boards"] or b"").strip()
    return OldAccount(
        name=text(row["username"] or b""),
        # Version 0 (its `version` is the salt): sha256(salt . sha1(password)).
        password_hash=spelled if spelled.startswith("$") else f"$vichan0${salt}${spelled}",
        grants=(
            (OldGrant(role, None),)
            if boards == "*"
            else tuple(OldGrant(role, name) for name in boards.split(",") if name)
        ),
    )


def log_entry(row: Fields, accounts: dict[int, str], was_told: str) -> OldLogEntry:
    """Whoever is in no account any more was one of the staff.

    Raises ValueError: it says nothing.
    """
    made_by = _whole(row["mod"])
    return logs.entry(
        board=text(row["board"] or b""),
        created_s=_whole(row["time"]) or 0,
        # Without a number it was a poster, or vichan itself.
        made_by=accounts.get(made_by, "") if made_by is not None and made_by > 0 else None,
        told=from_html(text(row["text"] or b""), {}),
        was_told=was_told,
    )


def news(row: Fields) -> OldNews:
    """Raises ValueError: it says nothing."""
    title = _line(html.unescape(text(row["subject"] or b"")))
    body = from_html(text(row["body"] or b"")).strip()
    if not title and not body:
        raise ValueError("it is empty")
    return OldNews(
        title=title or body.splitlines()[0],
        body=body,
        created_s=_whole(row["time"]) or 0,
        made_by=_line(text(row["name"] or b"")) or None,
    )


def page(row: Fields) -> OldPage:
    """Raises ValueError: it would have no address here."""
    name = text(row["name"] or b"").strip().lower()
    if not _PAGE.fullmatch(name):
        raise ValueError("its name is none that a page may have")
    content = text(row["content"] or b"")
    is_markdown = text(row["type"] or b"").lower() == "markdown"
    return OldPage(
        board=text(row["board"]) if row["board"] else None,
        name=name,
        title=_line(text(row["title"] or b"")) or name,
        body=content if is_markdown else from_html(content).strip(),
    )


def _line(said: str) -> str:
    return " ".join(said.split())


def _whole(value: bytes | None) -> int | None:
    try:
        return int(value) if value is not None else None
    except ValueError:
        return None
