"""Text as its readers take it: 'Ｖ i–а.g\\u200bR4' and 'viagra' are the same.

For comparison alone: what is stored and shown stays as it was typed.
"""

from __future__ import annotations

import re
import string
import unicodedata

from imageboard import plain_text
from imageboard.spam.confusables import LOOK_LIKE

#: Digits and signs that stand for letters, and letters that few tell apart: what each counts as.
_STAND_INS = dict(zip("0123456789@$|i€", "olzeasbtbgaslle", strict=True))
#: Small capitals, and capitals on dark circles and squares, of which NFKD makes no letters.
_DRESSED_UP = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True)) | {
    chr(first + place): letter
    for first in (0x1F150, 0x1F170)
    for place, letter in enumerate(string.ascii_lowercase)
}
_ALIKE = str.maketrans(
    _STAND_INS
    | {dressed: _STAND_INS.get(letter, letter) for dressed, letter in _DRESSED_UP.items()}
    | {other: _STAND_INS.get(ours, ours) for ours, others in LOOK_LIKE.items() for other in others}
)
#: PERF: for ASCII, as bytes: a post of 500 characters takes 0.06 ms, and 0.17 by the other table.
_ASCII_ALIKE = bytes(
    ord(_STAND_INS.get(chr(code).lower(), chr(code).lower())) for code in range(128)
) + bytes(128)
_ASCII_DROPPED = (
    "".join(
        char for char in string.punctuation + string.whitespace if char not in _STAND_INS
    ).encode()
    + bytes(range(9))
    + bytes(range(14, 32))
    + b"\x7f"
)
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")
_NO_LETTERS = re.compile(r"[\W_]+")
#: Elsewhere it ends a sentence.
_MARK_IN_WORD = re.compile(r"(?<=\w)!(?=\w)")
_REPEATED = re.compile(r"(.)\1+", re.DOTALL)


def seen(text: str) -> str:
    """Without what nobody sees, its letters in their usual forms: 'Ｖｉａ\\u200bgra' -> 'Viagra'.

    What is text to readers is still all there, in its case, with its blanks and signs.
    """
    return text if text.isascii() else unicodedata.normalize("NFKC", plain_text.only_seen(text))


def bare(text: str) -> str:
    """Its letters alone, each as what it looks like: 'V1@ggr.a' -> 'vlagra'.

    Case, accents, blanks, signs and repetitions are gone; i, l and 1 are one, as o and 0 are.
    """
    if "!" in text:
        text = _MARK_IN_WORD.sub("l", text)
    if text.isascii():
        letters = text.encode().translate(_ASCII_ALIKE, _ASCII_DROPPED).decode()
    else:
        letters = unicodedata.normalize("NFKD", plain_text.only_seen(text)).casefold()
        letters = _MARKS.sub("", unicodedata.normalize("NFKD", letters)).translate(_ALIKE)
        letters = _NO_LETTERS.sub("", letters)
    return _REPEATED.sub(r"\1", letters.replace("rn", "m").replace("vv", "w"))
