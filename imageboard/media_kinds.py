"""The kinds of files that posters may send: one row each.

Form, darkroom, nginx, cache policy, the Worker at the edge and the docs take it from here. What
tells a kind by its bytes and takes its files apart is `writer/media/containers/NAME.py`. To add a
kind: a row here, that module, `python -m cdn.worker_tables`, and its title in docs/settings.md;
tests hold them together. A slow kind also has `writer/media/slow/NAME.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    #: No page shows it: browsers are told to save it.
    is_download: bool = False
    #: Made ready after its poster was answered, by the developer (docs/extending.md).
    is_slow: bool = False

    def extension(self, sent: str) -> str:
        """'.jpeg' for a JPEG that was sent as '.jpeg'; '.jpg' for one sent as '.png'."""
        ending = sent.removeprefix(".")
        return f".{ending if ending in self.endings else self.endings[0]}"


KINDS = (
    MediaKind("jpeg", "JPEG", "image/jpeg", ("jpg", "jpeg")),
    MediaKind("png", "PNG", "image/png", ("png",)),
    MediaKind("gif", "GIF", "image/gif", ("gif",)),
    MediaKind("webp", "WebP", "image/webp", ("webp",)),
    MediaKind("avif", "AVIF", "image/avif", ("avif",)),
)
BY_NAME = {kind.name: kind for kind in KINDS}
BY_ENDING = {ending: kind for kind in KINDS for ending in kind.endings}
#: Whether there is work for the developer at all.
HAS_SLOW = any(kind.is_slow for kind in KINDS)
PICTURE_TYPES = {ending: kind.content_type for ending, kind in BY_ENDING.items() if kind.is_picture}
#: What a browser offers to choose from; the writer looks into the file itself.
ACCEPTED_TYPES = ",".join(kind.content_type for kind in KINDS)


#: How the titles of all kinds are listed.
ONE_OF = N_("{first} or {last}")
ALL_OF = N_("{first} and {last}")


def titles(listed: Message) -> Message:
    """ONE_OF -> 'JPEG, PNG, GIF, WebP or AVIF'."""
    *names, last = (kind.title for kind in KINDS)
    listed = listed if names else Message("{last}")
    return listed.filled(first=", ".join(names), last=last)
