"""Metrics of metric attributions: functions that parse expressions, compute values from events and format reports.

Expressions may write dataset types and column names in any case. Event types are compared without regard to case,
because the service shows them in upper case in reports and in CloudWatch. Source: developer guide, "Measuring the
impact of recommendations" (2025).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from personalize_mock.data.avro import AvroSchema

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from personalize_mock.data.tables import FieldValue, Numbers, Strings, Table

DATASET_TYPES = ("INTERACTIONS", "ITEMS")
UNDEFINED = "SOURCE_NAME_UNDEFINED"  # the source of events that name none; documented
_NUMERIC = ("int", "long", "float", "double")
_COUNT = re.compile(r"\s*SAMPLECOUNT\s*\(\s*\)\s*", re.IGNORECASE)
_SUM = re.compile(r"\s*SUM\s*\(\s*(\w+)\s*\.\s*(\w+)\s*\)\s*", re.IGNORECASE)
_HEADER = "METRIC_NAME,EVENT_TYPE,VALUE,MATH_FUNCTION,EVENT_ATTRIBUTION_SOURCE,TIMESTAMP"

# The service's messages are not known.
BAD_EXPRESSION = "The expression {text} is not valid. Provide SAMPLECOUNT() or SUM(DatasetType.COLUMN_NAME)."
BAD_DATASET = (
    "The expression {text} is not valid. Use a column of the Interactions or Items dataset, such as in "
    "SUM(Items.PRICE)."
)
NO_COLUMN = (
    "The expression {text} is not valid. The schema of the {dataset} dataset has no column {column}. "
    "Use one of its numeric columns."
)
NOT_NUMERIC = "The expression {text} is not valid. The column {column} is not numeric. Use a numeric column."


class ExpressionError(ValueError):
    """Raised when a metric expression is invalid, such as `SUM(Items.NAME)` where NAME is not numeric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric of a metric attribution: the number of events of one type, or the sum of a column over these events.

    Attributes:
        name: The name of the metric, in upper case.
        event_type: The type of the events that are counted or summed, in upper case.
        dataset_type: The type of the dataset whose column is summed, INTERACTIONS or ITEMS; None if events are counted.
        column: The name of the summed column; empty if events are counted.
    """

    name: str
    event_type: str
    dataset_type: str | None = None
    column: str = ""

    @property
    def function(self) -> str:
        """The name of the metric's function in CSV reports, `samplecount` or `sum`."""
        return "samplecount" if self.dataset_type is None else "sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricValue:
    """The value of a metric over the events of one attribution source in one time window.

    Attributes:
        metric: The metric.
        source: The source of the recommendations that led to the events, such as a campaign.
        window: The integer that identifies the time window in `EventBatch.windows`.
        first: Time of the earliest event, in epoch seconds.
        count: Number of events that have a value.
        total: Sum of the values of the events.
        minimum: The smallest value of an event.
        maximum: The largest value of an event.
    """

    metric: Metric
    source: str
    window: int
    first: float
    count: int
    total: float
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EventBatch:
    """A batch of events from which metrics are computed.

    Attributes:
        events: The events, one row for each, with the columns of the Interactions dataset.
        sources: The attribution source of each event. Events without a source are left out of all metrics.
        windows: int64[n_events], an integer that identifies the time window of each event.
        item_row: Function that returns the row of the Items dataset with a given item id, by column name. It returns
            None if there is no such row.
    """

    events: "Table"
    sources: "Strings"
    windows: "NDArray[np.int64]"
    item_row: "Callable[[str], Mapping[str, FieldValue] | None]"


def parse_metric(name: str, event_type: str, expression: str, schemas: Mapping[str, AvroSchema]) -> Metric:
    """Parse the expression of a metric.

    Args:
        name: The name of the metric.
        event_type: The type of the events that are counted or summed.
        expression: `SAMPLECOUNT()`, `SUM(Interactions.COLUMN)` or `SUM(Items.COLUMN)`.
        schemas: The schemas of the datasets in the dataset group, by dataset type such as "ITEMS".

    Raises:
        ExpressionError: The expression is invalid, or its column does not exist or is not numeric.
    """
    if _COUNT.fullmatch(expression):
        return Metric(name=name.upper(), event_type=event_type.upper())
    match = _SUM.fullmatch(expression)
    if match is None:
        raise ExpressionError(BAD_EXPRESSION.format(text=expression))
    dataset_type, column = match[1].upper(), match[2].upper()
    if dataset_type not in DATASET_TYPES:
        raise ExpressionError(BAD_DATASET.format(text=expression))
    schema = schemas.get(dataset_type)
    fields = {} if schema is None else {field.name.upper(): field for field in schema.fields}
    if column not in fields:
        raise ExpressionError(NO_COLUMN.format(text=expression, dataset=dataset_type, column=column))
    field = fields[column]
    if field.type not in _NUMERIC:
        raise ExpressionError(NOT_NUMERIC.format(text=expression, column=column))
    return Metric(name=name.upper(), event_type=event_type.upper(), dataset_type=dataset_type, column=field.name)


def measure(metrics: Iterable[Metric], batch: EventBatch) -> list[MetricValue]:
    """Compute metrics from a batch of events.

    Args:
        metrics: The metrics to compute.
        batch: The events. Only those with an attribution source and the event type of the metric count.

    Returns:
        One value for each combination of a metric, an attribution source and a time window that has such events.
    """
    return [value for metric in metrics for value in _measure(metric, batch)]


def csv_report(values: Iterable[MetricValue], timestamps: Mapping[int, float]) -> str:
    """Format metric values as the CSV report of a dataset import, newest time window first.

    Args:
        values: The metric values. Each becomes a line.
        timestamps: For each `MetricValue.window`, the timestamp to write in its lines, in epoch seconds.
    """
    ordered = sorted(values, key=lambda value: -timestamps[value.window])
    lines = [
        f"{value.metric.name},{value.metric.event_type},{float(value.total)},{value.metric.function},"
        f"{_cell(value.source)},{int(timestamps[value.window])}"
        for value in ordered
    ]
    return "\n".join([_HEADER, *lines, ""])


def limit_sources(sources: Sequence[str | None], known: set[str], limit: int) -> list[str | None]:
    """Replace attribution sources beyond a quota with None, so that their events are not reported.

    Args:
        sources: The source of each event. None and `SOURCE_NAME_UNDEFINED` are returned as they are.
        known: The different sources reported so far. New sources are added to this set until it holds `limit` sources.
        limit: The maximum number of different sources.
    """
    limited: list[str | None] = []
    for source in sources:
        if source is not None and source != UNDEFINED and source not in known and len(known) < limit:
            known.add(source)
        limited.append(source if source is None or source == UNDEFINED or source in known else None)
    return limited


def _measure(metric: Metric, batch: EventBatch) -> list[MetricValue]:
    import numpy as np

    valid, amounts = _amounts(metric, batch)
    rows = np.flatnonzero(valid & (batch.sources.codes >= 0) & _has_event_type(batch.events, metric.event_type))
    if not len(rows):
        return []
    pairs = np.stack([batch.windows[rows], batch.sources.codes[rows]], axis=1)
    groups, group = np.unique(pairs, axis=0, return_inverse=True)
    group = group.reshape(-1)
    timestamps, amount = batch.events.numbers("TIMESTAMP").values[rows], amounts[rows]
    first, minimum, maximum = (np.full(len(groups), bound) for bound in (np.inf, np.inf, -np.inf))
    np.minimum.at(first, group, timestamps)
    np.minimum.at(minimum, group, amount)
    np.maximum.at(maximum, group, amount)
    counts, totals = np.bincount(group), np.bincount(group, weights=amount)
    return [
        MetricValue(
            metric=metric,
            source=batch.sources.values[source],
            window=window,
            first=float(first[at]),
            count=int(counts[at]),
            total=float(totals[at]),
            minimum=float(minimum[at]),
            maximum=float(maximum[at]),
        )
        for at, (window, source) in enumerate(groups.tolist())
    ]


def _has_event_type(events: "Table", event_type: str) -> "NDArray[np.bool_]":
    import numpy as np

    types = events.strings("EVENT_TYPE")
    matches = np.array([*(value.upper() == event_type for value in types.values), False])  # the last is for null
    mask: NDArray[np.bool_] = matches[types.codes]
    return mask


def _amounts(metric: Metric, batch: EventBatch) -> "tuple[NDArray[np.bool_], NDArray[np.float64]]":
    """Return the amounts that events add to a metric: 1 to a count, or the value of the column to a sum.

    Returns:
        A mask of the events that have an amount, bool[n_events], and the amounts, float64[n_events]. Amounts outside
        the mask are meaningless.
    """
    import numpy as np

    if metric.dataset_type is None:
        return np.ones(batch.events.rows, dtype=np.bool_), np.ones(batch.events.rows)
    if metric.dataset_type == "INTERACTIONS":
        return _valid_numbers(batch.events.numbers(metric.column))
    items = batch.events.strings("ITEM_ID")
    values = [*((batch.item_row(item) or {}).get(metric.column) for item in items.values), None]  # the last is for null
    valid = np.array([value is not None for value in values])[items.codes]
    return valid, np.array([value or 0 for value in values], dtype=np.float64)[items.codes]


def _valid_numbers(numbers: "Numbers") -> "tuple[NDArray[np.bool_], NDArray[np.float64]]":
    import numpy as np

    valid = np.ones(len(numbers), dtype=np.bool_) if numbers.valid is None else numbers.valid
    return valid, numbers.values.astype(np.float64)


def _cell(text: str) -> str:
    quoted = text.replace('"', '""')
    return f'"{quoted}"' if set(text) & set(',"\n\r') else text
