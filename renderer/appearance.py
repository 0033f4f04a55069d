"""What shapes a page besides the posts: templates, assets, the code that draws, the site's name,
its captcha, its language and the key of its push messages.

Its fingerprint is noted with each board that is drawn as a whole, and no longer when a page of it
was drawn otherwise. Where it differs, some pages still look as they did before an upgrade: `doctor`
says so, and `rerender --all` mends it. Where it does not, a page that stands as it was written down
is one that would be drawn: `rerender --all` leaves it alone.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

import templates
from imageboard.captchas import ShownCaptcha
from imageboard.words import ENGLISH, Language

_ROOT = Path(__file__).resolve().parents[1]
#: Beside templates and assets, which have a fingerprint of their own: all that says what a page
#: shows, and when it is stale. Modules, or folders, for all modules and queries in them.
_SOURCES = (
    "imageboard",
    "renderer/agenda.py",
    "renderer/board_painter.py",
    "renderer/bodies.py",
    "renderer/drawing.py",
    "renderer/fragments.py",
    "renderer/kept_threads.py",
    "renderer/packs.py",
    "renderer/pages",
    "renderer/segments.py",
    "renderer/steps.py",
)
_SUFFIXES = frozenset({".py", ".sql"})


def appearance(
    site_name: str,
    site_url: str,
    captcha: ShownCaptcha | None = None,
    language: Language = ENGLISH,
    push_key: str = "",
) -> str:
    """32 hexadecimal digits: the same for the same code, templates and site."""
    whole = sha256(f"{templates.fingerprint()} {_code()} {len(site_name)} ".encode())
    whole.update(f"{site_name}{site_url}".encode())
    if captcha is not None:
        whole.update(f" {captcha!r}".encode())
    if language != ENGLISH:
        whole.update(f" {language.code}".encode())
    if push_key:
        whole.update(f" {push_key}".encode())
    return whole.hexdigest()[:32]


@cache
def _code() -> str:
    return fingerprint_of(_ROOT)


def fingerprint_of(root: Path) -> str:
    """The hash of every module below `root` that takes part in drawing a page."""
    whole = sha256()
    for source in source_files(root):
        body = source.read_bytes()
        whole.update(f"{source.relative_to(root)} {len(body)}\n".encode() + body)
    return whole.hexdigest()


def source_files(root: Path) -> list[Path]:
    """Every module and query that takes part in drawing a page, or says when it is stale."""
    found: list[Path] = []
    for name in _SOURCES:
        place = root / name
        if place.is_dir():
            found += sorted(each for each in place.rglob("*") if each.suffix in _SUFFIXES)
        else:
            found.append(place)
    return found
