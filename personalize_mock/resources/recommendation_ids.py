"""Recommendation ids of the form `RID-<25 characters of a UUID>-CID-<six hexadecimal digits>` (recorded 2024).

The six digits identify the campaign or recommender. It is unknown how the service derives them.
"""

from functools import cache
from hashlib import sha1

from personalize_mock.simulation import Store, as_uuid


def new_recommendation_id(store: Store, arn: str) -> str:
    """Return a new recommendation id for a response of the campaign or recommender with the given ARN."""
    ordinal = store.next_number(f"answers of {arn}")
    return f"RID-{as_uuid(store.digest('recommendation', arn, ordinal))[-25:]}-CID-{arn_digits(arn)}"


@cache
def arn_digits(arn: str) -> str:
    """Return the six hexadecimal digits that identify a campaign or recommender in its recommendation ids."""
    return sha1(arn.encode(), usedforsecurity=False).hexdigest()[:6]
