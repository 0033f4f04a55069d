"""Pictures and thumbnails: put in place, or taken away with their post."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from random import Random

from imageboard import addresses
from imageboard.facts import Fact
from renderer.pages.kind import BoardKind, Drawn, Key, LinkedMedia, Page
from renderer.pages.view import BoardView

#: Keys that stand for every file of the threads on the board, in its archive, and of one thread
#: there ('archived/124'); others are names below /<board>/.
ALL = ""
ARCHIVED = "archived"
_OF_ONE = f"{ARCHIVED}/"


class Media(BoardKind):
    name = "media"
    order = 0
    has_time = False
    draws_nothing = True

    def stale(self, fact: Fact) -> Iterable[Key]:
        return fact.touched_media

    def there(self, view: BoardView) -> Iterable[Key]:
        return ALL, ARCHIVED

    def drawn_anew(self, view: BoardView) -> Iterable[Key]:
        return (ALL,)

    def paths_there(self, view: BoardView) -> Iterator[str]:
        yield from self.paths(view, ALL)

    def there_by_chance(self, view: BoardView, pages: int, chance: Random) -> Iterable[Key]:
        """The first file of a post, and its thumbnail; all of them would be read from the disk."""
        nos = [chance.randint(1, max(1, view.board.last_no)) for _ in range(pages)]
        return (file.path.removeprefix(f"{view.board.name}/") for file in view.media_from(nos))

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        if self._stands_for_many(key):
            return [file.path for file in self._all(view, key)]
        return (addresses.media_path(view.board.name, str(key)),)

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn | LinkedMedia]:
        if self._stands_for_many(key):
            yield from self._all(view, key)
            return
        (path,) = self.paths(view, key)
        tim, _ = addresses.tim_and_extension(str(key))
        file = next((file for file in view.media_named(tim) if file.path == path), None)
        yield file or Drawn(path, None)

    def read_ahead(self, view: BoardView, keys: Sequence[Key]) -> None:
        named = [str(key) for key in keys if not self._stands_for_many(key)]
        tims = dict.fromkeys(addresses.tim_and_extension(name)[0] for name in named)
        view.read_media_ahead(list(tims))

    def page_of_archived(self, thread: int) -> Page:
        """What stands for all files of a thread in the archive."""
        return self.page(f"{_OF_ONE}{thread}")

    def _stands_for_many(self, key: Key) -> bool:
        return key in (ALL, ARCHIVED) or str(key).startswith(_OF_ONE)

    def _all(self, view: BoardView, key: Key) -> Iterator[LinkedMedia]:
        if key == ALL:
            return view.media()
        thread = str(key).removeprefix(_OF_ONE)
        return view.archived_media(None if key == ARCHIVED else [int(thread)])


KIND = Media()
