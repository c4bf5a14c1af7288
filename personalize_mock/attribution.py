"""Metrics of a metric attribution: what an expression means, and its values over events.

The dataset's name and the column's may be written in any case. Event types are compared without case, because the
service shows them in upper case.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from personalize_mock.data.avro import AvroSchema

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from personalize_mock.data.tables import Numbers, Strings, Table

DATASETS = ("INTERACTIONS", "ITEMS")
UNDEFINED = "SOURCE_NAME_UNDEFINED"  # documented
_NUMERIC = ("int", "long", "float", "double")
_COUNT = re.compile(r"\s*SAMPLECOUNT\s*\(\s*\)\s*", re.IGNORECASE)
_SUM = re.compile(r"\s*SUM\s*\(\s*(\w+)\s*\.\s*(\w+)\s*\)\s*", re.IGNORECASE)
_HEADER = "METRIC_NAME,EVENT_TYPE,VALUE,MATH_FUNCTION,EVENT_ATTRIBUTION_SOURCE,TIMESTAMP"

# Ours.
BAD_EXPRESSION = "The expression {text} is not valid. Provide SAMPLECOUNT() or SUM(DatasetType.COLUMN_NAME)."
BAD_DATASET = "The expression {text} is not valid. DatasetType must be Interactions or Items."
NO_COLUMN = "The expression {text} is not valid. The schema of the {dataset} dataset has no column {column}."
NOT_NUMERIC = "The expression {text} is not valid. The column {column} must be numeric."


class ExpressionError(ValueError):
    """An expression that the service would refuse; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric of an attribution.

    Attributes:
        name: in upper case.
        event_type: of the events that count, in upper case.
        dataset: where the column is, INTERACTIONS or ITEMS; None where events are counted.
        column: what is summed.
    """

    name: str
    event_type: str
    dataset: str | None = None
    column: str = ""

    @property
    def function(self) -> str:
        """Its function, as reports name it."""
        return "samplecount" if self.dataset is None else "sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A metric of one source within one window.

    Attributes:
        metric: the metric.
        source: what the events are attributed to.
        window: the number of the window.
        first: when the first of the events happened, in epoch seconds.
        count: how many events had a value.
        total: the sum of the values.
        least: the least of them.
        most: the greatest of them.
    """

    metric: Metric
    source: str
    window: int
    first: float
    count: int
    total: float
    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Events that came together.

    Attributes:
        events: their rows.
        sources: what each is attributed to; null counts for nothing.
        windows: int64[n], the window that each falls into.
        items: the Items dataset, None if it is empty.
    """

    events: "Table"
    sources: "Strings"
    windows: "NDArray[np.int64]"
    items: "Table | None" = None


def metric(name: str, event_type: str, expression: str, schemas: Mapping[str, AvroSchema]) -> Metric:
    """A metric, read.

    Args:
        name: the metric's.
        event_type: of the events that count.
        expression: `SAMPLECOUNT()` or `SUM(Interactions.COLUMN)` or `SUM(Items.COLUMN)`.
        schemas: of the group's datasets, by type.

    Raises:
        ExpressionError: it is neither, or there is no such numeric column.
    """
    if _COUNT.fullmatch(expression):
        return Metric(name=name.upper(), event_type=event_type.upper())
    found = _SUM.fullmatch(expression)
    if found is None:
        raise ExpressionError(BAD_EXPRESSION.format(text=expression))
    dataset, column = found[1].upper(), found[2].upper()
    if dataset not in DATASETS:
        raise ExpressionError(BAD_DATASET.format(text=expression))
    fields = {each.name.upper(): each for each in schemas[dataset].fields} if dataset in schemas else {}
    if column not in fields:
        raise ExpressionError(NO_COLUMN.format(text=expression, dataset=dataset, column=column))
    if fields[column].type not in _NUMERIC:
        raise ExpressionError(NOT_NUMERIC.format(text=expression, column=column))
    return Metric(name=name.upper(), event_type=event_type.upper(), dataset=dataset, column=fields[column].name)


def values(metrics: Iterable[Metric], batch: Batch) -> list[Value]:
    """The metrics over some events, by source and window; where nothing counts there is no value."""
    return [value for each in metrics for value in _values(each, batch)]


def report(found: Iterable[Value], instants: Mapping[int, float]) -> str:
    """The file that an import writes to S3, newest first.

    Args:
        found: the values.
        instants: the time that each window is shown with, in epoch seconds.
    """
    ordered = sorted(found, key=lambda value: -instants[value.window])
    lines = [
        f"{each.metric.name},{each.metric.event_type},{float(each.total)},{each.metric.function},"
        f"{_cell(each.source)},{int(instants[each.window])}"
        for each in ordered
    ]
    return "\n".join([_HEADER, *lines, ""])


def _values(wanted: Metric, batch: Batch) -> list[Value]:
    import numpy as np

    counted, amounts = _amounts(wanted, batch)
    rows = np.flatnonzero(counted & (batch.sources.codes >= 0) & _of_type(batch.events, wanted.event_type))
    if not len(rows):
        return []
    pairs = np.stack([batch.windows[rows], batch.sources.codes[rows]], axis=1)
    groups, group = np.unique(pairs, axis=0, return_inverse=True)
    group = group.reshape(-1)
    times, amount = batch.events.numbers("TIMESTAMP").values[rows], amounts[rows]
    first, least, most = np.full(len(groups), np.inf), np.full(len(groups), np.inf), np.full(len(groups), -np.inf)
    np.minimum.at(first, group, times)
    np.minimum.at(least, group, amount)
    np.maximum.at(most, group, amount)
    counts, totals = np.bincount(group), np.bincount(group, weights=amount)
    return [
        Value(
            metric=wanted,
            source=batch.sources.values[source],
            window=window,
            first=float(first[place]),
            count=int(counts[place]),
            total=float(totals[place]),
            least=float(least[place]),
            most=float(most[place]),
        )
        for place, (window, source) in enumerate(groups.tolist())
    ]


def _of_type(events: "Table", event_type: str) -> "NDArray[np.bool_]":
    import numpy as np

    types = events.strings("EVENT_TYPE")
    same = np.array([*(value.upper() == event_type for value in types.values), False])  # the last is for null
    chosen: NDArray[np.bool_] = same[types.codes]
    return chosen


def _amounts(wanted: Metric, batch: Batch) -> "tuple[NDArray[np.bool_], NDArray[np.float64]]":
    """What each event counts, and whether it does."""
    import numpy as np

    if wanted.dataset is None:
        return np.ones(batch.events.rows, dtype=np.bool_), np.ones(batch.events.rows)
    if wanted.dataset == "INTERACTIONS":
        return _known(batch.events.numbers(wanted.column))
    items = batch.events.strings("ITEM_ID")
    if batch.items is None:
        return np.zeros(batch.events.rows, dtype=np.bool_), np.zeros(batch.events.rows)
    known, amounts = _known(batch.items.numbers(wanted.column))
    place = {item: row for row, item in enumerate(batch.items.strings("ITEM_ID"))}
    rows = np.array([*(place.get(item, -1) for item in items.values), -1])[items.codes]
    return (rows >= 0) & np.append(known, [False])[rows], np.append(amounts, [0.0])[rows]


def _known(numbers: "Numbers") -> "tuple[NDArray[np.bool_], NDArray[np.float64]]":
    import numpy as np

    valid = np.ones(len(numbers), dtype=np.bool_) if numbers.valid is None else numbers.valid
    return valid, numbers.values.astype(np.float64)


def _cell(text: str) -> str:
    quoted = text.replace('"', '""')
    return f'"{quoted}"' if set(text) & set(',"\n\r') else text


def limited(sources: Sequence[str | None], known: set[str], most: int) -> list[str | None]:
    """Sources without those beyond a number of different ones; `known` grows by what is new."""
    kept: list[str | None] = []
    for source in sources:
        if source is not None and source != UNDEFINED and source not in known and len(known) < most:
            known.add(source)
        kept.append(source if source is None or source == UNDEFINED or source in known else None)
    return kept
