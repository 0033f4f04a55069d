"""What a text field of a form must pass before any rule looks at it.

What is let through is stored and published as typed: no Unicode normalisation (NFC would change
what the poster wrote, and merges kanji that Japanese names tell apart), blanks at the ends of
lines kept (they are part of ASCII art and code). What would harm a reader is refused with a
sentence rather than silently taken out.
"""

from __future__ import annotations

import re
import unicodedata

from imageboard.errors import BadField

#: Marks on one letter. Stacks in living scripts need three or four (Tibetan, Hebrew with points
#: and accents); those that spill over the neighbouring posts need dozens.
COMBINING_MARKS_MAX = 8

# U+2028 and U+2029 break lines too, wherever the text is shown.
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
_GAPS = re.compile("[\n\t]+")
_BLANK_LINES_BEFORE = re.compile(r"\A(?:[^\S\n]*+\n)+")

# Everything that is refused, found in one pass. U+FDD0… and the last two of each plane are
# noncharacters: "not recommended for interchange" (The Unicode Standard, section 23.7).
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_REFUSED = re.compile(
    f"[\0-\x08\x0b-\x1f\x7f-\x9f]|(?P<override>[\u202a-\u202e])|(?P<surrogate>[\ud800-\udfff])"
    f"|(?P<nonchar>[{_NONCHARACTERS}])"
)
_DIRECTION_NAMES = {
    "\u202a": "left-to-right embedding",
    "\u202b": "right-to-left embedding",
    "\u202c": "end of embedding",
    "\u202d": "left-to-right override",
    "\u202e": "right-to-left override",
}
_ISOLATES = re.compile("[\u2066-\u2069]")
_POP_ISOLATE = "\u2069"


def clean_line(text: str, field: str) -> str:
    """A one-line field (name, subject, email): trimmed, line ends and tabs made single spaces.

    Spaces inside stay as they are: they may be part of a tripcode's password.

    Raises:
        BadField: it holds a character that no field may hold.
    """
    line = _GAPS.sub(" ", _LINE_ENDS.sub("\n", text)).strip()
    _refuse_harmful(line, field)
    return line


def clean_body(text: str, field: str) -> str:
    """The text of a post: every line end made LF, blank lines before and after it dropped.

    The first line keeps its indentation.

    Raises:
        BadField: it holds a character that no field may hold.
    """
    body = _LINE_ENDS.sub("\n", text)
    body = _BLANK_LINES_BEFORE.sub("", body)
    body = _without_blank_lines_after(body)
    _refuse_harmful(body, field)
    return body


def _without_blank_lines_after(body: str) -> str:
    """'a \\n\\n ' -> 'a ': the last line that shows anything keeps its blanks."""
    shown = len(body.rstrip())
    if not shown:
        return ""
    line_end = body.find("\n", shown)
    return body if line_end < 0 else body[:line_end]


def _refuse_harmful(text: str, field: str) -> None:
    if text.isascii() and text.isprintable():
        return
    refused = _REFUSED.search(text)
    if refused is not None:
        raise BadField(field=field, reason=_why_refused(refused))
    if text.isascii():
        return
    _refuse_open_isolates(text, field)
    _refuse_stacked_marks(text, field)


def _why_refused(found: re.Match[str]) -> str:
    char = found.group()
    code = f"U+{ord(char):04X}"
    match found.lastgroup:
        case "override":
            name = _DIRECTION_NAMES[char]
            return f"The text turns the direction of writing around ({name}, {code}): remove it."
        case "surrogate":
            return f"The text holds half of a character ({code}): remove it and type it again."
        case "nonchar":
            return f"The text holds a code that is not a character ({code}): remove it."
        case _:
            return f"The text holds a control character ({code}): remove it."


def _refuse_open_isolates(text: str, field: str) -> None:
    """Isolates (U+2066…U+2069) are how mixed scripts are set well; left open they leak."""
    if _ISOLATES.search(text) is None:
        return
    for line in text.split("\n"):
        depth = 0
        for char in _ISOLATES.findall(line):
            depth += -1 if char == _POP_ISOLATE else 1
            if depth < 0:
                break
        if depth != 0:
            raise BadField(
                field=field,
                reason="A line opens and closes its direction isolates (U+2066 to U+2069) unevenly:"
                " remove them or pair them.",
            )


def _refuse_stacked_marks(text: str, field: str) -> None:
    marks = {char for char in set(text) if unicodedata.category(char) in ("Mn", "Me")}
    if not marks:
        return
    stacked = 0
    for char in text:
        stacked = stacked + 1 if char in marks else 0
        if stacked > COMBINING_MARKS_MAX:
            raise BadField(
                field=field,
                reason=f"A letter carries more than {COMBINING_MARKS_MAX} marks: use fewer.",
            )
