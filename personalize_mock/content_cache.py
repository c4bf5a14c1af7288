"""Process-wide cache of values that are expensive to compute: parsed files, fitted models and encoded data.

A key is the digest of everything that a value is computed from, so a cached value equals a newly computed one. Values
are kept until newer ones need the space. All mocks of the process share them, except mocks with the option
`reuse=False`. Shared values must not be changed; arrays of parsed files are read-only.
"""

import os
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from gc import get_referents
from hashlib import blake2b
from threading import Lock
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final, TypeVar

Value = TypeVar("Value")

ENTRIES = 256
SIZE = 256 << 20  # bytes
_NOT_DATA = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)


class ContentCache:
    """Thread-safe least recently used cache with a limited number of values and a limited total size."""

    def __init__(self, *, entries: int = ENTRIES, size: int = SIZE) -> None:
        """Create an empty cache.

        Args:
            entries: The maximum number of values.
            size: The maximum total size of the values in bytes. A value that is larger than half of it is not kept.
        """
        self._entries = entries
        self._size = size
        self._values: OrderedDict[bytes, tuple[Any, int]] = OrderedDict()
        self._total = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._values)

    @property
    def size(self) -> int:
        """The estimated total size of the cached values in bytes."""
        return self._total

    def get(self, key: bytes, compute: Callable[[], Value]) -> Value:
        """Return the value of a key. If there is none, call `compute` and keep the value that it returns.

        If two threads request the same missing value at the same time, both may compute it.
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                kept: Value = self._values[key][0]
                return kept
        value = compute()
        self._keep(key, value)
        return value

    def clear(self) -> None:
        """Drop all cached values."""
        with self._lock:
            self._values.clear()
            self._total = 0

    def after_fork(self) -> None:
        """Replace the cache's lock in a forked child process.

        A thread of the parent may have held the lock during the fork. This thread does not exist in the child.
        """
        self._lock = Lock()

    def _keep(self, key: bytes, value: object) -> None:
        size = estimated_size(value, limit=self._size // 2)
        if size > self._size // 2:
            return
        with self._lock:
            _, before = self._values.pop(key, (None, 0))
            self._values[key] = (value, size)
            self._total += size - before
            while len(self._values) > self._entries or self._total > self._size:
                _, (_, dropped) = self._values.popitem(last=False)
                self._total -= dropped


CACHE: Final = ContentCache()


def cached(key: bytes | None, compute: Callable[[], Value], *, reuse: bool) -> Value:
    """Return the value of a key from the cache of the process. If there is none, compute and cache it.

    Args:
        key: The digest of everything that the value is computed from. If it is None, the cache is not used.
        compute: Function that computes the value.
        reuse: The mock's option `reuse`. If it is False, the cache is not used.
    """
    return CACHE.get(key, compute) if reuse and key is not None else compute()


def digest(*parts: bytes | str) -> bytes:
    """Return a digest of a sequence of strings and bytes. `digest("ab")` differs from `digest("a", "b")`."""
    state = blake2b(digest_size=32)
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        state.update(f"{type(part).__name__}{len(content)}:".encode())
        state.update(content)
    return state.digest()


def estimated_size(value: object, *, limit: int = sys.maxsize) -> int:
    """Estimate the size in bytes of an object, including all objects that can be reached from it.

    Classes, functions and modules are not counted.

    Args:
        value: The object.
        limit: Counting stops above this size. If the object is larger, the result is a number above `limit`.
    """
    seen: set[int] = set()
    stack, total = [value], 0
    while stack and total <= limit:
        current = stack.pop()
        if id(current) in seen or isinstance(current, _NOT_DATA):
            continue
        seen.add(id(current))
        total += max(sys.getsizeof(current), getattr(current, "nbytes", 0))
        stack.extend(_references(current))
    return total


def _references(value: object) -> Iterable[object]:
    if isinstance(value, (str, bytes, int, float)):
        return ()
    if isinstance(value, Mapping):
        return (*value.keys(), *value.values())
    base = getattr(value, "base", None)  # a numpy array does not report what it is a view of
    return (*get_referents(value), base) if base is not None else get_referents(value)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=CACHE.after_fork)
