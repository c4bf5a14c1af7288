"""Least recently used cache for values that are computed from immutable objects.

The package's other caches have other lifetimes: `functools.lru_cache` serves pure functions, `Store.cached` ends with a
resource, and the weak dictionary in `filtering.condition_masks` ends with a dataset's metadata.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Value = TypeVar("Value")


class LruCache:
    """Cache of the values of the most recently requested keys; copies and pickles of it start empty."""

    __slots__ = ("_size", "_values")

    def __init__(self, size: int) -> None:
        """Create an empty cache.

        Args:
            size: The largest number of values; the least recently requested value is dropped first.
        """
        self._size = size
        self._values: OrderedDict[Hashable, Any] = OrderedDict()

    def __reduce__(self) -> tuple[type["LruCache"], tuple[int]]:
        return LruCache, (self._size,)

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return the value of `key`, computed now unless it is in the cache."""
        if key in self._values:
            self._values.move_to_end(key)
            cached: Value = self._values[key]
            return cached
        value = self._values[key] = compute()
        if len(self._values) > self._size:
            self._values.popitem(last=False)
        return value
