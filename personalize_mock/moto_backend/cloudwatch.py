"""Personalize metrics in moto's CloudWatch.

On each request, moto's CloudWatch asks all subclasses of its `CloudWatchMetricProvider` for metrics. `MetricProvider`
becomes a subclass before the first request of a mock to CloudWatch, and stops being one when the mock ends.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone, tzinfo
from functools import cache
from typing import Any, ClassVar

from moto.core.common_models import CloudWatchMetricProvider

from personalize_mock.cleanup import Cleanup
from personalize_mock.moto_backend.service_metrics import Datapoint, ServiceMetrics
from personalize_mock.simulation import Simulation

NAMESPACE = "AWS/Personalize"


class _NoProvider:
    """Base class of `MetricProvider` while no mock is active.

    During a mock, `MetricProvider` inherits from moto's `CloudWatchMetricProvider` instead, because moto's CloudWatch
    reads metrics from all subclasses of that class.
    """


class MetricProvider(_NoProvider):
    """Class from which moto's CloudWatch reads the Personalize metrics of the active mock.

    Attributes:
        current: Function that returns the simulation that answers requests of the current thread, or None while no mock
            is active.
        metrics: The metrics of each simulation, added when CloudWatch first asks for them.
    """

    current: Callable[[], Simulation] | None = None
    metrics: ClassVar[dict[Simulation, ServiceMetrics]] = {}

    @classmethod
    def get_cloudwatch_metrics(cls, account_id: str, region: str | None = None) -> list[Any]:
        """Return the Personalize metrics of an account as objects of moto's CloudWatch.

        Args:
            account_id: Id of the AWS account.
            region: The region, or None for all regions. Older versions of moto pass no region.
        """
        if cls.current is None:
            return []
        simulation = cls.current()
        metrics = cls.metrics.setdefault(simulation, ServiceMetrics(simulation))
        return list(_as_moto_data(metrics.datapoints(account_id, region)))


def install(current: Callable[[], Simulation], cleanup: Cleanup) -> None:
    """Make moto's CloudWatch include the Personalize metrics of a mock, until `cleanup` runs.

    Args:
        current: Function that returns the simulation that answers requests of the current thread.
        cleanup: Receives the step that removes the metrics.
    """
    cleanup.add(_uninstall)
    MetricProvider.current = staticmethod(current)
    MetricProvider.__bases__ = (CloudWatchMetricProvider,)


def _uninstall() -> None:
    MetricProvider.__bases__ = (_NoProvider,)
    MetricProvider.current = None
    MetricProvider.metrics.clear()


def _as_moto_data(datapoints: list[Datapoint]) -> Iterator[Any]:
    from moto.cloudwatch.models import MetricDatum

    # moto's times are naive in some versions and aware in others.
    zone = MetricDatum("", "", 0, [], None).timestamp.tzinfo
    datum_class = _datum_class()
    for datapoint in datapoints:
        yield datum_class(
            NAMESPACE,
            datapoint.name,
            datapoint.minimum,
            datapoint.maximum,
            datapoint.count,
            datapoint.total,
            [{"Name": name, "Value": value} for name, value in datapoint.dimensions],
            _as_datetime(datapoint.at, zone),
            datapoint.unit,
        )


@cache
def _datum_class() -> type[Any]:
    """Return a subclass of moto's `MetricAggregatedDatum` for which ListMetrics lists each metric only once.

    moto lists a metric with several dimensions once for each of its datapoints; the real CloudWatch lists it once. The
    class is made on first use, because it needs moto's CloudWatch, which is slow to import.
    """
    from moto.cloudwatch.models import MetricAggregatedDatum

    class AggregatedDatum(MetricAggregatedDatum):
        def filter(
            self, namespace: Any, name: Any, dimensions: Any, already_present_metrics: Iterable[Any] | None = None
        ) -> bool:
            is_match: bool = super().filter(namespace, name, dimensions)
            return is_match and _identity(self) not in map(_identity, already_present_metrics or ())

    return AggregatedDatum


def _identity(datum: Any) -> tuple[Any, ...]:
    """Return the namespace, name and dimensions of a datum, which identify the CloudWatch metric it belongs to."""
    return datum.namespace, datum.name, frozenset((dimension.name, dimension.value) for dimension in datum.dimensions)


def _as_datetime(timestamp: float, zone: tzinfo | None) -> datetime:
    moment = datetime.fromtimestamp(timestamp, tz=timezone.utc)
    return moment.replace(tzinfo=None) if zone is None else moment
