"""The newest tenth of each user's interactions, which evaluations and recipes hold out from the training data."""

import numpy as np
from numpy.typing import NDArray

SHARE = 0.1  # as in the developer guide, "Evaluating an Amazon Personalize solution version with metrics" (2025)


def newest_tenths(indptr: NDArray[np.int64], users: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the newest tenth of the interactions of some users begins and ends. It is at least one interaction.

    Args:
        indptr: int64[n + 1]; the interactions of user u are `indptr[u]:indptr[u + 1]`, oldest first.
        users: The indices of m users, each with at least one interaction.

    Returns:
        int64[m] with the first position for each user, and int64[m] with the position after the last one.
    """
    stops = indptr[users + 1]
    counts = np.maximum(1, np.rint(SHARE * (stops - indptr[users])).astype(np.int64))
    return stops - counts, stops
