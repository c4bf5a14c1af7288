"""State of a user: the numbers computed from the user's history before items are ranked."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.numerics.top_k import positions


def _no_positions() -> NDArray[np.int32]:
    return np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserState:
    """Data from which the relevance of items for a user is computed. The defaults are for users without history.

    Only warm items are included, that is, items with an interaction in the training data. The position of an item is
    its index in the array of all warm items, `RelevanceModel.warm_items`.

    Attributes:
        seen: int32[n_seen], the positions of the items in the history, ascending, without duplicates.
        vector: float32[n_factors], the user vector. None for a user without history.
        followers: int32[k], the positions of items that association rules make more relevant. An item occurs once for
            each rule that applies to it.
        follower_scores: float32[k], the amount added to the relevance at each of these positions.
        relevance: float32[n_warm], the relevance of all warm items. None if it is to be computed on demand.
        shared: Whether the state is used for several queries, so that `relevance` must be copied before it is changed.
        seen_relevance: float32[n_seen], the relevance of the seen items as learnt from repeated interactions. None if
            the training data has too few repeats.
    """

    seen: NDArray[np.int32] = field(default_factory=_no_positions)
    vector: NDArray[np.float32] | None = None
    followers: NDArray[np.int32] = field(default_factory=_no_positions)
    follower_scores: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, dtype=np.float32))
    relevance: NDArray[np.float32] | None = None
    shared: bool = True
    seen_relevance: NDArray[np.float32] | None = None

    def seen_among(self, subset: NDArray[np.integer] | None) -> NDArray[np.integer]:
        """Return which candidates are in the user's history, as ascending indices into `subset`.

        Args:
            subset: int[n_candidates], the candidates as positions in the array of warm items, ascending. None if all
                warm items are candidates.
        """
        if subset is None:
            return self.seen
        places = positions(self.seen, among=subset)
        return places[places >= 0]
