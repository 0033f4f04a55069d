"""The archive of a board: its index, a page for each month and archive.json.

The threads themselves stand at their own addresses, drawn as all threads are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from imageboard import addresses, markup
from imageboard.facts import Fact
from imageboard.store.archive import ArchivedThread
from renderer.pages.kind import BoardKind, Drawn, Key
from renderer.pages.threads import TITLE_CHARS_MAX
from renderer.pages.view import BoardView
from templates import pages
from templates.pages import ArchivedLine
from templates.post_json import dump

#: The key of what leads to the pages; others are names of pages, '2026-11'.
INDEX = "index"
#: The key of all that the changes which wait have altered: a fact does not say on which page its
#: thread stands or stood, but the database does.
LATEST = "latest"
#: Numbers in archive.json: those that came last. PERF: it is drawn for each thread that comes.
NUMBERS_MAX = 10_000


class Archive(BoardKind):
    name = "archive"
    order = 3

    def stale(self, fact: Fact) -> Iterable[Key]:
        return (LATEST,) if fact.touches_openings else ()

    def there(self, view: BoardView) -> Iterable[Key]:
        return (INDEX, *(page.name for page in view.archive_pages if page.threads))

    def might_be_there(self, view: BoardView) -> Iterable[Key]:
        return (page.name for page in view.archive_pages if not page.threads)

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        board = view.board.name
        if key == INDEX:
            return addresses.archive_path(board), addresses.archive_json_path(board)
        if key == LATEST:
            altered = _altered(view)
            return [path for each in altered for path in self.paths(view, each)]
        return (addresses.archive_path(board, str(key)),)

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn]:
        if key == LATEST:
            for each in _altered(view):
                yield from self.draw(view, each)
        elif key == INDEX:
            yield from self._draw_index(view)
        else:
            yield self._draw_page(view, str(key))

    def _draw_index(self, view: BoardView) -> Iterator[Drawn]:
        html_path, json_path = self.paths(view, INDEX)
        shown = [page for page in view.archive_pages if page.threads]
        if not shown and not view.board.settings.archive_days:
            yield Drawn(html_path, None)
            yield Drawn(json_path, None)
            return
        yield Drawn(html_path, pages.archive(view.site, view.board, shown))
        yield Drawn(json_path, dump(sorted(view.newest_archived(NUMBERS_MAX))))

    def _draw_page(self, view: BoardView, page: str) -> Drawn:
        (path,) = self.paths(view, page)
        lines = [_line(view, thread) for thread in view.archived_on(page)]
        html = pages.archive_page(view.site, view.board, page, lines) if lines else None
        return Drawn(path, html)


def _altered(view: BoardView) -> list[str]:
    names = [page.name for page in view.changed_archive_pages]
    return [INDEX, *names] if names else []


def _line(view: BoardView, thread: ArchivedThread) -> ArchivedLine:
    title = thread.subject
    if not title:
        tree = markup.parse(thread.body, view.board.settings.marking)
        title = markup.excerpt(tree, TITLE_CHARS_MAX) or f"No. {thread.no}"
    return ArchivedLine(thread.no, title, thread.replies, thread.images, thread.archived_s)


KIND = Archive()
