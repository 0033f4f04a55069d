"""Pages by short names: thread(1), board_page(2), CATALOG."""

from __future__ import annotations

from renderer.pages import board_pages, catalog, leftovers, media, threads

thread = threads.KIND.page
board_page = board_pages.KIND.page
medium = media.KIND.page
ALL_MEDIA = media.KIND.page(media.ALL)
CATALOG = catalog.KIND.page(catalog.ONLY)
LEFTOVERS = leftovers.KIND.page(leftovers.ONLY)
