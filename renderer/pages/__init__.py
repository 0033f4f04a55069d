"""Every kind of page, one file each: HTML and JSON of a kind side by side.

A kind says all that is to be known of its pages: which facts make them stale, which must be there,
at which paths, how they are drawn, and their place in the order of service (`kind.py`). Agenda,
render loop, verify, `rerender` and the second stage take it from here and know no kind by its name.
To add one, put a file with a `KIND` into this folder.

    kind.py        what a kind is
    view.py        what the pages of one board, and of the site, are drawn from

Used by renderer and cli; imports templates and imageboard.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from renderer.pages.kind import BoardKind, PageKind, SiteKind


@cache
def board_kinds() -> dict[str, BoardKind]:
    """{name: kind} of the pages that each board has, in the order of service."""
    return {kind.name: kind for kind in _kinds() if isinstance(kind, BoardKind)}


@cache
def site_kinds() -> dict[str, SiteKind]:
    """{name: kind} of the pages that the site has once, in the order of service."""
    return {kind.name: kind for kind in _kinds() if isinstance(kind, SiteKind)}


def _kinds() -> list[PageKind]:
    modules = [import_module(found.name) for found in iter_modules(__path__, f"{__name__}.")]
    kinds = [module.KIND for module in modules if hasattr(module, "KIND")]
    return sorted(kinds, key=lambda kind: (kind.order, kind.name))
