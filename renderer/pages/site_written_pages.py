"""What staff wrote for the whole site: /faq.html and its like, and the site's news."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imageboard.store.site_moment import SiteMoment
from imageboard.written_pages import NEWS, RESERVED
from renderer.pages import written_pages
from renderer.pages.kind import Drawn, SiteKind
from renderer.pages.view import SiteView

_PATH = re.compile(r"([a-z][a-z0-9_-]*)\.html")


class SiteWrittenPages(SiteKind):
    name = "site_written_page"
    order = 4
    shows_posts = False

    def is_stale(self, shown: SiteMoment, now: SiteMoment) -> bool:
        return (shown.settings_change_no, shown.written_no) != (
            now.settings_change_no,
            now.written_no,
        )

    def draw(self, view: SiteView) -> Iterator[Drawn]:
        there = written_pages.names(view.db, None)
        gone = {
            found[1]
            for path in view.published_paths()
            if (found := _PATH.fullmatch(path)) and found[1] not in RESERVED - {NEWS}
        }
        for name in dict.fromkeys((*there, *sorted(gone))):
            yield written_pages.drawn(view.db, view.site, None, name)


KIND = SiteWrittenPages()
