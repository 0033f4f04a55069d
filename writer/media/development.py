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
from imageboard.media_kinds import BY_NAME
from writer.media import containers, contraband, picture
from writer.media.containers import Container
from writer.media.exchange import Request


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
        reply: dict[str, object] = {"developed": _develop(request)}
    except (FileRefused, ImageTooLarge, FileTooLarge) as ex:
        reply = {"refused": type(ex).__name__, **_plain(ex)}
    except MemoryError:
        reply = {
            "refused": ImageTooLarge.__name__,
            "reason": "The image needs too much memory to be read. Send a smaller one.",
        }
    except OSError as ex:  # a full disk, a lost folder: the file may be as good as any
        reply = {"failed": str(ex)}
    return json.dumps(reply).encode() + b"\n"


def _plain(ex: PostRefused) -> dict[str, object]:
    return {
        name: value if isinstance(value, int) else str(value) for name, value in ex.data.items()
    }


def _develop(request: Request) -> dict[str, object]:
    limits = MediaLimits(**request["limits"])
    data = Path(request["upload"]).read_bytes()
    limits.check_bytes(len(data))
    container = containers.read(data, limits)
    has_thumbnail = BY_NAME[container.kind].has_thumbnail
    original, seen = _picture(container, request) if has_thumbnail else _as_it_is(container)
    Path(request["original"]).write_bytes(original)
    return seen | {
        "kind": container.kind,
        "frames": container.frames,
        "bytes": len(original),
        "sha256": sha256(original).hexdigest(),
        "md5": md5(original, usedforsecurity=False).hexdigest(),
        "upload_sha256": sha256(data).hexdigest(),
    }


def _picture(container: Container, request: Request) -> tuple[bytes, dict[str, object]]:
    """The picture and what is to be seen of it; its thumbnail is written."""
    if (what := contraband.smuggled(container)) is not None:
        raise FileRefused(
            reason=f"The file holds something else than the image: {what}."
            " Open it, save it again and send the new file.",
            detail=f"contraband: {what}",
        )
    developed = picture.develop(container, request["thumb_px_max"])
    Path(request["thumbnail"]).write_bytes(developed.thumbnail)
    return developed.original, {
        "width": developed.width,
        "height": developed.height,
        "thumb_width": developed.thumb_width,
        "thumb_height": developed.thumb_height,
        "thumb_extension": developed.thumb_extension,
    }


def _as_it_is(container: Container) -> tuple[bytes, dict[str, object]]:
    """What nothing is drawn of: its reader has said what of it is served."""
    seen: dict[str, object] = {"width": container.width, "height": container.height}
    nothing = ("thumb_width", "thumb_height", "thumb_extension")
    return container.clean_bytes(), seen | dict.fromkeys(nothing)
