"""State that the personal model derives from a user's history."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


def _no_positions() -> NDArray[np.int32]:
    return np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserState:
    """Parts of a user's relevance; the defaults are those of a user without warm items in the history.

    Positions number the warm items, see `RelevanceModel`.

    Attributes:
        seen: int32[n_seen], positions of the items in the history, ascending, without duplicates.
        vector: float32[n_factors], the user vector. None without history.
        followers: int32[k], positions to which the association rules add, with duplicates.
        follower_scores: float32[k], what the rules add to each.
        relevance: float32[n_warm], relevance of all warm items. None if it is computed when needed.
        seen_relevance: float32[n_seen], relevance of the seen items. None if users do not repeat themselves.
    """

    seen: NDArray[np.int32] = field(default_factory=_no_positions)
    vector: NDArray[np.float32] | None = None
    followers: NDArray[np.int32] = field(default_factory=_no_positions)
    follower_scores: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, dtype=np.float32))
    relevance: NDArray[np.float32] | None = None
    seen_relevance: NDArray[np.float32] | None = None
