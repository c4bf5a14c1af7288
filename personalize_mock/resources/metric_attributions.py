"""Metric attributions: which sums and counts of events are reported, by what the events are attributed to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from personalize_mock.attribution import ExpressionError, Metric, metric
from personalize_mock.resources import locations
from personalize_mock.resources.core.crud import (
    PAGE,
    add,
    check_absent,
    delete_handler,
    describe_handler,
    find_active,
    list_handler,
    paginate,
)
from personalize_mock.resources.core.lifecycle import DELETE, create
from personalize_mock.resources.core.resource import Resource
from personalize_mock.resources.dataset_groups import DatasetGroup
from personalize_mock.resources.datasets import Dataset, dataset_of, datasets_of
from personalize_mock.resources.permissions import AssumedRole
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException, ResourceAlreadyExistsException
from personalize_mock.wire.registry import handler

Members = Mapping[str, Any]

PUT_METRICS = "cloudwatch:PutMetricData"
MOST = 10  # metrics; a quota of the developer guide, 2025/26, that cannot be raised

# Ours.
NO_EVENT_TYPE = "Dataset group {arn} has no Interactions dataset with a column EVENT_TYPE."
TWICE = "The metric name {name} is given twice."
KNOWN = "Metric attribution {arn} already has a metric with the name {name}."
UNKNOWN = "Metric attribution {arn} has no metric with the name {name}."
TOO_MANY = f"A metric attribution can have at most {MOST} metrics."
NO_ARN = "Provide a metricAttributionArn."
NO_METRICS = "Insufficient privileges for putting metrics into CloudWatch. Ensure that role {role} allows it."
NOTHING_NEW = "Provide addMetrics, removeMetrics or metricsOutputConfig."


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A metric as it is listed; `metric` is its expression, read."""

    metric_name: str
    event_type: str
    expression: str
    metric: Metric


@dataclass(kw_only=True)
class MetricAttribution(Resource):
    """A metric attribution.

    Attributes:
        metrics: by a number that rises with each metric that is made.
        sources: what events were attributed to so far.
    """

    ARN_TYPE = "metric-attribution"
    LIST_MEMBER = "metricAttributions"
    LIFECYCLES = (create(), DELETE)

    dataset_group_arn: str
    metrics_output_config: Members
    metrics: dict[int, Attribute] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)

    @property
    def path(self) -> str | None:
        """Where reports go in S3, None if nowhere."""
        return _path(self.metrics_output_config)

    @property
    def kms_key(self) -> str | None:
        """What encrypts reports, None if nothing does."""
        found: str | None = self.metrics_output_config.get("s3DataDestination", {}).get("kmsKeyArn")
        return found


@handler
def create_metric_attribution(
    store: Store, *, name: str, dataset_group_arn: str, metrics: Sequence[Members], metrics_output_config: Members
) -> MetricAttribution:
    """CreateMetricAttribution; a group has one."""
    locations.check_role(store, metrics_output_config["roleArn"])
    group = find_active(store, DatasetGroup, dataset_group_arn)
    attributes = _attributes(store, group.arn, metrics)
    twice = _twice([each.metric_name for each in attributes])
    if twice is not None:
        raise InvalidInputException(TWICE.format(name=twice))
    attribution = MetricAttribution(
        arn=store.arn(MetricAttribution.ARN_TYPE, name),
        name=name,
        dataset_group_arn=group.arn,
        metrics_output_config=metrics_output_config,
    )
    other = attribution_of(store, group.arn)
    check_absent(store, MetricAttribution, attribution.arn if other is None else other.arn)
    _check_output(store, attribution.arn, metrics_output_config)
    _append(store, attribution, attributes)
    return add(store, attribution)


@handler
def update_metric_attribution(
    store: Store,
    *,
    metric_attribution_arn: str | None = None,
    add_metrics: Sequence[Members] = (),
    remove_metrics: Sequence[str] = (),
    metrics_output_config: Members | None = None,
) -> MetricAttribution:
    """UpdateMetricAttribution, which is done at once; what is removed makes room for what is added."""
    if metric_attribution_arn is None:
        raise InvalidInputException(NO_ARN)
    if metrics_output_config is not None:
        locations.check_role(store, metrics_output_config["roleArn"])
    attribution = find_active(store, MetricAttribution, metric_attribution_arn)
    if not add_metrics and not remove_metrics and metrics_output_config is None:
        raise InvalidInputException(NOTHING_NEW)
    kept = _without(attribution, remove_metrics)
    attributes = _attributes(store, attribution.dataset_group_arn, add_metrics)
    if len(kept) + len(attributes) > MOST:
        raise InvalidInputException(TOO_MANY)
    twice = _twice([each.metric_name for each in (*kept.values(), *attributes)])
    if twice is not None:
        raise ResourceAlreadyExistsException(KNOWN.format(arn=attribution.arn, name=twice))
    if metrics_output_config is not None:
        _check_output(store, attribution.arn, metrics_output_config)
        attribution.metrics_output_config = metrics_output_config
    attribution.metrics = kept
    _append(store, attribution, attributes)
    attribution.last_updated_date_time = store.clock.timestamp()
    return attribution


@handler
def list_metric_attribution_metrics(
    store: Store, *, metric_attribution_arn: str | None = None, next_token: str | None = None, max_results: int = PAGE
) -> Mapping[str, Any]:
    """ListMetricAttributionMetrics, of one attribution or of all."""
    entries = sorted(_listed(store, metric_attribution_arn), key=lambda entry: entry[0])
    scope = {"metric_attribution_arn": metric_attribution_arn}
    return paginate(store, "metrics", entries, scope, next_token=next_token, limit=max_results)


def attribution_of(store: Store, group_arn: str) -> MetricAttribution | None:
    """The metric attribution of a group, or None."""
    everything = store.all(MetricAttribution).values()
    return next((each for each in everything if each.dataset_group_arn == group_arn), None)


def active_attribution(store: Store, dataset: Dataset) -> MetricAttribution | None:
    """The attribution that what comes into a dataset counts for, or None."""
    if dataset.dataset_type != "INTERACTIONS":
        return None
    found = attribution_of(store, dataset.dataset_group_arn)
    return found if found is not None and found.status == "ACTIVE" else None


def _listed(store: Store, arn: str | None) -> Iterator[tuple[int, Attribute]]:
    for attribution in store.all(MetricAttribution).values():
        if arn in (None, attribution.arn):
            yield from attribution.metrics.items()


def _attributes(store: Store, group_arn: str, metrics: Sequence[Members]) -> list[Attribute]:
    """Metrics, read by the schemas of a group; names and event types are kept in upper case."""
    interactions = dataset_of(store, group_arn, "INTERACTIONS")
    if interactions is None or interactions.parsed_schema.field("EVENT_TYPE") is None:
        raise InvalidInputException(NO_EVENT_TYPE.format(arn=group_arn))
    schemas = {each.dataset_type: each.parsed_schema for each in datasets_of(store, group_arn)}
    try:
        read = [metric(each["metricName"], each["eventType"], each["expression"], schemas) for each in metrics]
    except ExpressionError as problem:
        raise InvalidInputException(str(problem)) from None
    return [
        Attribute(metric_name=own.name, event_type=own.event_type, expression=each["expression"], metric=own)
        for each, own in zip(metrics, read, strict=True)
    ]


def _append(store: Store, attribution: MetricAttribution, attributes: Sequence[Attribute]) -> None:
    attribution.metrics |= {store.next_number("metrics of attributions"): each for each in attributes}


def _without(attribution: MetricAttribution, names: Sequence[str]) -> dict[int, Attribute]:
    gone = {name.upper(): name for name in names}
    unknown = gone.keys() - {each.metric_name for each in attribution.metrics.values()}
    if unknown:
        raise InvalidInputException(UNKNOWN.format(arn=attribution.arn, name=gone[min(unknown)]))
    return {number: each for number, each in attribution.metrics.items() if each.metric_name not in gone}


def _twice(names: Sequence[str]) -> str | None:
    return next((name for place, name in enumerate(names) if name in names[:place]), None)


def _check_output(store: Store, arn: str, config: Members) -> None:
    """Refuses a role that may not put metrics, if the mock checks permissions, and a path that cannot be written to."""
    role_arn, path = config["roleArn"], _path(config)
    if store.options.check_permissions and not AssumedRole(store, role_arn, source=arn).allows(PUT_METRICS, "*"):
        raise InvalidInputException(NO_METRICS.format(role=role_arn))
    if path is not None:
        locations.check_writable(store, path)
        locations.check_access(store, role_arn, path, source=arn, write=True, list_bucket=False)


def _path(config: Members) -> str | None:
    path: str | None = config.get("s3DataDestination", {}).get("path")
    return path


describe_metric_attribution = describe_handler(MetricAttribution)
list_metric_attributions = list_handler(MetricAttribution)
delete_metric_attribution = delete_handler(MetricAttribution)
