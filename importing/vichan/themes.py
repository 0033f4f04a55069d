"""`theme_settings`: pages that vichan's themes drew, and which of their addresses answer here."""

from __future__ import annotations

import re

from imageboard.old_addresses import OLD_ADDRESSES

#: Settings that name a page, or (the first) a folder of pages.
_FOLDER = "uri"
_PAGES = frozenset({"html", "file", "file_main", "file_news", "path", "xml", "rss"})
_PAGE = re.compile(r"[\w./-]{1,100}\.(?:html|xml|rss|json)")
_URI = re.compile(r"[^\s/]{1,58}")
#: What is ours under the same name.
_OURS = frozenset({"index.html", "sitemap.xml", "overboard/", "robots.txt"})


def lost_address(name: str, value: str) -> str | None:
    """'/all/', if a setting says that a theme drew that and nothing answers there."""
    value = value.strip().lstrip("/")
    if name == _FOLDER and _URI.fullmatch(value.rstrip("/")):
        path = value.rstrip("/") + "/"
    elif name in _PAGES and _PAGE.fullmatch(value):
        path = value
    else:
        return None
    return None if path in _OURS or _leads_on(path) else f"/{path}"


def _leads_on(path: str) -> bool:
    return any(re.match(old.whole.replace("(?<", "(?P<"), path) for old in OLD_ADDRESSES)
