"""What changes with the templates and the list of boards alone: assets, 404, robots.txt."""

from __future__ import annotations

from collections.abc import Iterator

from imageboard import addresses
from renderer.pages.kind import Drawn, SiteKind
from renderer.pages.view import SiteMoment, SiteView
from templates import assets, pages


class Frame(SiteKind):
    name = "frame"
    order = 5
    shows_posts = False

    def is_stale(self, shown: SiteMoment, now: SiteMoment) -> bool:
        return shown.settings_change_no != now.settings_change_no

    def draw(self, view: SiteView) -> Iterator[Drawn]:
        for asset in assets.assets().values():
            yield Drawn(asset.path, asset.body)
        yield Drawn(addresses.NOT_FOUND_PATH, pages.not_found_page(view.site))
        yield Drawn(addresses.ROBOTS_PATH, b"User-agent: *\nDisallow: /mod/\nDisallow: /post\n")


KIND = Frame()
