"""Pictures of vichan's that belong to no post: flags that posters choose from, and banners."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from importing.records import OldBanner, OldFlag
from importing.vichan.settings import Settings, flag_name, flag_titles

#: Below the folder of all boards. b.php shows any of the second; forks have a folder in it for each
#: board.
_FLAGS = "static/flags"
_BANNERS = "static/banners"
_ENDINGS = frozenset({".png", ".gif", ".jpg", ".jpeg", ".webp"})
_TITLE_CHARS_MAX = 60


def flags(board: str, settings: Settings) -> Iterator[OldFlag]:
    for name, title in flag_titles(settings).items():
        # Ours are listed with commas between.
        said = " ".join(title.replace(",", " ").split())[:_TITLE_CHARS_MAX]
        # SECURITY: nothing leads out of the folder.
        if "/" not in name and "\0" not in name:
            yield OldFlag(
                board=board, name=flag_name(name), title=said, path=f"{_FLAGS}/{name}.png"
            )


def banners(board: str, folder: Path) -> Iterator[OldBanner]:
    """Those of all boards and those of its own, each board having its own here."""
    for place in (_BANNERS, f"{_BANNERS}/{board}"):
        for path in sorted((folder / place).glob("*")):
            if path.suffix.lower() in _ENDINGS and path.is_file():
                yield OldBanner(board=board, path=f"{place}/{path.name}")
