"""Documents and archives: kept as they were sent, where a board takes them, for readers to save."""

from __future__ import annotations

import io
import zipfile
from struct import pack

import pytest

from imageboard.errors import FileRefused
from imageboard.media_kinds import BY_NAME
from tests.tables import for_each
from tests.writer.media import hostile
from tests.writer.media.conftest import Develop

EVERY_KIND = " ".join(BY_NAME)


def an_epub() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr("book.opf", "<package/>" * 20)
    return body.getvalue()


def a_7z() -> bytes:
    """Its header, packed bytes, and a list of files."""
    packed, listed = bytes(range(200)), b"\1\4\6\0"
    header = b"7z\xbc\xaf\x27\x1c\0\4" + bytes(4) + pack("<QQL", len(packed), len(listed), 0)
    return header + packed + listed


A_PDF = b"%PDF-1.7\n" + b"1 0 obj <<>> endobj\n" * 40 + b"trailer <<>>\n%%EOF\n"
A_TEXT = "Grüße, 世界!\r\n\tAnd <script>alert(1)</script>.\f\n".encode()
DOWNLOADS = {
    "pdf": A_PDF,
    "epub": an_epub(),
    "zip": hostile.a_zip(),
    "seven_zip": a_7z(),
    "txt": A_TEXT,
}


@for_each(("kind", "data"), DOWNLOADS.items())
def test_a_document_is_kept_as_it_was_sent(develop: Develop, kind: str, data: bytes) -> None:
    made = develop(data, file_kinds=EVERY_KIND)
    assert made.original.read_bytes() == data
    assert (made.kind.name, made.thumbnail, made.duration_ms) == (kind, None, None)


@for_each(("kind", "data"), DOWNLOADS.items())
def test_no_board_takes_documents_that_has_not_asked_for_them(
    develop: Develop, kind: str, data: bytes
) -> None:
    with pytest.raises(FileRefused, match=rf"The file is {BY_NAME[kind].title}\. JPEG"):
        develop(data)


def an_epub_with_notes() -> bytes:
    """As Info-ZIP packs it unless it is told otherwise: when the file was last changed is noted."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as book:
        first = zipfile.ZipInfo("mimetype")
        first.extra = b"UT\5\0\3\0\0\0\0"
        book.writestr(first, "application/epub+zip")
        book.writestr("book.opf", "<package/>")
    return body.getvalue()


@for_each(
    ("kind", "data"),
    [
        ("pdf", b"\r\n" + A_PDF),
        ("pdf", b"\xef\xbb\xbf" + A_PDF),
        ("pdf", A_PDF + bytes(4096)),
        ("epub", an_epub_with_notes()),
        ("txt", b"\x1b[31mred\x1b[0m\r\n"),
    ],
)
def test_a_document_that_readers_open_all_the_same_is_kept(
    develop: Develop, kind: str, data: bytes
) -> None:
    made = develop(data, file_kinds=EVERY_KIND)
    assert (made.kind.name, made.original.read_bytes()) == (kind, data)


@for_each("kind", ["pdf", "epub", "zip", "seven_zip"])
def test_a_document_that_did_not_arrive_whole_is_refused(develop: Develop, kind: str) -> None:
    data = DOWNLOADS[kind]
    with pytest.raises(FileRefused, match="damaged or did not arrive whole"):
        develop(data[: len(data) * 2 // 3], file_kinds=EVERY_KIND)


def test_an_archive_has_nothing_behind_its_end(develop: Develop) -> None:
    with pytest.raises(FileRefused, match="damaged or did not arrive whole"):
        develop(hostile.a_zip() + b"more", file_kinds=EVERY_KIND)


@for_each(
    "data",
    [b"\xffplain", b"A line.\n" * 200 + b"\x93\xfa\x96\x7b", b"A line.\n" * 200 + b"\0"],
    ids=["Latin-1", "Shift JIS later on", "a zero later on"],
)
def test_text_that_is_no_utf8_is_refused(develop: Develop, data: bytes) -> None:
    with pytest.raises(FileRefused, match=r"not in UTF-8|of no kind"):
        develop(data, file_kinds=EVERY_KIND)


def test_words_are_told_from_other_kinds_by_all_of_a_character(develop: Develop) -> None:
    """The first bytes may end within one."""
    data = "世".encode() * 1000
    assert develop(data, file_kinds="txt").bytes == len(data)


def test_a_page_or_a_drawing_is_plain_text_where_texts_are_taken(develop: Develop) -> None:
    for data in (hostile.SVG, hostile.HTML):
        assert develop(data, file_kinds=EVERY_KIND).kind.content_type == "text/plain; charset=utf-8"
