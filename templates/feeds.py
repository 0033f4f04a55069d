"""What feed readers and search engines read: Atom, RSS, maps of the site.

A reader of feeds shows what it is sent on pages of its own: the HTML is a post's text, safe as on
ours, and pictures and links have whole addresses where the site's is known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from imageboard import addresses
from templates.engine import Site, environment
from templates.wording import moment

#: In a post's HTML nothing that was typed holds a '<'.
_LINK_OF_OURS = re.compile('(<a [^>]*?href=")(?=/)')


class Enclosure(NamedTuple):
    """The first file of a post."""

    url: str
    content_type: str
    bytes: int


class Entry(NamedTuple):
    """One post in a feed; `html` is safe, the rest is plain text."""

    #: 'b/res/123.html#124'
    path: str
    title: str
    author: str
    created_s: int
    html: str
    file: Enclosure | None


@dataclass(frozen=True, slots=True)
class Feed:
    """What all kinds of feeds show."""

    #: Where it stands, and what it is of.
    path: str
    url: str
    title: str
    subtitle: str
    #: The newest first.
    entries: Sequence[Entry]

    @property
    def updated_s(self) -> int:
        """When the newest post came; of a feed without posts the first second of all."""
        return max((entry.created_s for entry in self.entries), default=0)


def atom(site: Site, feed: Feed) -> bytes:
    return _render("atom", site, feed=feed)


def rss(site: Site, feed: Feed) -> bytes:
    return _render("rss", site, feed=feed)


def entry_id(site: Site, path: str) -> str:
    """A whole address by which readers know a post again, also where the site's is not known."""
    return f"{site.url or 'tag:stillboard,2026:'}{addresses.url_of(path)}"


def whole_html(site: Site, entry: Entry) -> str:
    """What the entry says, with links that lead to the site from anywhere."""
    return _LINK_OF_OURS.sub(lambda link: link[1] + site.url, entry.html)


def iso(seconds: int) -> str:
    return moment(seconds).iso


def board_sitemap(site: Site, urls: Sequence[str]) -> bytes:
    return _render("sitemap", site, root="urlset", each="url", urls=urls)


def site_sitemap(site: Site) -> bytes:
    """The map of the boards' maps."""
    urls = [addresses.url_of(addresses.board_sitemap_path(board.name)) for board in site.boards]
    return _render("sitemap", site, root="sitemapindex", each="sitemap", urls=urls)


def _render(name: str, site: Site, **values: object) -> bytes:
    template = environment(site.language).get_template(f"feeds/{name}.xml")
    return template.render(
        site=site,
        id_of=partial(entry_id, site),
        html_of=partial(whole_html, site),
        url_of=addresses.url_of,
        **values,
    ).encode()
