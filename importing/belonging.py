"""What belongs to which boards: of a board that does not come, nothing is given to another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from importing.records import (
    OldAccount,
    OldAppeal,
    OldBan,
    OldBanner,
    OldFileBan,
    OldFlag,
    OldGrant,
    OldLogEntry,
    OldNews,
    OldNote,
    OldPage,
    OldReport,
    OldRule,
    Other,
)
from importing.report import Report


def of_boards(name: str, other: Other, names: Mapping[str, str], report: Report) -> Other | None:
    """As it is of the boards that come, {its name there: its name here}; None, told: of none."""
    kept = _of_boards(other, names)
    if kept is None:
        kind = type(other).__name__.removeprefix("Old").lower()
        report.trouble("its board does not come", f"{kind} {name}")
    return kept


def _of_boards(other: Other, names: Mapping[str, str]) -> Other | None:
    match other:
        case OldReport() | OldFlag() | OldBanner():
            return replace(other, board=names[other.board]) if other.board in names else None
        case OldBan() | OldFileBan() | OldPage() | OldLogEntry():
            if other.board is None:
                return other
            return replace(other, board=names[other.board]) if other.board in names else None
        case OldAccount():
            # SECURITY: whoever looked after another board has no part in one that is called so.
            grants = tuple(
                OldGrant(grant.role, grant.board and names[grant.board])
                for grant in other.grants
                if grant.board is None or grant.board in names
            )
            return replace(other, grants=grants) if grants else None
        case OldRule():
            if other.boards is None:
                return other
            boards = tuple(names[board] for board in other.boards if board in names)
            return replace(other, boards=boards) if boards else None
        case OldNews() | OldNote() | OldAppeal():
            return other
        case _:
            assert_never(other)
