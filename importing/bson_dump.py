"""What mongodump wrote of one database: a folder with a file for each collection.

    posts.bson       its documents, one after the other, each with its length before it
    posts.bson.gz    the same, packed (--gzip)

No more of it is held than a document. `bson`, which comes with pymongo, takes that apart
(https://bsonspec.org/spec.html).
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

import bson
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.errors import BSONError

from imageboard.words import Message
from importing.errors import BadDump, ImportFailed

Document = Mapping[str, Any]

#: MongoDB takes none that is larger, and keeps 16 KiB more for itself:
#: https://www.mongodb.com/docs/manual/reference/limits/ (read 2026-11-29).
DOCUMENT_BYTES_MAX = (16 << 20) + (16 << 10)
_DOCUMENT_BYTES_MIN = 5
_LENGTH = struct.Struct("<i")
_PACKED = ".gz"
_ENDINGS = (".bson", f".bson{_PACKED}")
#: Moments as their number, since Python's end in the year 9999; text that is no UTF-8 with a mark.
DECODED_AS: CodecOptions[Mapping[str, Any]] = CodecOptions(
    document_class=dict,
    datetime_conversion=DatetimeConversion.DATETIME_MS,
    unicode_decode_error_handler="replace",
)


class NoCollection(ImportFailed):
    code = "no_collection"
    message = Message(
        "{folder} holds no {name}.bson: name the folder that mongodump made for the database."
    )
    folder: Path
    name: str


@dataclass
class Collections:
    """Those of one database."""

    #: {'posts': …/posts.bson}
    paths: Mapping[str, Path]
    #: Called with the bytes that were read since the last call.
    on_read: Callable[[int], object] = lambda _bytes: None

    @classmethod
    def in_folder(cls, folder: Path, *, needed: str) -> Self:
        """Of the database's own folder, or of the one that has nothing beside it.

        Raises NoCollection: there is none that is called `needed`.
        """
        for place in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
            paths = {
                path.name.removesuffix(ending): path
                for ending in _ENDINGS
                for path in place.glob(f"*{ending}")
            }
            if needed in paths:
                return cls(paths)
        raise NoCollection(folder=folder, name=needed)

    def documents(self, name: str) -> Iterator[Document]:
        """In the order of the dump; none if there is no such collection. Raises BadDump."""
        path = self.paths.get(name)
        if path is None:
            return
        with _opened(path) as (stream, position):
            told = 0
            for number, document in enumerate(_documents(stream, path.name)):
                if number % 500 == 0:
                    self.on_read(position() - told)
                    told = position()
                yield document
            self.on_read(position() - told)

    def has(self, name: str) -> bool:
        """Whether there is any document of it."""
        return next(self.documents(name), None) is not None

    @property
    def bytes_there(self) -> int:
        return sum(path.stat().st_size for path in self.paths.values())


def _documents(stream: BinaryIO, name: str) -> Iterator[Document]:
    place = 0
    while head := _read(stream, _LENGTH.size, place, name):
        (length,) = _LENGTH.unpack(head.ljust(_LENGTH.size, b"\0"))
        if not _DOCUMENT_BYTES_MIN <= length <= DOCUMENT_BYTES_MAX:
            fault = f"no document of {name} has {length} bytes"
            raise BadDump(place=place, fault=fault)
        whole = head + _read(stream, length - _LENGTH.size, place, name)
        if len(whole) < length:
            raise BadDump(place=place, fault=f"{name} ends within a document")
        try:
            yield bson.decode(whole, DECODED_AS)
        except BSONError as ex:
            fault = f"a document of {name} is damaged ({ex})"
            raise BadDump(place=place, fault=fault) from ex
        place += length


def _read(stream: BinaryIO, size: int, place: int, name: str) -> bytes:
    """So many bytes, or those that are left. Raises BadDump."""
    try:
        return stream.read(size)
    except (OSError, EOFError, zlib.error) as ex:
        raise BadDump(place=place, fault=f"{name} can't be unpacked ({ex})") from ex


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, Callable[[], int]]]:
    """A file, packed or not, and how far it has been read."""
    with path.open("rb") as file:
        if path.suffix != _PACKED:
            yield file, file.tell
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield cast("BinaryIO", unpacked), file.tell
