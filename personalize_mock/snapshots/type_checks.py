"""Checks that attribute values read from a file have the annotated types."""

import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import numpy as np

_SEQUENCES = (Sequence, Collection, Iterable)


def fits(value: Any, hint: Any) -> bool:
    """Return whether a value has the type that an annotation names. The elements of containers are checked too."""
    if isinstance(hint, TypeVar) or hint is Any or hint is object:
        return True
    if hint is None or hint is type(None):
        return value is None
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is None:
        is_protocol = getattr(hint, "_is_protocol", False)  # no saved class implements one
        return isinstance(hint, type) and not is_protocol and isinstance(value, hint)
    return _fits_generic(value, origin, arguments)


def _fits_generic(value: Any, origin: Any, arguments: tuple[Any, ...]) -> bool:
    if hasattr(origin, "__value__"):  # a type alias, as NDArray is in newer versions of NumPy
        return fits(value, origin.__value__[arguments])
    if origin is Union or origin is types.UnionType:
        return any(fits(value, argument) for argument in arguments)
    if origin is Literal:
        return any(type(value) is type(argument) and value == argument for argument in arguments)
    if origin is np.ndarray:
        return isinstance(value, np.ndarray) and _has_dtype(value, arguments[1])
    return origin is not Callable and isinstance(value, origin) and _elements_fit(value, origin, arguments)


def _elements_fit(value: Any, origin: Any, arguments: tuple[Any, ...]) -> bool:
    if origin is tuple:
        return _fits_tuple(value, arguments)
    if issubclass(origin, Mapping):
        key, entry = arguments if len(arguments) > 1 else (*arguments, int)  # a Counter has one argument
        return all(fits(k, key) and fits(v, entry) for k, v in value.items())
    if origin in _SEQUENCES or issubclass(origin, (list, AbstractSet)):
        return not isinstance(value, (str, bytes)) and all(fits(element, arguments[0]) for element in value)
    return True


def _fits_tuple(value: tuple[Any, ...], arguments: tuple[Any, ...]) -> bool:
    if len(arguments) > 1 and arguments[1] is ...:
        return all(fits(element, arguments[0]) for element in value)
    return len(value) == len(arguments) and all(map(fits, value, arguments))


def _has_dtype(array: "np.ndarray[Any, Any]", hint: Any) -> bool:
    """Return whether the elements of an array have the type in an annotation such as `np.dtype[np.float32]`."""
    (scalar,) = get_args(hint) or (np.generic,)
    kinds = get_args(scalar) or (scalar,)
    return any(isinstance(kind, TypeVar) or kind is Any or np.issubdtype(array.dtype, kind) for kind in kinds)
