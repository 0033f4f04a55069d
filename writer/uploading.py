"""A form's files -> pictures that may be served, or files that wait, in the upload store."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imageboard.cloaks import Address
from imageboard.errors import StoreUnavailable
from imageboard.post_rules import Draft, NewFile, keeps_file_names
from imageboard.settings import BoardSettings
from imageboard.store.uploads import UploadStore
from writer.forms import Form, SpooledFile
from writer.media.darkroom import Darkroom, DevelopedImage, OpenedFile
from writer.turns import FileTurns

_ENDING = re.compile(r"(?<=.)\.(?=[0-9]*[a-z])[a-z0-9]{1,10}\Z", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where files go on their way from a form to a post."""

    darkroom: Darkroom
    uploads: UploadStore
    turns: FileTurns

    def store(
        self, files: Sequence[SpooledFile], draft: Draft, settings: BoardSettings
    ) -> tuple[NewFile, ...]:
        """Reads the files of a draft and stores them, all or none. Raises what Darkroom.receive
        raises.
        """
        sent: list[bytes] = []

        def reckon() -> None:
            sent[:] = [_sha256(file.path) for file in files]

        # PERF: the darkroom would only be waited for: 0.2 ms of a photograph, 2.2 of a film.
        seen = self.darkroom.receive(
            [file.path for file in files], settings=settings, meanwhile=reckon
        )
        names = self.uploads.take_all(
            [
                each.parts if isinstance(each, DevelopedImage) else (file.path,)
                for file, each in zip(files, seen, strict=True)
            ]
        )
        keeps_names = keeps_file_names(draft, settings)
        return tuple(
            _new_file(name, file.name if keeps_names else _ending_of(file), each)._replace(
                is_spoiler=draft.is_spoiler or offered.is_spoiler,
                sent_sha256=sent_sha256,
                alt=offered.alt or None,
            )
            for name, file, each, offered, sent_sha256 in zip(
                names, files, seen, draft.offered, sent, strict=True
            )
        )


@contextmanager
def received(
    receiver: Receiver, form: Form, draft: Draft, settings: BoardSettings, address: Address
) -> Iterator[tuple[NewFile, ...]]:
    """The form's files, read and stored; taken out again when the block (the post) fails.

    Those of a slow kind are stored as they were sent, and pending.

    Raises what Darkroom.receive and FileTurns.taken raise: then none of them is stored.
    """
    stored: tuple[NewFile, ...] = ()
    if form.files:
        with receiver.turns.taken(address):
            stored = receiver.store(form.files, draft, settings)
    try:
        yield stored
    except StoreUnavailable:
        # The connection was lost: the post may be stored after all, and then it needs them.
        # Uploads that no post holds are swept later.
        raise
    except BaseException:
        for new_file in stored:
            receiver.uploads.drop(new_file.stored_as)
        raise


def take(uploads: UploadStore, file_name: str, image: DevelopedImage) -> NewFile:
    """Move a developed picture into the upload store; what a post holds of it."""
    return _new_file(uploads.take(*image.parts), file_name, image)


def _new_file(stored_as: str, file_name: str, seen: DevelopedImage | OpenedFile) -> NewFile:
    """Of a picture, or of a file that waits in the store for the developer."""
    stem, ending = parted(file_name)
    file = NewFile(
        stored_as=stored_as,
        extension=seen.kind.extension(ending),
        thumb_extension=None,
        original_name=stem or "file",
        bytes=seen.bytes,
        width=None,
        height=None,
        thumb_width=None,
        thumb_height=None,
        md5=seen.md5,
        sha256=seen.sha256,
        is_spoiler=False,
    )
    if isinstance(seen, OpenedFile):
        return file._replace(is_pending=True)
    return file._replace(
        thumb_extension=seen.thumb_extension,
        width=seen.width or None,
        height=seen.height or None,
        thumb_width=seen.thumb_width,
        thumb_height=seen.thumb_height,
        duration_ms=seen.duration_ms,
        has_sound=seen.has_sound,
        codecs=seen.codecs,
        likeness=seen.likeness,
        colour=seen.colour,
        dense_extension=seen.dense_extension,
    )


def _ending_of(file: SpooledFile) -> str:
    """'holiday.jpeg' -> 'file.jpeg'."""
    return f"file{parted(file.name)[1]}"


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def parted(file_name: str) -> tuple[str, str]:
    """'Cat.JPEG' -> ('Cat', '.jpeg'). An ending has a letter: 'Screen 12.45.10' -> (that, '')."""
    ending = _ENDING.search(file_name)
    if ending is None:
        return file_name, ""
    return file_name[: ending.start()], ending[0].lower()
