"""What changes with templates and the list of boards alone: assets, 404, settings, maps, icons."""

from __future__ import annotations

from collections.abc import Iterator

from imageboard import addresses
from imageboard.store.site_moment import SiteMoment
from renderer.pages.kind import Drawn, SiteKind
from renderer.pages.view import SiteView
from templates import Site, assets, feeds, openapi, pages
from templates.post_json import dump


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
        yield Drawn(addresses.SETTINGS_PATH, pages.settings_page(view.site))
        yield Drawn(addresses.ROBOTS_PATH, robots(view.site))
        yield Drawn(addresses.OPENAPI_PATH, dump(openapi.document(view.site)))
        yield Drawn(addresses.SITEMAP_PATH, feeds.site_sitemap(view.site))
        for name in addresses.ICON_PATHS:
            yield Drawn(name, assets.assets()[name].body)


def robots(site: Site) -> bytes:
    """A map is told of by its whole address, or not at all."""
    text = "User-agent: *\nDisallow: /mod/\nDisallow: /post\nDisallow: /*/res/*.zip$\n"
    if site.url:
        text += f"Sitemap: {site.url}/{addresses.SITEMAP_PATH}\n"
    return text.encode()


KIND = Frame()
