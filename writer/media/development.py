"""What one short-lived process does with one file: read, clean, shrink, write, answer.

`exchange.py` says how request and answer look.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import md5, sha256
from pathlib import Path

from imageboard.errors import FileRefused, FileTooLarge, ImageTooLarge, PostRefused
from imageboard.media import MediaLimits
from imageboard.media_kinds import BY_NAME, MediaKind
from imageboard.words import N_
from writer.media import containers, contraband, picture
from writer.media.containers import Container
from writer.media.exchange import Request, plain
from writer.media.picture import Print
from writer.media.slow import MAKERS


def preload() -> None:
    """Loads what every child needs; called before forking, so that none pays for it."""
    picture.preload()
    _of_ours()


def rehearse() -> None:
    """Develops a picture of ours: code and memory are at hand when a poster's comes."""
    container = containers.read(_of_ours(), MediaLimits())
    contraband.smuggled(container)
    picture.develop(container, thumb_px_max=255)


@cache
def _of_ours() -> bytes:
    """A JPEG, as most pictures are, that is shrunk while it is decoded and once more after."""
    return picture.grey_jpeg(640, 480)


def answer(line: bytes) -> bytes:
    """Does what the request `line` asks; the line to send back, with its newline."""
    request: Request = json.loads(line)
    try:
        reply: dict[str, object] = _work(request)
    except (FileRefused, ImageTooLarge, FileTooLarge) as ex:
        reply = _refusal(ex)
    except MemoryError:
        reply = _refusal(ImageTooLarge(_NEEDS_TOO_MUCH_MEMORY))
    except OSError as ex:  # a full disk, a lost folder: the file may be as good as any
        reply = {"failed": str(ex)}
    return json.dumps(reply).encode() + b"\n"


_NEEDS_TOO_MUCH_MEMORY = N_("The image needs too much memory to be read. Send a smaller one.")


def _refusal(ex: PostRefused) -> dict[str, object]:
    return {"refused": type(ex).__name__, "message": plain(ex.message)}


def _work(request: Request) -> dict[str, object]:
    limits = MediaLimits(**request["limits"])
    data = Path(request["upload"]).read_bytes()
    limits.check_bytes(len(data))
    kind = BY_NAME[containers.sniff(data)]
    container = containers.read(data, limits)
    if kind.has_thumbnail:
        _refuse_smuggled(container)
    if kind.is_slow and request["is_waited_for"]:
        return {"opened": {"kind": kind.name, **_figures(data)}}
    made = _made(kind, container, request["thumb_px_max"])
    Path(request["original"]).write_bytes(made.original)
    if made.thumbnail is not None:
        Path(request["thumbnail"]).write_bytes(made.thumbnail)
    return {
        "developed": {
            "kind": container.kind,
            "frames": container.frames,
            "width": made.width,
            "height": made.height,
            "thumb_width": made.thumb_width,
            "thumb_height": made.thumb_height,
            "thumb_extension": made.thumb_extension,
            "upload_sha256": sha256(data).hexdigest(),
            **_figures(made.original),
        }
    }


def _refuse_smuggled(container: Container) -> None:
    if (what := contraband.smuggled(container)) is not None:
        raise FileRefused(
            N_(
                "The file holds something else than the image: {what}."
                " Open it, save it again and send the new file."
            ),
            what=what,
            detail=f"contraband: {what}",
        )


def _made(kind: MediaKind, container: Container, thumb_px_max: int) -> Print:
    if kind.is_slow:
        return MAKERS[kind.name].develop(container, thumb_px_max)
    if kind.has_thumbnail:
        return picture.develop(container, thumb_px_max)
    # Nothing is drawn of it: its reader has said what of it is served.
    return Print(
        original=container.clean_bytes(),
        thumbnail=None,
        thumb_extension=None,
        width=container.width,
        height=container.height,
        thumb_width=None,
        thumb_height=None,
    )


def _figures(data: bytes) -> dict[str, object]:
    return {
        "bytes": len(data),
        "sha256": sha256(data).hexdigest(),
        "md5": md5(data, usedforsecurity=False).hexdigest(),
    }
