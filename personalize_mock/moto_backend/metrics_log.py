"""What the service tells CloudWatch of itself, read off the journal when CloudWatch is asked; calls pay nothing for it.

Names, units and dimensions are documented. Samples of one minute are summed up, and stand at the first one's instant.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from personalize_mock.journal import Call, Journal, Measurement, Record, Transition
from personalize_mock.simulation import Simulation, Store

MINUTE = 60
LATENCY = (20, 30)  # milliseconds: the least, and how many of them may be more; ours, as answers take no simulated time

Dimensions = tuple[tuple[str, str], ...]
_Place = tuple[str, str]  # account, region
_Key = tuple[str, Dimensions, str, int]  # name, dimensions, unit, minute


@dataclass(slots=True, kw_only=True)
class Datum:
    """A metric within a minute; `at` is the instant of its first sample, in epoch seconds."""

    name: str
    dimensions: Dimensions
    unit: str
    at: float
    count: int
    total: float
    least: float
    most: float

    def take(self, other: "Datum") -> None:
        """Adds the samples of another."""
        self.at = min(self.at, other.at)
        self.count += other.count
        self.total += other.total
        self.least = min(self.least, other.least)
        self.most = max(self.most, other.most)


class Monitor:
    """The metrics of one simulation, up to what its journal held when it was last asked.

    Args:
        simulation: the simulation.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._begin()

    def metrics(self, account: str, region: str | None = None) -> list[Datum]:
        """The metrics of an account in a region, or in all."""
        with self._simulation.lock:
            self._read()
            return [
                datum
                for (own, there), found in self._found.items()
                for datum in found.values()
                if own == account and region in (None, there)
            ]

    def _begin(self) -> None:
        self._journal: Journal = self._simulation.journal
        self._count = 0
        self._found: dict[_Place, dict[_Key, Datum]] = {}
        self._running: dict[str, float] = {}  # since when jobs have been in progress

    def _read(self) -> None:
        """Takes in what the journal has got since; a journal that is another or shorter is read anew."""
        journal = self._simulation.journal
        if journal is not self._journal or len(journal) < self._count:
            self._begin()
        for record in journal.since(self._count):
            self._count += 1
            place, samples = self._samples(record)
            found = self._found.setdefault(place, {})
            for sample in samples:
                key = (sample.name, sample.dimensions, sample.unit, int(sample.at) // MINUTE)
                if key in found:
                    found[key].take(sample)
                else:
                    found[key] = sample

    def _samples(self, record: Record) -> tuple[_Place, Iterator[Datum]]:
        if isinstance(record, Transition):
            _, _, _, region, account, _ = record.arn.split(":", 5)
            return (account, region), self._of_job(self._simulation.store(account, region), record)
        place = (record.account, record.region)
        if isinstance(record, Measurement):
            return place, iter([_measured(record)])
        return place, self._of_call(self._simulation.store(*place), record)

    def _of_call(self, store: Store, call: Call) -> Iterator[Datum]:
        if call.operation not in _CALLS:
            return
        metric = _CALLS[call.operation]
        dimensions = metric.dimensions(store, call.params)
        if dimensions is None:
            return
        sample = partial(_sample, at=call.at, dimensions=dimensions)
        yield sample(metric.requests)
        if call.error is not None:
            yield sample(f"{call.operation}{_kind_of(call.error)}Errors")
        least, more = LATENCY
        latency = least + int(store.digest("latency", self._count)[:8], 16) % more
        yield sample(metric.latency, value=latency, unit="Milliseconds")

    def _of_job(self, store: Store, change: Transition) -> Iterator[Datum]:
        kind = change.arn.split(":", 5)[-1].split("/")
        if kind[0] == "dataset-import-job":
            yield from self._of_import(store, change)
        elif kind[0] == "solution" and len(kind) > 2:  # noqa: PLR2004  # a version: solution/<name>/<id>
            solution = change.arn.rpartition("/")[0]
            dimensions = (("SolutionArn", solution), ("SolutionVersionArn", change.arn))
            yield from self._job("SolutionTrainingJob", change, dimensions)

    def _of_import(self, store: Store, change: Transition) -> Iterator[Datum]:
        job = store.resource(change.arn)
        if job is None:
            return
        dimensions = (*_dataset(job.dataset_arn), ("DatasetImportJobArn", job.arn))
        yield from self._job("DatasetImportJob", change, dimensions)
        if change.status == "ACTIVE":
            yield _sample("DatasetSize", at=change.at, dimensions=dimensions, value=job.size, unit="Bytes")

    def _job(self, name: str, change: Transition, dimensions: Dimensions) -> Iterator[Datum]:
        """A job on its way: what it took is counted from its being in progress."""
        sample = partial(_sample, at=change.at, dimensions=dimensions)
        if change.status == "CREATE PENDING":
            yield sample(f"{name}Requests")
        elif change.status == "CREATE IN_PROGRESS":
            self._running[change.arn] = change.at
        elif change.status in ("ACTIVE", "CREATE FAILED"):
            took = round(change.at - self._running.pop(change.arn, change.at), 3)
            yield sample(f"{name}ExecutionTime", value=took, unit="Seconds")
            if change.status == "CREATE FAILED":
                yield sample(f"{name}Error")


@dataclass(frozen=True, slots=True)
class _Metric:
    requests: str
    latency: str
    dimensions: Callable[[Store, Mapping[str, Any]], Dimensions | None]


def _sample(name: str, *, at: float, dimensions: Dimensions, value: float = 1, unit: str = "Count") -> Datum:
    return Datum(name=name, dimensions=dimensions, unit=unit, at=at, count=1, total=value, least=value, most=value)


def _measured(record: Measurement) -> Datum:
    return Datum(
        name=record.name,
        dimensions=record.dimensions,
        unit=record.unit,
        at=record.at,
        count=record.count,
        total=record.total,
        least=record.minimum,
        most=record.maximum,
    )


def _kind_of(error: str) -> str:
    return "5xx" if error.startswith(("Internal", "NotImplemented", "ServiceUnavailable")) else "4xx"


def _of_source(_: Store, params: Mapping[str, Any]) -> Dimensions | None:
    given = ((name, params.get(name[0].lower() + name[1:])) for name in ("CampaignArn", "RecommenderArn"))
    return tuple((name, arn) for name, arn in given if arn) or None


def _of_dataset(_: Store, params: Mapping[str, Any]) -> Dimensions | None:
    arn = params.get("datasetArn")
    return _dataset(arn) if isinstance(arn, str) and arn.count("/") > 1 else None


def _of_tracker(store: Store, params: Mapping[str, Any]) -> Dimensions | None:
    """Of events of a tracker that is there; who does not name one cannot be told apart."""
    trackers = store.by_type_name("EventTracker").values()
    found = next((each for each in trackers if each.tracking_id == params.get("trackingId")), None)
    if found is None:
        return None
    dataset = found.dataset_group_arn.replace(":dataset-group/", ":dataset/") + "/INTERACTIONS"
    return (*_dataset(dataset), ("EventTrackerArn", found.arn))


def _dataset(arn: str) -> Dimensions:
    group = arn.rpartition("/")[0].replace(":dataset/", ":dataset-group/")
    return (("DatasetGroupArn", group), ("DatasetArn", arn))


_CALLS: Mapping[str, _Metric] = {
    "GetRecommendations": _Metric("GetRecommendations", "GetRecommendationsLatency", _of_source),
    "GetPersonalizedRanking": _Metric("GetPersonalizedRanking", "GetPersonalizedRankingLatency", _of_source),
    "PutEvents": _Metric("PutEventsRequests", "PutEventLatency", _of_tracker),
    "PutItems": _Metric("PutItemsRequests", "PutItemsLatency", _of_dataset),
    "PutUsers": _Metric("PutUsersRequests", "PutUsersLatency", _of_dataset),
}
