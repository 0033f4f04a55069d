"""Pictures that browsers don't show: turned into one that they do, then read as any other.

    bmp.py     BMP into PNG, without loss
    heic.py    HEIC into JPEG

Each has `turned(container, limits)`, the new file. What else was in the old one is gone.
"""

from __future__ import annotations

from importlib import import_module

from imageboard.media import MediaLimits
from writer.media.containers import Container


def turned(container: Container, limits: MediaLimits) -> bytes:
    """Raises FileRefused, ImageTooLarge, MemoryError."""
    made: bytes = import_module(f"{__name__}.{container.kind}").turned(container, limits)
    return made
