"""What staff wrote for a board: its rules and other pages, and its news."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from imageboard import addresses
from imageboard.boards import Board
from imageboard.facts import Fact
from imageboard.store import written
from imageboard.store.database import Connection
from imageboard.written_pages import ANNOUNCEMENT, HELP, NEWS
from renderer.pages import notices
from renderer.pages.kind import BoardKind, Drawn, Key
from renderer.pages.view import BoardView
from templates import Site, pages
from templates.markdown import to_html


class WrittenPages(BoardKind):
    """Their keys are their names."""

    name = "written_page"
    order = 3

    def stale(self, fact: Fact) -> Iterable[Key]:
        return (name for name in fact.touched_writings if name != ANNOUNCEMENT)

    def there(self, view: BoardView) -> Iterable[Key]:
        return names(view.db, view.board.name)

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        return (addresses.written_page_path(view.board.name, str(key)),)

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn]:
        yield drawn(view.db, view.site, view.board, str(key))


def names(db: Connection, board: str | None) -> list[str]:
    """Of the pages that have an address, the news among them."""
    found = [name for name, _ in written.titles(db, board).pages]
    if board is None and HELP not in found:
        found.append(HELP)
    return [*found, NEWS] if written.news(db, board, 1) else found


def drawn(db: Connection, site: Site, board: Board | None, name: str) -> Drawn:
    """One page of a board, or of the whole site."""
    of = None if board is None else board.name
    path, url = addresses.written_page_path(of, name), addresses.written_page_url(of, name)
    if name == NEWS:
        news = notices.in_full(written.news(db, of, notices.NEWS_MAX))
        return Drawn(path, pages.news_page(site, board, url, news) if news else None)
    page = written.page(db, of, name)
    if page is None:
        is_ours = board is None and name == HELP
        return Drawn(path, pages.help_page(site, url) if is_ours else None)
    html = to_html(page.body)
    return Drawn(path, pages.written_page(site, board, page.title, url, html, page.changed_s))


KIND = WrittenPages()
