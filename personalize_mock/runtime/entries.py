"""Entries of recommendation lists in responses: ids, scores, reasons, item metadata and promoted items."""

from collections.abc import Sequence
from json.encoder import encode_basestring
from math import isfinite
from typing import Any

import numpy as np

from personalize_mock.data.rows_by_id import RowsById
from personalize_mock.data.tables import FieldValue
from personalize_mock.recipes.base import Ranking
from personalize_mock.training.fit import FittedModel
from personalize_mock.wire.registry import PreShaped

DECIMALS = 7  # decimals of scores, as in recorded responses
PROMOTED = "Promoted item"

Entry = dict[str, Any]


class PlainEntries(PreShaped):
    """Entries of a response that consist of an id and perhaps a score, such as `{"itemId": "1", "score": 0.5}`.

    Such entries are written as JSON text faster than a JSON encoder does it. The text is made from the arguments, so it
    does not contain later changes of the entries.

    Args:
        key: The member that holds the id, "itemId" or "actionId".
        ids: The ids, in the order of the entries.
        scores: The scores, finite numbers in the same order, or None if the entries have no scores.

    Attributes:
        ids: The ids, in the order of the entries.
    """

    __slots__ = ("_key", "_scores", "ids")

    def __init__(self, key: str, ids: Sequence[str], scores: Sequence[float] | None) -> None:
        if scores is None:
            super().__init__([{key: id_} for id_ in ids])
        else:
            super().__init__([{key: id_, "score": score} for id_, score in zip(ids, scores, strict=True)])
        self.ids, self._key, self._scores = ids, key, scores

    def as_json(self) -> str:
        """Return the entries as JSON text."""
        start, ids = f'{{"{self._key}":', map(encode_basestring, self.ids)
        if self._scores is None:
            texts = [f"{start}{id_}}}" for id_ in ids]
        else:
            texts = [f'{start}{id_},"score":{score!r}}}' for id_, score in zip(ids, self._scores, strict=True)]
        return f"[{','.join(texts)}]"


def to_entries(fitted_model: FittedModel, ranking: Ranking, *, key: str = "itemId") -> list[Entry]:
    """Convert a model's ranking to entries of a response, such as `{"itemId": "1", "score": 0.5}`.

    Args:
        fitted_model: The model that made the ranking. It contains the ids for the indices in the ranking.
        ranking: The ranking. A missing score (NaN) or reason (None) is left out of the entry.
        key: The member that holds the id, "itemId" or "actionId".
    """
    ids = fitted_model.ids.at(ranking.indices)
    scores = None if ranking.scores is None else ranking.scores.round(DECIMALS).tolist()
    if ranking.reasons is None and (scores is None or isfinite(sum(scores))):
        return PlainEntries(key, ids, scores)
    entries: list[Entry] = [{key: id_} for id_ in ids]
    for entry, score in zip(entries, scores or (), strict=False):
        if score == score:  # noqa: PLR0124  only NaN differs from itself
            entry["score"] = score
    for entry, reason in zip(entries, ranking.reasons or (), strict=False):
        if reason is not None:
            entry["reason"] = [reason]
    return entries


def interleave(promoted: Sequence[Entry], others: Sequence[Entry], *, seed: int) -> list[Entry]:
    """Merge two lists of entries, with promoted entries at random positions that depend on `seed`.

    Within each list, the order of the entries does not change.
    """
    count = len(promoted) + len(others)
    positions = set(np.random.default_rng(seed).choice(count, size=len(promoted), replace=False).tolist())
    next_promoted, next_other = iter(promoted), iter(others)
    return [next(next_promoted) if position in positions else next(next_other) for position in range(count)]


def add_metadata(entries: Sequence[Entry], rows: RowsById, columns: Sequence[str]) -> None:
    """Add a `metadata` member with columns of the Items dataset to each entry.

    As in recorded responses, column names are sorted and in lower case, values are strings, and nulls are left out.

    Args:
        entries: The entries of a response, which are changed in place. Items without a row get no metadata.
        rows: The rows of the Items dataset.
        columns: The names of the columns in the schema.
    """
    names = sorted(columns)
    for entry in entries:
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
