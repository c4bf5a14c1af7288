"""Quotas of the service, and functions that check whether a quota allows another resource."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.resources.core.resource import Resource
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import LimitExceededException

# Developer guide, "Error messages" (2023).
TOO_MANY = "More than {limit} resources in ACTIVE state. Please delete some and try again."
TOO_MANY_RUNNING = "More than {limit} resources with PENDING or IN_PROGRESS status."
# Ours.
TOO_MANY_PENDING = "More than {limit} resources with PENDING status. Wait until one of them is done."


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota of the service. Most quotas limit the number of resources of one type.

    Attributes:
        type_name: The class name of the resources to count, such as `Campaign`. None if the quota limits something
            else, such as the fields of a filter.
        limit: The default limit, which the mock's option `quotas` can override.
        title: The name of the quota in the developer guide.
        per: An attribute such as `dataset_group_arn`, if the limit applies separately to each of its values. None if
            the limit applies to the whole account and region.
        running: Whether to count only resources that are in progress, such as jobs that have not ended.
        pending: Whether to count only resources with the status PENDING.
    """

    type_name: str | None
    limit: int
    title: str
    per: str | None = None
    running: bool = False
    pending: bool = False

    @property
    def message(self) -> str:
        """The error message for an exhausted quota, with the placeholder `{limit}`."""
        if self.pending:
            return TOO_MANY_PENDING
        return TOO_MANY_RUNNING if self.running else TOO_MANY


# Developer guide, "Amazon Personalize endpoints and quotas" (2025). The titles are the guide's, the names are ours.
# Limits that cannot be raised, such as those of files and requests, are defined where they are checked.
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
    "recommenders": Quota("Recommender", 15, "Active recommenders"),
    "recommenders_per_group": Quota("Recommender", 5, "Recommenders per dataset group", per="dataset_group_arn"),
    "filter_fields": Quota(None, 10, "Distinct dataset fields per filter"),
    "filter_fields_per_group": Quota(None, 20, "Distinct dataset fields across all filters of a dataset group"),
    "filter_interactions": Quota(None, 100, "Item interactions per user per event type considered by a filter"),
    "filter_action_interactions": Quota(
        None, 300, "Action interactions per user per event type considered by a filter"
    ),
    "event_types_and_columns": Quota(
        None, 10, "Distinct event types combined with the optional columns of an Interactions dataset"
    ),
    "attribution_sources": Quota(None, 100, "Unique event attribution sources per dataset group"),
}


def limit(store: Store, name: str) -> int:
    """Return the limit of the named quota, which is the value in the mock's option `quotas` or else the default."""
    return store.options.quotas.get(name, QUOTAS[name].limit)


def check_quota(store: Store, name: str, within: str | None = None) -> None:
    """Check that a quota allows one more resource.

    Args:
        store: The resources of one account and region.
        name: The name of the quota, a key of `QUOTAS`.
        within: The ARN of the dataset group, if the quota applies separately to each dataset group, else None.

    Raises:
        LimitExceededException: The quota is used up.
    """
    maximum = limit(store, name)
    if len(_counted(store, QUOTAS[name], within)) >= maximum:
        raise LimitExceededException(QUOTAS[name].message.format(limit=maximum))


def check_quotas(quotas: Mapping[str, int]) -> None:
    """Validate the mock's option `quotas`.

    Raises:
        PersonalizeMockError: The name of a quota is unknown, or a limit is negative or not an integer.
    """
    for name, value in quotas.items():
        if name not in QUOTAS:
            hint = did_you_mean(name, QUOTAS, command="Run 'python -m personalize_mock quotas' to list all quotas.")
            raise PersonalizeMockError(f"quotas={{{name!r}: {value!r}}}: unknown quota {name!r}. {hint}")
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise PersonalizeMockError(f"quotas={{{name!r}: {value!r}}}: a quota must be a whole number, 0 or more.")


def _counted(store: Store, quota: Quota, within: str | None) -> Sequence[Resource]:
    values: dict[str, object] = {} if quota.per is None else {quota.per: within}
    if quota.pending:
        values["status"] = "PENDING"
    else:
        values |= {"is_running": True} if quota.running else {"has_failed": False}
    return store.select_by_type_name(quota.type_name or "", **values)
