"""Small HTML tables for notebooks. All strings in them are escaped."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from personalize_mock.inspection.summary import count_of_calls, resources_by_type, state
from personalize_mock.simulation import Simulation


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return an HTML table with a title.

    Args:
        title: The text above the table.
        header: The titles of the columns.
        rows: The values of each row. Floats are shown with four decimal places.
    """
    lines = ["".join(f"<td>{escape(_text(value))}</td>" for value in row) for row in rows]
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><caption>{escape(title)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def mock_table(simulation: Simulation | None, *, is_active: bool) -> str:
    """Return an HTML table with the number of resources of each type and status.

    Args:
        simulation: The simulation, or None if the mock has never been started.
        is_active: Whether the simulation is still running.
    """
    if simulation is None:
        return "<p>mock_personalize: not started</p>"
    title = f"mock_personalize {state(simulation, is_active=is_active)}, {count_of_calls(simulation)}"
    rows = [
        (label, status or "", count)
        for label, statuses in resources_by_type(simulation).items()
        for status, count in statuses.items()
    ]
    return table(title, ["resource", "status", "count"], rows)


def metrics_table(title: str, metrics: Mapping[str, Mapping[str, float]]) -> str:
    """Return an HTML table of metrics with a row for each metric and a column for each recipe.

    Args:
        title: The text above the table.
        metrics: For each recipe name, the values of its metrics by metric name.
    """
    names = dict.fromkeys(name for values in metrics.values() for name in values)
    rows = [(name, *(values.get(name, "") for values in metrics.values())) for name in names]
    return table(title, ["metric", *metrics], rows)


def _text(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
