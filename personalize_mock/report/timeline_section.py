"""Section of the report that shows the statuses of resources over time."""

from collections.abc import Sequence
from html import escape

from personalize_mock.journal import time_text
from personalize_mock.report.charts import legend
from personalize_mock.report.durations import duration_text
from personalize_mock.report.timeline import Lifespan, Span, TimeScale, shown_lifespans

AT_THE_END = 0.9  # position from which a label is written to the left of its mark
STATUSES = (
    ("pending", "pending"),
    ("progress", "in progress"),
    ("active", "ACTIVE"),
    ("leaving", "being deleted or stopped"),
    ("failed", "failed"),
    ("ended", "stopped or inactive"),
)  # CSS classes, and their texts in the legend


def timeline(lives: Sequence[Lifespan]) -> str:
    """Return an HTML chart of the statuses of resources over time, with a legend.

    Args:
        lives: The lifespans of all resources, in the order of their creation.
    """
    if not lives:
        return "<p>No resource has had a status.</p>"
    shown = shown_lifespans(lives)
    scale = TimeScale([instant for life in shown for span in life.spans for instant in (span.start, span.end)])
    rows = [
        f'<div class="type">{escape(label)}</div>{"".join(_life(life, scale) for life in same_type)}'
        for label, same_type in _by_type(shown).items()
    ]
    hidden = len(lives) - len(shown)
    note = f'<p class="note">{hidden:,} further resources are not shown.</p>' if hidden else ""
    return (
        f"{legend(STATUSES)}{_axis(scale)}{''.join(rows)}{note}"
        '<p class="note">Distances grow with the logarithm of the time between two changes.</p>'
    )


def _label(life: Lifespan) -> str:
    is_version = life.arn_type == "solution" and "/" in life.name
    return f"{life.arn_type.replace('-', ' ')}{' version' if is_version else ''}"


def _by_type(lives: Sequence[Lifespan]) -> dict[str, list[Lifespan]]:
    """Group lifespans by resource type, such as "solution version", in the order in which the types first appear."""
    groups: dict[str, list[Lifespan]] = {}
    for life in lives:
        groups.setdefault(_label(life), []).append(life)
    return groups


def _axis(scale: TimeScale) -> str:
    marks = []
    for position, seconds in scale.ticks():
        last = ' class="last"' if position > AT_THE_END else ""
        text = f"+{duration_text(seconds)}" if seconds else time_text(scale.start)[:16]
        marks.append(f'<span{last} style="left:{position:.2%}">{escape(text)}</span>')
    return f'<div class="axis">{"".join(marks)}</div>'


def _life(life: Lifespan, scale: TimeScale) -> str:
    spans = "".join(_span(span, scale) for span in life.spans)
    reason = f'<div class="reason">{escape(life.failure_reason)}</div>' if life.failure_reason else ""
    return (
        f'<div class="life"><span title="{escape(life.arn)}">{escape(life.name)}</span>'
        f'<div class="track">{spans}</div></div>{reason}'
    )


def _span(span: Span, scale: TimeScale) -> str:
    start, end = scale.position(span.start), scale.position(span.end)
    title = f"{span.status}: {time_text(span.start)} to {time_text(span.end)}, {duration_text(span.end - span.start)}"
    return (
        f'<i class="{_status_class(span.status)}" title="{escape(title)}" '
        f'style="left:{start:.2%};width:{end - start:.2%}"></i>'
    )


def _status_class(status: str) -> str:
    if status == "ACTIVE":
        return "active"
    if status.endswith("FAILED"):
        return "failed"
    if status in ("CREATE STOPPED", "INACTIVE"):
        return "ended"
    if status.startswith(("DELETE", "STOP", "CREATE STOPPING")):
        return "leaving"
    return "pending" if status.endswith("PENDING") else "progress"
