"""Updates of the schema of a dataset, as DescribeDataset shows the latest one."""

from dataclasses import dataclass, replace


@dataclass(kw_only=True)
class DatasetUpdate:
    """An update of a dataset's schema. While it is running, its status is in `Dataset.latest_dataset_update`."""

    schema_arn: str
    creation_date_time: float
    last_updated_date_time: float
    status: str | None = "ACTIVE"
    failure_reason: str | None = None


def ended_update(update: DatasetUpdate | None, failure_reason: str | None) -> DatasetUpdate | None:
    """Return the latest update of a dataset, once it has ended, in the form that DescribeDataset shows.

    Args:
        update: The latest update of a dataset, or None.
        failure_reason: The failure reason of the dataset, or None. It comes from the update, because a dataset whose
            creation has failed cannot be updated.
    """
    if update is None or failure_reason is None:
        return update
    return replace(update, status="CREATE FAILED", failure_reason=failure_reason)
