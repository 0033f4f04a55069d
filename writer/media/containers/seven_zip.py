"""7z: an archive that readers save. It is served as it was sent, nothing is unpacked.

Source: https://www.7-zip.org/sdk.html, DOC/7zFormat.txt (its first header).
"""

from __future__ import annotations

from struct import unpack_from

from imageboard.media import MediaLimits
from writer.media.containers.container import Container, broken

_SIGNATURE = b"7z\xbc\xaf\x27\x1c"
_HEADER_BYTES = 32


def is_one(head: bytes) -> bool:
    return head.startswith(_SIGNATURE)


def walk(data: bytes, limits: MediaLimits) -> Container:
    if len(data) < _HEADER_BYTES:
        raise broken("7z: no header")
    list_at, list_bytes = unpack_from("<QQ", data, 12)
    if _HEADER_BYTES + list_at + list_bytes != len(data):
        raise broken("7z: not as long as it says")
    return Container("seven_zip", width=0, height=0, kept=[data])
