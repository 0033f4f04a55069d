"""Pages by short names: thread(1), board_page(2), CATALOG."""

from __future__ import annotations

from renderer.pages import board_kinds, board_pages, catalog, leftovers, media, threads
from renderer.pages.kind import ONLY

thread = threads.KIND.page
board_page = board_pages.KIND.page
medium = media.KIND.page
ALL_MEDIA = media.KIND.page(media.ALL)
CATALOG = catalog.KIND.page(ONLY)
LEFTOVERS = leftovers.KIND.page(ONLY)

#: The kinds that are named here, in the order of service: what a test says of all that is drawn
#: stays true when another kind is added.
NAMED_KINDS = {
    name: kind
    for name, kind in board_kinds().items()
    if kind in (media.KIND, threads.KIND, board_pages.KIND, catalog.KIND, leftovers.KIND)
}
