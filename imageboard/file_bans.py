"""Bans of files: by their bytes, or by what they look like. Pure; the store keeps them."""

from __future__ import annotations

from typing import NamedTuple

from imageboard.errors import BadField
from imageboard.likeness import BITS_APART_MAX, BITS_APART_SEARCHED
from imageboard.words import N_


class FileBan(NamedTuple):
    """One that stands."""

    id: int
    #: None: all boards.
    board: str | None
    reason: str
    #: In how many of 64 bits what looks alike may differ; None: the same bytes alone.
    bits_apart_max: int | None
    #: Whoever sends it is banned too, for so many seconds; None: for good.
    bans_poster: bool
    ban_s: int | None
    created_by: str
    #: Unix seconds.
    created_s: int


class BannedFile(NamedTuple):
    """What is kept of the file that a ban is made from."""

    #: SHA-256 as it was sent and as it is served; the same, or nobody knows the first: one.
    hashes: tuple[bytes, ...]
    #: None: it shows nothing that could be alike.
    likeness: int | None


class NewFileBan(NamedTuple):
    """One to be stored."""

    board: str | None
    reason: str
    bits_apart_max: int | None
    bans_poster: bool = False
    ban_s: int | None = None


def read_bits(text: str) -> int | None:
    """'' -> None: the same bytes alone. '10' -> 10. Raises BadField."""
    typed = text.strip()
    if not typed:
        return None
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= 2
    if not is_number or int(typed) > BITS_APART_SEARCHED:
        raise BadField(
            N_("How far may it differ? 0 to {most}; {usual} finds most copies."),
            field="bits",
            most=BITS_APART_SEARCHED,
            usual=BITS_APART_MAX,
        )
    return int(typed)
