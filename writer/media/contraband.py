"""Archives, documents and scripts that hide in an image file.

A file can be two things at once: a JPEG that shows a cat, and a ZIP that opens. The board would
serve the second to whoever knows of it. So it is looked for in what is served, and behind the
picture: that is dropped, but no program puts an archive or a page there by itself, and whoever
did is told.

Comments and other metadata are dropped unread. Photoshop writes a property list with a DOCTYPE
into them, others a drawing, a page or the text of a program, and none of it reaches a reader.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imageboard.errors import FileRefused
from imageboard.words import N_, Message

if TYPE_CHECKING:
    from writer.media.containers import Bytes, Container

# Four bytes turn up by chance in one of 400 phone videos of 10 MB, which Android appends to its
# "motion photos"; hence signatures of five bytes or more, or two that belong together.
# PERF: `re` looks for a literal beginning two to five times as fast as `in` does among pixels.
_ZIP_ENTRY = re.compile(
    rb"PK\x03\x04.{4}[\x00\x08\x09\x0c\x0e\x5d\x5f\x62\x63]\x00", re.DOTALL
)  # … version, flags, one of the known methods of compression
_ZIP_END, _ZIP_INDEX = re.compile(rb"PK\x05\x06"), re.compile(rb"PK\x01\x02")
_RAR, _SEVEN_ZIP = re.compile(rb"Rar!\x1a\x07"), re.compile(rb"7z\xbc\xaf\x27\x1c")
# "<" outside the group: a literal first byte lets the search skip as fast as memchr does.
_SCRIPT = re.compile(rb"<(?i:html|script|\?php|!doctype\s+(?:html|svg)|svg)")
_PROGRAMS = (b"MZ", b"\x7fELF")


def smuggled(container: Container) -> Message | None:
    """What else than a picture the file holds ('a ZIP archive'), or None."""
    behind = b"".join(container.behind)
    undrawn = [*map(bytes, container.undrawn), behind]
    found = [*map(_archive, (container.clean_bytes(), *undrawn)), *map(_document, undrawn)]
    return next(filter(None, found), None)


def refusal(what: Message) -> FileRefused:
    return FileRefused(
        N_(
            "The file holds something else than the image: {what}."
            " Open it, save it again and send the new file."
        ),
        what=what,
        detail=f"contraband: {what}",
    )


def _archive(data: bytes) -> Message | None:
    """Archives are looked for among pixels too: their readers accept any bytes before them."""
    if _ZIP_ENTRY.search(data) or (_ZIP_END.search(data) and _ZIP_INDEX.search(data)):
        return N_("a ZIP archive")
    if _RAR.search(data) or _SEVEN_ZIP.search(data):
        return N_("an archive")
    return None


def _document(undrawn: Bytes) -> Message | None:
    """Texts and programs are looked for only where no pixels are: pixels can look like any."""
    data = bytes(undrawn)
    if b"%PDF-" in data:
        return N_("a PDF document")
    if _SCRIPT.search(data):
        return N_("a script or a page")
    if data.startswith(_PROGRAMS):
        return N_("a program")
    return None
