"""A picture's greys, by which it is known again: see imageboard.likeness."""

from __future__ import annotations

from PIL import Image

from imageboard.likeness import ACROSS, DOWN, of_greys


def likeness(picture: Image.Image) -> int:
    """As a number that has its sign in the first bit, as the database keeps it."""
    return of_greys(_on_white(picture).resize((ACROSS, DOWN), Image.Resampling.BOX).tobytes())


def _on_white(picture: Image.Image) -> Image.Image:
    """What shows through shows the same, whatever its colour is where it is clear."""
    if picture.mode == "RGBA":
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    return picture.convert("L")
