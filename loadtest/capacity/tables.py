"""Months and limits as text, for a terminal and for docs/capacity.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from loadtest.capacity.limits import SERVINGS, cores_needed, limits
from loadtest.capacity.month import Month
from loadtest.capacity.parameters import Parameters

_BAR_CELLS = 40


def markdown(parameters: Parameters, months: Sequence[Month]) -> str:
    """All tables, as docs/capacity.md holds them."""
    return "\n\n".join(
        [
            _table("daily users", months, _load_rows(months)),
            _table("a month", months, _bill_rows(months)),
            *(_limits_table(parameters, months, n) for n in range(len(SERVINGS))),
            _chart(months),
        ]
    )


def as_json(parameters: Parameters, months: Sequence[Month]) -> list[dict[str, object]]:
    """For programs: each month's fields, and its limits by way of serving."""
    return [
        {
            **asdict(month),
            "dollars": month.dollars,
            "limits": {
                serving: {limit.name: limit.used for limit in limits(parameters, month, serving)}
                for serving in SERVINGS
            },
            "cores_needed": {
                serving: cores_needed(parameters, month, serving) for serving in SERVINGS
            },
        }
        for month in months
    ]


def quantity(value: float) -> str:
    """Two digits: 0.34, 7.2, 45, 1,200, '3.4 million', '1 million'."""
    for size, word in ((1e9, " billion"), (1e6, " million")):
        if value >= 0.995 * size:
            return f"{_two_digits(value / size)}{word}"
    return _two_digits(value)


def _two_digits(value: float) -> str:
    if value >= 9.95:
        digits = max(0, len(str(int(value))) - 2)
        return f"{round(value, -digits):,.0f}"
    text = f"{value:.1f}" if value >= 0.95 else f"{value:.2f}"
    return text.removesuffix(".0")


def _load_rows(months: Sequence[Month]) -> dict[str, list[str]]:
    return {
        "boards": [quantity(month.boards) for month in months],
        "requests a second, busiest hour": [quantity(m.requests_per_s_peak) for m in months],
        "of them not at the edge": [f"{100 * month.miss_share:.0f} %" for month in months],
        "Mbit/s to readers, busiest hour": [quantity(month.mbit_per_s_peak) for month in months],
        "posts a second, busiest hour": [quantity(month.posts_per_s_peak) for month in months],
        "files changed by a post": [
            quantity(month.peak.files_changed / max(month.peak.posts, 1)) for month in months
        ],
        "of their puts, folded into another": [
            f"{100 * month.peak.folded / max(month.peak.files_changed, 1):.0f} %"
            for month in months
        ],
    }


def _bill_rows(months: Sequence[Month]) -> dict[str, list[str]]:
    return {
        "posts": [quantity(month.posts) for month in months],
        "puts (Class A)": [quantity(month.puts) for month in months],
        "reads of the bucket (Class B)": [quantity(month.bucket_reads) for month in months],
        "with tiered caching": [quantity(month.bucket_reads_tiered) for month in months],
        "URLs purged": [quantity(month.purged_urls) for month in months],
        "GB stored": [quantity(month.stored_gb) for month in months],
        "R2: puts": [_dollars(month.class_a_dollars) for month in months],
        "R2: reads": [_dollars(month.class_b_dollars) for month in months],
        "R2: storage": [_dollars(month.storage_dollars) for month in months],
        "purges": [_dollars(0) for _month in months],
        "Worker": [_dollars(month.worker_dollars) for month in months],
        "together": [_dollars(month.dollars) for month in months],
    }


def _limits_table(parameters: Parameters, months: Sequence[Month], number: int) -> str:
    serving = SERVINGS[number]
    found = [limits(parameters, month, serving) for month in months]
    rows = {
        "first to end": [each[0].name for each in found],
        "used of it, busiest hour": [_percent(each[0].used) for each in found],
        "so it lasts to, daily users": [
            quantity(each[0].users_at_the_end(month.users))
            for month, each in zip(months, found, strict=True)
        ],
        "then": [f"{each[1].name}, {_percent(each[1].used)}" for each in found],
        "cores it wants": [str(cores_needed(parameters, month, serving)) for month in months],
    }
    return _table(serving, months, rows)


def _chart(months: Sequence[Month]) -> str:
    """Where a day's requests end: a bar for each number of users."""
    lines = ["```", "answered by the edge #, by the bucket or by nginx ."]
    for month in months:
        missed = round(_BAR_CELLS * month.miss_share)
        bar = "#" * (_BAR_CELLS - missed) + "." * missed
        lines.append(f"{quantity(month.users):>12} |{bar}| {100 * (1 - month.miss_share):.0f} %")
    return "\n".join([*lines, "```"])


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 or not share else "below 1 %"


def _dollars(value: float) -> str:
    return f"{value:,.0f} $" if value >= 9.5 or value == 0 else f"{value:.2f} $"


def _table(corner: str, months: Sequence[Month], rows: dict[str, list[str]]) -> str:
    heading = [corner, *(quantity(month.users) for month in months)]
    lines = [heading, ["---"] + ["---:"] * len(months)]
    lines += [[name, *cells] for name, cells in rows.items()]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
