"""What metric attributions report: metrics to CloudWatch as events come, files to S3 as imports are done.

The times of metrics are those of the events; a report counts its windows back from its own instant.
"""

import re
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from personalize_mock.attribution import UNDEFINED, Batch, Value, limited, report, values
from personalize_mock.journal import Measurement
from personalize_mock.resources import locations
from personalize_mock.resources.core import quotas
from personalize_mock.resources.datasets import Dataset, dataset_of
from personalize_mock.resources.metric_attributions import MetricAttribution, active_attribution
from personalize_mock.resources.recommendation_ids import arn_digits
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException

if TYPE_CHECKING:
    from personalize_mock.data.put_log import PutRecord
    from personalize_mock.data.tables import Strings, Table

WINDOW = 900  # seconds; documented
OLDEST = 14 * 86_400  # seconds; documented
NAME = "AggregatedAttributionMetrics - {method} - {timestamp}.csv"  # documented, but for what is put in
_CAMPAIGN = re.compile(r"-CID-([0-9a-f]{6})$")

# Ours.
NO_REPORTS = (
    "Dataset {arn} has no active metric attribution with a path in S3. Set publishAttributionMetricsToS3 to false."
)


def check_reports(store: Store, dataset: Dataset) -> None:
    """Refuses an import that is to report to S3, if there is nowhere to.

    Raises:
        InvalidInputException: the dataset's group has no attribution that does.
    """
    attribution = active_attribution(store, dataset)
    if attribution is None or attribution.path is None:
        raise InvalidInputException(NO_REPORTS.format(arn=dataset.arn))


def report_events(store: Store, dataset: Dataset, records: "Sequence[PutRecord]") -> None:
    """Send the metrics of new events to CloudWatch."""
    attribution = active_attribution(store, dataset)
    if attribution is None or not records:
        return

    from personalize_mock.data.records import table_from_rows

    sources = _named(store, attribution, [(record.source, record.recommendation_id) for record in records])
    _measure(store, attribution, table_from_rows(dataset.parsed_schema, [record.row for record in records]), sources)


def report_import(store: Store, dataset: Dataset, table: "Table", *, mode: str, to_s3: bool) -> None:
    """Measures what an import brought: an incremental one in CloudWatch, any one that is told to in S3."""
    attribution = active_attribution(store, dataset)
    if attribution is None or not table.rows:
        return
    sources = _sources(store, attribution, table)
    if mode == "INCREMENTAL":
        _measure(store, attribution, table, sources)
    if to_s3 and attribution.path is not None:
        _write(store, attribution, table, sources, mode)


def _measure(store: Store, attribution: MetricAttribution, events: "Table", sources: "Strings") -> None:
    """Metrics for CloudWatch, of events that are not too old for it."""
    import numpy as np

    times = events.numbers("TIMESTAMP").values
    recent = np.flatnonzero(times > store.clock.timestamp() - OLDEST)
    windows = (times[recent] // WINDOW).astype(np.int64)
    batch = Batch(events=events.select(recent), sources=sources.select(recent), windows=windows)
    for value in _values(store, attribution, batch):
        store.simulation.journal.add(_measurement(store, attribution, value))


def _measurement(store: Store, attribution: MetricAttribution, value: Value) -> Measurement:
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
        minimum=value.least,
        maximum=value.most,
    )


def _write(store: Store, attribution: MetricAttribution, events: "Table", sources: "Strings", mode: str) -> None:
    now = store.clock.timestamp()
    back = (now - events.numbers("TIMESTAMP").values) // WINDOW
    batch = Batch(events=events, sources=sources, windows=back.astype("int64"))
    found = _values(store, attribution, batch)
    text = report(found, {each.window: now - each.window * WINDOW for each in found})
    place = locations.parse(attribution.path or "").child(NAME.format(method=mode, timestamp=int(now)))
    store.objects.write(place.bucket, place.key, BytesIO(text.encode()), at=now, kms_key=attribution.kms_key)


def _values(store: Store, attribution: MetricAttribution, batch: Batch) -> list[Value]:
    items = dataset_of(store, attribution.dataset_group_arn, "ITEMS")
    data = None if items is None else items.contents.data
    known = Batch(events=batch.events, sources=batch.sources, windows=batch.windows, items=data)
    return values([each.metric for each in attribution.metrics.values()], known)


def _sources(store: Store, attribution: MetricAttribution, table: "Table") -> "Strings":
    """What the rows of an import are attributed to."""
    import numpy as np

    from personalize_mock.data.tables import Strings

    names = [name for name in ("EVENT_ATTRIBUTION_SOURCE", "RECOMMENDATION_ID") if name in table]
    if not names:
        return Strings(codes=np.zeros(table.rows, dtype=np.int32), values=(UNDEFINED,))
    nothing: list[str | None] = [None] * table.rows
    given, recommended = (
        table.strings(name) if name in names else nothing for name in ("EVENT_ATTRIBUTION_SOURCE", "RECOMMENDATION_ID")
    )
    return _named(store, attribution, zip(given, recommended, strict=True))


def _named(store: Store, attribution: MetricAttribution, traces: Iterable[tuple[str | None, str | None]]) -> "Strings":
    """What events are attributed to: the source that they name, or what made their recommendation."""
    from personalize_mock.data.tables import Strings

    makers = _makers(store, attribution.dataset_group_arn)
    named = [given or makers.get(_maker(recommendation_id), UNDEFINED) for given, recommendation_id in traces]
    return Strings.from_values(limited(named, attribution.sources, quotas.limit(store, "attribution_sources")))


def _makers(store: Store, group_arn: str) -> dict[str, str]:
    """The ARNs of the campaigns and recommenders of a group, by what recommendation ids say of them."""
    everything = (*store.by_type_name("Campaign").values(), *store.by_type_name("Recommender").values())
    return {arn_digits(each.arn): each.arn for each in everything if each.dataset_group_arn == group_arn}


def _maker(recommendation_id: str | None) -> str:
    found = _CAMPAIGN.search(recommendation_id or "")
    return found[1] if found else ""
