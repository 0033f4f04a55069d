"""Bans, appeals, reports, accounts, news and pages -> records."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping

from importing import logs
from importing.bson_dump import Document
from importing.documents import line, part, parts, said, seconds, whole, words
from importing.jschan.posts import address_of
from importing.jschan.text import as_markdown
from importing.records import (
    OldAccount,
    OldAppeal,
    OldBan,
    OldGrant,
    OldLogEntry,
    OldNews,
    OldPage,
    OldReport,
)

_PAGE = re.compile(r"[a-z][a-z0-9_-]{0,31}")
#: {range of a ban: bits of an IPv4 and of an IPv6 address} (lib/middleware/ip/processip.js).
_BITS = {0: (32, 128), 1: (24, 64), 2: (16, 48)}
#: Bits of permissions that make a role here (lib/permission/permissions.js).
_ROOT, _GLOBAL_STAFF, _GLOBAL_ACCOUNTS, _BOARD_OWNER, _BOARD_STAFF = 0, 11, 16, 20, 21


def ban(document: Document, addresses: Mapping[str, str]) -> OldBan:
    """`addresses` of cloaks, as far as posts know them. Raises ValueError: it hits nobody."""
    ip = document.get("ip")
    told = _network(address_of(ip), document) or _network(_behind(ip, addresses), document)
    if told is None:
        raise ValueError("its address is hidden, and no post knows it")
    return OldBan(
        first=told.network_address.packed,
        last=told.broadcast_address.packed,
        board=line(document.get("board")),
        reason=line(document.get("reason")) or "",
        made_by=line(document.get("issuer")),
        created_s=seconds(document.get("date")) or 0,
        expires_s=seconds(document.get("expireAt")),
        is_seen=document.get("seen") is True,
    )


def appeal(ban: Document) -> OldAppeal | None:
    """Of a ban: what was asked of staff. Who denies it takes away that it may be asked."""
    body = line(ban.get("appeal"))
    if body is None:
        return None
    return OldAppeal(
        ban=str(ban.get("_id")),
        body=body,
        is_denied=ban.get("allowAppeal") is False,
        created_s=seconds(ban.get("date")) or 0,
    )


def hidden_cloak(document: Document) -> str | None:
    """Of a ban: that of which an address is wanted. None: it says its address."""
    ip = document.get("ip")
    cloak = line(part(ip).get("cloak"))
    return cloak if _network(address_of(ip), document) is None else None


def _behind(ip: object, addresses: Mapping[str, str]) -> str | None:
    cloak = line(part(ip).get("cloak"))
    return addresses.get(cloak) if cloak else None


def _network(
    address: str | None, document: Document
) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        hit = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    bits = _BITS.get(whole(document.get("range")) or 0, _BITS[0])
    return ipaddress.ip_network((hit, bits[hit.version == 6]), strict=False)


def reports(document: Document) -> Iterator[tuple[str, OldReport]]:
    """Of a post, to its board and to the site, each with what it is called."""
    no = whole(document.get("postId")) or 0
    for kind in ("reports", "globalreports"):
        for report in parts(document.get(kind)):
            name = str(report.get("id") or f"{document.get('_id')}/{report.get('date')}")
            yield (
                f"{kind}/{name}",
                OldReport(
                    board=str(document.get("board")),
                    no=no,
                    reason=line(report.get("reason")) or "",
                    address=address_of(report.get("ip")),
                    created_s=seconds(report.get("date")) or 0,
                ),
            )


def account(document: Document, staff_of: Mapping[str, Mapping[str, OldGrant]]) -> OldAccount:
    """`staff_of` {board: {account: its role there}}. Raises ValueError: it has none anywhere.

    SECURITY: whoever has a role on one board has none on another; what our roles may do is no more
    than what theirs could.
    """
    name, permissions = str(document.get("_id")), _bits(document.get("permissions"))
    grants = [staff[name] for staff in staff_of.values() if name in staff]
    if permissions & {_ROOT, _GLOBAL_ACCOUNTS}:
        grants = [OldGrant("admin", None)]
    elif _GLOBAL_STAFF in permissions:
        grants.insert(0, OldGrant("moderator", None))
    if not grants:
        raise ValueError("it has no role")
    password_hash = said(document.get("passwordHash"))
    if password_hash is None:
        raise ValueError("it has no password, and needs an invitation")
    return OldAccount(name=name, password_hash=password_hash, grants=tuple(grants))


def staff_of(board: Document) -> dict[str, OldGrant]:
    """{account: its role} of a document of `boards`."""
    name, owner = str(board["_id"]), line(board.get("owner"))
    staff = {
        each: OldGrant(_role(told) or "moderator", name)
        for each, told in part(board.get("staff")).items()
        if _role(told) is not None
    }
    # Versions that knew no permissions named moderators in the settings.
    for each in words(part(board.get("settings")).get("moderators")):
        staff.setdefault(each, OldGrant("moderator", name))
    return staff | ({owner: OldGrant("owner", name)} if owner else {})


def _role(staff: object) -> str | None:
    bits = _bits(part(staff).get("permissions"))
    if _BOARD_OWNER in bits:
        return "owner"
    return "moderator" if _BOARD_STAFF in bits else None


def _bits(permissions: object) -> set[int]:
    """b'\\x84' -> {0, 5}: the first bit of a byte is its highest (the package big-bitfield)."""
    if not isinstance(permissions, bytes):
        return set()
    return {
        8 * index + bit
        for index, byte in enumerate(permissions[:64])
        for bit in range(8)
        if byte & 128 >> bit
    }


def log_entry(document: Document) -> OldLogEntry:
    """jschan's log was public. Raises ValueError: it says nothing."""
    actions = words(document.get("actions")) or [line(document.get("actions")) or ""]
    links = parts(document.get("postLinks"))
    # Before links it noted numbers alone.
    listed = document.get("postIds")
    posts = [link.get("postId") for link in links] + (listed if isinstance(listed, list) else [])
    nos = [no for each in posts if (no := whole(each)) is not None]
    told = [", ".join(filter(None, actions)), *(f"No.{no}" for no in nos)]
    if message := line(document.get("message")):
        told.append(f"({message})")
    return logs.entry(
        board=line(document.get("board")),
        created_s=seconds(document.get("date")) or 0,
        made_by=line(document.get("user")),
        told=" ".join(filter(None, told)),
        was_told="with_names" if document.get("showUser") else "without_names",
    )


def news(document: Document) -> OldNews:
    """Raises ValueError: it says nothing."""
    title = line(document.get("title"))
    body = as_markdown(said(part(document.get("message")).get("raw")) or "")
    if not title and not body:
        raise ValueError("it is empty")
    return OldNews(
        title=title or body.splitlines()[0],
        body=body,
        created_s=seconds(document.get("date")) or 0,
        made_by=None,
    )


def page(document: Document) -> OldPage:
    """Raises ValueError: it would have no address here."""
    name = (line(document.get("page")) or "").lower()
    if not _PAGE.fullmatch(name):
        raise ValueError("its name is none that a page may have")
    return OldPage(
        board=line(document.get("board")),
        name=name,
        title=line(document.get("title")) or name,
        body=as_markdown(said(part(document.get("message")).get("raw")) or ""),
    )


def announcement(board: Document) -> OldPage | None:
    """What stands above the threads of a board."""
    settings = part(board.get("settings"))
    body = as_markdown(said(part(settings.get("announcement")).get("raw")) or "")
    name = str(board["_id"])
    return OldPage(board=name, name="announcement", title=name, body=body) if body else None
