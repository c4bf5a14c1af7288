"""Conversion of journal records and explanations from the JSON that a server sends."""

from collections.abc import Iterable, Mapping
from typing import Any

from personalize_mock.inspection.explanation import Explanation, ItemExplanation
from personalize_mock.journal import Call, Measurement, Record, Transition


def record_from_json(document: Mapping[str, Any]) -> Record:
    """Convert the JSON of a journal record, as made by `control.encoding.record_as_json`, back to the record."""
    members = {name: value for name, value in document.items() if name != "type"}
    if document["type"] == "Call":
        return Call(**members)
    if document["type"] == "Transition":
        return Transition(**members)
    return Measurement(**{**members, "dimensions": _pairs(members["dimensions"])})


def explanation_from_json(document: Mapping[str, Any]) -> Explanation:
    """Convert the JSON of an explanation, as made by `Explanation.as_dict`, back to the explanation."""
    items = tuple(
        ItemExplanation(**{**item, "nearest": None if item["nearest"] is None else _pairs(item["nearest"])})
        for item in document["items"]
    )
    lists: Any = {name: tuple(document[name]) for name in ("filtered_out", "notes")}
    return Explanation(**{**document, **lists, "items": items})


def _pairs(pairs: Iterable[Iterable[Any]]) -> tuple[Any, ...]:
    return tuple(tuple(pair) for pair in pairs)
