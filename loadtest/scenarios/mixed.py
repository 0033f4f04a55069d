"""The poster among readers: as many posts as boards have for their reads."""

from __future__ import annotations

from loadtest.scenarios.posters import Poster

READS_PER_POST = 1000
_LOOK_EVERY_S = 0.1


class OccasionalPoster(Poster):
    """Posts when this process's readers have read so much more.

    A ratio that holds over reads needs no guess at how fast anybody reads, and no second poster.
    """

    one_per_process = True

    def wait_time(self) -> float:
        return _LOOK_EVERY_S

    def act(self) -> None:
        """If one is due; the first is at once."""
        if self.crowd.reads >= READS_PER_POST * self.sent:
            super().act()
