"""Records of the journal in a compact form, for runs with very many calls."""

import io
import pickle
import zlib
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Generic, NoReturn, TypeVar

R = TypeVar("R")
FAST = 1  # compression level of zlib


class NotPackable(Exception):  # noqa: N818  # no failure: the records remain as they are
    """Raised if a record contains an object that is not of one of Python's built-in classes."""


class PackedRecords(Generic[R]):
    """A sequence of records that takes a few bytes per record. Each reading makes new objects, equal to the originals.

    Args:
        records: The records, objects of dataclasses with slots.
        loose: A class of records that are kept as they are, because they are few and often looked for.

    Attributes:
        loose: The records of the class `loose`, in order.

    Raises:
        NotPackable: A record contains an object that is not of one of Python's built-in classes.
    """

    __slots__ = ("_data", "_kinds", "_length", "loose")

    def __init__(self, records: Sequence[R], *, loose: type[Any]) -> None:
        self.loose = [record for record in records if isinstance(record, loose)]
        self._kinds: list[Any] = [*{type(record) for record in records} - {loose}]
        self._length = len(records)
        read = {kind: attrgetter(*kind.__slots__) for kind in self._kinds}
        number = {kind: at for at, kind in enumerate(self._kinds)}
        kinds = map(type, records)
        rows = [
            None if kind is loose else (number[kind], read[kind](record))
            for kind, record in zip(kinds, records, strict=True)
        ]
        self._data = zlib.compress(_pickled(rows), FAST)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[R]:
        loose, makers = iter(self.loose), [_maker(kind) for kind in self._kinds]
        for row in pickle.loads(zlib.decompress(self._data)):  # noqa: S301  # made by this object
            yield next(loose) if row is None else makers[row[0]](row[1])


def _maker(kind: type[Any]) -> Callable[[tuple[Any, ...]], Any]:
    """Return a function that makes a record from the values of its slots, faster than the constructor does."""
    setters = [getattr(kind, name).__set__ for name in kind.__slots__]

    def make(values: tuple[Any, ...]) -> Any:
        record = object.__new__(kind)
        for set_value, value in zip(setters, values):  # noqa: B905  # strict takes time
            set_value(record, value)
        return record

    return make


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: object) -> NoReturn:
        """Raise NotPackable, because a value that is not of a built-in class could change or fail to be restored."""
        raise NotPackable(type(value))


def _pickled(value: Any) -> bytes:
    buffer = io.BytesIO()
    try:
        _Pickler(buffer, protocol=5).dump(value)
    except RecursionError as problem:
        raise NotPackable(str(problem)) from None
    return buffer.getvalue()
