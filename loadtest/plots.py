"""Line plots as SVG: pure functions, no library, nothing asked of anywhere else.

A plot is drawn in its own coordinates and scales with its box. Colours are classes (line-0,
line-1 …), so that the page chooses them, light, dark or printed; each line has a dash of its own
as well, for who can't tell the colours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

WIDTH, HEIGHT = 480, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 26, 12, 40
#: A line of more points than pixels shows nothing more, and makes the page large.
POINTS_MAX = 240
_TICKS = 5
_DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2", "1 2", "12 4")

#: "share": 0.5, 0.9, 0.99 … evenly apart, for latency by percentile.
Scale = Literal["linear", "log", "share"]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A named row of points, x rising."""

    label: str
    points: list[Point]


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn, and the words for who does not see it."""

    title: str
    x_label: str
    y_label: str
    lines: list[Line]
    x_scale: Scale = "linear"
    y_scale: Scale = "linear"

    @property
    def is_empty(self) -> bool:
        return not any(line.points for line in self.lines)

    @property
    def description(self) -> str:
        """'p99: 3.1 to 20 ms, 8.2 at the end; …'"""
        said = []
        for line in self.lines:
            values = [y for _x, y in line.points]
            if values:
                low, high = number(min(values)), number(max(values))
                said.append(f"{line.label}: {low} to {high}, {number(values[-1])} at the end")
        return f"{self.y_label} by {self.x_label}. " + "; ".join(said)


@dataclass(frozen=True, slots=True)
class _Axis:
    """Values from `low` to `high` onto pixels from `start` to `end`."""

    scale: Scale
    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        low, high = _scaled(self.scale, self.low), _scaled(self.scale, self.high)
        share = (_scaled(self.scale, value) - low) / (high - low) if high > low else 0.5
        return round(self.start + share * (self.end - self.start), 1)

    @property
    def ticks(self) -> list[float]:
        if self.scale == "share":
            return [each for each in (0.5, 0.9, 0.99, 0.999, 0.9999) if each <= self.high]
        if self.scale == "log":
            return self._log_ticks()
        step = nice_step((self.high - self.low) / _TICKS)
        first = math.ceil(self.low / step)
        return [n * step for n in range(first, math.floor(self.high / step + 1e-9) + 1)]

    def _log_ticks(self) -> list[float]:
        """1, 10, 100 …; with 2 and 5 between them when those would be few."""
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        steps = (1, 2, 5) if last - first <= 2 else (1,)
        ticks = [step * 10.0**power for power in range(first, last + 1) for step in steps]
        return [tick for tick in ticks if self.low <= tick <= self.high]


def svg(plot: Plot, name: str) -> str:
    """The plot as an <svg> element; `name` makes its ids its own on the page."""
    points = [point for line in plot.lines for point in line.points]
    x = _axis(plot.x_scale, [x for x, _y in points], _LEFT, WIDTH - _RIGHT, from_zero=False)
    y = _axis(plot.y_scale, [y for _x, y in points], HEIGHT - _BOTTOM, _TOP, from_zero=True)
    ids = f'aria-labelledby="{name}-title {name}-desc"'
    middle = (_LEFT + WIDTH - _RIGHT) / 2
    label = f'<text class="axis" x="{middle}" y="{HEIGHT - 4}" text-anchor="middle">'
    parts = [
        f'<svg class="plot" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" {ids}>',
        f'<title id="{name}-title">{escape(plot.title)}</title>',
        f'<desc id="{name}-desc">{escape(plot.description)}</desc>',
        *_y_grid(y),
        *_x_grid(x),
        f"{label}{escape(plot.x_label)}</text>",
        *(_polyline(line, place, x, y) for place, line in enumerate(plot.lines)),
        "</svg>",
    ]
    return "\n".join(parts)


def swatch(place: int) -> str:
    """The piece of the plot's line at `place` that stands in a legend."""
    return (
        '<svg class="swatch" viewBox="0 0 28 8" aria-hidden="true">'
        f'<path class="line line-{place % len(_DASHES)}" d="M0 4H28"{_dash(place)}/></svg>'
    )


def thinned(points: Sequence[Point], most: int = POINTS_MAX) -> list[Point]:
    """At most `most` points, each the highest of those that it stands for: peaks stay."""
    if len(points) <= most:
        return list(points)
    size = math.ceil(len(points) / most)
    return [
        max(points[start : start + size], key=lambda point: point[1])
        for start in range(0, len(points), size)
    ]


def nice_step(step: float) -> float:
    """The next of 1, 2, 5, 10, 20 …: 0.7 -> 1, 130 -> 200."""
    power = 10.0 ** math.floor(math.log10(step)) if step > 0 else 1.0
    return next(power * each for each in (1, 2, 5, 10) if power * each >= step * (1 - 1e-9))


def number(value: float) -> str:
    """As few digits as tell it: 1200 -> '1,200', 3.14159 -> '3.1', 0.25 -> '0.25'."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2g}" if abs(value) < 10 else f"{value:.0f}"


def _axis(
    scale: Scale, values: Sequence[float], start: float, end: float, *, from_zero: bool
) -> _Axis:
    low, high = min(values, default=0.0), max(values, default=1.0)
    if scale == "log":
        low, high = max(low, 0.1), max(high, 1.0)
        return _Axis(scale, 10.0 ** math.floor(math.log10(low)), high, start, end)
    if scale == "linear":
        low = 0.0 if from_zero else low
        high = high if high > low else low + 1
        if from_zero:
            step = nice_step((high - low) / _TICKS)
            high = math.ceil(high / step) * step
    return _Axis(scale, low, high, start, end)


def _scaled(scale: Scale, value: float) -> float:
    if scale == "log":
        return math.log10(max(value, 1e-3))
    if scale == "share":
        return -math.log10(max(1 - value, 1e-6))
    return value


def _tick_label(scale: Scale, value: float) -> str:
    return f"{100 * value:g} %" if scale == "share" else number(value)


def _y_grid(axis: _Axis) -> list[str]:
    drawn = []
    for tick in axis.ticks:
        y = axis.at(tick)
        drawn.append(f'<path class="rule" d="M{_LEFT} {y}H{WIDTH - _RIGHT}"/>')
        drawn.append(
            f'<text class="tick" x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">'
            f"{_tick_label(axis.scale, tick)}</text>"
        )
    return drawn


def _x_grid(axis: _Axis) -> list[str]:
    bottom = HEIGHT - _BOTTOM
    drawn = [f'<path class="rule" d="M{_LEFT} {bottom}H{WIDTH - _RIGHT}"/>']
    for tick in axis.ticks:
        x = axis.at(tick)
        drawn.append(f'<path class="rule" d="M{x} {bottom}v5"/>')
        drawn.append(
            f'<text class="tick" x="{x}" y="{bottom + 18}" text-anchor="middle">'
            f"{_tick_label(axis.scale, tick)}</text>"
        )
    return drawn


def _polyline(line: Line, place: int, x: _Axis, y: _Axis) -> str:
    if not line.points:
        return ""
    path = "L".join(f"{x.at(px)} {y.at(py)}" for px, py in thinned(line.points))
    # A single point has no length: a short stroke shows it.
    path = path if len(line.points) > 1 else f"{path}h2"
    return f'<path class="line line-{place % len(_DASHES)}" d="M{path}"{_dash(place)}/>'


def _dash(place: int) -> str:
    dash = _DASHES[place % len(_DASHES)]
    return f' stroke-dasharray="{dash}"' if dash else ""
