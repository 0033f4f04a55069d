"""The table of media: what everybody else reads from it can be relied on."""

from __future__ import annotations

import re
from pathlib import Path

from imageboard import media_kinds, served_kinds
from imageboard.media_kinds import BY_NAME, KINDS, SERVED

ROOT = Path(__file__).parents[2]


def test_a_name_and_an_ending_belong_to_one_kind() -> None:
    endings = [ending for kind in KINDS for ending in kind.endings]
    assert len(BY_NAME) == len(KINDS)
    assert len(set(endings)) == len(endings)


def test_an_ending_is_one_that_the_database_takes() -> None:
    (taken,) = set(
        re.findall(r"extension ~ '(.+?)'", (ROOT / "imageboard/store/schema.sql").read_text())
    )
    kinds = (*KINDS, media_kinds.KEPT)
    assert all(re.fullmatch(taken, f".{ending}") for kind in kinds for ending in kind.endings)


def test_what_is_only_kept_is_no_kind_that_anybody_meets_otherwise() -> None:
    assert not set(media_kinds.KEPT.endings) & set(media_kinds.BY_ENDING)
    served = served_kinds.served(f"b/src/1700000000000-1.{media_kinds.KEPT.endings[0]}")
    assert served is not None
    assert (served.content_type, served.sort) == (
        "application/octet-stream",
        served_kinds.Sort.DOWNLOAD,
    )


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


def test_what_becomes_another_kind_becomes_one_that_is_served_and_looks_like_it() -> None:
    for kind in KINDS:
        if kind.becomes is not None:
            other = BY_NAME[kind.becomes]
            assert other in SERVED
            assert kind not in SERVED
            assert (other.is_picture, other.is_played) == (kind.is_picture, kind.is_played)


def test_what_is_accepted_is_named_once_and_without_its_charset() -> None:
    types = media_kinds.accepted_types(KINDS)
    assert len(types) == len(set(types))
    assert all(";" not in name for name in types)


def test_a_picture_is_never_slow_and_nothing_is_slow_today() -> None:
    """A page is made of pictures that are there. With a slow kind `up` runs a program more."""
    assert not any(kind.is_picture and kind.is_slow for kind in KINDS)
    assert not media_kinds.HAS_SLOW


def test_titles_are_listed_as_people_say_it() -> None:
    def said(*names: str) -> str:
        return media_kinds.titles(media_kinds.ONE_OF, [BY_NAME[name] for name in names]).said()

    assert said("jpeg", "png", "gif") == "JPEG, PNG or GIF"
    assert said("jpeg", "png") == "JPEG or PNG"
    assert (said("webm"), said()) == ("WebM", "")


def test_the_book_of_settings_names_every_kind() -> None:
    book = " ".join((ROOT / "docs/settings.md").read_text().split())
    usual = media_kinds.titles(media_kinds.ALL_OF, media_kinds.taken(media_kinds.USUAL))
    assert f"{usual} are taken" in book
    assert all(kind.title in book for kind in KINDS)
