"""PDF: a document that readers save. It is served as it was sent, nobody looks into it."""

from __future__ import annotations

from imageboard.media import MediaLimits
from writer.media.containers.container import Container, broken

#: So near to its end a reader looks for the mark of it.
_END_WITHIN = 1024


def is_one(head: bytes) -> bool:
    return head.startswith(b"%PDF-")


def walk(data: bytes, limits: MediaLimits) -> Container:
    if b"%%EOF" not in data[-_END_WITHIN:]:
        raise broken("PDF: no end")
    return Container("pdf", width=0, height=0, kept=[data])
