"""Metrics that the service sends to CloudWatch: requests, errors, latencies, jobs and metric attributions.

The metrics are computed when CloudWatch is queried, so they do not slow down calls to the service. Their source is the
simulation's journal, a log of calls and status changes. The samples of one minute form one datapoint with the timestamp
of the first sample. Names, units and dimensions follow the developer guide, "CloudWatch metrics for Amazon Personalize"
(2025).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any

from personalize_mock.journal import Call, Journal, Measurement, Transition
from personalize_mock.simulation import Simulation, Store

MINUTE = 60
# Invented latencies in milliseconds, from 20 to 49, because a response takes no simulated time.
LATENCY_MINIMUM, LATENCY_RANGE = 20, 30

Dimensions = tuple[tuple[str, str], ...]
_Location = tuple[str, str]  # account, region
_Key = tuple[str, Dimensions, str, int]  # name, dimensions, unit, minute


@dataclass(slots=True, kw_only=True)
class Datapoint:
    """A CloudWatch datapoint: the samples of one metric in one minute.

    Attributes:
        name: Name of the metric.
        dimensions: Pairs of a dimension's name and value.
        unit: Unit in CloudWatch, such as "Count".
        at: Time of the first sample, in epoch seconds.
        count: Number of samples.
        total: Sum of the samples.
        minimum: The smallest sample.
        maximum: The largest sample.
    """

    name: str
    dimensions: Dimensions
    unit: str
    at: float
    count: int = 0
    total: float = 0
    minimum: float = inf
    maximum: float = -inf

    def add_value(self, at: float, value: float) -> None:
        """Add a sample that was taken at the time `at`, in epoch seconds."""
        self.count += 1
        self.total += value
        if at < self.at:  # noqa: PLR1730  # `min` takes twice the time of the comparison, for each sample of each call
            self.at = at
        if value < self.minimum:  # noqa: PLR1730
            self.minimum = value
        if value > self.maximum:  # noqa: PLR1730
            self.maximum = value

    def add(self, other: "Datapoint") -> None:
        """Merge another datapoint of the same metric and minute into this one."""
        self.at = min(self.at, other.at)
        self.count += other.count
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)


class ServiceMetrics:
    """The CloudWatch metrics of one simulation, computed from its journal (the log of calls and status changes).

    Datapoints are kept, so that a query reads only the part of the journal that is new since the last query. When the
    simulation is reset, all datapoints are dropped.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._clear()

    def datapoints(self, account: str, region: str | None = None) -> list[Datapoint]:
        """Return the datapoints of an account in a region, or in all regions if `region` is None."""
        with self._simulation.lock:
            self._read_journal()
            return [
                datapoint
                for location, datapoints in self._datapoints.items()
                for datapoint in datapoints.values()
                if location[0] == account and region in (None, location[1])
            ]

    def _clear(self) -> None:
        self._journal: Journal = self._simulation.journal
        self._records_read = 0
        self._datapoints: dict[_Location, dict[_Key, Datapoint]] = {}
        self._job_starts: dict[str, float] = {}  # epoch seconds, by ARN of the job

    def _read_journal(self) -> None:
        """Add the calls and status changes since the last query to the datapoints.

        If the journal was replaced or has become shorter, drop all datapoints and read the journal from the beginning.
        """
        journal = self._simulation.journal
        if journal is not self._journal or len(journal) < self._records_read:
            self._clear()
        add_call = _CallReader(self._simulation, self._datapoint).add
        for record in journal.since(self._records_read):
            self._records_read += 1
            if isinstance(record, Call):
                add_call(record, self._records_read)
            else:
                self._add_samples(*self._samples(record))

    def _add_samples(self, location: _Location, samples: Iterable[Datapoint]) -> None:
        for sample in samples:
            self._datapoint(location, sample.name, sample.dimensions, sample.unit, sample.at).add(sample)

    def _datapoint(self, location: _Location, name: str, dimensions: Dimensions, unit: str, at: float) -> Datapoint:
        """Return the datapoint of a metric in the minute of `at`. If there is none, add one without samples.

        `location` is the account and the region of the metric, and `at` is a time in epoch seconds.
        """
        datapoints, key = self._datapoints.setdefault(location, {}), (name, dimensions, unit, int(at) // MINUTE)
        if key not in datapoints:
            datapoints[key] = Datapoint(name=name, dimensions=dimensions, unit=unit, at=at)
        return datapoints[key]

    def _samples(self, record: Transition | Measurement) -> tuple[_Location, Iterable[Datapoint]]:
        if isinstance(record, Transition):
            _, _, _, region, account, _ = record.arn.split(":", 5)
            return (account, region), self._transition_samples(self._simulation.store(account, region), record)
        return (record.account, record.region), [_measurement_sample(record)]

    def _transition_samples(self, store: Store, transition: Transition) -> Iterator[Datapoint]:
        path = transition.arn.split(":", 5)[-1].split("/")
        if path[0] == "dataset-import-job":
            yield from self._import_samples(store, transition)
        elif path[0] == "solution" and len(path) > 2:  # noqa: PLR2004  # a solution version: solution/<name>/<id>
            solution = transition.arn.rpartition("/")[0]
            dimensions = (("SolutionArn", solution), ("SolutionVersionArn", transition.arn))
            yield from self._job_samples("SolutionTrainingJob", transition, dimensions)

    def _import_samples(self, store: Store, transition: Transition) -> Iterator[Datapoint]:
        job = store.resource(transition.arn)
        if job is None:
            return
        dimensions = (*_dataset_dimensions(job.dataset_arn), ("DatasetImportJobArn", job.arn))
        yield from self._job_samples("DatasetImportJob", transition, dimensions)
        if transition.status == "ACTIVE":
            yield _sample("DatasetSize", at=transition.at, dimensions=dimensions, value=job.size, unit="Bytes")

    def _job_samples(self, name: str, transition: Transition, dimensions: Dimensions) -> Iterator[Datapoint]:
        """Yield the metric samples that a job's status change produces.

        The execution time of a job counts from the change to CREATE IN_PROGRESS.

        Args:
            name: Beginning of the metrics' names, such as "DatasetImportJob".
            transition: The status change.
            dimensions: Dimensions of the metrics.
        """
        sample = partial(_sample, at=transition.at, dimensions=dimensions)
        if transition.status == "CREATE PENDING":
            yield sample(f"{name}Requests")
        elif transition.status == "CREATE IN_PROGRESS":
            self._job_starts[transition.arn] = transition.at
        elif transition.status in ("ACTIVE", "CREATE FAILED"):
            seconds = round(transition.at - self._job_starts.pop(transition.arn, transition.at), 3)
            yield sample(f"{name}ExecutionTime", value=seconds, unit="Seconds")
            if transition.status == "CREATE FAILED":
                yield sample(f"{name}Error")


class _CallReader:
    """Reader that adds the requests, errors and latencies of calls to the datapoints of CloudWatch metrics.

    The datapoints of calls in one minute with the same ARNs are looked up once.

    Args:
        simulation: The simulation that has answered the calls. It must not change while the reader is in use.
        datapoint: Function that returns the datapoint to which a sample of a metric belongs, as
            `ServiceMetrics._datapoint` does.
    """

    def __init__(self, simulation: Simulation, datapoint: Callable[..., Datapoint]) -> None:
        self._simulation = simulation
        self._datapoint = datapoint
        self._series: dict[tuple[object, ...], dict[str, Datapoint]] = {}

    def add(self, call: Call, number: int) -> None:
        """Add a call's metric samples to their datapoints. `number` is the call's place in the journal, from 1."""
        metrics = _OPERATION_METRICS.get(call.operation)
        if metrics is None:
            return
        texts = [_text_or_none(call.params, member) for member in metrics.members]
        key = (call.operation, call.error, int(call.at) // MINUTE, call.account, call.region, *texts)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._new_series(call, metrics)
        for name, datapoint in series.items():
            datapoint.add_value(call.at, 1 if name != metrics.latency else self._latency(call, number))

    def _new_series(self, call: Call, metrics: "_OperationMetrics") -> dict[str, Datapoint]:
        """Return the datapoints to which the metric samples of a call belong, by the name of the metric."""
        dimensions = metrics.dimensions(self._simulation.store(call.account, call.region), call.params)
        if dimensions is None:
            return {}
        errors = [] if call.error is None else [f"{call.operation}{_status_class(call.error)}Errors"]
        units = dict.fromkeys((metrics.requests, *errors), "Count") | {metrics.latency: "Milliseconds"}
        location = (call.account, call.region)
        return {name: self._datapoint(location, name, dimensions, unit, call.at) for name, unit in units.items()}

    def _latency(self, call: Call, number: int) -> int:
        digest = self._simulation.digest(call.account, call.region, "latency", number)
        return LATENCY_MINIMUM + int(digest[:8], 16) % LATENCY_RANGE


@dataclass(frozen=True, slots=True)
class _OperationMetrics:
    """Names and dimensions of the CloudWatch metrics that calls of one operation produce.

    Attributes:
        requests: Name of the metric that counts requests.
        latency: Name of the metric for latencies.
        members: The members of a request on which the dimensions depend.
        dimensions: Function that returns the dimensions of the metrics for a request, or None if the request does not
            produce metrics. It takes the resources of the account and region, and the members of the request.
    """

    requests: str
    latency: str
    members: tuple[str, ...]
    dimensions: Callable[[Store, Mapping[str, Any]], Dimensions | None]


def _sample(name: str, *, at: float, dimensions: Dimensions, value: float = 1, unit: str = "Count") -> Datapoint:
    return Datapoint(
        name=name, dimensions=dimensions, unit=unit, at=at, count=1, total=value, minimum=value, maximum=value
    )


def _measurement_sample(measurement: Measurement) -> Datapoint:
    return Datapoint(
        name=measurement.name,
        dimensions=measurement.dimensions,
        unit=measurement.unit,
        at=measurement.at,
        count=measurement.count,
        total=measurement.total,
        minimum=measurement.minimum,
        maximum=measurement.maximum,
    )


def _status_class(error: str) -> str:
    return "5xx" if error.startswith(("Internal", "NotImplemented", "ServiceUnavailable")) else "4xx"


def _text_or_none(params: Mapping[str, Any], member: str) -> str | None:
    value = params.get(member)
    return value if isinstance(value, str) else None


def _campaign_dimensions(_: Store, params: Mapping[str, Any]) -> Dimensions | None:
    arns = ((name, _text_or_none(params, name[0].lower() + name[1:])) for name in ("CampaignArn", "RecommenderArn"))
    return tuple((name, arn) for name, arn in arns if arn) or None


def _put_dimensions(_: Store, params: Mapping[str, Any]) -> Dimensions | None:
    arn = _text_or_none(params, "datasetArn")
    return _dataset_dimensions(arn) if arn is not None and arn.count("/") > 1 else None


def _event_dimensions(store: Store, params: Mapping[str, Any]) -> Dimensions | None:
    trackers = store.by_type_name("EventTracker").values()
    tracker = next((tracker for tracker in trackers if tracker.tracking_id == params.get("trackingId")), None)
    if tracker is None:
        return None
    dataset = tracker.dataset_group_arn.replace(":dataset-group/", ":dataset/") + "/INTERACTIONS"
    return (*_dataset_dimensions(dataset), ("EventTrackerArn", tracker.arn))


def _dataset_dimensions(arn: str) -> Dimensions:
    group = arn.rpartition("/")[0].replace(":dataset/", ":dataset-group/")
    return (("DatasetGroupArn", group), ("DatasetArn", arn))


_RECOMMENDING = ("campaignArn", "recommenderArn")
_OPERATION_METRICS: Mapping[str, _OperationMetrics] = {
    "GetRecommendations": _OperationMetrics(
        "GetRecommendations", "GetRecommendationsLatency", _RECOMMENDING, _campaign_dimensions
    ),
    "GetPersonalizedRanking": _OperationMetrics(
        "GetPersonalizedRanking", "GetPersonalizedRankingLatency", _RECOMMENDING, _campaign_dimensions
    ),
    "PutEvents": _OperationMetrics("PutEventsRequests", "PutEventLatency", ("trackingId",), _event_dimensions),
    "PutItems": _OperationMetrics("PutItemsRequests", "PutItemsLatency", ("datasetArn",), _put_dimensions),
    "PutUsers": _OperationMetrics("PutUsersRequests", "PutUsersLatency", ("datasetArn",), _put_dimensions),
}
