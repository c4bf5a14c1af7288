"""Least recently used (LRU) cache for values that are computed from immutable objects.

The package has caches with other lifetimes, too. `functools.lru_cache` is used for pure functions. `Store.cached` keeps
values until a resource is removed, `content_cache` keeps them for all mocks, and `filtering.condition_masks` keeps them
as long as the metadata of a dataset.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, TypeVar

Value = TypeVar("Value")


class LruCache:
    """A cache for the values of the most recently requested keys. A copied or unpickled cache is empty.

    Threads may use a cache at the same time. Two of them may then compute the same value.
    """

    __slots__ = ("_size", "_values")

    def __init__(self, size: int) -> None:
        """Create an empty cache.

        Args:
            size: The maximum number of values. When it is exceeded, the least recently requested value is dropped.
        """
        self._size = size
        self._values: OrderedDict[Hashable, Any] = OrderedDict()

    def __reduce__(self) -> tuple[type["LruCache"], tuple[int]]:
        return LruCache, (self._size,)

    @property
    def size(self) -> int:
        """The maximum number of values that the cache keeps."""
        return self._size

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return the cached value of `key`. If there is none, call `compute` and cache the value it returns."""
        try:
            cached: Value = self._values[key]
            self._values.move_to_end(key)
        except KeyError:
            pass
        else:
            return cached
        value = self._values[key] = compute()
        with suppress(KeyError):
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value
