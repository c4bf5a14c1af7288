"""Conversion of a snapshot to JSON and arrays, and back.

The JSON is a list of the objects of the snapshot. An object refers to earlier objects by their positions in the list.
There are therefore no cycles, and an object that is used twice is decoded once. Apart from containers, numbers and
arrays, decoding creates only objects of the classes that `saved_classes` returns. It checks the types of all their
attributes.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy import sparse

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.lru_cache import LruCache
from personalize_mock.snapshots.consistency import check_object
from personalize_mock.snapshots.saved_classes import attribute_types, saved_classes
from personalize_mock.snapshots.type_checks import fits

DTYPES = ("bool", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
_DERIVED = ("_compiled",)  # attributes that are computed again when they are None
_SEQUENCES: dict[str, Callable[[list[Any]], Any]] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
_MAPPINGS: dict[str, Callable[[dict[Any, Any]], Any]] = {
    "dict": dict,
    "OrderedDict": OrderedDict,
    "mappingproxy": MappingProxyType,
}
_MATRICES = ("csr", "csc")


class Encoder:
    """Encoder of one snapshot.

    Attributes:
        entries: The encoded objects. Each follows the objects that it refers to.
        arrays: The elements of each NumPy array, as bytes.
    """

    def __init__(self) -> None:
        self.entries: list[list[Any]] = []
        self.arrays: list[bytes] = []
        self._positions: dict[int, int] = {}
        self._kept: list[Any] = []  # so that no two objects have the same identity

    def encode(self, value: Any) -> Any:
        """Return the JSON value that stands for an object.

        None, booleans, numbers and strings stand for themselves. Any other object is added to `entries`, and the result
        is a list with its position there.

        Raises:
            PersonalizeMockError: The object is of a class that a file cannot hold.
        """
        if value is None or type(value) in (bool, int, float, str):
            return value
        if id(value) not in self._positions:
            entry = self._entry(value)
            self.entries.append(entry)
            self._kept.append(value)
            self._positions[id(value)] = len(self.entries) - 1
        return [self._positions[id(value)]]

    def _entry(self, value: Any) -> list[Any]:
        name = type(value).__name__
        if isinstance(value, Mapping):
            kind = name if name in _MAPPINGS else "dict"
            return [kind, [[self.encode(key), self.encode(entry)] for key, entry in value.items()]]
        if name in _SEQUENCES:
            return [name, [self.encode(element) for element in value]]
        return self._numeric_entry(value) or self._object_entry(value, name)

    def _numeric_entry(self, value: Any) -> list[Any] | None:
        """Return the JSON list for a NumPy array, a NumPy number or a sparse matrix, or None for any other object."""
        if sparse.issparse(value) and value.format in _MATRICES:
            parts = (value.data, value.indices, value.indptr)
            return [value.format, list(value.shape), *(self.encode(part) for part in parts)]
        if not isinstance(value, (np.ndarray, np.generic)) or value.dtype.name not in DTYPES:
            return None
        if isinstance(value, np.generic):
            return ["scalar", value.dtype.name, value.item()]
        self.arrays.append(np.ascontiguousarray(value).tobytes())
        return ["array", value.dtype.name, list(value.shape), len(self.arrays) - 1]

    def _object_entry(self, value: Any, name: str) -> list[Any]:
        if isinstance(value, LruCache):
            return ["cache", value.size]
        if saved_classes().get(name) is not type(value):
            raise PersonalizeMockError(
                f"This snapshot cannot be saved, because it contains an object of the class {name}. If a batch job is "
                "still running, let it finish before you call mock.snapshot()."
            )
        values = {key: None if key in _DERIVED else getattr(value, key) for key in attribute_types(name)}
        return ["object", name, {key: self.encode(attribute) for key, attribute in values.items()}]


class Decoder:
    """Decoder of one snapshot.

    Args:
        arrays: The elements of each NumPy array, as bytes. Each can be used once, so a small file cannot fill the
            memory.
    """

    def __init__(self, arrays: Sequence[bytes]) -> None:
        self._arrays = dict(enumerate(arrays))
        self._objects: list[Any] = []

    def decode(self, entries: list[list[Any]], root: Any) -> Any:
        """Decode the entries of an `Encoder`, and return the object that the JSON value `root` stands for.

        Raises:
            ValueError: An entry is invalid. Invalid entries can also cause other exceptions.
        """
        for kind, *arguments in entries:
            self._objects.append(self._made(kind, *arguments))
        return self._value(root)

    def _value(self, encoded: Any) -> Any:
        if isinstance(encoded, list):
            (position,) = encoded
            if not fits(position, int) or position < 0:
                raise ValueError(position)
            return self._objects[position]
        if isinstance(encoded, dict):
            raise ValueError(encoded)  # noqa: TRY004  # one kind of error for all
        return encoded

    def _made(self, kind: str, *arguments: Any) -> Any:
        if kind in _SEQUENCES:
            return _SEQUENCES[kind]([self._value(element) for element in arguments[0]])
        if kind in _MAPPINGS:
            return _MAPPINGS[kind]({self._value(key): self._value(entry) for key, entry in arguments[0]})
        makers: dict[str, Callable[..., Any]] = {
            "csr": partial(self._matrix, sparse.csr_matrix),
            "csc": partial(self._matrix, sparse.csc_matrix),
            "cache": _cache,
            "array": self._array,
            "scalar": _scalar,
            "object": self._object,
        }
        return makers[kind](*arguments)

    def _matrix(self, make: Callable[..., Any], shape: list[int], *parts: Any) -> Any:
        matrix = make(tuple(map(self._value, parts)), shape=_checked(shape, list[int], "shape"), copy=False)
        matrix.check_format(full_check=True)
        return matrix

    def _array(self, dtype: str, shape: list[int], index: int) -> Any:
        elements = np.frombuffer(self._arrays.pop(_checked(index, int, "array")), dtype=_dtype(dtype))
        return elements.reshape(_checked(shape, list[int], "shape")).copy()

    def _object(self, name: str, attributes: dict[str, Any]) -> Any:
        cls, types = saved_classes()[name], attribute_types(name)
        if attributes.keys() != types.keys():
            raise ValueError(name)
        made: Any = object.__new__(cls)
        if name in ("DatasetContents", "IdMap"):
            arguments = [self._value(attributes[key]) for key in ("schema", "values") if key in attributes]
            made.__init__(*arguments)  # sets what is derived from the attributes
        for key, encoded in attributes.items():
            object.__setattr__(made, key, _checked(self._value(encoded), types[key], f"{name}.{key}"))
        if hasattr(made, "__post_init__"):
            made.__post_init__()
        check_object(made)
        return made


def _checked(value: Any, hint: Any, where: str) -> Any:
    if not fits(value, hint):
        raise ValueError(f"{where} is not {hint}")
    return value


def _dtype(name: str) -> str:
    if name not in DTYPES:
        raise ValueError(name)
    return name


def _scalar(dtype: str, value: Any) -> Any:
    return np.dtype(_dtype(dtype)).type(_checked(value, float | bool, "scalar"))


def _cache(size: int) -> LruCache:
    return LruCache(_checked(size, int, "cache"))
