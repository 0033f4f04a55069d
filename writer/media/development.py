"""What one short-lived process does with the files of a post: read, clean, shrink, write, answer.

`exchange.py` says how requests and answers look. `open_files` is called before the process is
confined, and `answers` after: by then it opens nothing, and finds no module that was not loaded.
"""

from __future__ import annotations

import gc
import json
import os
import traceback
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import cache
from hashlib import md5, sha256
from importlib import import_module
from typing import NamedTuple

from imageboard.errors import FileRefused, FileTooLarge, ImageTooLarge, PostRefused
from imageboard.media import MediaLimits
from imageboard.media_kinds import BY_NAME, MediaKind
from writer.media import containers, contraband, picture, turned
from writer.media.benches import Benches, Memory, Share, alone
from writer.media.budget import DECODING_BYTES, LIGHT_BYTES
from writer.media.containers import Container
from writer.media.exchange import TOO_MUCH_MEMORY, Request, goes_on, plain
from writer.media.picture import Print
from writer.media.slow import MAKERS

_PLAYER = "writer.media.player.playing"
#: A library -> the modules that need it, which are loaded where a file asks for it.
_READ_BY = {"av": (_PLAYER, f"{turned.__name__}.heic")}
#: Of a fault of ours, for the log.
_TRACE_CHARS_MAX = 2000


class Files(NamedTuple):
    """The descriptors of one request."""

    upload: int
    original: int
    thumbnail: int
    dense: int


def preload() -> None:
    """Loads what every child needs; called before forking, so that none pays for it.

    A confined child can load nothing more: whatever is imported late, by us or by a library, is
    called for here, by a picture of each kind and its thumbnail.
    """
    picture.preload()
    import_module(f"{turned.__name__}.bmp")
    for ours in picture.of_each_kind():
        _rehearse(ours)
    json.dumps(_figures(_of_ours()))
    _told(ValueError())


def preload_library(library: str) -> None:
    """Loads what reads a few kinds alone; called in their own process, before that is confined."""
    for module in _READ_BY[library]:
        import_module(module)


def rehearse() -> None:
    """Develops a picture of ours: code and memory are at hand when a poster's comes."""
    _rehearse(_of_ours())


def _rehearse(ours: bytes) -> None:
    container = containers.read(ours, MediaLimits(), list(BY_NAME))
    contraband.smuggled(container)
    picture.develop(container, thumb_px_max=100, moves=True, is_dense=True)


@cache
def _of_ours() -> bytes:
    """A JPEG, as most pictures are, that is shrunk while it is decoded and once more after."""
    return picture.grey_jpeg(640, 480)


class _Outgrown(Exception):
    """A file that its container says to be too large for a light process."""


class _Needs(Exception):
    """A file of a kind whose library this process has not loaded."""

    def __init__(self, library: str) -> None:
        super().__init__(library)
        self.library = library


def open_files(request: Request) -> Files:
    """Raises OSError: there is none of that name, or it can't be made."""
    made = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    return Files(
        upload=os.open(request["upload"], os.O_RDONLY),
        original=os.open(request["original"], made, 0o666),
        thumbnail=os.open(request["thumbnail"], made, 0o666),
        dense=os.open(request["dense"], made, 0o666),
    )


def answers(
    requests: Sequence[Request],
    files: Sequence[Files],
    missing: AbstractSet[str],
    benches: Benches,
) -> Iterator[bytes]:
    """Does what the requests ask; the line to send back of each, in their order.

    `missing` are the layers that this process's confinement lacks.
    """
    memory = Memory(DECODING_BYTES)

    def reply_to(task: tuple[Request, Files]) -> dict[str, object]:
        gc.collect()  # so that this one may take as much memory as if it were the first
        if not benches.are_several:
            return _reply(*task, alone)
        reply = _reply(*task, memory.share)
        if "failed" in reply or (goes_on(reply) and "outgrown" not in reply):
            return reply
        # Its fault, or that of the one beside it, which may take more than was thought.
        with memory.whole():
            gc.collect()
            return _reply(*task, alone)

    for reply in benches.map(reply_to, zip(requests, files, strict=True)):
        yield _line(reply | ({"missing": sorted(missing)} if missing else {}))
        if not goes_on(reply):
            return  # the post is refused, whatever its other files are


def _reply(request: Request, files: Files, share: Share) -> dict[str, object]:
    try:
        return _work(request, files, share)
    except (FileRefused, ImageTooLarge, FileTooLarge) as ex:
        return _refusal(ex)
    except _Outgrown:
        return {"outgrown": True}
    except _Needs as ex:
        return {"needs": ex.library}
    except MemoryError:
        return (
            {"outgrown": True} if request["is_light"] else _refusal(ImageTooLarge(TOO_MUCH_MEMORY))
        )
    except OSError as ex:  # a full disk: the file may be as good as any
        return _failed(ex)
    except Exception as ex:
        return {"broken": _told(ex)}


def failure(cause: OSError | str) -> bytes:
    """The answer when it is not the files' fault."""
    return _line(_failed(cause))


def _failed(cause: OSError | str) -> dict[str, object]:
    return {"failed": str(cause)}


def _line(reply: dict[str, object]) -> bytes:
    return json.dumps(reply).encode() + b"\n"


def _told(fault: Exception) -> str:
    """Where it happened; without lines of source, which a confined process can't look up."""
    frames = traceback.walk_tb(fault.__traceback__)
    steps = [f"{frame.f_code.co_filename}:{line}" for frame, line in frames]
    return f"{type(fault).__name__}: {fault} at {', '.join(reversed(steps))}"[:_TRACE_CHARS_MAX]


def _refusal(ex: PostRefused) -> dict[str, object]:
    return {"refused": type(ex).__name__, "message": plain(ex.message)}


def _work(request: Request, files: Files, share: Share) -> dict[str, object]:
    limits = MediaLimits(**request["limits"])
    data = _read(files.upload, limits.upload_bytes_max + 1)
    limits.check_bytes(len(data))
    kind = BY_NAME[containers.sniff(data, request["kinds"])]
    if kind.library is not None and kind.library != request["library"]:
        raise _Needs(kind.library)
    container = containers.read(data, limits, request["kinds"])
    is_long_work = kind.is_slow and not request["is_waited_for"]
    if request["is_light"] and (is_long_work or not container.fits(LIGHT_BYTES)):
        raise _Outgrown
    if kind.is_picture:
        _refuse_smuggled(container)
    if kind.is_slow and request["is_waited_for"]:
        return {"opened": {"kind": kind.name, **_figures(data)}}
    if kind.is_picture and kind.becomes is not None:
        kind = BY_NAME[kind.becomes]
        container = containers.read(turned.turned(container, limits), limits, [kind.name])
    with share(container.decoding_bytes):
        made = _made(kind, container, request, limits)
    became = BY_NAME[made.kind or kind.name]
    if became.name not in request["kinds"]:
        raise containers.not_taken(became, request["kinds"])
    told: dict[str, object] = {
        "developed": {
            "kind": became.name,
            "frames": container.frames,
            "width": made.width,
            "height": made.height,
            "thumb_width": made.thumb_width,
            "thumb_height": made.thumb_height,
            "thumb_extension": made.thumb_extension,
            "dense_extension": made.dense_extension,
            "duration_ms": made.duration_ms,
            "has_sound": made.has_sound,
            "codecs": made.codecs,
            "likeness": made.likeness,
            "colour": made.colour,
            **_figures(made.original),
        }
    }
    # The last: whoever fails before may begin anew.
    _write(files.original, made.original)
    _write(files.thumbnail, made.thumbnail or b"")
    _write(files.dense, made.dense or b"")
    return told


def _read(fd: int, bytes_max: int) -> bytes:
    """From its beginning to its end, or so much of it."""
    with suppress(OSError):  # what is no file on a disk has been read by nobody before
        os.lseek(fd, 0, os.SEEK_SET)
    pieces = []
    while bytes_max and (piece := os.read(fd, bytes_max)):
        pieces.append(piece)
        bytes_max -= len(piece)
    return b"".join(pieces)


def _write(fd: int, body: bytes) -> None:
    left = memoryview(body)
    while left:
        left = left[os.write(fd, left) :]


def _refuse_smuggled(container: Container) -> None:
    if (what := contraband.smuggled(container)) is not None:
        raise contraband.refusal(what)


def _made(kind: MediaKind, container: Container, request: Request, limits: MediaLimits) -> Print:
    px_max, in_webp = request["thumb_px_max"], request["thumbs_in_webp"]
    moves = request["thumbs_move"]
    if kind.is_played:
        made: Print = import_module(_PLAYER).play(container, limits, px_max, in_webp=in_webp)
        return made
    if kind.is_slow:
        return MAKERS[kind.name].develop(container, px_max)
    if kind.has_thumbnail:
        return picture.develop(
            container, px_max, in_webp=in_webp, moves=moves, is_dense=request["thumbs_dense"]
        )
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
