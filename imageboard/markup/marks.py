"""What a board may let its posters mark: names for its setting `marks`."""

from __future__ import annotations

from typing import Final

#: In the order in which the setting names them.
MARKS: Final = (
    "bold",
    "italic",
    "underline",
    "strike",
    "spoiler",
    "heading",
    "greentext",
    "pinktext",
    "code",
    "inline_code",
    "aa",
    "math",
)
#: Those of vichan as it comes: text that was typed there looks the same here.
VICHANS: Final = frozenset({"bold", "italic", "spoiler", "heading", "greentext", "code"})
#: Of a new board: what hardly anybody types without meaning it.
USUAL: Final = frozenset(MARKS) - {"pinktext", "math"}
ALL: Final = frozenset(MARKS)
