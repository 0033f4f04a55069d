"""The kinds of files that posters may send: one row each.

Form, darkroom, nginx, cache policy, the Worker at the edge and the docs take it from here. What
tells a kind by its bytes and takes its files apart is `writer/media/containers/NAME.py`. To add a
kind: a row here, that module, `python -m cdn.worker_tables`, and its title in docs/settings.md;
tests hold them together. A slow kind also has `writer/media/slow/NAME.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from imageboard.words import N_, Message


@dataclass(frozen=True, slots=True)
class MediaKind:
    """One kind of file, as it is served."""

    #: Also the name of the module that reads it.
    name: str
    #: As people call it: 'JPEG'.
    title: str
    content_type: str
    #: What it may be served under ('jpg', 'jpeg'): the first, or what the sender's name had.
    endings: tuple[str, ...]
    #: An <img> shows it; only these are thumbnails and parts of the board's own pages.
    is_picture: bool = True
    has_thumbnail: bool = True
    #: A film or a sound: `writer/media/player` reads it, and pages play it.
    is_played: bool = False
    #: What its reader needs beside Pillow, and a process of its own has loaded: 'av'.
    library: str | None = None
    #: The name of the kind that it is turned into: of its own nothing is served.
    becomes: str | None = None
    #: Forms ask for it. A phone that isn't asked for its own kind sends one that browsers show,
    #: which is smaller and keeps more.
    is_offered: bool = True
    #: Whether a board takes it that says nothing of it.
    is_usual: bool = True
    #: No page shows it: browsers are told to save it.
    is_download: bool = False
    #: Made ready after its poster was answered, by the developer (docs/extending.md).
    is_slow: bool = False

    def extension(self, sent: str) -> str:
        """'.jpeg' for a JPEG that was sent as '.jpeg'; '.jpg' for one sent as '.png'."""
        ending = sent.removeprefix(".")
        return f".{ending if ending in self.endings else self.endings[0]}"


def _played(
    name: str, title: str, content_type: str, endings: tuple[str, ...], **others: Any
) -> MediaKind:
    return MediaKind(
        name, title, content_type, endings, is_picture=False, is_played=True, library="av", **others
    )


def _download(name: str, title: str, content_type: str) -> MediaKind:
    """Kept as it was sent. Boards are asked for it by name: nobody has looked into it."""
    return MediaKind(
        name,
        title,
        content_type,
        (title.lower(),),
        is_picture=False,
        has_thumbnail=False,
        is_download=True,
        is_usual=False,
    )


KINDS = (
    MediaKind("jpeg", "JPEG", "image/jpeg", ("jpg", "jpeg")),
    MediaKind("png", "PNG", "image/png", ("png",)),
    MediaKind("gif", "GIF", "image/gif", ("gif",)),
    MediaKind("webp", "WebP", "image/webp", ("webp",)),
    MediaKind("avif", "AVIF", "image/avif", ("avif",)),
    MediaKind("bmp", "BMP", "image/bmp", ("bmp",), becomes="png"),
    MediaKind(
        *("heic", "HEIC", "image/heic", ("heic", "heif")),
        becomes="jpeg",
        library="av",
        is_offered=False,
    ),
    _played("webm", "WebM", "video/webm", ("webm",)),
    _played("mp4", "MP4", "video/mp4", ("mp4", "m4v")),
    _played("mov", "MOV", "video/quicktime", ("mov",), becomes="mp4"),
    _played("mp3", "MP3", "audio/mpeg", ("mp3",), is_usual=False),
    _played("ogg", "Ogg", "audio/ogg", ("ogg", "oga", "opus"), is_usual=False),
    _played("flac", "FLAC", "audio/flac", ("flac",), is_usual=False),
    _played("m4a", "M4A", "audio/mp4", ("m4a",), is_usual=False),
    _played("wav", "WAV", "audio/wav", ("wav",), is_usual=False),
    _download("pdf", "PDF", "application/pdf"),
    # Before what it is too.
    _download("epub", "EPUB", "application/epub+zip"),
    _download("zip", "ZIP", "application/zip"),
    _download("seven_zip", "7z", "application/x-7z-compressed"),
    # The last: of many a file the first bytes could be words.
    _download("txt", "TXT", "text/plain; charset=utf-8"),
)
#: Files that came along with a board and that nobody may send here: saved as they are, never shown.
KEPT = MediaKind(
    "kept",
    "",
    "application/octet-stream",
    tuple(
        "swf mov bmp tif tiff psd xcf blend ttf otf rar tar gz tgz bz2 xz torrent mid midi mod xm"
        " s3m it doc docx odt rtf ps tex djvu mobi cbz cbr mkv avi wmv flv mpg mpeg aac wma".split()
    ),
    is_picture=False,
    has_thumbnail=False,
    is_usual=False,
    is_download=True,
)
BY_NAME = {kind.name: kind for kind in KINDS}
#: What readers meet.
SERVED = tuple(kind for kind in KINDS if kind.becomes is None)
BY_ENDING = {ending: kind for kind in SERVED for ending in kind.endings}
#: Whether there is work for the developer at all.
HAS_SLOW = any(kind.is_slow for kind in KINDS)
PICTURE_TYPES = {ending: kind.content_type for ending, kind in BY_ENDING.items() if kind.is_picture}
#: Names of those that a board takes which says nothing of it, by blanks.
USUAL = " ".join(kind.name for kind in KINDS if kind.is_usual)


def taken(names: str) -> tuple[MediaKind, ...]:
    """'jpeg png' -> their rows."""
    return tuple(BY_NAME[name] for name in names.split() if name in BY_NAME)


def accepted_types(kinds: Iterable[MediaKind], *, offered: bool = True) -> list[str]:
    """What a browser offers to choose from, once each; the writer looks into the file itself.

    With `offered=False` what it does not, and is taken all the same.
    """
    found = (kind.content_type for kind in kinds if kind.is_offered == offered)
    return list(dict.fromkeys(content_type.partition(";")[0] for content_type in found))


#: How the titles of all kinds are listed.
ONE_OF = N_("{first} or {last}")
ALL_OF = N_("{first} and {last}")


def titles(listed: Message, kinds: Iterable[MediaKind]) -> Message:
    """ONE_OF -> 'JPEG, PNG, GIF, WebP or AVIF'."""
    *names, last = [kind.title for kind in kinds] or [""]
    listed = listed if names else Message("{last}")
    return listed.filled(first=", ".join(names), last=last)
