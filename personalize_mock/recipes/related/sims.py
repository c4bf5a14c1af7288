"""aws-sims and its kin: items that the same users touched.

The similarity of item j to item i is c_ij / (n_j + 10) ** sqrt(d): c_ij users touched both, n_j touched j, d is
popularity_discount_factor (Deshpande, Karypis: "Item-Based Top-N Recommendation Algorithms", 2004). With
d = 0 the items that most users touched come first, with d = 1 those of which the greatest share of users touched both;
the root and the 10, which keeps a few chance users from making a share of 1, are ours.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.base import Evaluation, Recipe, TrainingData
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.percentile_filter import filter_items, filter_users
from personalize_mock.recipes.popular.popularity_count import Popularity, by_popularity
from personalize_mock.recipes.related.neighbours import Neighbours, RelatedItems, read, strongest

PRIOR = 10.0
ROWS = 1024  # of the co-interactions that are in memory at a time
WINDOW = 10
DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimsHyperparameters:
    """The hyperparameters of aws-sims; names and defaults are the service's but for one (reference: recipes).

    Attributes:
        popularity_discount_factor: 0 favours popular items, 1 ignores popularity.
        min_cointeraction_count: Items that fewer users have in common are not similar.
        min_user_history_length_percentile: Users with shorter histories are dropped from training.
        max_user_history_length_percentile: Users with longer histories are dropped from training.
        min_item_interaction_count_percentile: Items with fewer events are dropped from training.
        max_item_interaction_count_percentile: Items with more events are dropped from training. The service's
            default is 0.9. Taken at its word that leaves the most popular tenth, which holds most events, without an
            answer; recorded metrics (NDCG@25 of .29 beside .33 for personal recommendations) speak against it. So
            here what is not given drops nothing.
    """

    popularity_discount_factor: float = 0.5
    min_cointeraction_count: int = 3
    min_user_history_length_percentile: float = 0.005
    max_user_history_length_percentile: float = 0.995
    min_item_interaction_count_percentile: float = 0.01
    max_item_interaction_count_percentile: float = 1.0

    def kept(self, events: InteractionMatrix) -> InteractionMatrix:
        """Drop users, then items, with unusually few or many interactions."""
        events = filter_users(
            events,
            lower=self.min_user_history_length_percentile,
            upper=self.max_user_history_length_percentile,
        )
        return filter_items(
            events,
            lower=self.min_item_interaction_count_percentile,
            upper=self.max_item_interaction_count_percentile,
        )


_READ = {
    "popularity_discount_factor": float,
    "min_cointeraction_count": int,
    "min_user_history_length_percentile": float,
    "max_user_history_length_percentile": float,
    "min_item_interaction_count_percentile": float,
    "max_item_interaction_count_percentile": float,
}


@dataclass(frozen=True, kw_only=True)
class Sims(Recipe):
    """aws-sims, and with other values use cases of the domains.

    Attributes:
        defaults: What hyperparameters are if they are not given.
        closeness: Seconds. None counts users; else each pair of a user's events, up to 10 events apart, counts
            closeness / (closeness + the time between them).
    """

    evaluation: ClassVar[Evaluation] = "related"

    defaults: SimsHyperparameters = SimsHyperparameters()
    closeness: float | None = None

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,  # noqa: ARG002  nothing is random
    ) -> RelatedItems:
        """Count and keep the most similar items of each; see `Recipe.fit`."""
        chosen = replace(self.defaults, **read(config, _READ))
        events = chosen.kept(data.interactions)
        matrix = _touched(events)
        touching = np.bincount(matrix.indices, minlength=matrix.shape[1])
        discount = (touching + PRIOR) ** -np.sqrt(chosen.popularity_discount_factor)
        blocks = _together(matrix) if self.closeness is None else [_close(events, closeness=self.closeness)]
        return RelatedItems(
            neighbours=_neighbours(blocks, discount.astype(np.float32), least=chosen.min_cointeraction_count),
            popular=Popularity(order=by_popularity(data.interactions)),
        )


def _neighbours(blocks: Iterable[sparse.csr_matrix], discount: NDArray[np.float32], *, least: float) -> Neighbours:
    """The best of each row of the blocks, which follow one another."""
    lengths, codes = [np.zeros(1, dtype=np.int64)], [np.empty(0, dtype=np.int32)]
    first = 0
    for block in blocks:
        length, best = strongest(_similar(block, discount, first=first, least=least))
        lengths.append(length)
        codes.append(best)
        first += len(length)
    return Neighbours(indptr=np.cumsum(np.concatenate(lengths)), codes=np.concatenate(codes))


def _touched(events: InteractionMatrix) -> sparse.csr_matrix:
    """Which user touched which item: float32[users, items] of ones."""
    matrix = events.csr().astype(np.float32)
    matrix.data[:] = 1
    return matrix


def _together(touched: sparse.csr_matrix) -> Iterator[sparse.csr_matrix]:
    """How many users touched two items, float32[some items, items], the next rows each time."""
    by_item = touched.T.tocsr()
    for start in range(0, by_item.shape[0], ROWS):
        yield by_item[start : start + ROWS] @ touched


def _close(events: InteractionMatrix, *, closeness: float) -> sparse.csr_matrix:
    """How often two items were touched by a user, by closeness in time: float32[items, items]."""
    counts, ends = [], []
    for step in range(1, min(WINDOW, len(events) - 1) + 1):
        same = events.user[:-step] == events.user[step:]
        gap = (events.timestamp[step:] - events.timestamp[:-step])[same]
        counts.append((closeness / (closeness + gap)).astype(np.float32))
        ends.append((events.item[:-step][same], events.item[step:][same]))
    shape = len(events.items), len(events.items)
    if not counts:
        return sparse.csr_matrix(shape, dtype=np.float32)
    pairs = sparse.csr_matrix((np.concatenate(counts), np.concatenate(ends, axis=1)), shape=shape)
    return (pairs + pairs.T).tocsr()


def _similar(
    counts: sparse.csr_matrix, discount: NDArray[np.float32], *, first: int, least: float
) -> sparse.csr_matrix:
    """Counts made similarities, in place; nothing where they are below `least` or the row's item meets itself.

    Args:
        counts: float32[some items, items].
        discount: float32[items], what a count of an item is worth.
        first: The item of the first row.
        least: Lesser counts do not matter.
    """
    items = np.arange(first, first + counts.shape[0], dtype=counts.indices.dtype)
    counts.data[counts.indices == np.repeat(items, np.diff(counts.indptr))] = 0
    counts.data[counts.data < least] = 0
    counts.eliminate_zeros()
    counts.sort_indices()
    counts.data *= discount[counts.indices]
    return counts
