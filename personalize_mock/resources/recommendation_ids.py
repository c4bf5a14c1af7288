"""Recommendation ids, `RID-<25 characters of a UUID>-CID-<six digits>`. Recorded 2024.

The six digits identify the campaign or recommender. The service derives them in an unknown way.
"""

from functools import cache
from hashlib import sha1

from personalize_mock.simulation import Store, as_uuid


def new_recommendation_id(store: Store, arn: str) -> str:
    """Return the id of the next response of a campaign or recommender."""
    ordinal = store.next_number(f"answers of {arn}")
    return f"RID-{as_uuid(store.digest('recommendation', arn, ordinal))[-25:]}-CID-{arn_digits(arn)}"


@cache
def arn_digits(arn: str) -> str:
    """Return the six digits of a campaign or recommender."""
    return sha1(arn.encode(), usedforsecurity=False).hexdigest()[:6]
