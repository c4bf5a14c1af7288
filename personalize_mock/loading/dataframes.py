"""Conversion of DataFrames to dictionaries of lists, without importing the library that they come from."""

from collections.abc import Iterable, Mapping
from typing import Any


def columns_of(frame: Any) -> dict[Any, list[Any]] | None:
    """Return the columns of a DataFrame by name, or None if the object is not a DataFrame.

    An object with `to_pydict` (pyarrow) or `to_dict` (pandas, polars and others) is converted with this method.
    Any other object that has `__dataframe__` is read through the dataframe interchange protocol.
    """
    if isinstance(frame, type):
        return None
    if hasattr(frame, "to_pydict"):
        return _lists(frame.to_pydict())
    if hasattr(frame, "to_dict"):
        return _lists(_to_dict(frame))
    if hasattr(frame, "__dataframe__"):
        from personalize_mock.loading.interchange import columns_of_interchange

        return columns_of_interchange(frame.__dataframe__())
    return None


def as_list(values: Iterable[Any]) -> list[Any]:
    """Return the values of a column as a list of Python objects.

    numpy arrays, Series and similar objects are converted by their own methods, such as `tolist`.
    """
    dtype = str(getattr(values, "dtype", ""))
    if dtype.startswith("datetime64[ns"):
        values = values.astype("datetime64[us]")  # type: ignore[attr-defined]  # `tolist` gives numbers for nanoseconds
    for method in ("tolist", "to_list", "to_pylist"):
        if hasattr(values, method):
            return list(getattr(values, method)())
    return list(values)


def _to_dict(frame: Any) -> Any:
    for options in ({"orient": "list"}, {"as_series": False}):  # pandas, polars
        try:
            return frame.to_dict(**options)
        except TypeError:  # noqa: PERF203  # two attempts
            continue
    return frame.to_dict()


def _lists(columns: Mapping[Any, Any]) -> dict[Any, list[Any]]:
    return {
        name: list(values.values()) if isinstance(values, Mapping) else as_list(values)
        for name, values in columns.items()
    }
