"""Pictures of jschan's that belong to no post: flags that posters choose from, and banners."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from importing.bson_dump import Document
from importing.documents import line, part, slug_of, words
from importing.records import OldBanner, OldFlag

_TITLE_CHARS_MAX = 60


def flags(board: Document, static: Path) -> Iterator[OldFlag]:
    """Of a document of `boards`; `static` is the folder of all that jschan serves."""
    name = str(board["_id"])
    for title, file in part(board.get("flags")).items():
        slug = slug_of(title)
        if slug is not None and _is_name(file):
            # Ours are listed with commas between.
            said = (line(title.replace(",", " ")) or slug)[:_TITLE_CHARS_MAX]
            yield OldFlag(
                board=name, name=slug, title=said, path=str(static / "flag" / name / file)
            )


def banners(board: Document, static: Path) -> Iterator[OldBanner]:
    name = str(board["_id"])
    for file in words(board.get("banners")):
        if _is_name(file):
            yield OldBanner(board=name, path=str(static / "banner" / name / file))


def _is_name(told: object) -> bool:
    """SECURITY: nothing leads out of the folder."""
    return isinstance(told, str) and "/" not in told and "\0" not in told and bool(told.strip("."))
