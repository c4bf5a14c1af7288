"""Independent model of the documented service: its resources, quotas and expected errors.

`rules_*.py` hold the rules of single operations. A new resource type needs an entry in `RESOURCE_TYPES`, a rule for its
Create operation, and random requests in `random_requests*.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stateful.resource_types import QUOTAS, RESOURCE_TYPES
from stateful.timeline import ACTIVE, FAILED, Effect, ModelResource, Stage, Timeline, creation

ACCOUNT, REGION = "123456789012", "us-east-1"
STABLE = (ACTIVE, FAILED, "CREATE STOPPED", "INACTIVE", "COMPLETED", "FAILED", None)
Request = dict[str, Any]
_COUNTS: Mapping[str, Callable[[ModelResource], bool]] = {
    "all": lambda resource: resource.status != FAILED,
    "running": lambda resource: resource.status not in STABLE,
    "pending": lambda resource: resource.status == "PENDING",
}


ORDER = (
    "Validation",
    "AccessDenied",
    "ResourceNotFound",
    "ResourceInUse",
    "InvalidInput",
    "TooManyTags",
    "ResourceAlreadyExists",
    "LimitExceeded",
)


class ExpectedErrors:
    """Errors that a request must raise, and errors that it may raise because nothing is documented."""

    def __init__(self) -> None:
        self.must: set[str] = set()
        self.may: set[str] = set()
        self._reasons: list[tuple[str, ...]] = []

    def __call__(self, *errors: str, when: object, checked_last: bool = False) -> bool:
        """Add errors, any of which is right, if `when` holds, and return whether it does.

        Access to S3 is `checked_last`.
        """
        if when:
            self.must.update(errors)
            self._reasons += [] if checked_last else [errors]
        return bool(when)

    def before(self, error: str) -> list[tuple[str, ...]]:
        """Return the expected errors that have precedence over an error."""
        position = ORDER.index(error)
        return [
            errors for errors in self._reasons if error not in self.may and max(map(ORDER.index, errors)) < position
        ]

    def perhaps(self, *errors: str, when: object) -> None:
        """Add errors that the request may raise if `when` holds, for undocumented cases."""
        if when:
            self.may.update(errors)


Accepted = Callable[[dict[str, Any]], None]
Rule = Callable[..., Accepted | None]
RULES: dict[str, Rule] = {}


def rule(operation: str) -> Callable[[Rule], Rule]:
    """Register the rule of an operation: `(model, refuse, **request) -> effect of an accepted request`."""

    def register(function: Rule) -> Rule:
        RULES[operation] = function
        return function

    return register


class Model(Timeline):
    """The expected state of the service.

    Attributes:
        quotas: Limits that differ from the documented ones, by name.
        factor: Factor for all durations.
        resources: Resources by type and ARN, in order of creation.
        used_ids: Ids given so far.
        missing_files: Names of the files that are missing in S3 at the moment.
        automatic_version: Returns the ARN of the version that the engine trains automatically now, by solution.
        read_attribute: Reads an id from the engine that no response contains, by ARN and attribute name.
    """

    def __init__(self, start: float, *, quotas: Mapping[str, int], factor: float) -> None:
        super().__init__(start)
        self.quotas = quotas
        self.factor = factor
        self.resources: dict[str, dict[str, ModelResource]] = {resource_type: {} for resource_type in RESOURCE_TYPES}
        self.used_ids: set[str] = set()
        self.missing_files: set[str] = set()
        self.automatic_version: Callable[[str], str] = str
        self.read_attribute: Callable[[str, str], str] = str.join
        self.remove = lambda resource: self.resources[resource.resource_type].pop(resource.arn)

    def arn(self, path: str, name: str) -> str:
        return f"arn:aws:personalize:{REGION}:{ACCOUNT}:{path}/{name}"

    def get(self, resource_type: str, arn: str | None) -> ModelResource | None:
        return self.resources[resource_type].get(arn or "")

    def all(self, resource_type: str, **members: Any) -> list[ModelResource]:
        """Return the resources of a type whose description or facts have the given values."""
        return [
            resource
            for resource in self.resources[resource_type].values()
            if all(resource.shown.get(name, resource.facts.get(name)) == value for name, value in members.items())
        ]

    def is_missing(self, location: str) -> bool:
        """Return whether there is no file at a location."""
        name = location.rpartition("/")[2].removesuffix(".csv")
        return not location.startswith("s3://tiny/") or name in (*self.missing_files, "none")

    def new_id(self, value: str) -> str:
        """Check that an id is new, and return it."""
        assert value not in self.used_ids, f"{value} was used before"
        self.used_ids.add(value)
        return value

    def seconds(self, resource_type: str, step: str = "") -> float:
        return (RESOURCE_TYPES[resource_type].seconds or {}).get(step, 0) * self.factor

    def add(
        self,
        resource_type: str,
        arn: str,
        shown: dict[str, Any],
        facts: dict[str, Any] | None = None,
        *,
        run: Effect | None = None,
        finish: Effect | None = None,
        stages: Sequence[Stage] = (),
    ) -> ModelResource:
        """Add a created resource. `run` is called when it is IN_PROGRESS, `finish` when it becomes ACTIVE.

        `stages` replace the stages of a creation.
        """
        dates = {"creationDateTime": self.now, "lastUpdatedDateTime": self.now}
        resource = ModelResource(
            resource_type, arn, {RESOURCE_TYPES[resource_type].arn: arn, **shown, **dates}, facts or {}
        )
        self.resources[resource_type][arn] = resource
        if RESOURCE_TYPES[resource_type].seconds is not None:
            self.follow(resource, stages or creation(self.seconds(resource_type), run, finish))
        return resource

    def quota_reached(self, resource_type: str, parent: str | None = None) -> bool:
        """Return whether one more resource would exceed the quota."""
        name, limit, per, counted = QUOTAS[resource_type]
        own = self.all(resource_type) if per is None else self.all(resource_type, **{per: parent})
        return sum(map(_COUNTS[counted], own)) >= self.quotas.get(name, limit)

    def require(
        self, refuse: ExpectedErrors, resource_type: str, arn: str | None, *, error: str = "ResourceInUse"
    ) -> ModelResource | None:
        """Return a resource, and expect an error if it does not exist or is not ACTIVE."""
        resource = self.get(resource_type, arn)
        refuse("ResourceNotFound", when=resource is None)
        refuse(error, when=resource is not None and resource.status != ACTIVE)
        return resource
