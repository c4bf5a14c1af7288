"""Lists of items into which explored items are inserted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExploredItems:
    """Items to insert into a list.

    Attributes:
        items: int32[m], cold items, best first.
        places: int64[at most m], ascending positions of the first items. Other items only fill a short list.
    """

    items: NDArray[np.int32]
    places: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemList:
    """A list of items, best first.

    Attributes:
        items: int32[k], item indices.
        relevance: float32[k]; explored items have that of the item whose place they take.
        explored: bool[k], which items are explored. None if exploration is off.
    """

    items: NDArray[np.int32]
    relevance: NDArray[np.float32]
    explored: NDArray[np.bool_] | None = None


def insert_explored(
    explored: ExploredItems, *, items: NDArray[np.int32], relevance: NDArray[np.float32], n: int
) -> ItemList:
    """Return a list with explored items inserted at their places.

    Args:
        explored: The items to insert.
        items: int32[k], the list, best first.
        relevance: float32[k], the relevance of its items.
        n: The largest length of the new list.
    """
    count = len(explored.places)
    new = explored.items[:count]
    kept = _not_among(items, new)
    items, relevance = items[kept][: n - count], relevance[kept][: n - count]
    if len(items) + count < n:
        more = explored.items[count:]
        new = np.concatenate((new, more[_not_among(more, items)][: n - count - len(items)]))
    is_new = np.zeros(len(items) + len(new), dtype=bool)
    is_new[np.minimum(explored.places, len(items) + np.arange(count))] = True
    is_new[len(items) + count :] = True
    merged = np.empty(len(is_new), dtype=np.int32)
    merged[is_new], merged[~is_new] = new, items
    levels = np.append(relevance, relevance[-1:] if len(relevance) else np.float32(0)).astype(np.float32)
    return ItemList(items=merged, relevance=levels[np.cumsum(~is_new) - ~is_new], explored=is_new)


def _not_among(items: NDArray[np.int32], others: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return the mask of the items that are not in `others`. Both arrays must be short."""
    return np.asarray((items[:, None] != others).all(axis=1))
