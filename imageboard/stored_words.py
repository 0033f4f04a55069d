"""Sentences of ours that are stored beside what people write, as text and in English.

They are told from people's own words, and said in another language, by that text: as an id it is
never changed, or those that are stored stay English.
"""

from __future__ import annotations

from imageboard.words import N_, Message

#: Of a report.
NO_REASON = N_("No reason given.")
#: In the place of a file.
FILE_UNREADABLE = N_("It could not be read.")
FILE_LOST = N_("It was lost.")
#: Under a post, in brackets: as vichan and 4chan have it.
BANNED_FOR_POST = N_("USER WAS BANNED FOR THIS POST")
WARNED_FOR_POST = N_("USER WAS WARNED FOR THIS POST")
#: Why a post is held.
STAFF_LOOK_FIRST = N_("Staff look first on this board.")

_SENTENCES = (
    NO_REASON,
    FILE_UNREADABLE,
    FILE_LOST,
    BANNED_FOR_POST,
    WARNED_FOR_POST,
    STAFF_LOOK_FIRST,
)
_BY_TEXT = {str(sentence): sentence for sentence in _SENTENCES}


def shown(text: str) -> Message:
    """What was stored as `text`: our sentence, or somebody's words as they are."""
    return _BY_TEXT.get(text) or Message("{words}").filled(words=text)
