"""ZIP: an archive that readers save. It is served as it was sent, nothing is unpacked.

Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3.16: its end).
"""

from __future__ import annotations

from struct import unpack_from

from imageboard.media import MediaLimits
from writer.media.containers.container import Container, broken

_END = b"PK\x05\x06"
_END_BYTES = 22


def is_one(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", _END))


def walk(data: bytes, limits: MediaLimits) -> Container:
    check_end(data)
    return Container("zip", width=0, height=0, kept=[data])


def check_end(data: bytes) -> None:
    """An archive is read from its end: there it says where its list of files is, and that is there.

    Raises FileRefused: it is not whole.
    """
    end = data.rfind(_END)
    if end < 0 or end + _END_BYTES > len(data):
        raise broken("ZIP: no end")
    list_bytes, list_at, comment_bytes = unpack_from("<LLH", data, end + 12)
    # In one of more than 4 GB or 65,535 files the numbers are elsewhere: none of ours is as large.
    if list_at + list_bytes > end or end + _END_BYTES + comment_bytes != len(data):
        raise broken("ZIP: its list of files is not where it says")
