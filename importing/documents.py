"""Fields of documents, whatever JavaScript made of them; and posts in an order that is quick.

What was meant as a number may be a double, and what was meant as yes or no a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bson.datetime_ms import DatetimeMS

from importing.bson_dump import Collections, Document
from importing.records import BrokenFiles, OldAppeal, OldPost, Other
from importing.report import Report

#: Numbers of posts and seconds are below.
_NUMBERS_END = 2**32
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
#: Of posts that are held, to be stored board by board.
_HELD_MAX = 10_000


def whole(value: object) -> int | None:
    """12 and 12.0 -> 12"""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == value // 1 else None


def number(document: Document, name: str) -> int:
    """Of a post, or when it was made. Raises ValueError."""
    value = document.get(name)
    found = seconds(value) if isinstance(value, DatetimeMS) else whole(value)
    if found is None or not 0 < found < _NUMBERS_END:
        raise ValueError(f"its {name} is no number")
    return found


def seconds(value: object) -> int | None:
    """Unix seconds of a moment; None: it is none."""
    if not isinstance(value, DatetimeMS):
        return None
    found = int(value) // 1000
    return found if 0 <= found < _NUMBERS_END else None


def said(value: object) -> str | None:
    """A text as the database can hold it; None: there is none, or nothing in it."""
    return value.replace("\0", "") or None if isinstance(value, str) else None


def line(value: object) -> str | None:
    """The same without line ends."""
    return " ".join((said(value) or "").split()) or None


def with_our_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "")


def of_somebody(address: str | None) -> str | None:
    """None of what everybody has who came through Tor, or whose server forgot to say."""
    return None if address in ("127.0.0.1", "::1", "0.0.0.0", "::") else address  # noqa: S104


def part(value: object) -> Document:
    """A document within one; an empty one, where something else stands."""
    return value if isinstance(value, dict) else {}


def parts(value: object) -> list[Document]:
    """Documents of a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def words(value: object) -> list[str]:
    """Texts of a list."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def by_boards(posts: Iterable[OldPost]) -> Iterator[OldPost]:
    """The same posts, those of a board after one another as far as so many can be held.

    A collection has the posts of all boards in the order in which they were made: of twenty boards
    hardly two that follow one another are of one, and each step of the loader would be a post.
    """
    held: dict[str, list[OldPost]] = {}
    count = 0
    for post in posts:
        held.setdefault(post.board, []).append(post)
        count += 1
        if count == _HELD_MAX:
            most = max(held.values(), key=len)
            count -= len(most)
            yield from held.pop(most[0].board)
    for board in held.values():
        yield from board


def posts_of(
    documents: Iterable[Document],
    board: str,
    reader_of: Callable[[str], Callable[[Document], OldPost] | None],
    where: Callable[[Document], str],
    report: Report,
) -> Iterator[OldPost]:
    """Those of boards that have a reader; `board` is the field that names theirs."""
    for document in documents:
        read = reader_of(str(document.get(board)))
        if read is None:
            report.trouble("its board is not in the dump", where(document))
            continue
        try:
            yield _post(read, document, where, report)
        except ValueError as ex:
            report.trouble(f"no post can be made of it: {ex}", where(document))


def _post(
    read: Callable[[Document], OldPost],
    document: Document,
    where: Callable[[Document], str],
    report: Report,
) -> OldPost:
    try:
        return read(document)
    except BrokenFiles:
        post = read({**document, "files": []})
        report.trouble(BrokenFiles.told, where(document))
        return post


def others_of(
    collections: Collections,
    readers: Mapping[str, Callable[[Document], Other]],
    report: Report,
    known_as: Callable[[Document], object] = lambda document: document.get("_id"),
) -> Iterator[tuple[str, Other]]:
    """What is no post, {collection: its reader}, each with what it is called there."""
    for name, read in readers.items():
        for document in collections.documents(name):
            called = str(known_as(document))
            try:
                yield called, read(document)
            except ValueError as ex:
                report.trouble(f"of {name}: {ex}", f"{name} {called}")


def appeals_of(
    collections: Collections, read: Callable[[Document], OldAppeal | None]
) -> Iterator[tuple[str, Other]]:
    """They stand in the bans that they are against."""
    for document in collections.documents("bans"):
        if (appeal := read(document)) is not None:
            yield appeal.ban, appeal


def boards_of(collections: Collections, name: str) -> Iterator[Document]:
    """Those that have one, in the field `name`."""
    for document in collections.documents("boards"):
        if isinstance(document.get(name), str):
            yield document


def left_behind_of(collections: Collections, whys: Mapping[str, str]) -> dict[str, str]:
    """{why nothing comes of it: a collection that there is}"""
    return {why: name for name, why in whys.items() if collections.has(name)}


def first_of(value: object, *names: str) -> Any:
    """What the first of these fields has that there is, of several that versions had."""
    document = part(value)
    return next((document[name] for name in names if document.get(name) is not None), None)


def size_of(document: Document, width: str, height: str) -> tuple[int | None, int | None]:
    """Both, or neither."""
    size = whole(document.get(width)), whole(document.get(height))
    return size if size[0] and size[1] and min(size[0], size[1]) > 0 else (None, None)


def stem_of(name: str, extension: str) -> str:
    """'gradient.bmp.png' -> 'gradient.bmp'"""
    if name.lower().endswith(extension):
        return name[: -len(extension)]
    stem, dot, _ = name.rpartition(".")
    return stem if dot else name


def slug_of(name: str) -> str | None:
    """'Lake 1' -> 'lake-1': what a flag of this name is called here; None: it can't be called."""
    slug = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:32]
    return slug if _SLUG.fullmatch(slug) else None
