"""Posts at random, the same for the same seed: what `stillboard seed --threads 20` stores."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

_THINGS = (
    "kettle bench lathe sourdough resistor bicycle lens radio loom teapot compass chisel battery "
    "antenna microscope scale oven pump clock keyboard drill barometer camera amplifier"
).split()
_WORDS = (
    "the a of and to in it is that with for on was but not this have my when from after before "
    "two three about again still under warm cold left right twice never always measured wrote "
    "turned found broke fixed heard read kept bought sold lent open shut slow quick loud quiet"
).split()
_NAMES = ("", "", "", "", "", "foldline", "tantalum#tea", "bench", "Curator##secret", "窓際")
_ENDINGS = (".", ".", ".", "?", "!", "…")


@dataclass(frozen=True, slots=True)
class Lifelike:
    """The fields of one posting form."""

    name: str
    email: str
    subject: str
    body: str
    picture: bytes | None


class Writer:
    """Writes one post after the other from a seed."""

    def __init__(self, seed: int, *, pictures: bool) -> None:
        self._random = random.Random(seed)  # noqa: S311 -- repeatable is the point
        self._pictures = pictures

    def thread(self) -> Lifelike:
        thing = self._random.choice(_THINGS)
        subject = f"{self._sentence(2, 5)[:-1]} {thing}"[:90]
        return self._post(subject, self._body([]), picture_chance=0.9)

    def reply(self, earlier: list[int]) -> Lifelike:
        """`earlier`: numbers of the thread's posts, of which it may quote some."""
        return self._post("", self._body(earlier), picture_chance=0.15)

    def _post(self, subject: str, body: str, *, picture_chance: float) -> Lifelike:
        chance = self._random
        return Lifelike(
            name=chance.choice(_NAMES),
            email="sage" if chance.random() < 0.06 else "",
            subject=subject,
            body=body,
            picture=self._picture()
            if self._pictures and chance.random() < picture_chance
            else None,
        )

    def _body(self, earlier: list[int]) -> str:
        lines = []
        if earlier and self._random.random() < 0.5:
            lines += [f">>{no}" for no in self._random.sample(earlier, k=1 + (len(earlier) > 3))]
        if self._random.random() < 0.25:
            lines.append(">" + self._sentence(4, 9))
        lines += [self._sentence(6, 18) for _ in range(self._random.randint(1, 4))]
        if self._random.random() < 0.08:
            lines.append(f"'''{self._sentence(2, 4)}''' and **{self._sentence(2, 4)}**")
        return "\n".join(lines)

    def _sentence(self, low: int, high: int) -> str:
        words = [self._random.choice(_WORDS) for _ in range(self._random.randint(low, high))]
        words.insert(self._random.randrange(len(words)), self._random.choice(_THINGS))
        return " ".join(words).capitalize() + self._random.choice(_ENDINGS)

    def _picture(self) -> bytes:
        """A small JPEG of a few coloured shapes."""
        chance = self._random
        width, height = chance.choice(((640, 480), (480, 640), (800, 450), (512, 512)))
        picture = Image.new("RGB", (width, height), self._colour())
        pen = ImageDraw.Draw(picture)
        for _ in range(6):
            x, y = chance.randrange(width), chance.randrange(height)
            size = chance.randrange(40, 260)
            pen.ellipse((x - size, y - size, x + size, y + size), fill=self._colour())
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=80)
        return out.getvalue()

    def _colour(self) -> tuple[int, int, int]:
        return (
            self._random.randrange(256),
            self._random.randrange(256),
            self._random.randrange(256),
        )
