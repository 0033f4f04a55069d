"""What a file is served as: the one list that all go through who name, keep or move its parts."""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """The value is what its master copy's name ends with in the upload store.

    Their names below /<board>/ are spelled in `addresses.media_names`, and for facts in
    media_names() of schema.sql.
    """

    ORIGINAL = ""
    THUMBNAIL = ".thumb"
    #: A second thumbnail of more pixels, for dense screens.
    DENSE = ".dense"
