"""A few values kept because they are likely to be asked for again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Value = TypeVar("Value")


class LruCache:
    """The values of the keys that were asked for last; copies and pickles start empty.

    Nothing but time depends on what is kept: a value is made of its key and of a model that never changes.
    """

    __slots__ = ("_kept", "_size")

    def __init__(self, size: int) -> None:
        """Keep at most `size` values."""
        self._size = size
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def __reduce__(self) -> tuple[type["LruCache"], tuple[int]]:
        return LruCache, (self._size,)

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`, made now unless it is kept."""
        if key in self._kept:
            self._kept.move_to_end(key)
            found: Value = self._kept[key]
            return found
        value = self._kept[key] = make()
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return value
