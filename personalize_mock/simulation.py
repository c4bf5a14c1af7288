"""State of one run of the mock: the clock, the journal, and a store of resources for each account and region.

All ids and random numbers derive from the option `seed`, so that a test gives the same results each time it runs.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2s
from operator import is_
from threading import RLock
from typing import Any, TypeVar

from personalize_mock.environment import Environment, Objects
from personalize_mock.hooks import CallListener, Interceptor, Override, Service
from personalize_mock.journal import Journal
from personalize_mock.option_defaults import Options as Options  # noqa: PLC0414  # marks a public name
from personalize_mock.resource_tables import ResourceTables
from personalize_mock.timing.clock import SimulatedClock
from personalize_mock.timing.event_queue import Due
from personalize_mock.undo_log import LOG

REQUEST_IDS_AT_ONCE = 64  # are computed, because one after each call would take more time in total
KEPT_RECOMMENDATIONS = 10_000  # responses that events can refer to; not a limit of the service
_PARTITIONS = {
    "cn": "aws-cn",
    "us-gov": "aws-us-gov",
    "us-iso": "aws-iso",
    "us-isob": "aws-iso-b",
    "eu-isoe": "aws-iso-e",
    "us-isof": "aws-iso-f",
    "eusc-de": "aws-eusc",
}
Fire = Callable[["Store", Due], None]
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreState:
    """The attributes of a `Store` that change during a run, as snapshots keep them.

    Attributes:
        resources: For each resource class, by its name, the resources by ARN.
        added: The number of resources that were added so far.
        counts: The number that `next_number` will return next, by the name of the sequence.
        cache: The values that `cached` keeps, by the ARN of the resource and the name of the value.
        recommendations: The item ids in the latest responses, by recommendationId.
    """

    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    added: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    cache: dict[str, dict[str, Any]] = field(default_factory=dict)
    recommendations: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Store:
    """The resources of one account in one region.

    Attributes:
        recommendations: The item ids in the latest responses, by recommendationId.
    """

    def __init__(self, simulation: "Simulation", account: str, region: str) -> None:
        self.simulation = simulation
        self.account = account
        self.region = region
        self._tables = ResourceTables({})
        self._added = 0
        self._counts: Counter[str] = Counter()
        self._cache: dict[str, dict[str, tuple[tuple[object, ...], Any]]] = {}
        self.recommendations: dict[str, tuple[str, ...]] = {}
        prefix = region.rsplit("-", 2)[0]
        self.partition = _PARTITIONS.get(prefix, "aws")

    @property
    def clock(self) -> SimulatedClock:
        """The clock of the simulation."""
        return self.simulation.clock

    @property
    def options(self) -> Options:
        """The options of the mock."""
        return self.simulation.options

    @property
    def objects(self) -> Objects:
        """Access to S3 on behalf of this account in this region."""
        return self.simulation.environment.objects(self.account, self.region)

    def all(self, resource_type: type[_R]) -> Mapping[str, _R]:
        """Return all resources of a type by ARN, in order of creation."""
        return self._tables.by_type.get(resource_type.__name__, {})

    def by_type_name(self, name: str) -> Mapping[str, Any]:
        """Return all resources of the class with the given name, by ARN, for callers that cannot import the class."""
        return self._tables.of_type(name)

    def select(self, resource_type: type[_R], **values: object) -> Sequence[_R]:
        """Return the resources of a type whose attributes have the given values, in order of creation.

        The time that this takes does not depend on the number of resources. Do not add or remove resources while you
        iterate.

        Args:
            resource_type: The class of the resources.
            **values: Values of attributes or properties, as in `select(Campaign, solution_arn=arn)`. After a change of
                such an attribute, the status of the resource must change too, or `update_indices` must be called.
        """
        return self.select_by_type_name(resource_type.__name__, **values)

    def select_by_type_name(self, name: str, /, **values: object) -> Sequence[Any]:
        """Return the resources of a class that is given by name and need not be imported; see `select`."""
        return self._tables.select(name, values)

    def resources(self) -> list[Any]:
        """Return all resources of all types."""
        return [resource for by_arn in self._tables.by_type.values() for resource in by_arn.values()]

    def resource(self, arn: str) -> Any | None:
        """Return the resource with the given ARN, or None if it does not exist."""
        return next((by_arn[arn] for by_arn in self._tables.by_type.values() if arn in by_arn), None)

    def add(self, resource: Any) -> None:
        """Add a resource, and set its `ordinal` to the number of resources added so far, including this one."""
        LOG.record(setattr, self, "_added", self._added)
        self._added += 1
        resource.ordinal = self._added
        self._tables.add(resource)

    def remove(self, resource: Any) -> None:
        """Remove a resource and its cached values."""
        self._tables.remove(resource)
        self._cache.pop(resource.arn, None)

    def update_indices(self, resource: Any) -> None:
        """Update the indices after a change of a resource's attributes, so that `select` finds it by its new values."""
        self._tables.update(resource)

    def cached(self, arn: str, name: str, inputs: tuple[object, ...], make: Callable[[], _R]) -> _R:
        """Return a value that is cached until its inputs change or its resource is removed.

        Args:
            arn: The ARN of the resource that the value belongs to.
            name: The name of the value. Values of the same resource need different names.
            inputs: The objects from which the value is computed. They are compared by identity.
            make: Function that computes the value.
        """
        entries = self._cache.setdefault(arn, {})
        entry = entries.get(name)
        if entry is None or not all(map(is_, entry[0], inputs)):
            entry = entries[name] = (inputs, make())
        value: _R = entry[1]
        return value

    def keep_recommendation(self, recommendation_id: str, item_ids: tuple[str, ...]) -> None:
        """Keep the items of a response, so that events can refer to it. Only the latest 10,000 responses are kept."""
        LOG.record(self.recommendations.pop, recommendation_id, None)
        self.recommendations[recommendation_id] = item_ids
        if len(self.recommendations) > KEPT_RECOMMENDATIONS:
            del self.recommendations[next(iter(self.recommendations))]

    def state(self) -> StoreState:
        """Return the attributes of the store that change during a run. They are not copied."""
        return StoreState(
            resources=self._tables.by_type,
            added=self._added,
            counts=self._counts,
            cache=self._cache,
            recommendations=self.recommendations,
        )

    def set_state(self, state: StoreState) -> None:
        """Replace the attributes of the store that change during a run with those of a state. They are not copied."""
        self._tables, self._added, self._counts = ResourceTables(state.resources), state.added, Counter(state.counts)
        self._cache, self.recommendations = state.cache, state.recommendations

    def next_number(self, sequence: str) -> int:
        """Return the next number of the sequence with the given name. Each sequence starts at 0."""
        LOG.record(self._counts.__setitem__, sequence, self._counts[sequence])
        self._counts[sequence] += 1
        return self._counts[sequence] - 1

    def arn(self, arn_type: str, name: str) -> str:
        """Return the ARN of a resource in this account and region. `arn_type` is a type such as "dataset-group"."""
        return f"arn:{self.partition}:personalize:{self.region}:{self.account}:{arn_type}/{name}"

    def digest(self, *parts: object) -> str:
        """Return 64 hexadecimal digits that depend only on the mock's seed, the account, the region and `parts`."""
        return self.simulation.digest(self.account, self.region, *parts)

    def seed(self, *parts: object) -> int:
        """Return a 32-bit seed that depends only on the mock's seed, the account, the region and `parts`."""
        return int(self.digest("seed", *parts)[:8], 16)


class Simulation:
    """State of one run of the mock.

    Args:
        options: The options of the mock.
        environment: Access to S3, IAM and moto's state manager.
        fire: Function that runs a scheduled event. It gets the store of the event's resource and the event.

    Attributes:
        on_call: Function that is notified of each call to a mocked AWS service, in the thread that makes the call.
        interceptor: Object that receives all calls to Personalize before the mock does, or None if there is none.
        override: Change to the next resource that the current call creates, updates or deletes, or None.
        is_loading: Whether `mock.load` is running. The journal marks its calls and status changes.
    """

    def __init__(self, options: Options, environment: Environment, fire: Fire) -> None:
        self.options = options
        self.environment = environment
        self.journal = Journal()
        self.clock = SimulatedClock(start=options.clock, autojump=options.autojump, fire=self._fire_in_store)
        self.requests = 0
        self._request_ids: dict[int, str] = {}  # by number
        self.on_call: CallListener = _ignore_call
        self.interceptor: Interceptor | None = None
        self.override: Override | None = None
        self.is_loading = False
        self._fire = fire
        self._stores: dict[tuple[str, str], Store] = {}

    @property
    def lock(self) -> RLock:
        """The lock that each API call holds while it runs, so that calls run one after another."""
        return self.clock.lock

    def store(self, account: str, region: str) -> Store:
        """Return the store of an account in a region. It is created when it is first used."""
        store = self._stores.get((account, region))
        if store is not None:
            return store
        with self.lock:
            return self._stores.setdefault((account, region), Store(self, account, region))

    def stores(self) -> list[Store]:
        """Return the stores of all accounts and regions that have been used."""
        return list(self._stores.values())

    def set_stores(self, states: Mapping[tuple[str, str], StoreState]) -> None:
        """Replace the states of all stores. The stores remain the same objects, because calls that wait refer to them.

        Args:
            states: The states by account and region. The stores of other accounts and regions become empty.
        """
        for location in {*self._stores, *states}:
            self.store(*location).set_state(states.get(location) or StoreState())

    def take_override(self) -> Override | None:
        """Return `override`, a change to the resource that the current call creates or changes, and set it to None."""
        override, self.override = self.override, None
        return override

    def digest(self, *parts: object) -> str:
        """Return 64 hexadecimal digits that depend only on the mock's seed and the text of each of the `parts`."""
        text = "\x1f".join(map(str, (self.options.seed, *parts)))
        return blake2s(text.encode()).hexdigest()

    def reset(self) -> None:
        """Drop all resources, scheduled events, rules and the journal. The clock keeps its time."""
        with self.lock:
            self.set_stores({})
            self.journal = Journal()
            self.clock.clear()
            self.requests = 0
            self.interceptor = self.override = None

    def request_id(self) -> str:
        """Return a new request id, in the form of a UUID."""
        with self.clock.lock:
            self.requests += 1
            if self.requests not in self._request_ids:
                numbers = range(self.requests, self.requests + REQUEST_IDS_AT_ONCE)
                self._request_ids = {number: as_uuid(self.digest("request", number)) for number in numbers}
            return self._request_ids[self.requests]

    def _fire_in_store(self, due: Due) -> None:
        _, _, _, region, account, _ = due.arn.split(":", 5)
        override = self.take_override()  # it is for what the call itself begins
        try:
            self._fire(self.store(account, region), due)
        finally:
            self.override = override


def _ignore_call(*, service: Service) -> None:
    """Do nothing. This is the default of `Simulation.on_call`."""


def as_uuid(digest: str) -> str:
    """Format the first 32 digits of a hexadecimal digest as a version 4 UUID."""
    d = digest
    return f"{d[:8]}-{d[8:12]}-4{d[13:16]}-a{d[17:20]}-{d[20:32]}"
