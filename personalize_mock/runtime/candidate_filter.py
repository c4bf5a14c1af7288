"""What a request may be answered with: filters of the request, and those that use cases bring along."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.id_map import UNKNOWN, IdMap
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.tables import Table
from personalize_mock.filtering.compiled_filter import FilterContext
from personalize_mock.filtering.errors import InvalidValues
from personalize_mock.resources.core import quotas
from personalize_mock.resources.filters import Filter
from personalize_mock.runtime.serving_context import ServingContext
from personalize_mock.wire.errors import InvalidInputException

Mask = NDArray[np.bool_]
_OF_TARGET = {
    "ItemID": ("ITEMS", "INTERACTIONS"),
    "UserID": ("USERS", "INTERACTIONS"),
    "ActionID": ("ACTIONS", "ACTION_INTERACTIONS"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFilter:
    """What can be answered with, before anything is filtered.

    Attributes:
        source: What answers.
        ids: The candidates.
        all: Whether they are all that the model knows, so that what is computed of them is worth keeping.
        target: What they are, in the words of filters.
        user_id: Who asks.
        item_id: What is asked about.
    """

    source: ServingContext
    ids: IdMap
    all: bool = True
    target: str = "ItemID"
    user_id: str | None = None
    item_id: str | None = None

    def allowed(self, filter_: Filter | None, values: Mapping[str, str]) -> Mask | None:
        """Which candidates pass the recipe's automatic filter and that of the request; None if all do.

        Raises:
            InvalidInputException: the filterValues do not fit the filter.
        """
        mask = None
        if filter_ is not None:
            try:
                mask = filter_.compiled.mask(self._view(), values)
            except InvalidValues as problem:
                raise InvalidInputException(str(problem)) from None
        return self._without_automatic(mask)

    def _without_automatic(self, mask: Mask | None) -> Mask | None:
        event = self.source.recipe.automatic_filter_event
        done = self._candidates_by_event_type().get(event.casefold()) if event is not None else None
        if done is None:
            return mask
        mask = np.ones(len(self.ids), dtype=bool) if mask is None else mask
        mask[done] = False
        return mask

    def _view(self) -> FilterContext:
        users, items = self.source.rows("USERS"), self.source.rows("ITEMS")
        return FilterContext(
            ids=self.ids,
            metadata=self._metadata(),
            user=users.values(self.user_id) if users is not None and self.user_id is not None else None,
            categories=() if users is None else users.categories,
            item=None if self.item_id is None else ((items and items.values(self.item_id)) or {}),
            candidates_by_event_type=self._candidates_by_event_type(),
        )

    def _metadata(self) -> Metadata | None:
        rows = self.source.rows(_OF_TARGET[self.target][0])
        if rows is None:
            return None
        if not self.all:
            return rows.metadata(self.ids)
        arn = self.source.resource.arn
        return self.source.store.cached(arn, self.target, (rows, self.ids), lambda: rows.metadata(self.ids))

    def _candidates_by_event_type(self) -> dict[str, NDArray[np.int32]]:
        """By event type, the candidates that the user acted upon; users if these are the candidates."""
        dataset = self.source.dataset(_OF_TARGET[self.target][1])
        now = self.source.store.clock.timestamp()
        if self.target == "UserID" and dataset is not None:
            table = dataset.contents.retained_interactions(now)
            return {} if table is None else _active(table, self.ids)
        if self.user_id is None or dataset is None:
            return {}
        actions = self.target == "ActionID"
        limit = quotas.limit(self.source.store, "filter_action_interactions" if actions else "filter_interactions")
        # A training of items joins sessions to users.
        joined = 0 if actions else self.source.fitted_model.training_request.put_count
        touched = dataset.contents.retained_items(self.user_id, limit=limit, now=now, linked_count=joined)
        codes = {kind: self.ids.indices(ids) for kind, ids in touched.items()}
        return {kind: found[found >= 0] for kind, found in codes.items()}


def _active(table: Table, ids: IdMap) -> dict[str, NDArray[np.int32]]:
    """By event type in lower case, "" where there is none, the users with such an event."""
    users = table.strings("USER_ID")
    rows = np.append(ids.indices(users.values), np.int32(UNKNOWN))[users.codes]
    if "EVENT_TYPE" not in table:
        return {"": np.unique(rows[rows >= 0])}
    types = table.strings("EVENT_TYPE")
    names = np.array([*(each.casefold() for each in types.values), ""])[types.codes]
    return {str(name): np.unique(rows[(names == name) & (rows >= 0)]) for name in np.unique(names)}
