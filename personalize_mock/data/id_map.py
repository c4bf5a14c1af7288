"""Outside ids and the row numbers that stand for them everywhere inside."""

from collections.abc import Iterable, Sequence
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1


class IdMap:
    """The one place where outside ids (strings) become row numbers, and back."""

    __slots__ = ("_row", "values")

    def __init__(self, values: Iterable[str]) -> None:
        """Number `values` in the order given.

        Raises:
            ValueError: if an id occurs twice.
        """
        self.values: tuple[str, ...] = tuple(values)
        self._row = dict(zip(self.values, range(len(self.values)), strict=True))
        if len(self._row) != len(self.values):
            raise ValueError("an id occurs twice")

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, row: int) -> str:
        return self.values[row]

    def __contains__(self, value: object) -> bool:
        return value in self._row

    def index(self, value: str) -> int:
        """The row number of `value`, -1 if it is unknown."""
        return self._row.get(value, UNKNOWN)

    def indices(self, values: Sequence[str]) -> NDArray[np.int32]:
        """The row numbers of `values`, int32[len(values)], -1 where unknown."""
        return np.fromiter(map(self._row.get, values, repeat(UNKNOWN)), np.int32, count=len(values))

    def at(self, indices: NDArray[np.integer]) -> list[str]:
        """The ids of row numbers.

        Raises:
            IndexError: if a row number is too large; -1 must have been removed before.
        """
        return list(map(self.values.__getitem__, indices.tolist()))
