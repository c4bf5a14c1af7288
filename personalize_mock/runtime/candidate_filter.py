"""Filtering of the candidates of a request: the items, users or actions that the answer may contain.

Two filters apply: the filter that the request names, and the automatic filter of some recipes, which removes items that
the user has already purchased or watched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.contents import DatasetContents
from personalize_mock.data.current_metadata import CurrentMetadata, ReplacedRows
from personalize_mock.data.id_map import UNKNOWN, IdMap
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.tables import FieldValue, Table
from personalize_mock.filtering.check import TARGET_DATASETS
from personalize_mock.filtering.compiled_filter import CompiledFilter, FilterContext
from personalize_mock.filtering.condition_masks import Mask
from personalize_mock.filtering.errors import InvalidValues
from personalize_mock.filtering.syntax import Target
from personalize_mock.lru_cache import LruCache
from personalize_mock.resources.core import quotas
from personalize_mock.runtime.request import RequestFilter
from personalize_mock.runtime.serving_context import ServingContext
from personalize_mock.wire.errors import InvalidInputException

CACHED_USERS = 256  # users whose seen items or actions are kept as indices


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFilter:
    """The candidates (items, users or actions) that the answer to a request may contain, and the data to filter them.

    Attributes:
        serving: The model and the data that answer the request.
        ids: The ids of the candidates before filtering.
        cacheable: Whether to cache the metadata of the candidates. This pays off if `ids` are all ids of the model.
        target: "ItemID", "UserID" or "ActionID" if the candidates are items, users or actions, respectively.
        user_id: The userId of the request, or None.
        item_id: The itemId of the request, or None.
    """

    serving: ServingContext
    ids: IdMap
    cacheable: bool = True
    target: Target = "ItemID"
    user_id: str | None = None
    item_id: str | None = None

    def mask(self, request_filter: RequestFilter) -> Mask | None:
        """Return a boolean mask of the candidates that pass the request's filter and the recipe's automatic filter.

        The automatic filter of some recipes removes items that the user has already purchased or watched.

        Returns:
            bool[len(ids)], or None if no filter applies.

        Raises:
            InvalidInputException: The filter cannot be applied with the filterValues or the itemId of the request.
        """
        mask = None
        if request_filter.filter is not None:
            try:
                compiled = request_filter.filter.compiled
                mask = compiled.mask(self._filter_context(compiled), request_filter.values)
            except InvalidValues as problem:
                raise InvalidInputException(str(problem)) from None
        return self._apply_automatic_filter(mask)

    def _apply_automatic_filter(self, mask: Mask | None) -> Mask | None:
        event_type = self.serving.recipe.automatic_filter_event
        seen = self._candidates_by_event_type().get(event_type.casefold()) if event_type is not None else None
        if seen is None:
            return mask
        mask = np.ones(len(self.ids), dtype=bool) if mask is None else mask
        mask[seen] = False
        return mask

    def _filter_context(self, compiled: CompiledFilter) -> FilterContext:
        """Return the data that a filter is evaluated on. The user and the events are looked up only if it uses them."""
        users = self.serving.dataset("USERS")
        metadata, replaced = self._metadata()
        return FilterContext(
            ids=self.ids,
            metadata=metadata,
            replaced=replaced,
            user=self._row("USERS", self.user_id) if compiled.needs_user else None,
            categorical_user_fields=() if users is None else users.parsed_schema.categories,
            item=None if self.item_id is None else self._row("ITEMS", self.item_id) or {},
            candidates_by_event_type=self._candidates_by_event_type() if compiled.uses_events else {},
        )

    def _row(self, dataset_type: str, id_: str | None) -> Mapping[str, FieldValue] | None:
        dataset = None if id_ is None else self.serving.dataset(dataset_type)
        return None if id_ is None or dataset is None else dataset.contents.current_row(id_)

    def _metadata(self) -> tuple[Metadata | None, ReplacedRows | None]:
        """Return the metadata of the candidates, and newer rows that replace parts of this metadata.

        The metadata is None if the dataset has no rows, and the newer rows are None if there are none.
        """
        dataset_type = TARGET_DATASETS[self.target][0]
        if not self.cacheable:
            rows = self.serving.rows(dataset_type)
            return None if rows is None else rows.metadata(self.ids), None
        dataset = self.serving.dataset(dataset_type)
        if dataset is None:
            return None, None
        contents, arn, ids = dataset.contents, self.serving.resource.arn, self.ids
        inputs = (*contents.sources, ids)
        return self.serving.store.cached(arn, self.target, inputs, lambda: CurrentMetadata(ids)).up_to_date(contents)

    def _candidates_by_event_type(self) -> dict[str, NDArray[np.integer]]:
        """Return, for each event type in lower case, the indices of the candidates that have an event of this type.

        If the candidates are users, their own events count. If they are items or actions, only the events in which the
        user of the request interacted with them count.
        """
        dataset = self.serving.dataset(TARGET_DATASETS[self.target][1])
        now = self.serving.store.clock.timestamp()
        if self.target == "UserID" and dataset is not None:
            table = dataset.contents.retained_interactions(now)
            return {} if table is None else _users_by_event_type(table, self.ids)
        if self.user_id is None or dataset is None:
            return {}
        actions = self.target == "ActionID"
        limit = quotas.limit(self.serving.store, "filter_action_interactions" if actions else "filter_interactions")
        # Training assigns the events of a session to its user, so filters do the same with events before the training.
        linked_count = 0 if actions else self.serving.fitted_model.training_request.put_count
        seen = dataset.contents.retained_items(self.user_id, limit=limit, now=now, linked_count=linked_count)
        return self._cached_indices(seen, dataset.contents) if self.cacheable else _known_indices(seen, self.ids)

    def _cached_indices(
        self, seen: Mapping[str, Sequence[str]], contents: DatasetContents
    ) -> dict[str, NDArray[np.integer]]:
        """Return the indices of the candidates with which the user has interacted, by event type.

        They are cached until Put operations add events of the user.

        Args:
            seen: The ids of the items or actions with which the user has interacted, by event type. Callers pass the
                same object until events are added.
            contents: The dataset with the events.
        """
        arn, inputs, ids = self.serving.resource.arn, (*contents.sources, self.ids), self.ids
        users = self.serving.store.cached(arn, f"{self.target} of events", inputs, lambda: LruCache(CACHED_USERS))
        cached, indices = users.get(self.user_id, lambda: (seen, _known_indices(seen, ids)))
        return indices if cached is seen else _known_indices(seen, ids)


def _known_indices(ids_by_type: Mapping[str, Sequence[str]], ids: IdMap) -> dict[str, NDArray[np.integer]]:
    """Return the indices of the ids of each event type. Ids that are not in `ids` are left out."""
    indices = {event_type: ids.indices(of_type) for event_type, of_type in ids_by_type.items()}
    # numpy looks up elements by integers of this type several times as fast as by int32
    return {event_type: known[known >= 0].astype(np.intp) for event_type, known in indices.items()}


def _users_by_event_type(interactions: Table, ids: IdMap) -> dict[str, NDArray[np.integer]]:
    """Return, for each event type in lower case, the indices of the users who have an event of this type.

    Events without a type have the key "". Users that are not in `ids` are left out.
    """
    user_ids = interactions.strings("USER_ID")
    users = np.append(ids.indices(user_ids.values), np.int32(UNKNOWN))[user_ids.codes]
    if "EVENT_TYPE" not in interactions:
        return {"": np.unique(users[users >= 0])}
    types = interactions.strings("EVENT_TYPE")
    names = np.array([*(name.casefold() for name in types.values), ""])[types.codes]
    return {str(name): np.unique(users[(names == name) & (users >= 0)]) for name in np.unique(names)}
