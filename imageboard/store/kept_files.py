"""Files of forms that were refused or looked at first, kept for an hour for who sent them.

SECURITY: they are as they were sent, and nothing serves them. Each is found by its token, which its
poster alone was told, and by that poster alone: the token of somebody else is as good as none.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

KEPT_S = 3600
#: Of one poster: three forms as large as a form may be. The oldest make room for new ones.
POSTER_BYTES_MAX = 32 * 1024 * 1024
POSTER_FILES_MAX = 20
#: Of all: nobody's are thrown out for others, so whoever comes later is asked to choose again.
#: Several writers that keep files at the same moment may each go one form beyond.
BYTES_MAX = 512 * 1024 * 1024
FILES_MAX = 2_000

_TOKEN_BYTES = 16
_NAME = re.compile(r"([0-9]{1,12})\.([0-9a-f]{32})\.([0-9a-f]{32})\.([0-9]{1,9})")


class _Kept(NamedTuple):
    """All that is known of a file, in its name: a look at the folder tells what it holds."""

    created_s: int
    poster: str
    #: The token itself is kept nowhere.
    token_hash: str
    bytes: int

    @property
    def name(self) -> str:
        return f"{self.created_s}.{self.poster}.{self.token_hash}.{self.bytes}"

    @classmethod
    def read(cls, name: str) -> Self | None:
        """None: it is no file of ours."""
        found = _NAME.fullmatch(name)
        return found and cls(int(found[1]), found[2], found[3], int(found[4]))


class KeptFiles:
    """A folder; `poster` is what `Cloak.hash_address` makes of an address."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def keep(self, file: Path, poster: bytes, now_s: float) -> str | None:
        """Move a file of the same disk in, and return its token; None: there is no room for it."""
        token = secrets.token_hex(_TOKEN_BYTES)
        new = _Kept(int(now_s), poster.hex(), _hash_of(token), file.stat().st_size)
        if not self._make_room(new):
            return None
        file.rename(self._folder / new.name)
        return token

    def find(self, token: str, poster: bytes, now_s: float) -> Path | None:
        """None: it is not this poster's, or no longer kept."""
        of_token = _hash_of(token)
        for kept in self._kept():
            if (kept.token_hash, kept.poster) == (of_token, poster.hex()):
                return None if _is_over(kept, now_s) else self._folder / kept.name
        return None

    def forget_expired(self, now_s: float) -> int:
        """How many were dropped."""
        due = [kept for kept in self._kept() if _is_over(kept, now_s)]
        for kept in due:
            self._drop(kept)
        return len(due)

    def _make_room(self, new: _Kept) -> bool:
        """Whether there is room, now that the poster's oldest have gone as far as they must."""
        there = sorted(self._kept())
        own = [kept for kept in there if kept.poster == new.poster]
        others = [kept for kept in there if kept.poster != new.poster]
        while own and not _have_room([*own, new], POSTER_BYTES_MAX, POSTER_FILES_MAX):
            self._drop(own.pop(0))
        return _have_room([new], POSTER_BYTES_MAX, POSTER_FILES_MAX) and _have_room(
            [*own, *others, new], BYTES_MAX, FILES_MAX
        )

    def _kept(self) -> Iterator[_Kept]:
        return filter(None, (_Kept.read(path.name) for path in self._folder.iterdir()))

    def _drop(self, kept: _Kept) -> None:
        (self._folder / kept.name).unlink(missing_ok=True)


def _is_over(kept: _Kept, now_s: float) -> bool:
    return kept.created_s + KEPT_S < now_s


def _have_room(kept: list[_Kept], bytes_max: int, files_max: int) -> bool:
    return len(kept) <= files_max and sum(each.bytes for each in kept) <= bytes_max


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]
