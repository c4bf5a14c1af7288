"""Small HTML tables for notebooks. All texts are escaped."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from personalize_mock.inspection.summary import count_of_calls, resources_by_type, state
from personalize_mock.simulation import Simulation


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table with a title.

    Args:
        title: The text above the table.
        header: The titles of the columns.
        rows: The values of each row. Numbers with a fraction are rounded to four digits.
    """
    lines = ["".join(f"<td>{escape(_text(value))}</td>" for value in row) for row in rows]
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><caption>{escape(title)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def mock_table(simulation: Simulation | None, *, is_active: bool) -> str:
    """Return a table of the resources of a simulation by type and status.

    Args:
        simulation: The simulation, or None if the mock has never been started.
        is_active: Whether the simulation still runs.
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
    """Return a table of metrics with a column for each recipe.

    Args:
        title: The text above the table.
        metrics: The metrics of each recipe by name.
    """
    names = dict.fromkeys(name for values in metrics.values() for name in values)
    rows = [(name, *(values.get(name, "") for values in metrics.values())) for name in names]
    return table(title, ["metric", *metrics], rows)


def _text(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
