"""How long whoever has drawn a board stays at it: no longer than that takes.

Render workers linger (lingering.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

#: What a wait ended with: something is to be looked at; somebody else is to have the board or the
#: worker; nothing is left to stay for.
Woken = Literal["look", "give way", "go"]


@dataclass
class Passing:
    """Goes as soon as all is drawn."""

    #: Whether somebody else waits, asked whenever all is drawn that waited when a turn began.
    others_wait: Callable[[], bool] = lambda: False
    #: Whether it is told of changes that come, and lists keep their pace meanwhile.
    lingers = False

    def listen(self) -> bool:
        """Hear what was told so far: who looks at the board now sees what it was about.

        Whether somebody waits for the lists.
        """
        return False

    def gives_way(self, is_wanted: Callable[[], bool]) -> bool:
        """Whether somebody waits for this worker, or (`is_wanted`) for this board."""
        return self.others_wait()

    def wait(self, due_s: float, is_wanted: Callable[[], bool]) -> Woken:
        """Wait for a change, or for the moment at which something is due."""
        return "go"

    def leave(self) -> None:
        """From here on nobody counts on somebody being here."""
