"""The upload store: the master copies of posters' files, from which the web root is filled.

A file is put here under a random name before its post is stored, so a crash in between leaves
an upload without a post (swept later), never a post without its file.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from imageboard.parts import Part

_NAME = re.compile(r"[0-9a-f]{32}")
#: How the files of a name end, as a regular expression.
PARTS = "|".join(map(re.escape, Part))

#: Folders of the store, by the first two digits of a name.
SHARDS = 256


class UploadStore:
    """A folder with a file to a name for each part: the image, its thumbnail where it has one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def original(self, name: str) -> Path:
        return self.path_of(name, Part.ORIGINAL)

    def thumbnail(self, name: str) -> Path:
        return self.path_of(name, Part.THUMBNAIL)

    def path_of(self, name: str, part: Part) -> Path:
        assert _NAME.fullmatch(name), "a name of the upload store"
        return self._folder / name[:2] / f"{name}{part}"

    def take(self, *parts: Path | None) -> str:
        """Move a file's parts in, in the order of `Part`, durably, and return their name."""
        (name,) = self.take_all([parts])
        return name

    def take_all(self, files: Sequence[Sequence[Path | None]]) -> list[str]:
        """Move the files of one post in, each with all its parts, and return their names.

        All of them, or none. They share a folder, which is flushed once for all.
        """
        names = new_names(len(files))
        moves: list[tuple[Path, Path]] = []
        for name, parts in zip(names, files, strict=True):
            # Of many there is no more than the first.
            for part, source in zip(Part, parts, strict=False):
                if source is not None:
                    moves.append((source, self.path_of(name, part)))
        try:
            for source, place in moves:
                place.parent.mkdir(parents=True, exist_ok=True)
                with source.open("rb") as file:
                    os.fsync(file.fileno())
                source.replace(place)
            if moves:
                _sync_folder(moves[0][1].parent)
        except BaseException:
            for source, place in moves:
                source.unlink(missing_ok=True)
                place.unlink(missing_ok=True)
            raise
        return names

    def put_back(self, name: str, part: Part, content: BinaryIO) -> None:
        """A file that another store had under this name, durably; it may be there already."""
        place = self.path_of(name, part)
        place.parent.mkdir(parents=True, exist_ok=True)
        coming = place.with_name(f"{place.name}.coming")
        try:
            with coming.open("wb") as file:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
            coming.replace(place)
        except BaseException:
            coming.unlink(missing_ok=True)
            raise
        _sync_folder(place.parent)

    def adopt(self, name: str, original: Path, thumbnail: Path | None) -> None:
        """Take what another board keeps in under a new name, and leave it there as it is.

        Hard links where both are on one disk, else copies. They are on the disk once they are
        flushed. An old file is swept like an upload that nobody claimed: look again once its post
        is stored.
        """
        place = self.original(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        _link_or_copy(original, place)
        if thumbnail is not None:
            _link_or_copy(thumbnail, self.thumbnail(name))

    def flush(self, names: Iterable[str]) -> None:
        """Whatever was adopted under these names outlives a crash."""
        for folder in {self.original(name).parent for name in names}:
            _sync_folder(folder)

    def drop(self, name: str) -> None:
        for part in reversed(Part):
            self.path_of(name, part).unlink(missing_ok=True)

    def older_than(self, age_s: float, shard: int) -> Iterator[str]:
        """Names of uploads that came in that long ago, of one of the SHARDS parts of the store."""
        before = time.time() - age_s
        # By any part: the version before drops the first two, and does not know the third.
        names = {
            path.name.partition(".")[0]
            for path in (self._folder / f"{shard:02x}").glob("*")
            if path.stat().st_mtime < before
        }
        yield from sorted(filter(_NAME.fullmatch, names))


def new_names(count: int) -> list[str]:
    """So many names that nobody has, in one folder: it is flushed once for all of them."""
    shard = secrets.token_hex(1)
    return [shard + secrets.token_hex(15) for _ in range(count)]


def _link_or_copy(source: Path, place: Path) -> None:
    place.unlink(missing_ok=True)
    try:
        # Not of a symlink, whose target may go.
        os.link(source.resolve() if source.is_symlink() else source, place)
    except OSError:
        shutil.copyfile(source, place)
        with place.open("rb") as file:
            os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
