"""The text of columns: UTF-8, or what became of it where a table was said to be in another charset.

Old boards sent UTF-8 to tables in MySQL's "latin1" (Windows-1252), and their dumps encode each of
those bytes once more: 'Ð¸' for 'и'. One text alone may mean what it says, so all of a table's are
looked at: where each that is not plain ASCII would come out as UTF-8, they were all taken for it.
"""

from __future__ import annotations

#: Texts beyond ASCII that are looked at before it is decided.
LOOKED_AT = 500

# What MySQL's latin1 has where Windows-1252 has nothing, and Latin-1 everywhere: the byte itself.
_CONTROLS = {code: bytes([code]) for code in range(0x80, 0xA0)}


def text(raw: bytes) -> str:
    """UTF-8; where it is none, Windows-1252. NUL can't be stored, and nobody sees it."""
    try:
        decoded = raw.decode()
    except UnicodeDecodeError:
        decoded = raw.decode("cp1252", "replace")
    return decoded.replace("\0", "")


def undone(decoded: str) -> str:
    """'Ð¸' -> 'и'; what was not encoded twice stays."""
    if decoded.isascii():
        return decoded
    try:
        return b"".join(map(_byte, decoded)).decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return decoded


def _byte(char: str) -> bytes:
    return _CONTROLS.get(ord(char)) or char.encode("cp1252")


class Judge:
    """Whether the texts of a dump were encoded twice."""

    def __init__(self) -> None:
        self._seen = 0
        self._undone = 0

    def look_at(self, raw: bytes) -> None:
        if self._seen < LOOKED_AT and not raw.isascii():
            decoded = text(raw)
            self._seen += 1
            self._undone += undone(decoded) != decoded

    @property
    def finds_twice(self) -> bool:
        """A few may be as they are: cut off, or typed so."""
        return self._undone > 0 and self._undone >= 0.95 * self._seen
