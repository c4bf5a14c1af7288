"""Neighbour lists (the most similar items of each item), and functions shared by the recipes for related items.

For an item without enough data, the service recommends popular items (developer guide, "SIMS recipe", 2025). The mock
also appends popular items to lists that are too short. The guide does not say whether the service does so.
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
    """The most similar items of each item, best first, stored like the rows of a CSR matrix.

    Attributes:
        indptr: int64[items + 1]; the neighbours of item i are `indices[indptr[i]:indptr[i + 1]]`.
        indices: int32[m], the neighbours of all items, one list after another, as item indices. No list is longer
            than `MAX_NEIGHBOURS`.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]

    def for_item(self, item: int) -> NDArray[np.int32]:
        """Return the indices of the items most similar to an item, best first. Unknown items have none."""
        if not 0 <= item < len(self.indptr) - 1:
            return self.indices[:0]
        return self.indices[self.indptr[item] : self.indptr[item + 1]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NeighbourModel(Model):
    """Model that recommends the items most similar to a given item, followed by popular items if these are too few.

    Attributes:
        neighbours: The most similar items of each item.
        popular: The ranking of items by popularity.
    """

    uses_item: ClassVar[bool] = True

    neighbours: Neighbours
    popular: PopularityModel

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """Return the items most closely related to the item of the query; see `Model.rank`."""
        neighbours = self.neighbours.for_item(query.item)
        if candidates is not None:
            neighbours = neighbours[are_candidates(neighbours, candidates)]
        return padded_with_popular(neighbours, self.popular, query, n=n, candidates=candidates)


def padded_with_popular(
    related: NDArray[np.int32], popular: PopularityModel, query: Query, *, n: int, candidates: Candidates | None
) -> Ranking:
    """Return the first `n` related items, followed by popular items if there are fewer than `n`.

    Args:
        related: Indices of the related items, best first, without the item of the query. All must be candidates.
        popular: The ranking of items by popularity.
        query: The query. Its item is never recommended.
        n: Number of items to return.
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
    """Find the columns of the largest entries in each row of a sparse matrix.

    Among equal entries, the one with the smaller column comes first. Entries that are not stored are ignored.

    Args:
        similarity: A matrix whose column indices are sorted within each row.
        count: The largest number of columns to return per row.

    Returns:
        Two arrays: the number of columns found in each row, int64[rows], and the columns of one row after another,
        largest entry first, int32[total number].
    """
    spans = zip(similarity.indptr[:-1].tolist(), similarity.indptr[1:].tolist(), strict=True)
    rows = [
        similarity.indices[start:stop][top_k(similarity.data[start:stop], k=min(count, stop - start))]
        for start, stop in spans
    ]
    columns = np.concatenate(rows) if rows else np.empty(0)
    return np.array([len(row) for row in rows], dtype=np.int64), columns.astype(np.int32)


def top_positive(
    scores: NDArray[np.float32], *, n: int, item: int, candidates: Candidates | None = None
) -> NDArray[np.int32]:
    """Return the indices of the `n` items with the largest positive scores, best first.

    Ties are broken by index. Items with a score of 0 or less are never returned.

    Args:
        scores: float32[items]. The function modifies this array.
        n: The largest number of items to return.
        item: Index of the item for which related items are wanted. It is never returned itself.
        candidates: Items that may be returned; None allows all items.
    """
    if candidates is not None:
        scores[~as_mask(candidates, count=len(scores))] = 0
    scores[item] = 0
    best = top_k(scores, k=n)
    return best[scores[best] > 0].astype(np.int32)


def parsed_hyperparameters(config: Mapping[str, str], types: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    """Convert the hyperparameters of a request from strings to numbers.

    Args:
        config: The values, by name of the hyperparameter.
        types: The type of each hyperparameter of the recipe, such as `int`, by name. Other hyperparameters are ignored.

    Raises:
        ValueError: A value cannot be converted.
    """
    return {name: types[name](text) for name, text in config.items() if name in types}
