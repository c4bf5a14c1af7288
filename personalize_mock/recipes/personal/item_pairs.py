"""Counts of pairs of items that occur soon after each other in the histories of users.

A pair consists of a leader and a follower. The pairs are counted in blocks of leaders, so that the memory does not grow
with the number of interactions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import sparse

STEP_DECAY = 0.9
BLOCK = 81_920  # pairs of the leaders of a block, unless a single item has more
SPARSE = 8  # cells per pair from which sorting the pairs is faster than an array of all cells


def pair_blocks(
    item: NDArray[np.int32],
    user: NDArray[np.int32],
    *,
    count: int,
    window: int,
    weight: NDArray[np.float64] | None = None,
    items: NDArray[np.bool_] | None = None,
) -> Iterator[sparse.csr_matrix]:
    """Count how often each item follows each other item within `window` steps in the histories of users.

    A direct neighbour counts 1. Each further step multiplies the count by 0.9.

    Args:
        item: int32[n], the item of each interaction. Interactions are sorted by user, then by time.
        user: int32[n], the user of each interaction.
        count: Number of items.
        window: The largest number of steps between the two items of a pair. Neighbours are 1 step apart.
        weight: float64[n], how much each interaction counts when it follows another. None if all interactions count 1.
        items: bool[count]; only pairs with at least one of these items are counted. None to count all pairs.

    Yields:
        Consecutive rows of a matrix, float64[count, count], with a row for each item and a column for each follower.
    """
    pairs = _Pairs.from_interactions(item, user, count=count, window=window, weight=weight, items=items)
    for first, stop in pairs.ranges():
        cells, sums = _sums(*pairs.of_leaders(first, stop), cells=(stop - first) * count)
        begins = count * np.arange(stop - first + 1)
        indptr = np.searchsorted(cells, begins)
        followers = (cells - np.repeat(begins[:-1], np.diff(indptr))).astype(np.int32)
        yield sparse.csr_matrix((sums, followers, indptr), shape=(stop - first, count))


def count_pairs(item: NDArray[np.int32], user: NDArray[np.int32], *, count: int, **options: Any) -> sparse.csr_matrix:
    """Count how often each item follows each other item, and return a sparse matrix, float64[count, count].

    The rows are the items, the columns the followers. For the arguments see `pair_blocks`, which yields the same matrix
    in blocks of rows.
    """
    return stacked(pair_blocks(item, user, count=count, **options), count=count)


def dense_pair_blocks(
    item: NDArray[np.int32], user: NDArray[np.int32], *, count: int, **options: Any
) -> Iterator[NDArray[np.float64]]:
    """Count how often each item follows each other item, as `pair_blocks` does, but yield arrays that are not sparse.

    This takes less time if most pairs of items occur.

    Args:
        item: int32[n], the item of each interaction. Interactions are sorted by user, then by time.
        user: int32[n], the user of each interaction.
        count: Number of items.
        options: The other arguments of `pair_blocks`.

    Yields:
        Consecutive rows of a matrix, float64[count, count], with a row for each item and a column for each follower.
    """
    pairs = _Pairs.from_interactions(item, user, count=count, **options)
    for first, stop in pairs.ranges(most=SPARSE * BLOCK // count):
        cell, value = pairs.of_leaders(first, stop)
        sums = np.bincount(cell, value, minlength=(stop - first) * count)
        yield np.asarray(sums.reshape(stop - first, count), dtype=np.float64)


def stacked(blocks: Iterable[sparse.csr_matrix], *, count: int) -> sparse.csr_matrix:
    """Stack sparse matrices with `count` columns on top of each other. Without `blocks`, the result has no rows."""
    return sparse.vstack([sparse.csr_matrix((0, count)), *blocks], format="csr")


def _sums(
    cell: NDArray[np.int64], value: NDArray[np.float64], *, cells: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Add up the values that belong to the same cell of a matrix, in the order of the arrays.

    Args:
        cell: int64[n], the cell of each value, as an index into the flattened matrix.
        value: float64[n], the values, above 0.
        cells: Number of cells of the matrix.

    Returns:
        The distinct cells in ascending order, and the sum of the values of each.
    """
    if cells > SPARSE * len(cell):
        distinct, index = np.unique(cell, return_inverse=True)
        return distinct, np.asarray(np.bincount(index, value), dtype=np.float64)
    sums = np.asarray(np.bincount(cell, value, minlength=cells), dtype=np.float64)
    occupied = np.flatnonzero(sums > 0)
    return occupied, sums[occupied]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pairs:
    """Interactions, stored so that all pairs with a certain leader can be found quickly.

    A pair consists of a leader and a follower, which is an item that the same user interacts with soon afterwards.

    Attributes:
        count: Number of items.
        item: int32[n], the item of each interaction, sorted by user, then by time.
        places: int32[n], the indices of the interactions, sorted by item.
        starts: int32[count + 1]; the interactions with item i are `places[starts[i] : starts[i + 1]]`.
        later: int32[n], the number of later interactions of the same user.
        followers: int32[n, window], the items of the interactions that come next. Only the first `later[i]` entries of
            row i belong to the same user.
        weights: float64[n, window], how much each interaction in `followers` counts. None if all count 1.
        items: bool[count]; only pairs with at least one of these items are counted. None to count all pairs.
    """

    count: int
    item: NDArray[np.int32]
    places: NDArray[np.int32]
    starts: NDArray[np.int32]
    later: NDArray[np.int32]
    followers: NDArray[np.int32]
    weights: NDArray[np.float64] | None
    items: NDArray[np.bool_] | None

    @classmethod
    def from_interactions(
        cls,
        item: NDArray[np.int32],
        user: NDArray[np.int32],
        *,
        count: int,
        window: int,
        weight: NDArray[np.float64] | None = None,
        items: NDArray[np.bool_] | None = None,
    ) -> "_Pairs":
        """Build a `_Pairs` object, which finds the pairs with a certain first item, from interactions.

        Args:
            item: int32[n], the item of each interaction. Interactions are sorted by user, then by time.
            user: int32[n], the user of each interaction.
            count: Number of items.
            window: The largest number of steps between the two items of a pair. Neighbours are 1 step apart.
            weight: float64[n], how much each interaction counts as the second one of a pair. None if all count 1.
            items: bool[count]; only pairs with at least one of these items are counted. None to count all pairs.
        """
        shape, indptr = (count, len(item)), np.arange(len(item) + 1)
        by_place = sparse.csc_matrix((np.ones(len(item), dtype=bool), item, indptr), shape=shape)
        by_item = by_place.tocsr()
        stops = np.cumsum(np.bincount(user)).astype(np.int32)
        return cls(
            count=count,
            item=item,
            places=by_item.indices,
            starts=by_item.indptr,
            later=np.asarray(stops[user] - np.arange(1, len(user) + 1, dtype=np.int32), dtype=np.int32),
            followers=_next(item, window),
            weights=None if weight is None else _next(weight, window),
            items=items,
        )

    def ranges(self, *, most: int | None = None) -> Iterator[tuple[int, int]]:
        """Yield consecutive ranges of item indices, as pairs (first, stop), that together cover all items.

        A range consists of a single item or has at most `BLOCK` pairs. `stop` is not part of it.

        Args:
            most: The largest number of items in a range, or None for no limit.
        """
        interactions = BLOCK // self.followers.shape[1]
        first = 0
        while first < self.count:
            limit = int(np.searchsorted(self.starts, self.starts[first] + interactions, side="right")) - 1
            stop = max(first + 1, limit if most is None else min(limit, first + most))
            yield first, stop
            first = stop

    def of_leaders(self, first: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return all pairs whose leader, the earlier item, is one of the items from `first` to `stop` - 1.

        They are sorted by leader, then by the place of the leader's interaction.

        Returns:
            The cell of each pair, which is (leader - first) * count + follower, and how much the pair counts.
        """
        places = self.places[self.starts[first] : self.starts[stop]]
        steps = np.arange(self.followers.shape[1], dtype=np.int32)
        inside = steps < self.later[places][:, None]
        leaders, followers = self.item[places], self.followers[places]
        if self.items is not None:
            inside &= self.items[leaders][:, None] | self.items[followers]
        cell = (self.count * (leaders.astype(np.int64) - first))[:, None] + followers
        value = STEP_DECAY**steps if self.weights is None else STEP_DECAY**steps * self.weights[places]
        return cell[inside], np.broadcast_to(value, inside.shape)[inside]


def _next(values: NDArray[Any], window: int) -> NDArray[Any]:
    """Return the `window` values that follow each value of an array, shape (n, window).

    Values beyond the end are 0. The rows overlap in memory, so the result cannot be modified.
    """
    padded = np.concatenate((values, np.zeros(window, dtype=values.dtype)))
    return sliding_window_view(padded, window)[1:]
