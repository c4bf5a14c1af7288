"""Rules that keep resources from being deleted while other resources use them."""

from collections.abc import Mapping
from dataclasses import dataclass

from personalize_mock.resources.core.resource import Resource
from personalize_mock.simulation import Store

# Ours.
MOVING = "Resource {arn} cannot be deleted while its status is {status}. Wait until the running operation has finished."
UPDATING = "Resource {arn} cannot be deleted while it is being updated. Wait until the update has finished."
IN_USE = "Resource {arn} is in use by {by}. Delete that resource first, or wait if it is a running job."


@dataclass(frozen=True, slots=True)
class Blocker:
    """A resource type that blocks the deletion of the resources it refers to.

    Attributes:
        type_name: The class name of the blocking resources, such as `Campaign`.
        attribute: The attribute of a blocking resource that holds the reference, such as `solution_arn`.
        refers_to: The attribute of the blocked resource whose value the reference must equal.
        while_running: Whether only running resources block, such as jobs that have not ended.
    """

    type_name: str
    attribute: str
    refers_to: str = "arn"
    while_running: bool = False


# Developer guide, "Deleting ..." pages, and botocore model.
BLOCKERS: Mapping[str, tuple[Blocker, ...]] = {
    "DatasetGroup": (
        Blocker("Dataset", "dataset_group_arn"),
        Blocker("Solution", "dataset_group_arn"),
        Blocker("EventTracker", "dataset_group_arn"),
        Blocker("Recommender", "dataset_group_arn"),
        Blocker("Filter", "dataset_group_arn"),  # inferred
        Blocker("MetricAttribution", "dataset_group_arn"),  # inferred
    ),
    "Schema": (Blocker("Dataset", "schema_arn"), Blocker("Dataset", "pending_schema_arn")),
    "Dataset": (
        Blocker("DatasetImportJob", "dataset_arn", while_running=True),
        Blocker("SolutionVersion", "dataset_group_arn", refers_to="dataset_group_arn", while_running=True),
        Blocker("Campaign", "dataset_group_arn", refers_to="dataset_group_arn"),
        Blocker("Recommender", "dataset_group_arn", refers_to="dataset_group_arn", while_running=True),
        Blocker("EventTracker", "dataset_group_arn", refers_to="tracked_group_arn"),
        Blocker("Filter", "dataset_group_arn", refers_to="dataset_group_arn"),
        Blocker("MetricAttribution", "dataset_group_arn", refers_to="dataset_group_arn"),
        Blocker("BatchInferenceJob", "dataset_group_arn", refers_to="dataset_group_arn", while_running=True),
        Blocker("BatchSegmentJob", "dataset_group_arn", refers_to="dataset_group_arn", while_running=True),
    ),
    "Filter": (
        Blocker("BatchInferenceJob", "filter_arn", while_running=True),
        Blocker("BatchSegmentJob", "filter_arn", while_running=True),  # inferred
    ),
    "Solution": (
        Blocker("Campaign", "solution_arn"),
        Blocker("Campaign", "pending_solution_arn"),
        Blocker("SolutionVersion", "solution_arn", while_running=True),
    ),
}


def find_blocker(store: Store, resource: Resource) -> Resource | None:
    """Return a resource that blocks the deletion of the given resource, or None if nothing blocks it."""
    for blocker in BLOCKERS.get(type(resource).__name__, ()):
        values = {blocker.attribute: getattr(resource, blocker.refers_to)}
        running = {"is_running": True} if blocker.while_running else {}
        for other in store.select_by_type_name(blocker.type_name, **values, **running):
            return other  # type: ignore[no-any-return]  # stores hold resources
    return None
