"""The table of media: what everybody else reads from it can be relied on."""

from __future__ import annotations

import re
from pathlib import Path

from imageboard import media_kinds
from imageboard.media_kinds import BY_NAME, KINDS

ROOT = Path(__file__).parents[2]


def test_a_name_and_an_ending_belong_to_one_kind() -> None:
    endings = [ending for kind in KINDS for ending in kind.endings]
    assert len(BY_NAME) == len(KINDS)
    assert len(set(endings)) == len(endings)


def test_an_ending_is_one_that_the_database_takes() -> None:
    (taken,) = set(
        re.findall(r"extension ~ '(.+?)'", (ROOT / "imageboard/store/schema.sql").read_text())
    )
    assert all(re.fullmatch(taken, f".{ending}") for kind in KINDS for ending in kind.endings)


def test_a_picture_has_a_thumbnail_and_is_shown() -> None:
    assert all(kind.has_thumbnail and not kind.is_download for kind in KINDS if kind.is_picture)
    assert all(kind.content_type.startswith("image/") == kind.is_picture for kind in KINDS)


def test_the_ending_is_the_senders_where_it_is_true() -> None:
    jpeg = BY_NAME["jpeg"]
    assert [jpeg.extension(sent) for sent in (".jpeg", ".jpg", ".png", "")] == [
        ".jpeg",
        ".jpg",
        ".jpg",
        ".jpg",
    ]


def test_a_picture_is_never_slow_and_nothing_is_slow_today() -> None:
    """A page is made of pictures that are there. With a slow kind `up` runs a program more."""
    assert not any(kind.is_picture and kind.is_slow for kind in KINDS)
    assert not media_kinds.HAS_SLOW


def test_titles_are_listed_as_people_say_it() -> None:
    *others, last = (kind.title for kind in KINDS)
    said = media_kinds.titles(media_kinds.ONE_OF).said()
    assert said.startswith("JPEG, PNG, GIF, ")
    assert said == f"{', '.join(others)} or {last}"


def test_the_book_of_settings_names_every_kind() -> None:
    assert (
        f"{media_kinds.titles(media_kinds.ALL_OF)} are taken"
        in (ROOT / "docs/settings.md").read_text()
    )
