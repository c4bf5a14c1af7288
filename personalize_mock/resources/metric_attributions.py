"""Metric attributions, which report sums and counts of events for each source of recommendations.

Source: developer guide, "Measuring the impact of recommendations" (2025).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from personalize_mock.attribution import ExpressionError, Metric, parse_metric
from personalize_mock.data.avro import AvroSchema
from personalize_mock.resources import locations
from personalize_mock.resources.core.crud import (
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
from personalize_mock.resources.passed_roles import check_passed_role
from personalize_mock.resources.permissions import AssumedRole
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException, ResourceAlreadyExistsException
from personalize_mock.wire.registry import handler

Members = Mapping[str, Any]

PUT_METRICS = "cloudwatch:PutMetricData"
MAX_METRICS = 10  # developer guide, "Amazon Personalize endpoints and quotas" (2025); not adjustable

# Ours.
NO_INTERACTIONS = "Dataset group {arn} has no Interactions dataset. Create one whose schema has the field EVENT_TYPE."
NO_EVENT_TYPE = (
    "The schema of dataset {arn} has no field EVENT_TYPE, which metrics need. Delete the dataset, and create it again "
    "with a schema that has this field."
)
TWICE = "The metric name {name} is given twice. Use each name once."
KNOWN = "Metric attribution {arn} already has a metric named {name}. Use another name."
UNKNOWN = "Metric attribution {arn} has no metric named {name}. Provide the name of an existing metric."
TOO_MANY = f"A metric attribution can have at most {MAX_METRICS} metrics. Remove some of them."
NO_ARN = "Provide a metricAttributionArn."
NO_METRICS = (
    "Insufficient privileges for putting metrics into CloudWatch. Allow cloudwatch:PutMetricData in role {role}."
)
NOTHING_NEW = "The request changes nothing. Provide addMetrics, removeMetrics or metricsOutputConfig."


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricAttribute:
    """A metric, with the members that ListMetricAttributionMetrics returns. Their values are spelled as in the request.

    Attributes:
        metric: The parsed metric, with its name and event type in upper case. An attribution cannot have two metrics
            with the same upper-case name.
    """

    metric_name: str
    event_type: str
    expression: str
    metric: Metric


@dataclass(kw_only=True)
class MetricAttribution(Resource):
    """A metric attribution, with the members that DescribeMetricAttribution returns.

    Attributes:
        metrics: The metrics in order of creation. The keys are increasing numbers, used for paging.
        sources: The names of the campaigns, recommenders and other sources to which the events so far are attributed.
    """

    ARN_TYPE = "metric-attribution"
    LIST_MEMBER = "metricAttributions"
    LIFECYCLES = (create(), DELETE)

    dataset_group_arn: str
    metrics_output_config: Members
    metrics: dict[int, MetricAttribute] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)

    @property
    def path(self) -> str | None:
        """The location of reports in S3, or None if no reports are written to S3."""
        return _path(self.metrics_output_config)

    @property
    def kms_key(self) -> str | None:
        """The ARN of the KMS key that encrypts the reports, or None if no key is configured."""
        arn: str | None = self.metrics_output_config.get("s3DataDestination", {}).get("kmsKeyArn")
        return arn


@handler
def create_metric_attribution(
    store: Store, *, name: str, dataset_group_arn: str, metrics: Sequence[Members], metrics_output_config: Members
) -> MetricAttribution:
    """Answer a CreateMetricAttribution request. A dataset group can have only one metric attribution."""
    check_passed_role(store, metrics_output_config["roleArn"])
    group = find_active(store, DatasetGroup, dataset_group_arn)
    attributes = _attributes(store, group.arn, metrics)
    repeated = _repeated_name(attributes)
    if repeated is not None:
        raise InvalidInputException(TWICE.format(name=repeated))
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
    """Answer an UpdateMetricAttribution request.

    The update takes effect at once. `remove_metrics` is applied before `add_metrics`.
    """
    if metric_attribution_arn is None:
        raise InvalidInputException(NO_ARN)
    if metrics_output_config is not None:
        check_passed_role(store, metrics_output_config["roleArn"])
    attribution = find_active(store, MetricAttribution, metric_attribution_arn)
    if not add_metrics and not remove_metrics and metrics_output_config is None:
        raise InvalidInputException(NOTHING_NEW)
    kept = _without_metrics(attribution, remove_metrics)
    attributes = _attributes(store, attribution.dataset_group_arn, add_metrics)
    if len(kept) + len(attributes) > MAX_METRICS:
        raise InvalidInputException(TOO_MANY)
    repeated = _repeated_name((*kept.values(), *attributes))
    if repeated is not None:
        raise ResourceAlreadyExistsException(KNOWN.format(arn=attribution.arn, name=repeated))
    if metrics_output_config is not None:
        _check_output(store, attribution.arn, metrics_output_config)
        attribution.metrics_output_config = metrics_output_config
    attribution.metrics = kept
    _append(store, attribution, attributes)
    attribution.last_updated_date_time = store.clock.timestamp()
    return attribution


@handler
def list_metric_attribution_metrics(
    store: Store,
    *,
    metric_attribution_arn: str | None = None,
    next_token: str | None = None,
    max_results: int = MAX_METRICS,
) -> Mapping[str, Any]:
    """Answer a ListMetricAttributionMetrics request.

    Without a metricAttributionArn, the metrics of all metric attributions are listed.
    """
    number = itemgetter(0)
    metrics = sorted(_numbered_metrics(store, metric_attribution_arn), key=number)
    scope = {"metric_attribution_arn": metric_attribution_arn}
    limit = min(max_results, MAX_METRICS)
    page = paginate(store, "metrics", metrics, scope, next_token=next_token, limit=limit, number=number)
    return {**page, "metrics": [metric for _, metric in page["metrics"]]}


def attribution_of(store: Store, group_arn: str) -> MetricAttribution | None:
    """Return the metric attribution of a dataset group, or None."""
    return next(iter(store.select(MetricAttribution, dataset_group_arn=group_arn)), None)


def active_attribution(store: Store, dataset: Dataset) -> MetricAttribution | None:
    """Return the ACTIVE metric attribution that measures the events of a dataset, or None.

    Metric attributions measure only the events of Interactions datasets.
    """
    if dataset.dataset_type != "INTERACTIONS":
        return None
    attribution = attribution_of(store, dataset.dataset_group_arn)
    return attribution if attribution is not None and attribution.status == "ACTIVE" else None


def _numbered_metrics(store: Store, arn: str | None) -> Iterator[tuple[int, MetricAttribute]]:
    for attribution in store.select(MetricAttribution, **({} if arn is None else {"arn": arn})):
        yield from attribution.metrics.items()


def _attributes(store: Store, group_arn: str, metrics: Sequence[Members]) -> list[MetricAttribute]:
    """Parse the metrics of a metric attribution as a request contains them, and check them against the schemas.

    Raises:
        InvalidInputException: An expression is invalid or does not fit the schemas of the dataset group, or the
            dataset group has no Interactions dataset with an EVENT_TYPE column.
    """
    interactions = dataset_of(store, group_arn, "INTERACTIONS")
    if interactions is None:
        raise InvalidInputException(NO_INTERACTIONS.format(arn=group_arn))
    if interactions.parsed_schema.field("EVENT_TYPE") is None:
        raise InvalidInputException(NO_EVENT_TYPE.format(arn=interactions.arn))
    schemas = {dataset.dataset_type: dataset.parsed_schema for dataset in datasets_of(store, group_arn)}
    try:
        return [_attribute(members, schemas) for members in metrics]
    except ExpressionError as error:
        raise InvalidInputException(str(error)) from None


def _attribute(members: Members, schemas: Mapping[str, AvroSchema]) -> MetricAttribute:
    name, event_type, expression = members["metricName"], members["eventType"], members["expression"]
    metric = parse_metric(name, event_type, expression, schemas)
    return MetricAttribute(metric_name=name, event_type=event_type, expression=expression, metric=metric)


def _append(store: Store, attribution: MetricAttribution, attributes: Sequence[MetricAttribute]) -> None:
    attribution.metrics |= {store.next_number("metrics of attributions"): attribute for attribute in attributes}


def _without_metrics(attribution: MetricAttribution, names: Sequence[str]) -> dict[int, MetricAttribute]:
    removed = {name.upper(): name for name in names}
    unknown = removed.keys() - {attribute.metric.name for attribute in attribution.metrics.values()}
    if unknown:
        raise InvalidInputException(UNKNOWN.format(arn=attribution.arn, name=removed[min(unknown)]))
    metrics = attribution.metrics.items()
    return {number: attribute for number, attribute in metrics if attribute.metric.name not in removed}


def _repeated_name(attributes: Sequence[MetricAttribute]) -> str | None:
    names = [attribute.metric.name for attribute in attributes]
    return next((name for position, name in enumerate(names) if name in names[:position]), None)


def _check_output(store: Store, arn: str, config: Members) -> None:
    """Check that the role in a metricsOutputConfig has the required permissions.

    The role must be allowed to put metrics into CloudWatch and to write to the path in S3, if there is one. Permissions
    are checked only if the mock's option `check_permissions` is True. The bucket must exist in any case.

    Args:
        store: The resources of one account and region.
        arn: The ARN of the metric attribution.
        config: The metricsOutputConfig.

    Raises:
        InvalidInputException: A permission is missing, or the bucket does not exist.
    """
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
