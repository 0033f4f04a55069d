"""The files of the demo, made when asked for: pictures, banners, flags, films, sounds, documents.

The script names one as 'hills at dusk.jpg: hills 3': its name, what is drawn, and the number that
it is drawn from.
"""

from __future__ import annotations

import io
import math
import random
import zipfile
from array import array
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import av
from PIL import Image, ImageDraw

from cli.demo.painting import drawings, landscapes, screens, things
from cli.demo.painting.canvas import letters

PAINTERS: dict[str, Callable[[random.Random], Image.Image]] = {
    "bread": things.bread,
    "cat": drawings.cat,
    "chart": screens.chart,
    "city": landscapes.city,
    "cover": drawings.cover,
    "cup": things.cup,
    "dish": things.dish,
    "fruit": things.fruit,
    "hills": landscapes.hills,
    "island": landscapes.island,
    "keyboard": things.keyboard,
    "manga": drawings.manga,
    "plant": things.plant,
    "sea": landscapes.sea,
    "sprites": drawings.sprites,
    "terminal": screens.terminal,
}
_FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}
#: For dense screens: it is shown at half of this.
BANNER, _BANNER_PX = "banner@2x.webp", (600, 200)
_FLAG_PX = (24, 16)
_FRAMES_PER_S = 15
_RATE = 48_000
#: FFmpeg writes no number of chance.
_SAME_EACH_TIME = {"fflags": "+bitexact"}
_MADE_AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Prop(NamedTuple):
    """A file that somebody posts."""

    name: str
    body: bytes


def made(spelled: str) -> Prop:
    """'hills at dusk.jpg: hills 3'. Raises KeyError: nobody makes that."""
    name, _, what = spelled.partition(": ")
    kind, _, number = what.partition(" ")
    chance = random.Random(f"{kind} {number}")  # noqa: S311 -- the same each time is the point
    if kind in PAINTERS:
        return Prop(name, _encoded(PAINTERS[kind](chance), name))
    return Prop(name, _MAKERS[kind](chance))


def banner(spelled: str) -> bytes:
    """'No refunds: city' -> a strip of a picture with words on it."""
    words, _, painter = spelled.rpartition(": ")
    chance = random.Random(words)  # noqa: S311
    picture = PAINTERS[painter](chance)
    height = picture.width * _BANNER_PX[1] // _BANNER_PX[0]
    top = (picture.height - height) // 2
    strip = picture.crop((0, top, picture.width, top + height)).resize(_BANNER_PX)
    pen = ImageDraw.Draw(strip)
    font = letters(min(60, 920 // len(words)))
    left = (strip.width - pen.textlength(words, font)) / 2
    pen.text((left, 68), words, "white", font, stroke_width=6, stroke_fill=(20, 18, 30))
    return _encoded(strip, BANNER)


def flag(colours: list[str], layout: str) -> bytes:
    """Stripes that lie or stand ('rows', 'columns'), or a 'disc' in the second colour."""
    width, height = _FLAG_PX
    picture = Image.new("RGB", _FLAG_PX, colours[0])
    pen = ImageDraw.Draw(picture)
    for number, colour in enumerate(colours[1:], start=1):
        match layout:
            case "rows":
                pen.rectangle((0, height * number // len(colours), width, height), colour)
            case "columns":
                pen.rectangle((width * number // len(colours), 0, width, height), colour)
            case _:
                pen.ellipse((width / 2 - 5, height / 2 - 5, width / 2 + 5, height / 2 + 5), colour)
    pen.rectangle((0, 0, width - 1, height - 1), outline=(90, 90, 90))
    return _encoded(picture, "flag.png")


def _encoded(picture: Image.Image, name: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, _FORMATS[name.rpartition(".")[2]], quality=78)
    return out.getvalue()


def _animation(chance: random.Random) -> bytes:
    """A GIF: a small creature that hops."""
    sheet = drawings.sprites(chance).crop((32, 32, 128, 128))
    frames = []
    for step in range(8):
        frame = Image.new("RGB", (160, 160), (38, 36, 54))
        ImageDraw.Draw(frame).rectangle((0, 142, 160, 160), fill=(84, 120, 84))
        frame.paste(sheet, (32, 46 - round(34 * math.sin(step / 8 * math.pi))))
        frames.append(frame.quantize(32))
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=90, loop=0)
    return out.getvalue()


def _film(chance: random.Random) -> bytes:
    """A WebM with sound: a ball that bounces over hills, three seconds long."""
    scene = landscapes.hills(chance).resize((320, 224))
    out = io.BytesIO()
    with av.open(out, "w", format="webm", options=_SAME_EACH_TIME) as film:
        picture: Any = film.add_stream(
            "libvpx", rate=_FRAMES_PER_S, options={"deadline": "good", "cpu-used": "5"}
        )
        picture.width, picture.height, picture.pix_fmt = *scene.size, "yuv420p"
        sound: Any = film.add_stream("libopus", rate=_RATE, layout="stereo")
        for number in range(3 * _FRAMES_PER_S):
            image = scene.copy()
            x, high = 30 + number * 6, abs(math.sin(number / 6)) * 90
            ImageDraw.Draw(image).ellipse((x - 14, 180 - high, x + 14, 208 - high), (230, 80, 60))
            frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
            frame.pts, frame.time_base = number, Fraction(1, _FRAMES_PER_S)
            film.mux(picture.encode(frame))
        film.mux(picture.encode(None))
        _play(film, sound, _melody(chance, 3))
    return out.getvalue()


def _song(chance: random.Random) -> bytes:
    """An Ogg with Opus: eight seconds of a melody on five notes."""
    out = io.BytesIO()
    with av.open(out, "w", format="ogg", options=_SAME_EACH_TIME) as song:
        stream: Any = song.add_stream("libopus", rate=_RATE, layout="stereo")
        _play(song, stream, _melody(chance, 8))
    return out.getvalue()


_NOTES_HZ = (220.0, 247.5, 277.2, 330.0, 370.0, 440.0)
_NOTE_S = 0.25


def _melody(chance: random.Random, seconds: int) -> array[int]:
    """Samples of one channel, of 16 bits: each note is struck and fades."""
    samples = array("h")
    at = chance.randrange(len(_NOTES_HZ))
    length = round(_RATE * _NOTE_S)
    for _ in range(round(seconds / _NOTE_S)):
        at = min(len(_NOTES_HZ) - 1, max(0, at + chance.choice((-2, -1, -1, 0, 1, 1, 2))))
        samples.extend(_struck(_NOTES_HZ[at], length))
    return samples


@cache
def _struck(hertz: float, length: int) -> array[int]:
    turn = 2 * math.pi * hertz / _RATE
    return array(
        "h",
        (
            round(
                9000 * (1 - n / length) ** 2 * (math.sin(turn * n) + 0.3 * math.sin(2 * turn * n))
            )
            for n in range(length)
        ),
    )


def _play(target: Any, stream: Any, samples: array[int]) -> None:
    """Both channels alike."""
    step = stream.codec_context.frame_size or 960
    for begin in range(0, len(samples) - step, step):
        part = samples[begin : begin + step]
        both = array("h", (value for value in part for _ in range(2)))
        frame = av.AudioFrame(format="s16", layout="stereo", samples=step)
        frame.planes[0].update(both.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = _RATE, begin, Fraction(1, _RATE)
        target.mux(stream.encode(frame))
    target.mux(stream.encode(None))


def _text(_chance: random.Random) -> bytes:
    lines = (
        "STARTER, RYE",
        "",
        "day 1   50 g flour, 50 g water, a warm place",
        "day 2   nothing happens. this is normal",
        "day 3   bubbles. feed it: throw half away, 50 g + 50 g",
        "day 4   it smells of socks. this is normal too",
        "day 5   it smells of apples. feed it twice",
        "day 7   it doubles in four hours. give it a name, then bake",
        "",
    )
    return "\n".join(lines).encode()


def _document(chance: random.Random) -> bytes:
    """A PDF of one page: a plant to be printed and coloured."""
    out = io.BytesIO()
    made_at = _MADE_AT.timetuple()
    things.plant(chance).save(out, "PDF", resolution=72, creationDate=made_at, modDate=made_at)
    return out.getvalue()


def _package(_chance: random.Random) -> bytes:
    """A ZIP with a program of a few lines."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in (("tick.py", 'print("tick")\n'), ("README.txt", "python3 tick.py\n")):
            package.writestr(zipfile.ZipInfo(name, _MADE_AT.timetuple()[:6]), text)
    return out.getvalue()


_MAKERS: dict[str, Callable[[random.Random], bytes]] = {
    "animation": _animation,
    "document": _document,
    "film": _film,
    "package": _package,
    "song": _song,
    "text": _text,
}
