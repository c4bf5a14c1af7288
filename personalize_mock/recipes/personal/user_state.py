"""State of a user, which the personal model computes from the user's history."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


def _no_positions() -> NDArray[np.int32]:
    return np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserState:
    """Data from which a user's relevance is computed. The defaults are for users without warm items in their history.

    Positions are numbers of warm items, as in `RelevanceModel`.

    Attributes:
        seen: int32[n_seen], positions of the items in the history, ascending, without duplicates.
        vector: float32[n_factors], the user vector. None without history.
        followers: int32[k], positions whose relevance the association rules increase, with duplicates.
        follower_scores: float32[k], the amount that the rules add at each of these positions.
        relevance: float32[n_warm], relevance of all warm items. None if it is computed only when needed.
        seen_relevance: float32[n_seen], relevance of the seen items. None if users do not repeat themselves.
    """

    seen: NDArray[np.int32] = field(default_factory=_no_positions)
    vector: NDArray[np.float32] | None = None
    followers: NDArray[np.int32] = field(default_factory=_no_positions)
    follower_scores: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, dtype=np.float32))
    relevance: NDArray[np.float32] | None = None
    seen_relevance: NDArray[np.float32] | None = None
