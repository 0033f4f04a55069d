"""What staff make of a post's words, and what they were before. Pure; the store keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from imageboard import markup, plain_text, tripcodes
from imageboard.boards import Board
from imageboard.errors import BadField
from imageboard.fields import TEXT_FIELDS
from imageboard.words import N_, NN_

#: Of one post: each is kept whole.
VERSIONS_MAX = 50


class Written(NamedTuple):
    """The words of a post that staff can change."""

    #: None: the board's anonymous name.
    name: str | None
    subject: str | None
    body: str


class Version(NamedTuple):
    """What a post said before somebody changed it."""

    written: Written
    #: Who changed it, and when (Unix seconds).
    by: str
    at_s: int


def read(typed: Mapping[str, str], was: Written, board: Board, *, names_too: bool) -> Written:
    """What the form makes of a post; of a name only where that may be changed (`names_too`).

    Raises BadField: longer than posts of the board are.
    """
    texts: dict[str, str] = {}
    for field in TEXT_FIELDS:
        if field.name in Written._fields:
            text, chars_max = field.read(typed), field.chars_max(board.settings)
            if len(text) > chars_max:
                raise BadField(
                    NN_(
                        "The {label} is too long: {count} character, {chars_max} at most.",
                        "The {label} is too long: {count} characters, {chars_max} at most.",
                    ),
                    field=field.name,
                    label=field.in_sentence,
                    count=len(text),
                    chars_max=chars_max,
                )
            texts[field.name] = text
    return Written(
        name=_name(texts["name"], board) if names_too else was.name,
        subject=_if_shown(texts["subject"]),
        body=texts["body"] if plain_text.shows_anything(texts["body"]) else "",
    )


def quotes(body: str, board: Board) -> list[tuple[str, int]]:
    """(board, number) of the posts that it quotes, each once."""
    tree = markup.parse(body, board.settings.marking)
    found = ((quote.board or board.name, quote.no) for quote in markup.quoted(tree))
    return list(dict.fromkeys(found))


def as_kept(version: Version) -> dict[str, Any]:
    return version.written._asdict() | {"by": version.by, "at_s": version.at_s}


def as_read(kept: Mapping[str, Any]) -> Version:
    written = Written(*(kept[name] for name in Written._fields))
    return Version(written, kept["by"], kept["at_s"])


def _name(typed: str, board: Board) -> str | None:
    """Its tripcode stays as it is: a name has no secret here. Raises BadField."""
    name, tripcode = tripcodes.split_name(typed, tripcodes.Salt(""))
    if tripcode is not None:
        raise BadField(N_("A name that staff type has no secret: leave the # out."), field="name")
    return None if name == board.settings.anonymous_name else _if_shown(name)


def _if_shown(text: str) -> str | None:
    return text if plain_text.shows_anything(text) else None
