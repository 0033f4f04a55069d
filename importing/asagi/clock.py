"""asagi's times: New York's wall clock, counted as if it were UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from imageboard.words import Message
from importing.errors import ImportFailed

_HOUR_S = 3_600


class NoTimeZones(ImportFailed):
    code = "no_time_zones"
    message = Message(
        "The times of this dump are New York's, and this machine does not know when its clocks are"
        " turned: install the package tzdata."
    )


class Moment(NamedTuple):
    unix_s: int
    #: The hour comes twice that night, and nothing tells which of the two it was.
    is_guessed: bool


def moment(told: int, file_s: int | None) -> Moment:
    """`file_s`: the second that the name of the post's file has, which is of UTC.

    Raises NoTimeZones.
    """
    first, second = _offsets(told // _HOUR_S)
    if second <= first:
        return Moment(told + first, is_guessed=False)
    if file_s is None:
        return Moment(told + first, is_guessed=True)
    return Moment(min(told + first, told + second, key=lambda each: abs(each - file_s)), False)


# PERF: clocks are turned on the hour, and a dump has thousands of posts of each.
@lru_cache(maxsize=4096)
def _offsets(hour: int) -> tuple[int, int]:
    """What is to be added in that hour: the first time it comes, and the second, if it comes twice.

    An hour that is left out in spring has no second.
    """
    try:
        new_york = ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError as ex:
        raise NoTimeZones from ex
    told = hour * _HOUR_S
    wall = datetime.fromtimestamp(told, UTC)
    both = (wall.replace(tzinfo=new_york, fold=fold).timestamp() for fold in (0, 1))
    first, second = (int(each) - told for each in both)
    return first, second
