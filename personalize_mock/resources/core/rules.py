"""Who blocks whom, how many there may be, and the texts that say so: one table each.

Texts marked "recorded" or "documented" are the service's; all others are ours, because no recording of them was found.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.resources.core.resource import Resource
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import LimitExceededException

DELETABLE = ("ACTIVE", "CREATE FAILED", "CREATE STOPPED", "INACTIVE")
_DONE = (*DELETABLE, None)

# Recorded (dataset group and solution; other kinds by analogy; schemas answer as moto's own do).
NOT_FOUND = "The given {kind} does not exist: {arn}"
SCHEMA_NOT_FOUND = "Resource Arn {arn} does not exist."
ALREADY_EXISTS = "Another resource with Arn {arn} already exists."
# Documented.
TOO_MANY = "More than {limit} resources in ACTIVE state. Please delete some and try again."
TOO_MANY_RUNNING = "More than {limit} resources with PENDING or IN_PROGRESS status."
# Ours, after the one before.
TOO_MANY_PENDING = "More than {limit} resources with PENDING status."
# The service model's own description of the error.
BAD_TOKEN = "The token is not valid."  # noqa: S105  # a message about a page token
# Ours.
NOT_ACTIVE = "Resource {arn} is not in ACTIVE state."
MOVING = "Resource {arn} cannot be deleted in state {status}."
UPDATING = "Resource {arn} cannot be deleted while it is being updated."
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
    """How many of a kind there may be, or how much of something.

    Attributes:
        kind: the class's name; None for what is no resource, and is compared where it is used.
        limit: the default; an option of the mock overrides it by the quota's name.
        title: what the service's own table calls it.
        per: the attribute that counts together, None for account and region.
        running: counts only what is not at rest.
        pending: counts only what has not begun.
    """

    kind: str | None
    limit: int
    title: str
    per: str | None = None
    running: bool = False
    pending: bool = False

    @property
    def text(self) -> str:
        """What is said to whom it stops."""
        if self.pending:
            return TOO_MANY_PENDING
        return TOO_MANY_RUNNING if self.running else TOO_MANY


# Documented: "Deleting ..." pages of the guide and the service model.
BLOCKERS: Mapping[str, tuple[Blocker, ...]] = {
    "DatasetGroup": (
        Blocker("Dataset", "dataset_group_arn"),
        Blocker("Solution", "dataset_group_arn"),
        Blocker("EventTracker", "dataset_group_arn"),
        Blocker("Recommender", "dataset_group_arn"),
        Blocker("Filter", "dataset_group_arn"),  # inferred
        Blocker("MetricAttribution", "dataset_group_arn"),  # inferred
    ),
    "Schema": (Blocker("Dataset", "schema_arn"), Blocker("Dataset", "wanted_schema_arn")),
    "Dataset": (
        Blocker("DatasetImportJob", "dataset_arn", while_moving=True),
        Blocker("SolutionVersion", "dataset_group_arn", own="dataset_group_arn", while_moving=True),
        Blocker("Campaign", "dataset_group_arn", own="dataset_group_arn"),
        Blocker("Recommender", "dataset_group_arn", own="dataset_group_arn", while_moving=True),
        Blocker("EventTracker", "dataset_group_arn", own="tracked_group_arn"),
        Blocker("Filter", "dataset_group_arn", own="dataset_group_arn"),
        Blocker("MetricAttribution", "dataset_group_arn", own="dataset_group_arn"),
        Blocker("BatchInferenceJob", "dataset_group_arn", own="dataset_group_arn", while_moving=True),
        Blocker("BatchSegmentJob", "dataset_group_arn", own="dataset_group_arn", while_moving=True),
    ),
    "Filter": (
        Blocker("BatchInferenceJob", "filter_arn", while_moving=True),
        Blocker("BatchSegmentJob", "filter_arn", while_moving=True),  # inferred
    ),
    "Solution": (
        Blocker("Campaign", "solution_arn"),
        Blocker("Campaign", "wanted_solution_arn"),
        Blocker("SolutionVersion", "solution_arn", while_moving=True),
    ),
}

# The service's table of quotas and the developer guide's, 2025/26; titles are theirs, names are ours. Limits of texts,
# files and requests that nobody can raise stand where they are checked.
QUOTAS: Mapping[str, Quota] = {
    "active_dataset_groups": Quota("DatasetGroup", 5, "Active dataset groups"),
    "schemas": Quota("Schema", 500, "Number of schemas"),
    "import_jobs_in_flight": Quota("DatasetImportJob", 5, "Pending or in progress dataset import jobs", running=True),
    "batch_inference_jobs_in_flight": Quota(
        "BatchInferenceJob", 5, "Pending or in progress batch inference jobs", running=True
    ),
    "batch_segment_jobs_in_flight": Quota(
        "BatchSegmentJob", 5, "Pending or in progress batch segment jobs", running=True
    ),
    "data_deletion_jobs_pending": Quota(
        "DataDeletionJob", 5, "Pending data deletion jobs per dataset group", per="dataset_group_arn", pending=True
    ),
    "filters_per_group": Quota("Filter", 30, "Active filters per dataset group", per="dataset_group_arn"),
    "solutions_per_group": Quota("Solution", 20, "Active solutions per dataset group", per="dataset_group_arn"),
    "solution_versions_in_flight": Quota(
        "SolutionVersion", 20, "Pending or in progress solution versions", running=True
    ),
    "campaigns_per_group": Quota("Campaign", 5, "Active campaigns per dataset group", per="dataset_group_arn"),
    "recommenders_per_group": Quota("Recommender", 5, "Recommenders per dataset group", per="dataset_group_arn"),
    "filter_fields": Quota(None, 10, "Distinct dataset fields per filter"),
    "filter_fields_per_group": Quota(None, 20, "Distinct dataset fields across all filters of a dataset group"),
    "filter_interactions": Quota(None, 100, "Item interactions per user per event type considered by a filter"),
    "filter_action_interactions": Quota(
        None, 300, "Action interactions per user per event type considered by a filter"
    ),
    "attribution_sources": Quota(None, 100, "Unique event attribution sources per dataset group"),
}


def not_found(kind: str, arn: str) -> str:
    """The text for an ARN that stands for nothing."""
    return (SCHEMA_NOT_FOUND if kind == "schema" else NOT_FOUND).format(kind=kind, arn=arn)


def blocker(store: Store, resource: Resource) -> Resource | None:
    """A resource that keeps another from being deleted, or None."""
    for rule in BLOCKERS.get(type(resource).__name__, ()):
        own = getattr(resource, rule.own)
        for other in store.by_type_name(rule.kind).values():
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
    quota, most = QUOTAS[name], limit(store, name)
    if sum(1 for _ in _counted(store, quota, within)) >= most:
        raise LimitExceededException(quota.text.format(limit=most))


def limit(store: Store, name: str) -> int:
    """A quota as it is here: the service's, or what the mock was told by `quotas=`."""
    return store.options.quotas.get(name, QUOTAS[name].limit)


def check_quotas(quotas: Mapping[str, int]) -> None:
    """Refuses quotas that do not exist, or that are no numbers of things.

    Raises:
        PersonalizeMockError: a name is unknown, or a limit is not a whole number.
    """
    unknown = sorted(set(quotas) - set(QUOTAS), key=str)
    if unknown:
        raise PersonalizeMockError(f"quotas= has no {unknown[0]!r}; write one of {', '.join(QUOTAS)}.")
    for name, most in quotas.items():
        if isinstance(most, bool) or not isinstance(most, int) or most < 0:
            raise PersonalizeMockError(f"quotas={{{name!r}: {most!r}}}: a quota is a whole number, 0 or more.")


def _counted(store: Store, quota: Quota, within: str | None) -> Iterable[Resource]:
    for resource in store.by_type_name(quota.kind or "").values():
        counts = resource.status not in _DONE if quota.running else resource.status != "CREATE FAILED"
        if quota.pending:
            counts = resource.status == "PENDING"
        if counts and (quota.per is None or getattr(resource, quota.per) == within):
            yield resource
