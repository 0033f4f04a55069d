"""What a post holds of a file that was sent: its true kind, whatever it was called."""

from __future__ import annotations

from hashlib import sha256
from itertools import product
from pathlib import Path

import pytest

from imageboard.post_rules import Draft, NewFile, OfferedFile
from imageboard.settings import BoardSettings
from imageboard.store.uploads import UploadStore
from tests.tables import for_each
from tests.writer.media import hostile
from writer import uploading
from writer.forms import SpooledFile
from writer.media.darkroom import Darkroom
from writer.turns import FileTurns
from writer.uploading import Receiver

TRUE_ENDINGS = {"jpeg": ".jpg", "png": ".png", "gif": ".gif", "webp": ".webp", "avif": ".avif"}
MEAN_NOTHING = (".tmp", ".bin", ".php", ".html", ".tar", ".john", ".photo", ".mpo", ".HEIC", ".7z")


def sent(darkroom: Darkroom, folder: Path, name: str, data: bytes) -> NewFile:
    """The file as a post holds it, after it was sent under this name."""
    upload = folder / "upload"
    upload.write_bytes(data)
    image = darkroom.develop(upload, settings=BoardSettings())
    return uploading.take(UploadStore(folder / "uploads"), name, image)


@pytest.mark.slow
@for_each(("kind", "ending"), [*product(TRUE_ENDINGS, [*TRUE_ENDINGS.values(), *MEAN_NOTHING, ""])])
def test_a_picture_is_served_as_what_it_is_whatever_its_name_ends_in(
    shared_darkroom: Darkroom, tmp_path: Path, kind: str, ending: str
) -> None:
    file = sent(shared_darkroom, tmp_path, f"IMG 0001{ending}", hostile.GOOD[kind]())
    assert (file.original_name, file.extension) == ("IMG 0001", TRUE_ENDINGS[kind])


@pytest.mark.parametrize("name", ["cat.jpeg", "cat.JPEG", "cat.JpEg"])
def test_the_long_ending_of_a_jpeg_stays(
    shared_darkroom: Darkroom, tmp_path: Path, name: str
) -> None:
    """Clients build the file's address from what the JSON says."""
    assert sent(shared_darkroom, tmp_path, name, hostile.a_jpeg()).extension == ".jpeg"
    assert sent(shared_darkroom, tmp_path, name, hostile.a_png()).extension == ".png"


def test_what_was_sent_is_known_by_its_own_bytes_too(
    shared_darkroom: Darkroom, tmp_path: Path
) -> None:
    """By which staff ban it: what is served is another file, without metadata."""
    bodies = [hostile.a_jpeg(exif=hostile.exif(6)), hostile.a_gif() + b"behind"]
    files = []
    for number, body in enumerate(bodies, start=1):
        path = tmp_path / f"sent{number}"
        path.write_bytes(body)
        files.append(SpooledFile(f"cat{number}.jpg", path, len(body), f"file{number}"))
    turns = FileTurns(tmp_path / "turns")
    receiver = Receiver(shared_darkroom, UploadStore(tmp_path / "uploads"), turns)
    offered = tuple(OfferedFile(file.name, file.bytes) for file in files)
    draft = Draft(board="b", thread=None, offered=offered)
    stored = receiver.store(files, draft, BoardSettings())
    assert [file.sent_sha256 for file in stored] == [sha256(body).digest() for body in bodies]
    assert all(file.sha256 != file.sent_sha256 for file in stored)


@for_each(
    ("name", "parts"),
    [
        ("Cat.JPEG", ("Cat", ".jpeg")),
        ("x.tar.avif", ("x.tar", ".avif")),
        ("noextension", ("noextension", "")),
        ("Screenshot 12.45.10", ("Screenshot 12.45.10", "")),
        ("backup.7z", ("backup", ".7z")),
        (".png", (".png", "")),
        ("dots...", ("dots...", "")),
        ("a\nb.png", ("a\nb", ".png")),
        ("Ende. Gut", ("Ende. Gut", "")),
        ("", ("", "")),
    ],
)
def test_a_name_ends_in_letters_behind_its_last_dot(name: str, parts: tuple[str, str]) -> None:
    assert uploading.parted(name) == parts
