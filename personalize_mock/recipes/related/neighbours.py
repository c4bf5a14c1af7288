"""Neighbour lists of items, and the padding with popular items that all models of related items share.

For an item without enough data the service recommends popular items (developer guide, "SIMS recipe" (2025)). Filling
lists with too few neighbours in the same way is ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.recipes.base import Candidates, Model, Query, Ranking
from personalize_mock.recipes.numerics.candidates import are_candidates, as_mask
from personalize_mock.recipes.numerics.top_k import top_k
from personalize_mock.recipes.popular.popularity_count import PopularityModel

MAX_NEIGHBOURS = 300  # enough for the 25 items of a default request if a filter passes one item in ten


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbours:
    """The most similar items of each item, best first, in compressed rows.

    Attributes:
        indptr: int64[items + 1]; the neighbours of item i are `indices[indptr[i]:indptr[i + 1]]`.
        indices: int32[m], at most `MAX_NEIGHBOURS` per item.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]

    def for_item(self, item: int) -> NDArray[np.int32]:
        """Return the neighbours of an item, which are empty for unknown items."""
        if not 0 <= item < len(self.indptr) - 1:
            return self.indices[:0]
        return self.indices[self.indptr[item] : self.indptr[item + 1]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NeighbourModel(Model):
    """Model that ranks neighbours computed in training, followed by popular items.

    Attributes:
        neighbours: The neighbours of each item.
        popular: The popular items.
    """

    uses_item: ClassVar[bool] = True

    neighbours: Neighbours
    popular: PopularityModel

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """Return the items most related to the item of the query; see `Model.rank`."""
        neighbours = self.neighbours.for_item(query.item)
        if candidates is not None:
            neighbours = neighbours[are_candidates(neighbours, candidates)]
        return padded_with_popular(neighbours, self.popular, query, n=n, candidates=candidates)


def padded_with_popular(
    related: NDArray[np.int32], popular: PopularityModel, query: Query, *, n: int, candidates: Candidates | None
) -> Ranking:
    """Return the first `n` related items. If there are fewer, popular items follow.

    Args:
        related: Indices of the related items, best first. All of them must be candidates.
        popular: The popular items.
        query: The query, whose item is never recommended.
        n: Length of the list.
        candidates: Items that may be recommended; None allows all items.
    """
    related = related[: max(0, n)]
    if len(related) == max(0, n):
        return Ranking(indices=related)
    popular_items = popular.rank(query, n=n, candidates=candidates).indices
    padding = popular_items[~np.isin(popular_items, related)][: n - len(related)]
    return Ranking(indices=np.concatenate((related, padding)))


def top_per_row(
    similarity: sparse.csr_matrix, *, count: int = MAX_NEIGHBOURS
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the columns of the largest entries of each row. Ties are broken by column.

    Args:
        similarity: A matrix with sorted indices.
        count: The largest number of columns per row.

    Returns:
        The number of columns of each row, int64[rows], and the columns, best first, int32[sum of these numbers].
    """
    spans = zip(similarity.indptr[:-1].tolist(), similarity.indptr[1:].tolist(), strict=True)
    rows = [
        similarity.indices[start:stop][top_k(similarity.data[start:stop], k=min(count, stop - start))]
        for start, stop in spans
    ]
    columns = np.concatenate(rows) if rows else np.empty(0)
    return np.array([len(row) for row in rows], dtype=np.int64), columns.astype(np.int32)


def top_positive(
    scores: NDArray[np.float32],
    *,
    n: int,
    item: int,
    rows: NDArray[np.int32] | None = None,
    candidates: Candidates | None = None,
) -> NDArray[np.int32]:
    """Return the items of the `n` largest scores above 0, best first. Ties are broken by index.

    Args:
        scores: float32[len(rows)], or float32[items] without `rows`. The array is changed.
        n: The largest number of items.
        item: The item of the query, which is left out.
        rows: The item of each score, which must be a candidate. If None, the scores belong to all items.
        candidates: Items that may be returned if `rows` is None; None allows all items.
    """
    if rows is not None:
        scores[rows == item] = 0
    else:
        if candidates is not None:
            scores[~as_mask(candidates, count=len(scores))] = 0
        scores[[item]] = 0
    best = top_k(scores, k=n)
    best = best[scores[best] > 0]
    return np.asarray(best if rows is None else rows[best], dtype=np.int32)


def parsed_hyperparameters(config: Mapping[str, str], types: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    """Parse the hyperparameters of a request.

    Args:
        config: Names and values as on the wire.
        types: The type of each hyperparameter of the recipe. Other hyperparameters are ignored.

    Raises:
        ValueError: A value is not of its type.
    """
    return {name: types[name](text) for name, text in config.items() if name in types}
