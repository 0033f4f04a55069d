"""Style sheet and pictures: /assets/board.1a2b3c4d5e6f.css never changes, so caches may keep it.

The sources lie in public/assets/ under their plain names; the renderer puts a copy under the
hashed name into the web root, which may be the same folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

ASSETS_FOLDER = Path(__file__).parent.parent / "public" / "assets"

# A copy that the renderer made, or a compressed sibling of one.
_HASHED_NAME = re.compile(r"\.[0-9a-f]{12}\.")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of public/assets/ and the name under which it is published."""

    name: str
    #: Below the web root: 'assets/board.1a2b3c4d5e6f.css'.
    path: str
    url: str
    body: bytes


@cache
def assets() -> dict[str, Asset]:
    """Every asset by its plain name: {'board.css': Asset(…)}."""
    return {asset.name: asset for asset in read_assets(ASSETS_FOLDER)}


def asset_url(name: str) -> str:
    """'board.css' -> '/assets/board.1a2b3c4d5e6f.css'."""
    return assets()[name].url


def read_assets(folder: Path) -> list[Asset]:
    """The sources in `folder`, by name; copies under hashed names are none."""
    return [
        _asset(path.name, path.read_bytes())
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.startswith(".") and not _HASHED_NAME.search(path.name)
    ]


def _asset(name: str, body: bytes) -> Asset:
    stem, _, extension = name.rpartition(".")
    path = f"assets/{stem}.{sha256(body).hexdigest()[:12]}.{extension}"
    return Asset(name, path, f"/{path}", body)
