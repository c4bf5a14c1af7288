"""Reports of metric attributions: metrics in CloudWatch for new events, and CSV files in S3 after imports.

Both aggregate the events in windows of 15 minutes. A CloudWatch metric has the timestamp of the first event in its
window. The windows of a CSV file are counted back from the time of the report.

Source, unless marked otherwise: developer guide, "Measuring the impact of recommendations" (2025).
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache, partial
from io import BytesIO
from typing import TYPE_CHECKING

from personalize_mock.attribution import UNDEFINED, EventBatch, MetricValue, csv_report, limit_sources, measure
from personalize_mock.journal import Measurement
from personalize_mock.resources import locations
from personalize_mock.resources.core import quotas
from personalize_mock.resources.datasets import Dataset, dataset_of
from personalize_mock.resources.metric_attributions import MetricAttribution, active_attribution
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from personalize_mock.data.put_record import PutRecord
    from personalize_mock.data.tables import Strings, Table

WINDOW = 900  # seconds
MAX_AGE = 14 * 86_400  # seconds; older events are not published in CloudWatch
FILE = "AggregatedAttributionMetrics - {method} - {timestamp}.csv"  # the values of method and timestamp are ours
_CAMPAIGN = re.compile(r"-CID-([0-9a-f]{6})$")

# Ours.
NO_REPORTS = (
    "No ACTIVE metric attribution with a path in S3 measures dataset {arn}. Set publishAttributionMetricsToS3 to false."
)


def check_reports(store: Store, dataset: Dataset) -> None:
    """Check that metric attribution reports about imports into a dataset can be written to S3.

    Raises:
        InvalidInputException: The dataset has no active metric attribution, or the metric attribution has no path in
            S3.
    """
    attribution = active_attribution(store, dataset)
    if attribution is None or attribution.path is None:
        raise InvalidInputException(NO_REPORTS.format(arn=dataset.arn))


def report_events(store: Store, dataset: Dataset, records: "Sequence[PutRecord]") -> None:
    """Publish CloudWatch metrics for events received by PutEvents, if the dataset has an active metric attribution."""
    attribution = active_attribution(store, dataset)
    if attribution is None or not records:
        return

    from personalize_mock.data.records import table_from_rows

    sources = _sources(store, attribution, [(record.source, record.recommendation_id) for record in records])
    _publish(store, attribution, table_from_rows(dataset.parsed_schema, [record.row for record in records]), sources)


def report_import(store: Store, dataset: Dataset, table: "Table", *, mode: str, to_s3: bool) -> None:
    """Report the metrics of imported events, if the dataset has an active metric attribution.

    Args:
        store: The resources of one account and region.
        dataset: The dataset that received the import.
        table: The imported rows.
        mode: The import mode. Only the metrics of INCREMENTAL imports are published in CloudWatch.
        to_s3: Whether to write a report to S3, if the metric attribution has a path in S3.
    """
    attribution = active_attribution(store, dataset)
    if attribution is None or not table.rows:
        return
    sources = _table_sources(store, attribution, table)
    if mode == "INCREMENTAL":
        _publish(store, attribution, table, sources)
    if to_s3 and attribution.path is not None:
        _write(store, attribution, table, sources, mode)


def _publish(store: Store, attribution: MetricAttribution, events: "Table", sources: "Strings") -> None:
    """Publish CloudWatch metrics for events of the last 14 days. Older events are ignored.

    `sources` contains the name of the recommendation source to which each of the events is attributed.
    """
    import numpy as np

    timestamps = events.numbers("TIMESTAMP").values
    recent = np.flatnonzero(timestamps > store.clock.timestamp() - MAX_AGE)
    windows = (timestamps[recent] // WINDOW).astype(np.int64)
    for value in _measure(store, attribution, events.select(recent), sources.select(recent), windows):
        store.simulation.journal.add(_measurement(store, attribution, value))


def _measurement(store: Store, attribution: MetricAttribution, value: MetricValue) -> Measurement:
    dimensions = {"EventAttributionSource": value.source.upper(), "DatasetGroupArn": attribution.dataset_group_arn}
    return Measurement(
        at=value.first,
        account=store.account,
        region=store.region,
        name=value.metric.name,
        dimensions=tuple(dimensions.items()),
        unit="None",
        count=value.count,
        total=value.total,
        minimum=value.minimum,
        maximum=value.maximum,
    )


def _write(store: Store, attribution: MetricAttribution, events: "Table", sources: "Strings", mode: str) -> None:
    """Write the report of an import to the metric attribution's path in S3.

    Args:
        store: The resources of one account and region.
        attribution: The metric attribution.
        events: The imported events.
        sources: The name of the recommendation source to which each event is attributed.
        mode: The import mode, which is part of the file name.
    """
    now = store.clock.timestamp()
    windows = ((now - events.numbers("TIMESTAMP").values) // WINDOW).astype("int64")
    values = _measure(store, attribution, events, sources, windows)
    text = csv_report(values, {value.window: now - value.window * WINDOW for value in values})
    location = locations.parse(attribution.path or "").child(FILE.format(method=mode, timestamp=int(now)))
    content = BytesIO(text.encode())
    store.objects.write(location.bucket, location.key, content, at=now, kms_key=attribution.kms_key)


def _measure(
    store: Store, attribution: MetricAttribution, events: "Table", sources: "Strings", windows: "NDArray[np.int64]"
) -> list[MetricValue]:
    items = dataset_of(store, attribution.dataset_group_arn, "ITEMS")
    item_row = (lambda _: None) if items is None else items.contents.current_row
    batch = EventBatch(events=events, sources=sources, windows=windows, item_row=item_row)
    return measure([attribute.metric for attribute in attribution.metrics.values()], batch)


def _table_sources(store: Store, attribution: MetricAttribution, table: "Table") -> "Strings":
    """Return the name of the recommendation source to which each imported event is attributed.

    It is derived from the columns EVENT_ATTRIBUTION_SOURCE and RECOMMENDATION_ID, if the table has them; see
    `_sources`.
    """
    import numpy as np

    from personalize_mock.data.tables import Strings

    names = ("EVENT_ATTRIBUTION_SOURCE", "RECOMMENDATION_ID")
    if not any(name in table for name in names):
        return Strings(codes=np.zeros(table.rows, dtype=np.int32), values=(UNDEFINED,))
    nulls: list[str | None] = [None] * table.rows
    sources, recommendation_ids = (table.strings(name) if name in table else nulls for name in names)
    return _sources(store, attribution, zip(sources, recommendation_ids, strict=True))


def _sources(
    store: Store, attribution: MetricAttribution, events: Iterable[tuple[str | None, str | None]]
) -> "Strings":
    """Return the name of the recommendation source to which each event is attributed.

    The source of an event is its eventAttributionSource, or else the ARN of the campaign or recommender that made the
    recommendation, or else `SOURCE_NAME_UNDEFINED`. If the quota of different sources is used up, the result is null
    for events from further sources.

    Args:
        store: The resources of one account and region.
        attribution: The metric attribution. New sources are added to its `sources` until the quota is used up.
        events: The eventAttributionSource and the recommendationId of each event, or None where they are missing.
    """
    from personalize_mock.data.tables import Strings

    maker = cache(partial(_maker, store, attribution.dataset_group_arn))
    sources = [source or maker(_maker_digits(recommendation_id)) for source, recommendation_id in events]
    return Strings.from_values(limit_sources(sources, attribution.sources, quotas.limit(store, "attribution_sources")))


def _maker(store: Store, group_arn: str, digits: str) -> str:
    """Return the ARN of the campaign or recommender in a dataset group that made a recommendation.

    Args:
        store: The resources of one account and region.
        group_arn: The ARN of the dataset group.
        digits: The six hexadecimal digits at the end of the recommendation id, or "" if it does not end in such digits.

    Returns:
        The ARN, or `SOURCE_NAME_UNDEFINED` if the group has no such campaign or recommender.
    """
    for type_name in ("Recommender", "Campaign"):
        makers = store.select_by_type_name(type_name, dataset_group_arn=group_arn, id_digits=digits)
        if makers:
            return str(makers[-1].arn)
    return UNDEFINED


def _maker_digits(recommendation_id: str | None) -> str:
    match = _CAMPAIGN.search(recommendation_id or "")
    return match[1] if match else ""
