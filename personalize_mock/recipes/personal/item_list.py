"""Lists of recommended items, and the insertion of items chosen by exploration."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExploredItems:
    """Cold items to insert into a list of recommended items.

    Attributes:
        items: int32[m], item indices, best first.
        places: int64[k], the positions in the list at which the first k of these items are inserted, ascending. The
            remaining items are appended only if the list is shorter than requested.
    """

    items: NDArray[np.int32]
    places: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemList:
    """A list of recommended items, best first.

    Attributes:
        items: int32[k], item indices.
        relevance: float32[k], the relevance of each item. An explored item has the relevance of the item that it
            replaces.
        explored: bool[k], the mask of the items inserted by exploration. None if nothing was inserted.
    """

    items: NDArray[np.int32]
    relevance: NDArray[np.float32]
    explored: NDArray[np.bool_] | None = None


def insert_explored(
    explored: ExploredItems, *, items: NDArray[np.int32], relevance: NDArray[np.float32], n: int
) -> ItemList:
    """Insert cold items chosen by exploration into a list of recommended items, and return the new list.

    Args:
        explored: The cold items to insert and their positions.
        items: int32[k], the indices of the recommended items, best first.
        relevance: float32[k], the relevance of the recommended items.
        n: The largest length of the new list. Items beyond it are dropped.
    """
    places, count = explored.places, len(explored.places)
    new = explored.items[:count]
    kept = _not_among(items, new)
    items, relevance = items[kept][: n - count], relevance[kept][: n - count]
    if len(items) + count < n:
        more = explored.items[count:]
        new = np.concatenate((new, more[_not_among(more, items)][: n - count - len(items)]))
        places = np.minimum(places, len(items) + np.arange(count))
        places = np.concatenate((places, np.arange(len(items) + count, len(items) + len(new))))
    is_new = np.zeros(len(items) + len(new), dtype=bool)
    is_new[places] = True
    is_old = ~is_new
    merged = np.empty(len(is_new), dtype=np.int32)
    merged[is_new], merged[is_old] = new, items
    levels = np.concatenate((relevance, relevance[-1:])) if len(relevance) else np.zeros(1, dtype=np.float32)
    return ItemList(items=merged, relevance=levels[is_old.cumsum() - is_old], explored=is_new)


def _not_among(items: NDArray[np.int32], others: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return a mask of `items` that is True for those that are not in `others`.

    For short arrays, this is faster than `np.isin`.
    """
    excluded = set(others.tolist())
    return np.array([item not in excluded for item in items.tolist()], dtype=bool)
