"""Pictures that cost a board what photographs do, the same for the same seed."""

from __future__ import annotations

import io
import random

from PIL import Image

PHOTO_PX = (1600, 1200)
SNAPSHOT_PX = (640, 480)


def jpeg(size: tuple[int, int] = PHOTO_PX, *, seed: int = 1) -> bytes:
    """A JPEG: about 200 KB at PHOTO_PX, 35 KB at SNAPSHOT_PX."""
    width, height = size[0] // 16, size[1] // 16
    grain = random.Random(seed).randbytes(width * height)  # noqa: S311 -- repeatable is the point
    coarse = Image.frombytes("L", (width, height), grain)
    out = io.BytesIO()
    coarse.resize(size).convert("RGB").save(out, "JPEG", quality=76)
    return out.getvalue()
