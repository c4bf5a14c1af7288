"""What is popular: the relevance of items for users of whom nothing is known."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.matrix import Events

LATEST = 0.1
LATEST_SHARE = 0.1  # ours; the guide says that latest popular items are mixed in


def baseline(
    events: Events, counts: sparse.csr_matrix, codes: NDArray[np.int32], *, latest: bool
) -> NDArray[np.float64]:
    """How popular items are: float64[len(codes)], in users.

    A user counts once an item; where events weigh differently, by the mean weight of their events with it.

    Args:
        events: The events.
        counts: users x len(codes), their weights.
        codes: The items, all that have events.
        latest: Whether a tenth is to be the popularity among the newest tenth of the events.
    """
    whole = _users(events, counts, codes)
    if not latest or not len(events):
        return whole
    newest = events.timestamp >= np.quantile(events.timestamp, 1 - LATEST, method="lower")
    late = events.take(newest)
    recent = _users(late, late.csr()[:, codes], codes)
    return np.asarray((1 - LATEST_SHARE) * whole + LATEST_SHARE * (whole.sum() / recent.sum()) * recent)


def _users(events: Events, counts: sparse.csr_matrix, codes: NDArray[np.int32]) -> NDArray[np.float64]:
    if events.weight is None:
        return np.asarray(counts.getnnz(axis=0), dtype=np.float64)
    times = replace(events, weight=None).csr()[:, codes]
    return np.asarray(np.bincount(counts.indices, counts.data / times.data, minlength=len(codes)), dtype=np.float64)
