"""What a text field of a form must pass before any rule looks at it.

What is let through is stored and published as typed: no Unicode normalisation (NFC would change
what the poster wrote, and merges kanji that Japanese names tell apart), blanks at the ends of
lines kept (they are part of ASCII art and code).

What nobody can see is mended without a word, since its poster could not find it: it came along
with a path from Windows, a line from Word, a page of a PDF. What can be seen and would harm a
reader is refused with a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from imageboard.errors import BadField
from imageboard.words import N_

#: Marks on one letter, above, below and beside it. Living scripts need three or four (Hebrew with
#: points and accents), Burmese six, and Tibetan's longest syllable eight; those that spill over the
#: neighbouring posts need dozens.
COMBINING_MARKS_MAX = 8
_STACKED = N_("A letter carries more than {marks_max} marks: use fewer.")
_STACKED_IN = N_("In “{words}” a letter carries more than {marks_max} marks: use fewer.")

# Word's soft line break (U+000B), a page break (U+000C), NEL of IBM's machines (U+0085); U+2028 and
# U+2029 break lines too, wherever the text is shown.
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_GAPS = re.compile("[\n\t]+")
_BLANK_LINES_BEFORE = re.compile(r"\A(?:[^\S\n]*+\n)+")

# U+FDD0… and the last two of each plane are noncharacters: "not recommended for interchange" (The
# Unicode Standard, section 23.7).
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
# Controls that end no line, halves of characters, deprecated controls (U+206A…), the byte order
# mark, annotations and places of objects that a form can't send (U+FFF9…), and tags: those stay in
# the flags of Scotland, Texas and their like alone.
_STRAY = re.compile(
    "(\U0001f3f4[\U000e0020-\U000e007e]{1,16}\U000e007f)"
    "|[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u206a-\u206f\ufeff\ufff9-\ufffc"
    f"\ud800-\udfff\U000e0000-\U000e007f{_NONCHARACTERS}]"
)

# What turns the direction of writing for a part of a line, and what ends that part.
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_OVERRIDES = "\u202d\u202e"
_POP_EMBEDDING = "\u202c"
_ISOLATES = "\u2066\u2067\u2068"
_POP_ISOLATE = "\u2069"

#: What has no ink beside white space, controls and marks without a letter; ranges for a regular
#: expression. What Unicode calls Default_Ignorable_Code_Point (DerivedCoreProperties 17.0, the
#: fillers of Hangul among it), and blanks that it does not: Braille's, hieroglyphs', music's, the
#: place of an object.
UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
    "\u2800\ufffc\U00013430-\U0001343f\U00013441\U00013442\U0001d159"
)
_ALL_UNSEEN = re.compile(f"[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f{UNSEEN}]+")
# Vowels and finals of a Hangul syllable that is written in parts: one letter with what is before.
_GOES_ON = re.compile("[\u1160-\u11ff\ud7b0-\ud7fb]")
_MAY_HAVE_INK = re.compile(f"[^\\s\0-\x1f\x7f-\x9f{UNSEEN}]")


def shows_anything(text: str) -> bool:
    """Whether a reader sees any of it: 'a', '…' and '🏴' but not '\\u200b', '\\u3164' or ' '."""
    return any(
        unicodedata.category(found.group())[0] != "M" for found in _MAY_HAVE_INK.finditer(text)
    )


def only_seen(text: str) -> str:
    """Ink and white space alone: for what is read by its letters, like '\\u202a192.0.2.7'."""
    return _ALL_UNSEEN.sub("", text)


def clean_line(text: str, field: str) -> str:
    """A one-line field (name, subject, email): trimmed, line ends and tabs made single spaces.

    Spaces inside stay as they are: they may be part of a tripcode's password. Direction overrides
    go: what is read backwards hides how a file's name ends, or a tripcode that was typed.

    Raises:
        BadField: a letter carries too many marks.
    """
    line = _GAPS.sub(" ", _mended(text, may_override=False)).strip()
    _refuse_stacked_marks(line, field)
    return line


def clean_file_name(text: str) -> str:
    """As clean_line, but never refused: on a computer a name is not typed, it is found.

    Marks past those that a letter may carry are dropped.
    """
    name = _GAPS.sub(" ", _mended(text, may_override=False)).strip()
    too_high = set(_stacked_too_high(name))
    return "".join(char for position, char in enumerate(name) if position not in too_high)


def clean_body(text: str, field: str) -> str:
    """The text of a post: every line end made LF, blank lines before and after it dropped.

    The first line keeps its indentation.

    Raises:
        BadField: a letter carries too many marks.
    """
    body = _mended(text, may_override=True)
    body = _BLANK_LINES_BEFORE.sub("", body)
    body = _without_blank_lines_after(body)
    _refuse_stacked_marks(body, field)
    return body


def _mended(text: str, *, may_override: bool) -> str:
    """Line ends made LF, strays dropped, and no line that turns around what follows it."""
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_ENDS.sub("\n", _STRAY.sub(r"\1", text))
    if _DIRECTIONS.search(text) is None:
        return text
    return "\n".join(
        with_closed_directions(line, may_override=may_override) for line in text.split("\n")
    )


def with_closed_directions(line: str, *, may_override: bool = False) -> str:
    """'\\u202babc\\u202c' stays; '\\u202babc' -> 'abc'.

    Pairs are how Arabic, Hebrew and numbers in them are set well. Open ones are dropped rather
    than closed: a path copied from Windows begins with one, and is to be copied on without it.
    """
    kept: set[int] = set()
    opened: list[int] = []
    isolates = 0
    for found in _DIRECTIONS.finditer(line):
        char, position = found.group(), found.start()
        if char == _POP_ISOLATE:
            if isolates:
                while line[opened[-1]] not in _ISOLATES:
                    opened.pop()
                kept |= {opened.pop(), position}
                isolates -= 1
        elif char == _POP_EMBEDDING:
            if opened and line[opened[-1]] not in _ISOLATES:
                start = opened.pop()
                if may_override or line[start] not in _OVERRIDES:
                    kept |= {start, position}
        else:
            opened.append(position)
            isolates += char in _ISOLATES
    return _DIRECTIONS.sub(lambda each: each.group() if each.start() in kept else "", line)


def _without_blank_lines_after(body: str) -> str:
    """'a \\n\\n ' -> 'a ': the last line that shows anything keeps its blanks."""
    shown = len(body.rstrip())
    if not shown:
        return ""
    line_end = body.find("\n", shown)
    return body if line_end < 0 else body[:line_end]


def _refuse_stacked_marks(text: str, field: str) -> None:
    position = next(_stacked_too_high(text), None)
    if position is None:
        return
    # SECURITY: a password is not read out.
    where = _STACKED if field == "password" else _STACKED_IN
    words = _words_around(text, position)
    raise BadField(where, field=field, marks_max=COMBINING_MARKS_MAX, words=words)


def _stacked_too_high(text: str) -> Iterator[int]:
    """Where the marks stand that a letter has beyond COMBINING_MARKS_MAX.

    A letter is what a reader takes for one: a grapheme cluster (Unicode Standard Annex 29), but for
    signs that are joined to one, as the people of a family are: each has marks of its own.
    """
    if text.isascii():
        return
    marks, going_on = _marks_and_going_on(text)
    if not marks:
        return
    stacked = 0
    for position, char in enumerate(text):
        if char in marks:
            stacked += 1
            if stacked > COMBINING_MARKS_MAX:
                yield position
        elif char not in going_on:
            stacked = 0


def _marks_and_going_on(text: str) -> tuple[set[str], set[str]]:
    """Of the text's characters those that stand on or beside others, and those of which no reader
    would say that a letter begins there: a filler between two marks does not keep them apart."""
    chars = set(text)
    going_on = {char for char in chars if _ALL_UNSEEN.fullmatch(char) or _GOES_ON.fullmatch(char)}
    return {char for char in chars - going_on if unicodedata.category(char)[0] == "M"}, going_on


def _words_around(text: str, position: int) -> str:
    """Some forty characters on both sides, without marks, to say where something is."""
    left_out = set().union(*_marks_and_going_on(text))
    around = text[max(0, position - 40) : position + 40]
    return " ".join("".join(char for char in around if char not in left_out).split())
