"""How what a model answers is shown: ids, scores, reasons, metadata, and promoted items among the others."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from personalize_mock.data.rows_by_id import RowsById
from personalize_mock.data.tables import FieldValue
from personalize_mock.recipes.base import Ranking
from personalize_mock.training.fit import FittedModel

DECIMALS = 7
PROMOTED = "Promoted item"

Entry = dict[str, Any]


def entries(trained: FittedModel, ranking: Ranking, *, key: str = "itemId") -> list[Entry]:
    """The entries of a list; what has no score lacks the member."""
    ids = trained.ids.at(ranking.indices)
    if ranking.scores is None:
        shown: list[Entry] = [{key: each} for each in ids]
    else:
        scores = ranking.scores.round(DECIMALS).tolist()
        shown = [
            {key: each, "score": score} if score == score else {key: each}  # noqa: PLR0124  only NaN differs from itself
            for each, score in zip(ids, scores, strict=True)
        ]
    for entry, reason in zip(shown, ranking.reasons or (), strict=False):
        if reason is not None:
            entry["reason"] = [reason]
    return shown


def interleave(promoted: Sequence[Entry], others: Sequence[Entry], *, seed: int) -> list[Entry]:
    """Promoted entries at random places among the others; both keep their order."""
    count = len(promoted) + len(others)
    places = set(np.random.default_rng(seed).choice(count, size=len(promoted), replace=False).tolist())
    first, second = iter(promoted), iter(others)
    return [next(first) if place in places else next(second) for place in range(count)]


def add_metadata(shown: Sequence[Entry], rows: RowsById, columns: Sequence[str]) -> None:
    """Adds columns of Items to entries: names in lower case, values as text, as recorded; nulls are left out."""
    names = sorted(columns)
    for entry in shown:
        row = rows.row(entry["itemId"])
        if row >= 0:
            values = {name: rows.value(row, name) for name in names}
            entry["metadata"] = {
                name.lower(): _text(value, rows, name) for name, value in values.items() if value is not None
            }


def _text(value: FieldValue, rows: RowsById, name: str) -> str:
    field = rows.field(name)
    if field is not None and field.type == "boolean":
        return "true" if value else "false"
    return str(value)


def column_names(rows: RowsById, asked: Sequence[str]) -> list[str] | None:
    """The names in the schema of columns that are asked for in any case; None if one is not there."""
    fields: Mapping[str, Any] = {name: rows.field(name) for name in asked}
    if any(field is None for field in fields.values()):
        return None
    return list(dict.fromkeys(field.name for field in fields.values()))
