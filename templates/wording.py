"""How numbers and times are written on a page, times in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, lru_cache
from gettext import NullTranslations
from typing import NamedTuple

from imageboard.words import ENGLISH_WORDS, N_, NN_, NP_, decimals

_DAY_S = 86_400


class Moment(NamedTuple):
    """One time in its two spellings: for `datetime=`, and for the reader."""

    iso: str
    shown: str


def moment(seconds: int, catalog: NullTranslations = ENGLISH_WORDS) -> Moment:
    """1795500950 -> ('2026-11-24T06:15:50Z', '2026-11-24 (Tue) 06:15')."""
    day, second = divmod(seconds, _DAY_S)
    date, weekday = _date(day, catalog)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    clock = f"{hour:02}:{minute:02}"
    return Moment(f"{date}T{clock}:{second:02}Z", f"{date} ({weekday}) {clock}")


# PERF: posts of one page fall on few days; strftime for each would take 3 µs instead of 0.7.
@lru_cache(maxsize=1024)
def _date(day: int, catalog: NullTranslations) -> tuple[str, str]:
    date = datetime.fromtimestamp(day * _DAY_S, UTC)
    return date.date().isoformat(), _weekdays(catalog)[date.weekday()]


# Not strftime's %a: that would follow the machine's locale.
_WEEKDAYS = (
    NP_("day of the week", "Mon"),
    NP_("day of the week", "Tue"),
    NP_("day of the week", "Wed"),
    NP_("day of the week", "Thu"),
    NP_("day of the week", "Fri"),
    NP_("day of the week", "Sat"),
    NP_("day of the week", "Sun"),
)


@cache
def _weekdays(catalog: NullTranslations) -> tuple[str, ...]:
    return tuple(day.said(catalog) for day in _WEEKDAYS)


_BYTES = N_("{size} B")
_KILOBYTES = N_("{size} KB")
_MEGABYTES = N_("{size} MB")


def human_bytes(count: int, catalog: NullTranslations = ENGLISH_WORDS) -> str:
    """512 -> '512 B'; 3200 -> '3.1 KB'; 200_000 -> '195 KB'; 10_485_760 -> '10 MB'."""
    if count < 1024:
        return catalog.gettext(_BYTES.id).format(size=count)
    size, unit = count / 1024, _KILOBYTES
    if size >= 999.5:
        size, unit = size / 1024, _MEGABYTES
    number = f"{size:.0f}" if size >= 9.95 else f"{size:.1f}".removesuffix(".0")
    # PERF: 1 µs a file; as a filled message it would be 3.
    return catalog.gettext(unit.id).format(size=decimals(number, catalog))


#: What pages count, by what it is called in templates.
COUNTED = {
    "appeal": NN_("{count:,} appeal waits for an answer.", "{count:,} appeals wait for an answer."),
    "file": NN_("{count:,} file", "{count:,} files"),
    "frame": NN_("{count:,} frame", "{count:,} frames"),
    "image": NN_("{count:,} image", "{count:,} images"),
    "pixel": NN_("{count:,} pixel", "{count:,} pixels"),
    "post": NN_("{count:,} post", "{count:,} posts"),
    "poster": NN_("{count:,} poster", "{count:,} posters"),
    "recovery code": NN_("{count:,} recovery code is left.", "{count:,} recovery codes are left."),
    "reply": NN_("{count:,} reply", "{count:,} replies"),
    "reply not shown": NN_(
        "{count:,} reply is not shown here.", "{count:,} replies are not shown here."
    ),
    "report": NN_("{count:,} report", "{count:,} reports"),
    "reported post": NN_(
        "{count:,} reported post to look at.", "{count:,} reported posts to look at."
    ),
    "thread": NN_("{count:,} thread", "{count:,} threads"),
    "thread's reply": NN_("A thread of {count:,} reply", "A thread of {count:,} replies"),
}


def counted(count: int, what: str, catalog: NullTranslations = ENGLISH_WORDS) -> str:
    """(1, 'image') -> '1 image'; (1200, 'reply') -> '1,200 replies'."""
    return COUNTED[what].filled(count=count).said(catalog)


_MEGAPIXELS = NN_("{millions} megapixel", "{millions} megapixels")


def megapixels(count: int, catalog: NullTranslations = ENGLISH_WORDS) -> str:
    """200_000_000 -> '200 megapixels'; 1_500_000 -> '1.5 megapixels'; 4096 -> '4,096 pixels'."""
    if count < 100_000:
        return counted(count, "pixel", catalog)
    whole, rest = divmod(count, 1_000_000)
    # What is no whole number is said as many are.
    number = max(2, whole) if rest else whole
    millions = decimals(f"{count / 1e6:g}", catalog)
    return _MEGAPIXELS.filled(count=number, millions=millions).said(catalog)
