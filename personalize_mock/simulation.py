"""One run of the mock: it owns the clock, the seed, the journal and the stores, and is the only maker of randomness."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2s
from types import MappingProxyType
from typing import Any, BinaryIO, Literal, Protocol, TypeVar

from personalize_mock.clock import Due, Instant, SimulatedClock
from personalize_mock.journal import Journal

REMEMBERED = 10_000  # recommendations that events can refer to; ours
_PARTITIONS = {
    "cn": "aws-cn",
    "us-gov": "aws-us-gov",
    "us-iso": "aws-iso",
    "us-isob": "aws-iso-b",
    "eu-isoe": "aws-iso-e",
    "us-isof": "aws-iso-f",
    "eusc-de": "aws-eusc",
}
Handler = Callable[["Store", Due], None]
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a mock is started with; `mock_personalize` documents each, `options` refuses what makes no sense."""

    seed: int = 0
    strict: bool = True
    sleep: Literal["virtual", "real"] = "virtual"
    clock: Instant | None = None
    autojump: bool = True
    minimum_interactions: int = 1000
    durations: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    quotas: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    sleep_modules: tuple[str, ...] = ()
    check_permissions: bool = False


class Objects(Protocol):
    """S3 as an account sees it."""

    def read(self, bucket: str, key: str) -> bytes | None:
        """The object, or None if there is none."""

    def pieces(self, bucket: str, key: str) -> Iterator[bytes] | None:
        """The object piece by piece, or None if there is none."""

    def write(self, bucket: str, key: str, content: BinaryIO, *, at: float, kms_key: str | None = None) -> bool:
        """Makes an object of a file, from where it stands; False if there is no such bucket.

        Args:
            bucket: its name.
            key: the object's.
            content: the file.
            at: when it is made, epoch seconds.
            kms_key: the ARN of what encrypts it, None if nothing does.
        """

    def policy(self, bucket: str) -> str | None:
        """The bucket's policy as JSON, or None."""

    def keys(self, bucket: str, prefix: str) -> list[str] | None:
        """The keys under a prefix in order, or None if there is no such bucket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role of IAM; its policies are JSON.

    Attributes:
        trust: says who may assume it.
        policies: say what it may do, inline and attached ones.
        boundary: says what its policies may grant at most; None if nothing does.
    """

    trust: str
    policies: tuple[str, ...]
    boundary: str | None = None


class Environment(Protocol):
    """What a simulation needs of the world around it: S3, IAM, and moto's state manager."""

    def objects(self, account: str, region: str) -> Objects:
        """S3 as an account sees it from a region."""

    def role(self, arn: str) -> Role | None:
        """The role of an ARN, or None."""

    def transition(self, kind: str) -> Mapping[str, Any] | None:
        """How the user told moto's state manager to move resources of a kind, or None."""


class Seen(Protocol):
    """Who wants to know which threads call."""

    def __call__(self, *, personalize: bool) -> None:
        """Takes note of a call to Personalize, or to another service."""


class Store:
    """What one account has in one region: resources by type and ARN.

    Attributes:
        recommended: the items of recommendations, by recommendationId.
    """

    def __init__(self, simulation: "Simulation", account: str, region: str) -> None:
        self.simulation = simulation
        self.account = account
        self.region = region
        self._resources: dict[str, dict[str, Any]] = {}
        self._added = 0
        self._counts: Counter[str] = Counter()
        self._derived: dict[str, dict[str, tuple[tuple[object, ...], Any]]] = {}
        self.recommended: dict[str, tuple[str, ...]] = {}
        prefix = region.rsplit("-", 2)[0]
        self.partition = _PARTITIONS.get(prefix, "aws")

    @property
    def clock(self) -> SimulatedClock:
        """The simulation's clock."""
        return self.simulation.clock

    @property
    def options(self) -> Options:
        """The simulation's options."""
        return self.simulation.options

    @property
    def objects(self) -> Objects:
        """S3 as this account sees it from this region."""
        return self.simulation.environment.objects(self.account, self.region)

    def all(self, kind: type[_R]) -> Mapping[str, _R]:
        """The resources of a kind by ARN, in order of creation."""
        return self.named(kind.__name__)

    def named(self, kind: str) -> Mapping[str, Any]:
        """The resources of a kind, given the name of its class, by ARN in order of creation."""
        return self._resources.get(kind, {})

    def everything(self) -> list[Any]:
        """All resources, whatever their kind."""
        return [each for kind in self._resources.values() for each in kind.values()]

    def resource(self, arn: str) -> Any | None:
        """The resource of an ARN, whatever its kind, or None."""
        return next((kind[arn] for kind in self._resources.values() if arn in kind), None)

    def add(self, resource: Any) -> None:
        """Takes in a resource."""
        self._added += 1
        resource.ordinal = self._added
        self._resources.setdefault(type(resource).__name__, {})[resource.arn] = resource

    def remove(self, resource: Any) -> None:
        """Forgets a resource."""
        del self._resources[type(resource).__name__][resource.arn]
        self._derived.pop(resource.arn, None)

    def derived(self, arn: str, what: str, of: tuple[object, ...], make: Callable[[], _R]) -> _R:
        """What is made of some objects for a resource, kept until they are others or the resource is gone.

        Args:
            arn: the resource's.
            what: a name for what is made.
            of: the objects, compared by identity.
            make: makes it.
        """
        kept = self._derived.setdefault(arn, {})
        found = kept.get(what)
        if found is None or any(old is not new for old, new in zip(found[0], of, strict=True)):
            found = kept[what] = (of, make())
        made: _R = found[1]
        return made

    def remember(self, recommendation_id: str, item_ids: tuple[str, ...]) -> None:
        """Keeps what was recommended, for events that name it; the oldest of many is forgotten."""
        self.recommended[recommendation_id] = item_ids
        if len(self.recommended) > REMEMBERED:
            del self.recommended[next(iter(self.recommended))]

    def count(self, what: str) -> int:
        """How often `what` was counted before; it is counted now."""
        self._counts[what] += 1
        return self._counts[what] - 1

    def arn(self, kind: str, name: str) -> str:
        """The ARN of a resource of this store."""
        return f"arn:{self.partition}:personalize:{self.region}:{self.account}:{kind}/{name}"

    def digest(self, *parts: object) -> str:
        """64 hexadecimal digits that depend on the seed, this store and `parts` alone."""
        return self.simulation.digest(self.account, self.region, *parts)

    def seed(self, *parts: object) -> int:
        """A seed of 32 bits that depends on the seed, this store and `parts` alone."""
        return int(self.digest("seed", *parts)[:8], 16)


class Simulation:
    """One run of the mock.

    Args:
        options: what the mock was started with.
        environment: S3 and moto's state manager.
        handler: what a due event does to its store; `resources.lifecycle` has it.

    Attributes:
        seen: called with each call to a mocked service, in the thread that calls.
    """

    def __init__(self, options: Options, environment: Environment, handler: Handler) -> None:
        self.options = options
        self.environment = environment
        self.journal = Journal()
        self.clock = SimulatedClock(start=options.clock, autojump=options.autojump, fire=self._fire)
        self.lock = self.clock.lock
        self.requests = 0
        self.seen: Seen = _nobody_cares
        self._handler = handler
        self._stores: dict[tuple[str, str], Store] = {}

    def store(self, account: str, region: str) -> Store:
        """The store of an account in a region."""
        with self.lock:
            return self._stores.setdefault((account, region), Store(self, account, region))

    def digest(self, *parts: object) -> str:
        """64 hexadecimal digits that depend on the seed and `parts` alone."""
        text = "\x1f".join(map(str, (self.options.seed, *parts)))
        return blake2s(text.encode()).hexdigest()

    def reset(self) -> None:
        """Forgets everything but the time."""
        with self.lock:
            self._stores.clear()
            self.journal = Journal()
            self.clock.forget()
            self.requests = 0

    def request_id(self) -> str:
        """The next request id, a UUID in form."""
        with self.lock:
            self.requests += 1
            return as_uuid(self.digest("request", self.requests))

    def _fire(self, due: Due) -> None:
        _, _, _, region, account, _ = due.arn.split(":", 5)
        self._handler(self.store(account, region), due)


def _nobody_cares(*, personalize: bool) -> None:
    """Nobody wants to know which threads call."""


def as_uuid(digest: str) -> str:
    """The first 32 hexadecimal digits as a version 4 UUID."""
    d = digest
    return f"{d[:8]}-{d[8:12]}-4{d[13:16]}-a{d[17:20]}-{d[20:32]}"
