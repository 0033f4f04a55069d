"""The public site as files that open from a disk: what readers see, without a server.

Pages are taken from the web root as they stand. What leads to another page of the site is made
relative; what only a server can answer leads to the site, if it has a name, and else nowhere.
"""

from __future__ import annotations

import io
import posixpath
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

#: Copies that a server chooses from.
_COMPRESSED = frozenset({".gz", ".br"})
#: Pages are ours: attributes stand in double quotes, and none of them stands in a text.
_ADDRESS = re.compile(r' (href|src|srcset|action|poster)="(/[^"]*?)((?: 2x)?)"')
#: A browser runs no module from a disk; nothing is to be sent from there.
_SCRIPTS = re.compile(r'<script\b[^>]*></script>\n?|<link rel="modulepreload"[^>]*>\n?')
_HEAD_END = "</head>"
_ONLY_READ = "<style>form, [form], .skip { display: none }</style>\n"

#: Also feeds, which are nothing without their site.
_PAGES = (".html", ".atom", ".rss", ".json")

_TEXTS = (*_PAGES, ".css", ".svg", ".txt")

#: Takes a path ('b/res/1.html') and what stands there.
Sink = Callable[[str, BinaryIO], None]


def write(web_root: Path, site_url: str, sink: Sink) -> int:
    """Hand over each file of the site; how many there were.

    Posting goes on meanwhile: a page that comes later may link to one that was not there yet.
    """

    def is_there(file: str) -> bool:
        return (web_root / file).is_file()

    names = (path.relative_to(web_root).as_posix() for path in _files(web_root))
    return sum(_hand_over(web_root / name, name, is_there, site_url, sink) for name in names)


def write_thread(web_root: Path, site_url: str, board: str, no: int, sink: Sink) -> int:
    """Hand over a thread's page and JSON with all that they show; how many files there were.

    Raises FileNotFoundError: there is no such thread.
    """
    page = f"{board}/res/{no}.html"
    html = (web_root / page).read_text(encoding="utf-8")
    addresses = (unescape(found[2]) for found in _ADDRESS.finditer(_SCRIPTS.sub("", html)))
    shown = {unquote(_file_of(each)) for each in addresses if not each.startswith("//")}
    names = {
        page,
        f"{board}/res/{no}.json",
        # Other pages stay on the site, and the page leads there.
        *(name for name in shown if not name.endswith(_PAGES) and (web_root / name).is_file()),
    }
    return sum(
        _hand_over(web_root / name, name, names.__contains__, site_url, sink)
        for name in sorted(names)
    )


def on_a_disk(html: str, name: str, is_there: Callable[[str], bool], site_url: str) -> str:
    """A page with relative addresses and without scripts and forms.

    `name` is where it stands: 'b/res/1.html'; `is_there` says what stands beside it.
    """

    def lead(found: re.Match[str]) -> str:
        attribute, address, density = found.groups()
        _, mark, rest = _cut(address)
        file = _file_of(address)
        if not address.startswith("//") and is_there(unquote(file)):
            there = posixpath.relpath(file, posixpath.dirname(name))
            return f' {attribute}="{there}{mark}{rest}{density}"'
        return f' {attribute}="{site_url.rstrip("/")}{address}{density}"' if site_url else ""

    html = _SCRIPTS.sub("", html)
    return _ADDRESS.sub(lead, html).replace(_HEAD_END, _ONLY_READ + _HEAD_END, 1)


def _hand_over(
    path: Path, name: str, is_there: Callable[[str], bool], site_url: str, sink: Sink
) -> bool:
    """False: it was removed since it was listed."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    if path.suffix == ".html":
        content = on_a_disk(content.decode(), name, is_there, site_url).encode()
    sink(name, io.BytesIO(content))
    return True


def _file_of(address: str) -> str:
    """'/b/#2' -> 'b/index.html'"""
    path = _cut(address)[0]
    return path.lstrip("/") + ("index.html" if path.endswith("/") else "")


def into_folder(folder: Path) -> Sink:
    """Puts each file below this folder."""

    def put(name: str, content: BinaryIO) -> None:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.read())

    return put


def into_tar(tar: tarfile.TarFile, top: str) -> Sink:
    """Adds each file to a tar, below a folder `top` of it."""

    def put(name: str, content: BinaryIO) -> None:
        body = content.read()
        info = tarfile.TarInfo(f"{top}/{name}")
        info.size = len(body)
        tar.addfile(info, io.BytesIO(body))

    return put


def into_zip(packed: zipfile.ZipFile, top: str) -> Sink:
    """Adds each file to a ZIP, below a folder `top` of it; what is no text is packed already."""

    def put(name: str, content: BinaryIO) -> None:
        is_text = name.endswith(_TEXTS)
        how = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
        packed.writestr(f"{top}/{name}", content.read(), how)

    return put


def _files(web_root: Path) -> Iterator[Path]:
    """In order, without what begins with a dot: those are the renderer's own."""
    for path in sorted(web_root.rglob("*")):
        inside = path.relative_to(web_root).parts
        is_own = any(part.startswith(".") for part in inside)
        if path.suffix not in _COMPRESSED and not is_own and path.is_file():
            yield path


def _cut(address: str) -> tuple[str, str, str]:
    """'/b/res/1.html#2' -> ('/b/res/1.html', '#', '2'); a query is of no use on a disk."""
    path, mark, fragment = address.partition("#")
    return path.partition("?")[0], mark, fragment
