"""Mapping between the ids of users, items or actions and integer indices."""

from collections.abc import Iterable, Sequence
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1


class IdMap:
    """Mapping between ids and their indices, 0 to n - 1. Models use the indices in place of the ids.

    Args:
        values: The ids, in the order of their indices.

    Attributes:
        values: The ids, in the order of their indices.

    Raises:
        ValueError: An id occurs twice.
    """

    __slots__ = ("_index", "values")

    def __init__(self, values: Iterable[str]) -> None:
        self.values: tuple[str, ...] = tuple(values)
        self._index = dict(zip(self.values, range(len(self.values)), strict=True))
        if len(self._index) != len(self.values):
            raise ValueError("an id occurs twice")

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: int) -> str:
        return self.values[index]

    def __contains__(self, value: object) -> bool:
        return value in self._index

    def index(self, value: str) -> int:
        """Return the index of an id, or -1 if it is unknown."""
        return self._index.get(value, UNKNOWN)

    def indices(self, values: Sequence[str]) -> NDArray[np.int32]:
        """Return the indices of several ids, int32[len(values)], with -1 for unknown ids."""
        return np.fromiter(map(self._index.get, values, repeat(UNKNOWN)), np.int32, count=len(values))

    def at(self, indices: NDArray[np.integer]) -> list[str]:
        """Return the ids that have the given indices.

        Args:
            indices: Indices from 0 to n - 1. They must not contain -1, for which the last id would be returned.

        Raises:
            IndexError: An index is too large.
        """
        return list(map(self.values.__getitem__, indices.tolist()))
