"""Which moment of the site the pages show that show several boards, kind by kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


class SiteMoment(NamedTuple):
    """Which moment of the site something shows.

    Its numbers only grow, so two moments with the same numbers are the same moment.
    """

    #: Of changes of any kind, in the sum of all boards' numbers.
    change_no: int
    #: The same of changes that the frame of pages shows: boards come and go, their titles change.
    settings_change_no: int
    #: Of what staff wrote for the whole site.
    written_no: int
    #: The last place of the log's chain.
    log_no: int

    @property
    def number(self) -> int:
        """Greater than that of each moment before."""
        return self.change_no + self.written_no + self.log_no


class Shown(NamedTuple):
    """What one kind of pages shows."""

    moment: SiteMoment
    #: Seconds since it was drawn.
    age_s: float


#: Of a kind that was never drawn.
NEVER = Shown(SiteMoment(-1, -1, -1, -1), float("inf"))


def now(db: Connection) -> SiteMoment:
    """The moment at which the site is."""
    return next(iter(queries.by_name(SiteMoment, db.execute(_SQL.now))))


def shown(db: Connection) -> dict[str, Shown]:
    """By the kind's name; a kind that was never drawn is missing."""
    return dict(queries.by_name(_shown, db.execute(_SQL.shown)))


def is_behind(db: Connection) -> bool:
    """Whether anything that has been drawn shows an older moment, or nothing was drawn."""
    moment, kinds = now(db), shown(db)
    return not kinds or any(each.moment != moment for each in kinds.values())


def show(db: Connection, moment: SiteMoment, kinds: Sequence[str], *, drawn: Sequence[str]) -> None:
    """These kinds show this moment now; `drawn`: those that were drawn for it.

    Call it in the transaction that records their files.
    """
    db.execute(_SQL.show, {"kinds": list(kinds), "drawn": list(drawn)} | moment._asdict())


def touch(db: Connection) -> None:
    """Staff wrote something for the whole site."""
    db.execute(_SQL.touch)


def _shown(*, kind: str, age_s: float, **moment: Any) -> tuple[str, Shown]:
    return kind, Shown(SiteMoment(**moment), age_s)
