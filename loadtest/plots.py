"""Line plots as SVG: matplotlib draws them, the page that holds them gives the colours.

Every colour is one of the page's CSS variables, so that a plot is light, dark or printed as the
page is; each line has a dash of its own as well, for who can't tell the colours.
"""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.typing import RcKeyType

#: In CSS pixels, where the page gives it that much room.
WIDTH, HEIGHT = 480, 320
_PIXELS_PER_INCH = 72
_DASHES: tuple[Any, ...] = ("-", "--", ":", "-.", (0, (4, 1)), (0, (1, 3)), (0, (7, 2)))
_SHARES = (0.5, 0.9, 0.99, 0.999, 0.9999)
#: Variables of report.html.j2; matplotlib paints #000001, #000002 … for them, and leaves black out.
_PAINTS = ("", "soft", "line", *(f"c{place}" for place in range(len(_DASHES))))

#: "share": 0.5, 0.9, 0.99 … about evenly apart, for latency by percentile.
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


def svg(plot: Plot, name: str) -> str:
    """The plot as an <svg> element; `name` makes its ids its own on the page."""
    # Half a second and 290 MB of packages: for who writes a report, and nobody else.
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_style(name)):
        figure = Figure(
            figsize=(WIDTH / _PIXELS_PER_INCH, HEIGHT / _PIXELS_PER_INCH), layout="constrained"
        )
        _draw(plot, figure.subplots())
        figure.legend(loc="outside lower left", ncols=3)
        drawn = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        # PERF: savefig() draws twice, the first time for the layout alone: 0.10 s a plot for 0.08.
        FigureCanvasSVG(figure).print_svg(drawn, metadata=nothing)
    return _as_element(drawn.getvalue(), plot, name)


def number(value: float) -> str:
    """As few digits as tell it: 1200 -> '1,200', 3.14159 -> '3.1', 0.25 -> '0.25'."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2g}" if abs(value) < 10 else f"{value:.0f}"


def _style(name: str) -> dict[RcKeyType, Any]:
    text, rule = _paint("soft"), _paint("line")
    return {
        "svg.fonttype": "none",  # text stays text: it is found, copied and read aloud
        "text.parse_math": False,
        "svg.hashsalt": name,
        "svg.id": name,
        "font.sans-serif": ["DejaVu Sans"],  # the one that matplotlib brings along
        "font.size": 15,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "text.color": text,
        "axes.labelcolor": text,
        "xtick.labelcolor": text,
        "ytick.labelcolor": text,
        "xtick.color": rule,
        "axes.edgecolor": rule,
        "grid.color": rule,
        "axes.spines.left": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "ytick.major.size": 0,
        "xtick.major.pad": 6,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.xmargin": 0,
        "lines.linewidth": 2,
        "legend.frameon": False,
        "legend.handlelength": 1.8,
        "legend.columnspacing": 1.2,
        # PERF: a run of four hours is a tenth as long, and no peak is lost by a pixel.
        "path.simplify_threshold": 1.0,
    }


def _draw(plot: Plot, axes: Axes) -> None:
    axes.set_xlabel(plot.x_label)
    _scale_x(plot, axes)
    _scale_y(plot, axes)
    for place, line in enumerate(plot.lines):
        axes.plot(
            [x for x, _y in line.points],
            [y for _x, y in line.points],
            label=line.label,
            color=_paint(f"c{place % len(_DASHES)}"),
            linestyle=_DASHES[place % len(_DASHES)],
            marker="o" if len(line.points) == 1 else "",  # it has no length
            gid=f"line-{place}",
        )


def _scale_x(plot: Plot, axes: Axes) -> None:
    """Seconds in whole ones; shares by the nines in them."""
    from matplotlib.ticker import MaxNLocator

    values = [x for line in plot.lines for x, _y in line.points]
    low, high = min(values, default=0.5), max(values, default=0.5)
    if plot.x_scale == "share":
        ticks = [share for share in _SHARES if share <= high]
        axes.set_xscale("logit")
        axes.set_xticks(ticks, [f"{100 * share:g} %" for share in ticks])
        axes.set_xticks([], minor=True)
    else:
        axes.set_xlim(*((low, high) if high > low else (low - 1, low + 1)))
        axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10], integer=True))


def _scale_y(plot: Plot, axes: Axes) -> None:
    """From 0, or on a logarithmic scale from the power of ten below the lowest value."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    values = [y for line in plot.lines for _x, y in line.points]
    high = max(values, default=1.0)
    if plot.y_scale == "log":
        low = 10.0 ** math.floor(math.log10(max(min(values, default=1.0), 0.1)))
        axes.set_ylim(low, max(1.1 * high, 2 * low))
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1000 * low else (1,)))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        top = 1.05 * high or 1.0
        axes.set_ylim(-0.01 * top, top)  # a line at 0 is seen in its whole width
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: number(value)))


def _paint(variable: str) -> str:
    """A colour that stands for a variable of the page until `_as_element` names it."""
    return f"#{_PAINTS.index(variable):06x}"


def _as_element(document: str, plot: Plot, name: str) -> str:
    """matplotlib's document as an element among others, with words for who does not see it."""
    drawn = document[document.index("<svg ") :]
    drawn = re.sub(r"#0000([0-9a-f]{2})\b", lambda it: f"var(--{_PAINTS[int(it[1], 16)]})", drawn)
    drawn = drawn.replace('<g id="', f'<g id="{name}-')
    head, _, rest = drawn.partition(">")
    role = f'class="plot" role="img" aria-labelledby="{name}-title {name}-desc"'
    return (
        head.replace("<svg ", f"<svg {role} ")
        + f'><title id="{name}-title">{escape(plot.title)}</title>'
        + f'<desc id="{name}-desc">{escape(plot.description)}</desc>{rest}'
    )
