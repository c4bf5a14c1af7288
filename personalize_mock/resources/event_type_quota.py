"""Quota on the number of distinct event types plus optional columns in an Interactions dataset.

Source: developer guide, "Amazon Personalize endpoints and quotas" (2025). It is unknown when the service checks this
quota. In the mock, an import job that would exceed the quota fails, and a PutEvents request is rejected.
"""

from collections.abc import Collection

from personalize_mock.resources.core import quotas
from personalize_mock.resources.datasets import Dataset
from personalize_mock.simulation import Store

NOT_COUNTED = (
    *("USER_ID", "ITEM_ID", "TIMESTAMP"),
    *("IMPRESSION", "RECOMMENDATION_ID", "EVENT_ATTRIBUTION_SOURCE"),
)
# Ours.
TOO_MANY = (
    "Dataset {arn} would have {types} distinct event types and {columns} optional columns, in total more than {limit}. "
    "Use fewer event types, or fewer columns."
)


def excess_reason(store: Store, dataset: Dataset, event_types: Collection[str]) -> str | None:
    """Return an error message if a dataset would exceed the quota on event types and optional columns, else None.

    Args:
        store: The resources of one account and region.
        dataset: The dataset. Only Interactions datasets with an EVENT_TYPE column have the quota.
        event_types: All distinct event types that the dataset would have after an import or a PutEvents request.
    """
    names = dataset.parsed_schema.names
    if dataset.dataset_type != "INTERACTIONS" or "EVENT_TYPE" not in names:
        return None
    columns = sum(name not in NOT_COUNTED for name in names)
    limit = quotas.limit(store, "event_types_and_columns")
    if not event_types or len(event_types) + columns <= limit:
        return None
    return TOO_MANY.format(arn=dataset.arn, types=len(event_types), columns=columns, limit=limit)
