"""Quota of the distinct event types in an Interactions dataset together with its optional columns.

Developer guide, "Amazon Personalize endpoints and quotas" (2025). When the service checks it is unknown. Here an import
job fails, and PutEvents is refused.
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
    "Dataset {arn} would have {types} distinct event types and {columns} optional columns, together more than {limit}. "
    "Use fewer event types, or fewer columns."
)


def excess_reason(store: Store, dataset: Dataset, event_types: Collection[str]) -> str | None:
    """Return why a dataset with the given event types would exceed its quota, or None if it would not."""
    names = dataset.parsed_schema.names
    if dataset.dataset_type != "INTERACTIONS" or "EVENT_TYPE" not in names:
        return None
    columns = sum(name not in NOT_COUNTED for name in names)
    limit = quotas.limit(store, "event_types_and_columns")
    if not event_types or len(event_types) + columns <= limit:
        return None
    return TOO_MANY.format(arn=dataset.arn, types=len(event_types), columns=columns, limit=limit)
