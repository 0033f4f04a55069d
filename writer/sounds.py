"""Challenges as sounds: a WAV for each, of which players may ask for parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import falcon


class Heard(Protocol):
    def sound(self, challenge_id: str) -> bytes | None:
        """None: there is none of that id."""


@dataclass(frozen=True, slots=True)
class Sounds:
    captcha: Heard

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        sound = self.captcha.sound(req.get_param("id", default=""))
        if sound is None:
            raise falcon.HTTPNotFound
        resp.cache_control = ["no-store"]
        resp.content_type = "audio/wav"
        # Safari plays nothing of which it can't have a part.
        resp.accept_ranges = "bytes"
        first, last = _part(req, len(sound))
        if (first, last) != (0, len(sound) - 1):
            resp.status = falcon.HTTP_206
            resp.content_range = (first, last, len(sound))
        resp.data = sound[first : last + 1]


def _part(req: falcon.Request, length: int) -> tuple[int, int]:
    """First and last byte of what is asked for. Raises HTTPRangeNotSatisfiable."""
    if req.range_unit != "bytes" or req.range is None:
        return 0, length - 1
    first, last = req.range
    if first < 0:
        return max(0, length + first), length - 1
    if first >= length:
        raise falcon.HTTPRangeNotSatisfiable(length)
    return first, length - 1 if last < 0 else min(last, length - 1)
