"""The newest tenth of each user's interactions, which evaluations and recipes hold out from the training data."""

import numpy as np
from numpy.typing import NDArray

SHARE = 0.1  # as in the developer guide, "Evaluating an Amazon Personalize solution version with metrics" (2025)


def newest_tenths(indptr: NDArray[np.int64], users: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the newest tenth of each user's interactions begins and ends.

    The size of a tenth is rounded to an integer, but at least 1.

    Args:
        indptr: int64[n + 1]; the interactions of user u are `indptr[u]:indptr[u + 1]`, oldest first.
        users: int[m], the indices of the users. Each has at least one interaction.

    Returns:
        The position of the first interaction in each tenth, and the position after the last one, both int64[m].
    """
    stops = indptr[users + 1]
    counts = np.maximum(1, np.rint(SHARE * (stops - indptr[users])).astype(np.int64))
    return stops - counts, stops
