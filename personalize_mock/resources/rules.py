"""Who blocks whom, how many there may be, and the texts that say so: one table each.

Texts marked "recorded" or "documented" are the service's; all others are ours, because no recording of them was found.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import LimitExceededException

if TYPE_CHECKING:
    from personalize_mock.resources.base import Resource

DELETABLE = ("ACTIVE", "CREATE FAILED", "CREATE STOPPED", "INACTIVE")
_DONE = (*DELETABLE, None)

# Recorded (dataset group and solution; other kinds by analogy; schemas answer as moto's own do).
NOT_FOUND = "The given {kind} does not exist: {arn}"
SCHEMA_NOT_FOUND = "Resource Arn {arn} does not exist."
ALREADY_EXISTS = "Another resource with Arn {arn} already exists."
# Documented.
TOO_MANY = "More than {limit} resources in ACTIVE state. Please delete some and try again."
TOO_MANY_RUNNING = "More than {limit} resources with PENDING or IN_PROGRESS status."
# The service model's own description of the error.
BAD_TOKEN = "The token is not valid."  # noqa: S105  # a message about a page token
# Ours.
NOT_ACTIVE = "Resource {arn} is not in ACTIVE state."
MOVING = "Resource {arn} cannot be deleted in state {status}."
USED = "Resource {arn} is in use by {by}."


@dataclass(frozen=True, slots=True)
class Blocker:
    """A kind of resource that keeps another from being deleted while its `attribute` names it.

    Attributes:
        kind: the class's name.
        attribute: where it names what it depends on.
        own: the attribute of the blocked resource that is named there.
        while_moving: blocks only until it has come to rest.
    """

    kind: str
    attribute: str
    own: str = "arn"
    while_moving: bool = False


@dataclass(frozen=True, slots=True)
class Quota:
    """How many of a kind there may be.

    Attributes:
        limit: the default; an option of the mock overrides it by the quota's name.
        per: the attribute that counts together, None for account and region.
        running: counts only what is not at rest.
    """

    kind: str
    limit: int
    per: str | None = None
    running: bool = False


# Documented: "Deleting ..." pages of the guide and the service model.
BLOCKERS: Mapping[str, tuple[Blocker, ...]] = {
    "DatasetGroup": (
        Blocker("Dataset", "dataset_group_arn"),
        Blocker("Solution", "dataset_group_arn"),
        Blocker("EventTracker", "dataset_group_arn"),
        Blocker("Recommender", "dataset_group_arn"),
        Blocker("Filter", "dataset_group_arn"),  # inferred
    ),
    "Schema": (Blocker("Dataset", "schema_arn"),),
    "Dataset": (
        Blocker("DatasetImportJob", "dataset_arn", while_moving=True),
        Blocker("SolutionVersion", "dataset_group_arn", own="dataset_group_arn", while_moving=True),
        Blocker("Campaign", "dataset_group_arn", own="dataset_group_arn"),
        Blocker("Recommender", "dataset_group_arn", own="dataset_group_arn", while_moving=True),
        Blocker("EventTracker", "dataset_group_arn", own="tracked_group_arn"),
    ),
    "Solution": (
        Blocker("Campaign", "solution_arn"),
        Blocker("Campaign", "wanted_solution_arn"),
        Blocker("SolutionVersion", "solution_arn", while_moving=True),
    ),
}

# Service Quotas table of 2025/26; names are ours.
QUOTAS: Mapping[str, Quota] = {
    "active_dataset_groups": Quota("DatasetGroup", 5),
    "schemas": Quota("Schema", 500),
    "import_jobs_in_flight": Quota("DatasetImportJob", 5, running=True),
    "filters_per_group": Quota("Filter", 30, per="dataset_group_arn"),
    "solutions_per_group": Quota("Solution", 20, per="dataset_group_arn"),
    "solution_versions_in_flight": Quota("SolutionVersion", 20, running=True),
    "campaigns_per_group": Quota("Campaign", 5, per="dataset_group_arn"),
    "recommenders_per_group": Quota("Recommender", 5, per="dataset_group_arn"),
}


def not_found(kind: str, arn: str) -> str:
    """The text for an ARN that stands for nothing."""
    return (SCHEMA_NOT_FOUND if kind == "schema" else NOT_FOUND).format(kind=kind, arn=arn)


def blocker(store: Store, resource: "Resource") -> "Resource | None":
    """A resource that keeps another from being deleted, or None."""
    for rule in BLOCKERS.get(type(resource).__name__, ()):
        own = getattr(resource, rule.own)
        for other in store.named(rule.kind).values():
            if getattr(other, rule.attribute) == own and not (rule.while_moving and other.status in _DONE):
                return other  # type: ignore[no-any-return]  # stores hold resources
    return None


def check_quota(store: Store, name: str, within: str | None = None) -> None:
    """Refuses one more of a kind than there may be.

    Args:
        store: the account and region.
        name: a key of `QUOTAS`.
        within: the value of the quota's `per` attribute.

    Raises:
        LimitExceededException: there are as many as there may be.
    """
    quota = QUOTAS[name]
    limit = store.options.quotas.get(name, quota.limit)
    if sum(1 for _ in _counted(store, quota, within)) >= limit:
        text = TOO_MANY_RUNNING if quota.running else TOO_MANY
        raise LimitExceededException(text.format(limit=limit))


def check_quota_names(quotas: Mapping[str, int]) -> None:
    """Refuses quotas that do not exist.

    Raises:
        PersonalizeMockError: a name is unknown.
    """
    unknown = sorted(set(quotas) - set(QUOTAS))
    if unknown:
        raise PersonalizeMockError(f"quotas= has no {unknown[0]!r}; write one of {', '.join(QUOTAS)}.")


def _counted(store: Store, quota: Quota, within: str | None) -> "Iterable[Resource]":
    for resource in store.named(quota.kind).values():
        counts = resource.status not in _DONE if quota.running else resource.status != "CREATE FAILED"
        if counts and (quota.per is None or getattr(resource, quota.per) == within):
            yield resource
