"""What a board had once and has no longer: it is looked for when all of the board is drawn anew.

Of threads and media nothing is left over, since their facts take it away; there may be a million in
the archive, which only `verify` looks through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from imageboard.facts import Fact
from renderer.pages.kind import ONLY, BoardKind, Drawn, Key
from renderer.pages.view import BoardView


class Leftovers(BoardKind):
    """Draws nothing, and takes away: so it comes last."""

    name = "leftovers"
    order = 9
    draws_nothing = True

    def stale(self, fact: Fact) -> Iterable[Key]:
        return ()

    def there(self, view: BoardView) -> Iterable[Key]:
        return ()

    def drawn_anew(self, view: BoardView) -> Iterable[Key]:
        return (ONLY,)

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        return sorted(view.published_lists() - view.paths_there())

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn]:
        return (Drawn(path, None) for path in self.paths(view, key))


KIND = Leftovers()
