"""Pictures and thumbnails: put in place, or taken away with their post."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from random import Random

from imageboard import addresses
from imageboard.facts import Fact
from renderer.pages.kind import BoardKind, Drawn, Key, LinkedMedia
from renderer.pages.view import BoardView

#: The key that stands for every file that the board has; others are names below /<board>/.
ALL = ""


class Media(BoardKind):
    name = "media"
    order = 0
    has_time = False

    def stale(self, fact: Fact) -> Iterable[Key]:
        return fact.touched_media

    def there(self, view: BoardView) -> Iterable[Key]:
        return (ALL,)

    def there_by_chance(self, view: BoardView, pages: int, chance: Random) -> Iterable[Key]:
        """The first file of a post, and its thumbnail; all of them would be read from the disk."""
        nos = [chance.randint(1, max(1, view.board.last_no)) for _ in range(pages)]
        return (file.path.removeprefix(f"{view.board.name}/") for file in view.media_from(nos))

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        if key == ALL:
            return [file.path for file in view.media()]
        return (addresses.media_path(view.board.name, str(key)),)

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn | LinkedMedia]:
        if key == ALL:
            yield from view.media()
            return
        (path,) = self.paths(view, key)
        tim, _ = addresses.tim_and_extension(str(key))
        file = next((file for file in view.media(tim) if file.path == path), None)
        yield file or Drawn(path, None)


KIND = Media()
