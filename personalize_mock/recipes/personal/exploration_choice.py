"""Choice of the cold items that replace recommendations in the lists of one query (see `exploration.py`)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.base import Candidates
from personalize_mock.recipes.numerics.candidates import are_candidates
from personalize_mock.recipes.numerics.top_k import top_k
from personalize_mock.recipes.personal.item_list import ExploredItems

NOISE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColdItems:
    """Cold items up to a certain age, with the numbers that decide which of them are explored.

    Attributes:
        items: int32[m], item indices, ascending.
        factors: float32[m, n_factors], predicted item factors minus their mean.
        bonus: float32[m], a number added to the exploration score of each item. It is larger for items with few
            interactions and impressions. With an optimization objective, it is also larger for items with a high value
            of the attribute to maximise.
    """

    items: NDArray[np.int32]
    factors: NDArray[np.float32]
    bonus: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExplorationDraws:
    """Random numbers with which exploration chooses positions and cold items for one user.

    Attributes:
        positions: float64[length], a number from 0 to 1 for each position of a list. The position is explored if it is
            smaller than the probability of exploration.
        scores: float32[m], the bonus of each cold item (see `ColdItems`) plus a random number.
    """

    positions: NDArray[np.float64]
    scores: NDArray[np.float32]

    @classmethod
    def from_seed(cls, seed: int, cold: ColdItems, *, length: int) -> "ExplorationDraws":
        """Draw random numbers from a seed: one for each list position, and one for each cold item.

        Args:
            seed: The seed, which belongs to a user.
            cold: The cold items that may be explored.
            length: Number of list positions.
        """
        rng = np.random.default_rng(seed)
        positions = rng.random(length)
        noise = 2 * rng.random(len(cold.items), dtype=np.float32) - 1
        return cls(positions=positions, scores=cold.bonus + np.float32(NOISE) * noise)


@dataclass(frozen=True, kw_only=True, eq=False)
class ExplorationChoice:
    """Positions to explore in the lists of one query, and the cold items for them.

    The cold items are scored once, when the first list needs them.

    Attributes:
        places: int64[k], the positions to explore, ascending.
        cold: The cold items.
        draws: The random numbers of the user, from which `places` were chosen and which the scores of cold items
            include.
        vector: float32[n_factors], the user vector. None for a user without history, for whom relevance is 0.
        history: int32[n], the items of the user's history, which are not explored.
        item_count: Number of all items.
        candidates: The items that may be recommended, as a mask or as ascending indices. None allows all.
    """

    places: NDArray[np.int64]
    cold: ColdItems
    draws: ExplorationDraws
    vector: NDArray[np.float32] | None
    history: NDArray[np.int32]
    item_count: int
    candidates: Candidates | None

    def for_list(self, *, n: int, ranked: int) -> ExploredItems | None:
        """Return the cold items to insert into a recommendation list, and their positions. None if there are none.

        Args:
            n: Number of requested items.
            ranked: Number of items in the list before exploration. If it is smaller than `n`, cold items also fill the
                list.
        """
        places = self.places[self.places < n]
        if not len(places) and ranked >= n:
            return None
        best = top_k(self._scores, k=2 * n)  # up to n of these items may be in the list already
        items = self.cold.items[best[self._scores[best] > -np.inf]]
        return ExploredItems(items=items, places=places[: len(items)]) if len(items) else None

    @cached_property
    def _scores(self) -> NDArray[np.float32]:
        """The score of each cold item, float32[m], by which the items to explore are chosen.

        The score is the sum of a bonus, which is larger for items with few interactions, a random number and the
        relevance. It is -inf for items that the user has seen and for items that may not be recommended.
        """
        cold, scores = self.cold, self.draws.scores.copy()
        if self.vector is not None and len(cold.items):
            relevance = cold.factors @ self.vector
            deviation = np.sqrt(relevance @ relevance / len(relevance))
            if deviation > 0:
                scores += relevance / deviation
        if self.candidates is not None:
            scores[~are_candidates(cold.items, self.candidates)] = -np.inf
        seen = np.zeros(self.item_count + 1, dtype=np.bool_)
        seen[self.history] = True  # an unknown item, -1, is the last one
        scores[seen.take(cold.items)] = -np.inf
        return np.asarray(scores)
