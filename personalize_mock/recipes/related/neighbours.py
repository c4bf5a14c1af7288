"""What models of related items share: neighbours of an item, and popular items where these end.

A list never stays short for want of neighbours: popular items follow them, and for an item of which nothing is known
they are the list (reference: runtime, section 5; that they also fill up is ours).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.recipes.base import Candidates, Model, Query, Ranking
from personalize_mock.recipes.numerics.top_k import top_k
from personalize_mock.recipes.popular.popularity_count import Popularity

NEIGHBOURS = 300  # a filter that passes one in ten leaves more than the 25 of a default request
FEW = 0.2  # of the items: fewer are scored alone, of more all are scored


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbours:
    """For each item the most similar ones, best first.

    Attributes:
        indptr: int64[items + 1]; the neighbours of item i are `indptr[i]:indptr[i + 1]`.
        codes: int32[m], at most `NEIGHBOURS` an item.
    """

    indptr: NDArray[np.int64]
    codes: NDArray[np.int32]

    def of(self, item: int) -> NDArray[np.int32]:
        """The neighbours of one item, none if it is unknown."""
        if not 0 <= item < len(self.indptr) - 1:
            return self.codes[:0]
        return self.codes[self.indptr[item] : self.indptr[item + 1]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelatedItems(Model):
    """Neighbours found in training, then popular items.

    Attributes:
        neighbours: The neighbours.
        popular: The popular items.
    """

    related: ClassVar[bool] = True

    neighbours: Neighbours
    popular: Popularity

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """The items most related to that of the query; see `Model.rank`."""
        found = self.neighbours.of(query.item)
        if candidates is not None:
            found = found[passing(candidates, found)]
        return completed(found, self.popular, query, n=n, candidates=candidates)


def passing(candidates: Candidates, codes: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which of a few `codes` are eligible; does not look at each eligible one."""
    if candidates.dtype == np.bool_:
        return np.asarray(candidates[codes], dtype=bool)
    if not len(candidates):
        return np.zeros(len(codes), dtype=bool)
    places = np.minimum(np.searchsorted(candidates, codes), len(candidates) - 1)
    return np.asarray(candidates[places] == codes)


def completed(
    found: NDArray[np.int32], popular: Popularity, query: Query, *, n: int, candidates: Candidates | None
) -> Ranking:
    """What was found, best first, and popular items up to `n`."""
    found = found[: max(0, n)]
    if len(found) == max(0, n):
        return Ranking(indices=found)
    rest = popular.rank(query, n=n, candidates=candidates).indices
    more = rest[~np.isin(rest, found)][: n - len(found)]
    return Ranking(indices=np.concatenate((found, more)))


def strongest(similarity: sparse.csr_matrix, *, count: int = NEIGHBOURS) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The best of each row of a matrix with sorted indices.

    Returns:
        int64[rows], how many are kept of each row, and int32[sum of these], their columns, best first; of equal
        ones those with the lower number first.
    """
    rows = zip(similarity.indptr[:-1].tolist(), similarity.indptr[1:].tolist(), strict=True)
    kept = [
        similarity.indices[start:stop][top_k(similarity.data[start:stop], k=min(count, stop - start))]
        for start, stop in rows
    ]
    codes = np.concatenate(kept) if kept else np.empty(0)
    return np.array([len(each) for each in kept], dtype=np.int64), codes.astype(np.int32)


def few(candidates: Candidates | None, *, count: int) -> NDArray[np.int32] | None:
    """The eligible ones of the first `count` codes where it is cheaper to score these alone, else None."""
    if candidates is None:
        return None
    is_mask = candidates.dtype == np.bool_
    if (np.count_nonzero(candidates) if is_mask else len(candidates)) >= FEW * count:
        return None
    codes = np.flatnonzero(candidates) if is_mask else candidates
    return np.asarray(codes[codes < count], dtype=np.int32)


def greatest(
    scores: NDArray[np.float32],
    *,
    n: int,
    item: int,
    rows: NDArray[np.int32] | None = None,
    candidates: Candidates | None = None,
) -> NDArray[np.int32]:
    """The codes of at most `n` scores above 0, greatest first, equals in the order of their codes.

    Args:
        scores: float32[rows]; changed in place.
        n: How many.
        item: Is not among them.
        rows: The codes that the scores belong to, all of them eligible; None if they are those of all items.
        candidates: What may be among them where `rows` is None.
    """
    if rows is not None:
        scores[rows == item] = 0
    else:
        if candidates is not None:
            scores[~_mask(candidates, count=len(scores))] = 0
        scores[[item]] = 0
    best = top_k(scores, k=n)
    best = best[scores[best] > 0]
    return np.asarray(best if rows is None else rows[best], dtype=np.int32)


def _mask(candidates: Candidates, *, count: int) -> NDArray[np.bool_]:
    if candidates.dtype == np.bool_:
        return np.asarray(candidates[:count], dtype=bool)
    mask = np.zeros(count, dtype=bool)
    mask[candidates[candidates < count]] = True
    return mask


def read(config: Mapping[str, str], types: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    """The values of the hyperparameters that `types` knows; what is not given is left out.

    Raises:
        ValueError: if a value is no number.
    """
    return {name: types[name](text) for name, text in config.items() if name in types}
