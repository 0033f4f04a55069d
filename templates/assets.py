"""Style sheets, scripts, pictures: /assets/board.1a2b3c4d5e6f.css never changes, and may be kept.

The sources lie in public/assets/ under their plain names; the renderer puts a copy under the
hashed name into the web root, which may be the same folder. A script names others by their plain
names, `import { tell } from "./notices.js"` or `asset("reading.css")`, and is published with the
hashed ones in their place: so its own name changes with any that it imports.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath

ASSETS_FOLDER = Path(__file__).parent.parent / "public" / "assets"

# A copy that the renderer made, or a compressed sibling of one.
_HASHED_NAME = re.compile(r"\.[0-9a-f]{12}\.")
#: `import … from "./name.js"`, `export … from`, `import "./name.js"`: without it the script does
#: not begin. `import("./name.js")`: asked for later; with `.Name` behind it, a type in a comment.
#: `asset("name.css")`: of another folder, by its name below public/assets/.
_IMPORT = re.compile(
    rb'(?P<at_once>^(?:import|export)\b[^;"]*")\./(?P<named>[a-z0-9_/]+\.js)(?=";)'
    rb'|(?P<later>\bimport\(")\./(?P<named_later>[a-z0-9_/]+\.js)(?="\)(?!\.[A-Z]))'
    rb'|(?P<asset>\basset\(")(?P<named_asset>[a-z0-9_/-]+\.[a-z]+)(?="\))',
    re.MULTILINE,
)
#: A comment on lines of its own. Half of a script is such: they stay at home.
_DOCSTRING = re.compile(
    rb"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/[ \t]*|// [^\n]*)\n", re.MULTILINE | re.DOTALL
)
#: Any comment of a style sheet, as far as the next line.
_COMMENT = re.compile(rb"[ \t]*/\*(?:(?!\*/).)*\*/\s*", re.DOTALL)


class ImportedInACircle(ValueError):
    """Scripts that import each other in a circle: none of them could be named by its hash."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of public/assets/ and the name under which it is published."""

    name: str
    #: Below the web root: 'assets/board.1a2b3c4d5e6f.css'.
    path: str
    url: str
    body: bytes
    #: The scripts without which this one does not begin, by their plain names.
    imports: tuple[str, ...] = ()


@cache
def assets() -> dict[str, Asset]:
    """Every asset by its plain name: {'board.css': Asset(…), 'scripts/start.js': Asset(…)}."""
    return {asset.name: asset for asset in read_assets(ASSETS_FOLDER)}


def asset_url(name: str) -> str:
    """'board.css' -> '/assets/board.1a2b3c4d5e6f.css'."""
    return assets()[name].url


@cache
def needed_by(name: str) -> tuple[str, ...]:
    """The addresses of all scripts without which the script `name` does not begin.

    A page names them in its head, or the browser would learn of each from the one before.
    """
    found: dict[str, None] = {}
    waiting = list(assets()[name].imports)
    for each in waiting:
        if each not in found:
            found[each] = None
            waiting.extend(assets()[each].imports)
    return tuple(assets()[each].url for each in found)


def read_assets(folder: Path) -> list[Asset]:
    """The sources in `folder`, by name; copies under hashed names are none.

    Raises:
        ImportedInACircle: …
        KeyError: a script imports what is not there.
    """
    sources = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".") and not _HASHED_NAME.search(path.name)
    }
    made: dict[str, Asset] = {}
    for name in sources:
        _make(name, sources, made, ())
    return [made[name] for name in sources]


def _make(
    name: str, sources: dict[str, bytes], made: dict[str, Asset], importing: tuple[str, ...]
) -> Asset:
    if name in importing:
        raise ImportedInACircle(" > ".join((*importing, name)))
    if name not in made:
        body = sources[name]
        imports: list[str] = []
        if name.endswith(".js"):
            beside = PurePosixPath(name).parent

            def with_hash(found: re.Match[bytes]) -> bytes:
                if found["asset"]:
                    other = found["named_asset"].decode()
                else:
                    other = (beside / (found["named"] or found["named_later"]).decode()).as_posix()
                if found["named"]:
                    imports.append(other)
                url = _make(other, sources, made, (*importing, name)).url
                return (found["at_once"] or found["later"] or found["asset"]) + url.encode()

            body = _IMPORT.sub(with_hash, _DOCSTRING.sub(b"", body))
        elif name.endswith(".css"):
            body = _COMMENT.sub(b"\n", body)
        made[name] = _asset(name, body, tuple(imports))
    return made[name]


def _asset(name: str, body: bytes, imports: tuple[str, ...]) -> Asset:
    stem, _, extension = name.rpartition(".")
    path = f"assets/{stem}.{sha256(body).hexdigest()[:12]}.{extension}"
    return Asset(name, path, f"/{path}", body, imports)
