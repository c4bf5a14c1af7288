"""Consistency checks of arrays that were read from a file: indices must be in range, and lengths must match.

The tables below list rules for the attributes of each class:

* `a < b`: each element of `a` is the index of an element of `b`, or -1;
* `a > b`: `a` holds n + 1 positions that divide `b` into n parts;
* `a = b`: both have the same length;
* `b + 1` instead of `b`: as if `b` had one element more.

If `b` is an integer, it is the length itself. A name with a dot is an attribute of an attribute. In `RULES_OF_MODELS`,
the names `items`, `users` and `actions` stand for the ids of the fitted model.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from operator import attrgetter
from typing import Any

import numpy as np

RULES: Mapping[str, tuple[str, ...]] = {
    "Strings": ("codes < values",),
    "Metadata": ("row < dataset.table.rows", "row = ids"),
    "InteractionMatrix": (
        *("user < users", "item < items", "indptr > user", "user = item", "user = timestamp", "user = row"),
        *("warm = items", "indptr = users + 1"),
    ),
    "ActionInteractions": (
        *("user < users", "indptr > user", "user = action", "user = event_type", "user = timestamp"),
        *("user = row", "indptr = users + 1"),
    ),
    "ContextColumn": ("row < column",),
    "ValueLifts": ("item < count",),
    "AssociationRules": (
        "indptr > followers",
        "indptr = energies + 1",
        "followers < energies",
        "followers = strengths",
    ),
    "ExplorationCandidates": ("position_of_item < warm_items", "warm_items < counts", "factors = warm_items"),
    "RelevanceModel": ("position_of_item < warm_items", "warm_items = popularity", "rules.energies = warm_items"),
    "CoInteractions": ("user = item", "places = item", "places < item", "starts > places"),
    "Neighbours": ("indptr > indices",),
    "TakeRateFeatures": (
        *("indptr > category", "indptr = taken_share + 1", "action < taken_share", "category < category_count"),
        *("category = action", "category = weight"),
    ),
    "UserEmbedder": ("factor_row < fold_in.factors",),
    "AffinityModel": ("user_indices = users",),
    "ItemSegments": ("item_rows < items", "trust = items"),
    "AttributeSegments": ("item_indices = items",),
}
RULES_OF_MODELS: Mapping[str, tuple[str, ...]] = {
    "PopularityModel": ("order < items",),
    "TrendingModel": ("order < items", "popular < items"),
    "RelevanceModel": ("warm_items < items",),
    "ExplorationCandidates": ("warm_items < items",),
    "CoInteractions": ("user < users", "item < items"),
    "Neighbours": ("indices < items",),
    "UserEmbedder": ("factor_row = items + 1",),
    "AffinityModel": ("user_indices < users",),
    "ItemSegments": ("item_rows = items + 1",),
    "AttributeSegments": ("item_indices < items",),
    "ActionEligibility": ("value_rank < actions", "value_rank = actions"),
    "PropensityModel": ("base_log_odds = actions", "user_profiles = users"),
}


def check_object(value: Any) -> None:
    """Check the indices and lengths of the arrays in the attributes of an object that was read from a file.

    Raises:
        ValueError: An index is out of range, or two lengths that must be equal differ.
    """
    for rule in _rules(RULES, value):
        _check(value, rule, {})
    if type(value).__name__ == "Table":
        for name, column in value.columns.items():
            if len(column) != value.rows:
                raise ValueError(f"a table has {value.rows} rows, but {len(column)} values in the column {name!r}")
    if type(value).__name__ == "FittedModel":
        _check_model(value)


def _check_model(fitted: Any) -> None:
    """Check that the arrays of a fitted model fit the numbers of items, users and actions in its training data."""
    data = fitted.data
    actions = () if data.actions is None else data.actions.ids
    sizes = {"items": len(data.interactions.items), "users": len(data.interactions.users), "actions": len(actions)}
    for part in _parts(fitted.model, set()):
        for rule in _rules(RULES_OF_MODELS, part):
            _check(part, rule, sizes)


def _parts(value: Any, done: set[int]) -> Iterator[Any]:
    """Yield a value if it is a dataclass object, and all dataclass objects in its attributes or entries at any depth.

    Args:
        value: The object to search.
        done: The identities of the objects visited so far, which are skipped. The function adds to this set.
    """
    if id(value) in done:
        return
    done.add(id(value))
    if is_dataclass(value):
        yield value
        for field in fields(value):
            yield from _parts(getattr(value, field.name), done)
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _parts(entry, done)


def _rules(table: Mapping[str, tuple[str, ...]], value: Any) -> Iterator[str]:
    for cls in type(value).__mro__:
        yield from table.get(cls.__name__, ())


def _check(value: Any, rule: str, sizes: Mapping[str, int]) -> None:
    name, relation, *other = rule.split()
    array = attrgetter(name)(value)
    size = _size(value, other[0], sizes) + (1 if other[1:] else 0)
    if relation == "<":
        is_right = not len(array) or (array.min() >= -1 and array.max() < size)
    elif relation == ">":
        is_right = len(array) > 0 and array[0] == 0 and array[-1] == size and bool(np.all(np.diff(array) >= 0))
    else:
        is_right = len(array) == size
    if not is_right:
        raise ValueError(f"{type(value).__name__}: the array {name} does not fit {other[0]}")


def _size(value: Any, name: str, sizes: Mapping[str, int]) -> int:
    if name in sizes:
        return sizes[name]
    found = attrgetter(name)(value)
    return found if isinstance(found, int) else len(found)
