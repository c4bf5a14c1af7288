"""Deep copies of parsed JSON that copy an object only when it is accessed.

botocore reads only a small part of a service model, so it would be slow to copy the whole model for each session.
"""

from collections import OrderedDict
from collections.abc import ItemsView, Iterator, ValuesView
from typing import Any

_plain_dicts: dict[int, tuple[OrderedDict[str, Any], dict[str, Any]]] = {}  # by identity; each original is kept alive


class LazyCopy(dict[str, Any]):
    """A deep copy of a JSON object that copies each of its dictionaries and lists when it is accessed.

    Changing the copy does not change the original. The original must not be changed, and is kept as long as the process
    runs. The copy is not an `OrderedDict`, because a plain `dict` is filled from another `dict` faster.

    Args:
        original: A dictionary as `json.loads` returns it with `object_pairs_hook=OrderedDict`.
    """

    __slots__ = ("_original",)

    def __init__(self, original: OrderedDict[str, Any]) -> None:
        self._original = original
        known = _plain_dicts.get(id(original)) or _plain_dicts.setdefault(id(original), (original, dict(original)))
        super().__init__(known[1])

    def __iter__(self) -> Iterator[str]:
        """Return an iterator over the keys.

        Without this method, `dict(copy)` would bypass `__getitem__` and share dictionaries and lists with the original.
        Python calls `__getitem__` only if a subclass of `dict` has an `__iter__` of its own.
        """
        return super().__iter__()

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if type(value) in _CONTAINERS and value is self._original.get(key):
            value = lazy_copy(value)
            self[key] = value
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, or `default` if there is none."""
        value = super().get(key, default)
        return self[key] if type(value) in _CONTAINERS and key in self else value

    def pop(self, key: str, *default: Any) -> Any:
        """Remove `key` and return its value.

        If there is none, return `default`, or raise KeyError without a default.
        """
        if key in self:
            self[key]  # copies the value
        return super().pop(key, *default)

    def popitem(self, last: bool = True) -> tuple[str, Any]:  # noqa: FBT001, FBT002  # as in OrderedDict
        """Remove the last key, or the first one if `last` is False, and return it with its value."""
        for key in reversed(self) if last else iter(self):
            return key, self.pop(key)
        return super().popitem()

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`. If there is none, insert `default` first."""
        if key not in self:
            self[key] = default
        return self[key]

    def values(self) -> ValuesView[Any]:  # type: ignore[override]  # as of any mapping
        """Return a view of the values."""
        return ValuesView(self)

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]  # as of any mapping
        """Return a view of the keys and values."""
        return ItemsView(self)

    def copy(self) -> OrderedDict[str, Any]:
        """Return a shallow copy, which is an ordinary `OrderedDict`."""
        return OrderedDict(self)

    def __or__(self, other: Any) -> Any:
        return self.copy() | other

    def __ror__(self, other: Any) -> Any:
        return other | self.copy()

    def __reduce__(self) -> Any:
        """Make `copy.copy`, `copy.deepcopy` and `pickle` return an ordinary `OrderedDict`."""
        return OrderedDict, (), None, None, iter(self.items())

    def unchanged_original(self) -> OrderedDict[str, Any] | None:
        """Return the original if no value in this copy has been changed or copied so far, and None otherwise."""
        stored = dict.items(self)
        if len(stored) != len(self._original):
            return None
        missing = object()
        is_unchanged = all(self._original.get(key, missing) is value for key, value in stored)
        return self._original if is_unchanged else None


def lazy_copy(value: Any) -> Any:
    """Return a copy of a JSON value. JSON objects that contain other objects or lists become a `LazyCopy`."""
    if type(value) is list:
        return [lazy_copy(element) for element in value]
    if type(value) is not OrderedDict:
        return value
    return value.copy() if _CONTAINERS.isdisjoint(map(type, value.values())) else LazyCopy(value)


def peek(mapping: Any, key: str) -> Any:
    """Return the value of a key in a mapping, or None if the key is missing.

    A value in a `LazyCopy` may belong to the original, because it is not copied. Callers must not change it.
    """
    return dict.get(mapping, key) if isinstance(mapping, LazyCopy) else mapping.get(key)


_CONTAINERS = frozenset({OrderedDict, list})
