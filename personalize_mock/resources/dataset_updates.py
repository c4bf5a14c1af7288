"""Updates of the schema of a dataset. DescribeDataset shows the latest one."""

from dataclasses import dataclass, replace


@dataclass(kw_only=True)
class DatasetUpdate:
    """An update of a dataset's schema, stored with the status ACTIVE, as if it had already succeeded.

    If the update is still running or has failed, `Dataset.latest_dataset_update` returns a copy with the actual status.
    """

    schema_arn: str
    creation_date_time: float
    last_updated_date_time: float
    status: str | None = "ACTIVE"
    failure_reason: str | None = None


def ended_update(update: DatasetUpdate | None, failure_reason: str | None) -> DatasetUpdate | None:
    """Return an ended schema update as DescribeDataset shows it: unchanged, or a copy in CREATE FAILED if it failed.

    Args:
        update: The latest update of a dataset, or None. The result is then None too.
        failure_reason: The failure reason of the dataset, or None if the update succeeded. A failure can only be the
            update's, because a dataset whose creation has failed cannot be updated.
    """
    if update is None or failure_reason is None:
        return update
    return replace(update, status="CREATE FAILED", failure_reason=failure_reason)
