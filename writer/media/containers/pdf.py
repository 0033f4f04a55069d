"""PDF: a document that readers save. It is served as it was sent, nobody looks into it."""

from __future__ import annotations

from imageboard.media import MediaLimits
from writer.media.containers.container import Container, broken

#: So near to its end a reader looks for the mark of it.
_END_WITHIN = 1024
#: What programs leave before it and readers pass over: line ends, and the mark of UTF-8.
_BEFORE = b"\xef\xbb\xbf \t\r\n"


def is_one(head: bytes) -> bool:
    return head.lstrip(_BEFORE).startswith(b"%PDF-")


def walk(data: bytes, limits: MediaLimits) -> Container:
    # Disks and mails fill their last block up.
    if b"%%EOF" not in data.rstrip(b"\0")[-_END_WITHIN:]:
        raise broken("PDF: no end")
    return Container("pdf", width=0, height=0, kept=[data])
