"""A form's files -> pictures that may be served, or files that wait, in the upload store."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from imageboard.cloaks import Address
from imageboard.errors import StoreUnavailable
from imageboard.post_rules import Draft, NewFile
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

    def store(self, file: SpooledFile, settings: BoardSettings, *, is_spoiler: bool) -> NewFile:
        """Reads a file and stores it. Raises what Darkroom.receive raises."""
        with file.path.open("rb") as sent:
            sent_sha256 = hashlib.file_digest(sent, "sha256").digest()
        seen = self.darkroom.receive(file.path, settings=settings)
        if isinstance(seen, OpenedFile):
            new_file = take_as_sent(self.uploads, file, seen, is_spoiler=is_spoiler)
        else:
            new_file = take(self.uploads, file.name, seen, is_spoiler=is_spoiler)
        return new_file._replace(sent_sha256=sent_sha256)


@contextmanager
def received(
    receiver: Receiver, form: Form, draft: Draft, settings: BoardSettings, address: Address
) -> Iterator[tuple[NewFile, ...]]:
    """The form's files, read and stored; taken out again when the block (the post) fails.

    Those of a slow kind are stored as they were sent, and pending.

    Raises what Darkroom.receive and FileTurns.taken raise: then none of them is stored.
    """
    stored: list[NewFile] = []
    try:
        with receiver.turns.taken(address) if form.files else nullcontext():
            for file, offered in zip(form.files, draft.offered, strict=True):
                is_spoiler = draft.is_spoiler or offered.is_spoiler
                stored.append(receiver.store(file, settings, is_spoiler=is_spoiler))
        yield tuple(stored)
    except StoreUnavailable:
        # The connection was lost: the post may be stored after all, and then it needs them.
        # Uploads that no post holds are swept later.
        raise
    except BaseException:
        for new_file in stored:
            receiver.uploads.drop(new_file.stored_as)
        raise


def take(
    uploads: UploadStore, file_name: str, image: DevelopedImage, *, is_spoiler: bool
) -> NewFile:
    """Move a developed picture into the upload store; what a post holds of it."""
    try:
        stored_as = uploads.take(image.original, image.thumbnail)
    except BaseException:
        image.discard()
        raise
    stem, ending = parted(file_name)
    return NewFile(
        stored_as=stored_as,
        extension=image.kind.extension(ending),
        thumb_extension=image.thumb_extension,
        original_name=stem or "file",
        bytes=image.bytes,
        width=image.width or None,
        height=image.height or None,
        thumb_width=image.thumb_width,
        thumb_height=image.thumb_height,
        md5=image.md5,
        sha256=image.sha256,
        is_spoiler=is_spoiler,
    )


def take_as_sent(
    uploads: UploadStore, file: SpooledFile, opened: OpenedFile, *, is_spoiler: bool
) -> NewFile:
    """Move a file out of the form into the upload store, to wait there for the developer."""
    stem, ending = parted(file.name)
    return NewFile(
        stored_as=uploads.take(file.path, None),
        extension=opened.kind.extension(ending),
        thumb_extension=None,
        original_name=stem or "file",
        bytes=opened.bytes,
        width=None,
        height=None,
        thumb_width=None,
        thumb_height=None,
        md5=opened.md5,
        sha256=opened.sha256,
        is_spoiler=is_spoiler,
        is_pending=True,
    )


def parted(file_name: str) -> tuple[str, str]:
    """'Cat.JPEG' -> ('Cat', '.jpeg'). An ending has a letter: 'Screen 12.45.10' -> (that, '')."""
    ending = _ENDING.search(file_name)
    if ending is None:
        return file_name, ""
    return file_name[: ending.start()], ending[0].lower()
