"""Where files stand in the folder of a board: each program that keeps threads has its own way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

#: Below the folder of a thread, or of its board: '' is that itself.
_OF_FILES = ("", "images", "media", "src")
_OF_THUMBS = ("thumb", "thumbs", "", "images", "media")
#: vichan's mostly end like the first.
_THUMB_ENDINGS = (".png", ".jpg", ".webp", ".gif", ".jpeg")


@dataclass(frozen=True)
class MediaFolders:
    """Of one board."""

    board: Path

    def file(self, beside: Path, name: str) -> str | None:
        """Below the board's folder, of a thread whose JSON stands in `beside`; None: nowhere."""
        places = [beside / folder / name for folder in _OF_FILES]
        places += [self.board / folder / name for folder in reversed(_OF_FILES)]
        return self._first(places) or self._called_after(beside, name)

    def thumb(self, beside: Path, name: str) -> str | None:
        """The same of a thumbnail; '1795500950388.*' may have any ending."""
        stem, dot, _ = name.rpartition(".*")
        names = [stem + ending for ending in _THUMB_ENDINGS] if dot else [name]
        roots = (self.board, beside)
        return self._first(
            [root / folder / each for each in names for root in roots for folder in _OF_THUMBS]
        )

    def _first(self, places: list[Path]) -> str | None:
        found = next((place for place in places if place.is_file()), None)
        return str(found.relative_to(self.board)) if found is not None else None

    def _called_after(self, beside: Path, name: str) -> str | None:
        """'1795500950388 cat.png' of gallery-dl, in the folder of its thread."""
        if beside == self.board:
            return None
        tim, _, ending = name.rpartition(".")
        for each in _listed(beside):
            if each.startswith((f"{tim} ", f"{tim}_")) and each.endswith(f".{ending}"):
                return str((beside / each).relative_to(self.board))
        return None


#: A folder of so many is not that of one thread.
_LISTED_MAX = 5_000


@lru_cache(maxsize=2)
def _listed(folder: Path) -> tuple[str, ...]:
    names = tuple(path.name for path in islice(folder.iterdir(), _LISTED_MAX + 1))
    return names if len(names) <= _LISTED_MAX else ()
