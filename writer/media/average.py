"""A picture's colour on average: what stands in its place until it comes."""

from __future__ import annotations

from PIL import Image


def average_colour(picture: Image.Image) -> int | None:
    """0xrrggbb, of L, RGB or RGBA; None of one that the page shines through: it would be seen there
    for good.
    """
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() != (255, 255):
        return None
    pixel = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
    return int.from_bytes(pixel)
