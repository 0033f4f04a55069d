"""How often a page that has time is drawn: at once, and then no sooner than after a while.

What lists threads changes with each post to any of them. On a busy board it would be drawn and
compressed again for each, and nobody could notice.

Pure: it is told what time it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from renderer.pages.kind import Page

#: The pace while a poster waits for a list, which they are led to.
HURRIED_S = 0.2


@dataclass
class Pace:
    """When each of a board's pages may be drawn again."""

    #: 0: there is none, every page is drawn as soon as it is stale.
    every_s: float = 0.0
    #: When each was drawn, of those that were lately.
    _drawn_s: dict[Page, float] = field(default_factory=dict)
    #: Those that somebody waits for.
    _hurried: set[Page] = field(default_factory=set)

    def due_s(self, page: Page) -> float:
        """From when on it may be drawn; long ago for one that was not drawn lately."""
        every_s = min(HURRIED_S, self.every_s) if page in self._hurried else self.every_s
        return self._drawn_s.get(page, float("-inf")) + every_s

    def note_drawn(self, pages: Iterable[Page], now_s: float) -> None:
        if not self.every_s:
            return
        drawn = dict.fromkeys(pages, now_s)
        lately = {page: at_s for page, at_s in self._drawn_s.items() if at_s + self.every_s > now_s}
        self._drawn_s = lately | drawn
        self._hurried -= drawn.keys()

    def hurry(self) -> None:
        """Somebody waits for what they show now."""
        self._hurried = set(self._drawn_s)

    def is_idle(self, now_s: float) -> bool:
        """Whether every page may be drawn."""
        return all(self.due_s(page) <= now_s for page in self._drawn_s)
