"""Reader of the dataframe interchange protocol, for DataFrames without a method that converts them to dictionaries.

The protocol is described at https://data-apis.org/dataframe-protocol/latest/API.html. A column consists of buffers in
memory, which hold its data, whether each value is valid and, for strings, where each value begins and ends.
"""

import ctypes
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

INT, UINT, FLOAT, BOOL, STRING, DATETIME, CATEGORICAL = 0, 1, 2, 20, 21, 22, 23
NO_NULLS, NAN, SENTINEL, BIT_MASK, BYTE_MASK = range(5)
_LETTERS = {INT: "i", UINT: "u", FLOAT: "f", BOOL: "u"}
_UNITS = {"s": "s", "m": "ms", "u": "us", "n": "ns"}


def columns_of_interchange(frame: Any) -> dict[str, list[Any]]:
    """Return the values of each column of a DataFrame, by name. Missing values are None.

    Args:
        frame: The object that the `__dataframe__` method of the DataFrame has returned.
    """
    columns: dict[str, list[Any]] = {name: [] for name in frame.column_names()}
    for chunk in frame.get_chunks():
        for name, values in columns.items():
            values.extend(_values(chunk.get_column_by_name(name)))
    return columns


def _values(column: Any) -> Iterator[Any]:
    buffers = column.get_buffers()
    values = _texts(column, buffers) if column.dtype[0] == STRING else _numbers(column, buffers)
    return (value if valid else None for value, valid in zip(values, _valid(column, buffers), strict=True))


def _numbers(column: Any, buffers: Any) -> list[Any]:
    kind, _, code, _ = column.dtype
    data, (physical, bits, _, _) = buffers["data"]
    array = _array(data, f"{_LETTERS.get(physical, 'i')}{max(bits, 8) // 8}", column)
    if kind == BOOL:
        return [*map(bool, _bits(data, column) if bits == 1 else array.tolist())]
    if kind == DATETIME:
        unit = "D" if code == "tdD" else _UNITS[code[2]]
        return list(array.astype(f"datetime64[{unit}]").astype("datetime64[us]").tolist())
    if kind == CATEGORICAL:
        categories = [*_values(column.describe_categorical["categories"])]
        return [categories[at] if 0 <= at < len(categories) else None for at in array.tolist()]
    return list(array.tolist())


def _texts(column: Any, buffers: Any) -> list[str]:
    data, _ = buffers["data"]
    content = ctypes.string_at(data.ptr, data.bufsize) if data.bufsize else b""
    offsets, (_, bits, _, _) = buffers["offsets"]
    ends = _array(offsets, f"i{bits // 8}", column, extra=1).tolist()
    return [content[start:end].decode() for start, end in pairwise(ends)]


def _valid(column: Any, buffers: Any) -> list[bool]:
    kind, sentinel = column.describe_null
    if kind == SENTINEL:
        data, (physical, bits, _, _) = buffers["data"]
        return (_array(data, f"{_LETTERS.get(physical, 'i')}{bits // 8}", column) != sentinel).tolist()  # type: ignore[no-any-return]
    if kind in (NO_NULLS, NAN) or buffers["validity"] is None:
        return [True] * column.size()
    mask, _ = buffers["validity"]
    missing = _bits(mask, column) if kind == BIT_MASK else _array(mask, "u1", column).tolist()
    return [bool(value) != bool(sentinel) for value in missing]


def _array(buffer: Any, dtype: str, column: Any, *, extra: int = 0) -> NDArray[Any]:
    """Return a copy of a column's elements in a buffer of the interchange protocol, as an array.

    Args:
        buffer: The buffer, which may begin before the first element of the column.
        dtype: The numpy type of the elements, such as "i8".
        column: The column, an object of the protocol with its offset and its number of rows.
        extra: Number of elements to read after the last row. Offsets have one element more than the column has rows.
    """
    itemsize = np.dtype(dtype).itemsize
    count = min(column.size() + extra, buffer.bufsize // itemsize - column.offset)
    content = ctypes.string_at(buffer.ptr + column.offset * itemsize, max(0, count) * itemsize)
    return np.frombuffer(content, dtype=dtype)


def _bits(buffer: Any, column: Any) -> list[int]:
    content = np.frombuffer(ctypes.string_at(buffer.ptr, buffer.bufsize), dtype=np.uint8)
    bits = np.unpackbits(content, bitorder="little")
    return list(bits[column.offset : column.offset + column.size()].tolist())
