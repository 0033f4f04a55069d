"""BMP into PNG: the same pixels, in a fraction of the bytes."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from imageboard.media import MediaLimits
from imageboard.words import N_
from writer.media.containers import Container, broken
from writer.media.containers.container import refused

#: How Pillow begins to say that it reads no such BMP: masks in an order of their own, two bits.
_NOT_READ = "Unsupported BMP"


def turned(container: Container, limits: MediaLimits) -> bytes:
    body = BytesIO()
    try:
        picture = Image.open(BytesIO(container.clean_bytes()), formats=["BMP"])
        if picture.size != (container.width, container.height):
            raise broken(f"BMP: decoder finds {picture.size}")
        picture.load()
        if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (0, 0):
            # Its program filled nothing in: else there was no picture.
            picture.putalpha(255)
        picture.save(body, "PNG", compress_level=6)
    except (OSError, SyntaxError, ValueError, OverflowError) as ex:
        if str(ex).startswith(_NOT_READ):
            raise refused(N_("This kind of BMP can't be shown. Save it as a PNG.")) from ex
        raise broken(f"BMP: {ex}") from ex
    return body.getvalue()
