"""BMP into PNG: the same pixels, in a fraction of the bytes."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from imageboard.media import MediaLimits
from writer.media.containers import Container, broken


def turned(container: Container, limits: MediaLimits) -> bytes:
    body = BytesIO()
    try:
        picture = Image.open(BytesIO(container.clean_bytes()), formats=["BMP"])
        if picture.size != (container.width, container.height):
            raise broken(f"BMP: decoder finds {picture.size}")
        picture.load()
        picture.save(body, "PNG", compress_level=6)
    except (OSError, SyntaxError, ValueError, OverflowError) as ex:
        raise broken(f"BMP: {ex}") from ex
    return body.getvalue()
