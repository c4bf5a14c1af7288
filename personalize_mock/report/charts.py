"""Charts as HTML and SVG. The style sheet of the report defines their colours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

COLORS = 6  # in the style sheet; further series repeat them
WIDTH, HEIGHT = 400.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 26.0, 12.0, 44.0  # margins around the plot
STEPS = 4  # intervals of an axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """An axis of a chart.

    Attributes:
        title: The text beside the axis.
        low: The value at the start of the axis.
        high: The value at the end of the axis, above `low`.
        as_percent: Whether the labels are percentages. The values are then shares, so 0.25 becomes "25%".
    """

    title: str
    low: float = 0.0
    high: float = 1.0
    as_percent: bool = False

    def position(self, value: float) -> float:
        """Return the position of a value on the axis, which is 0 at its start and 1 at its end."""
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[tuple[float, str]]:
        """Return five evenly spaced values of the axis, each with its label."""
        values = [self.low + (self.high - self.low) * step / STEPS for step in range(STEPS + 1)]
        return [(value, f"{value:.0%}" if self.as_percent else f"{value:.3g}") for value in values]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A line of a chart.

    Attributes:
        name: The text in the legend.
        points: The points of the line, as pairs of an x and a y value.
        labels: The text beside each point. Without labels, only the line is drawn, and not its points.
        is_reference: Whether the line is only there for comparison. It is then dashed and grey.
    """

    name: str
    points: Sequence[tuple[float, float]]
    labels: Sequence[str] = ()
    is_reference: bool = False


def line_chart(title: str, x: Axis, y: Axis, series: Sequence[Series]) -> str:
    """Return a line chart with a legend as an HTML `figure`.

    Args:
        title: The text above the chart, which also describes it to screen readers.
        x: The horizontal axis.
        y: The vertical axis.
        series: The lines. Reference lines must come last, because the position of a line determines its colour.
    """
    lines = [_line(each, x, y, color=index % COLORS) for index, each in enumerate(series)]
    names = [(f"c{index % COLORS} fill", each.name) for index, each in enumerate(series) if not each.is_reference]
    names = names if len(series) > 1 else []
    references = [("ended", f"{each.name} (dashed)") for each in series if each.is_reference]
    return (
        f'<figure class="chart"><h3>{escape(title)}</h3>'
        f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(title)}">'
        f"{_axes(x, y)}{''.join(lines)}</svg>{legend([*names, *references])}</figure>"
    )


def round_up(value: float) -> float:
    """Return a round number that is at least `value`, as the end of an axis that starts at 0.

    The labels of the axis are then short. Return 1 if `value` is 0 or negative.
    """
    if value <= 0:
        return 1.0
    size = 10.0 ** floor(log10(value / STEPS))
    return STEPS * size * next(step for step in (1, 2, 2.5, 5, 10) if STEPS * size * step >= value)


def legend(entries: Iterable[tuple[str, str]]) -> str:
    """Return a legend as HTML.

    Args:
        entries: Pairs of the CSS classes of a colour sample, separated by spaces, and the text beside it.
    """
    items = (f'<li><i class="{classes}"></i>{escape(text)}</li>' for classes, text in entries)
    return f'<ul class="legend">{"".join(items)}</ul>'


def bars(entries: Iterable[tuple[str, float]]) -> str:
    """Return horizontal bars as HTML, one for each entry.

    Args:
        entries: Pairs of a name and the length of its bar, a share between 0 and 1.
    """
    return "".join(
        f'<div class="bar"><span title="{escape(name)}">{escape(name)}</span>'
        f'<div><i class="c{index % COLORS} fill" style="width:{share:.2%}"></i></div><b>{share:.1%}</b></div>'
        for index, (name, share) in enumerate(entries)
    )


def _x(axis: Axis, value: float) -> float:
    return LEFT + axis.position(value) * (WIDTH - LEFT - RIGHT)


def _y(axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - axis.position(value) * (HEIGHT - TOP - BOTTOM)


def _axes(x: Axis, y: Axis) -> str:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [f'<rect class="frame" x="{LEFT:g}" y="{TOP:g}" width="{right - LEFT:g}" height="{bottom - TOP:g}"/>']
    for value, label in y.ticks():
        at = _y(y, value)
        parts.append(f'<line class="grid" x1="{LEFT:g}" x2="{right:g}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{LEFT - 6:g}" y="{at + 4:.1f}" text-anchor="end">{label}</text>')
    for value, label in x.ticks():
        parts.append(f'<text x="{_x(x, value):.1f}" y="{bottom + 16:g}" text-anchor="middle">{label}</text>')
    middle = (TOP + bottom) / 2
    parts.append(
        f'<text x="{(LEFT + right) / 2:g}" y="{HEIGHT - 8:g}" text-anchor="middle">{escape(x.title)}</text>'
        f'<text transform="translate(12 {middle:g}) rotate(-90)" text-anchor="middle">{escape(y.title)}</text>'
    )
    return "".join(parts)


def _line(series: Series, x: Axis, y: Axis, *, color: int) -> str:
    places = [(_x(x, across), _y(y, up)) for across, up in series.points]
    path = " ".join(f"{across:.1f},{up:.1f}" for across, up in places)
    if series.is_reference:
        return f'<polyline class="reference" points="{path}"/>'
    dots = "".join(
        f'<circle class="dot c{color}" cx="{across:.1f}" cy="{up:.1f}" r="4"/>{_label(label, across, up)}'
        for (across, up), label in zip(places, series.labels, strict=False)
    )
    return f'<polyline class="stroke c{color}" points="{path}"/>{dots}'


def _label(text: str, x: float, y: float) -> str:
    """Return the label of a point as SVG. It is on the right of the point or, near the right edge, on its left.

    Args:
        text: The label.
        x: The horizontal position of the point in the drawing.
        y: The vertical position of the point in the drawing, counted from the top.
    """
    anchor, shift = ("end", -7) if x > WIDTH * 0.75 else ("start", 7)
    at = f'x="{x + shift:.1f}" y="{max(TOP + 10, y - 7):.1f}"'
    return f'<text class="label" {at} text-anchor="{anchor}">{escape(text)}</text>'
