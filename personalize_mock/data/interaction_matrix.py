"""Item interactions as arrays, by user and time.

Indices follow the lexicographic order of the ids, and interactions of one user and second follow the order of the item
ids. So nothing depends on the order of rows in a CSV file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.id_map import IdMap
from personalize_mock.data.sorting import index_pointers, sorted_distinct
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.data.value_rules import event_value

MINIMUM_SHARE = 0.01  # the share of all users who must have at least two interactions


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionMatrix:
    """Distinct interactions, sorted by user, time and item id.

    Attributes:
        users: Ids of the users with at least one interaction.
        items: Ids of the catalogue: the items of the Interactions and the Items dataset.
        user: int32[n], user indices.
        item: int32[n], item indices.
        timestamp: int64[n], epoch seconds.
        row: int64[n], rows in the Interactions dataset.
        weight: float64[n], the weight of each interaction in `csr`; None if all weights are 1.
        indptr: int64[len(users) + 1]; the interactions of user u are `indptr[u]:indptr[u + 1]`.
        warm: bool[len(items)], whether an item has an interaction.
    """

    users: IdMap
    items: IdMap
    user: NDArray[np.int32]
    item: NDArray[np.int32]
    timestamp: NDArray[np.int64]
    row: NDArray[np.int64]
    weight: NDArray[np.float64] | None = None
    indptr: NDArray[np.int64]
    warm: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.user)

    def history(self, user: int) -> NDArray[np.int32]:
        """Return the item indices of a user's interactions, oldest first."""
        return self.item[self.indptr[user] : self.indptr[user + 1]]

    def lengths(self) -> NDArray[np.int64]:
        """Return the number of interactions per user, int64[len(users)]."""
        return np.diff(self.indptr)

    def select(self, rows: NDArray[np.bool_]) -> "InteractionMatrix":
        """Return the interactions where the mask `rows` is true. User and item indices do not change."""
        return _indexed(
            users=self.users,
            items=self.items,
            user=self.user[rows],
            item=self.item[rows],
            timestamp=self.timestamp[rows],
            row=self.row[rows],
            weight=None if self.weight is None else self.weight[rows],
        )

    def csr(self) -> sparse.csr_matrix:
        """Return the sum of weights per user and item, float64 of shape (n_users, n_items)."""
        shape = (len(self.users), len(self.items))
        counts = np.ones(len(self)) if self.weight is None else self.weight
        matrix = sparse.csr_matrix((counts, self.item, self.indptr), shape=shape, copy=True)
        matrix.sum_duplicates()
        return matrix


def _indexed(
    *,
    users: IdMap,
    items: IdMap,
    user: NDArray[np.int32],
    item: NDArray[np.int32],
    timestamp: NDArray[np.int64],
    row: NDArray[np.int64],
    weight: NDArray[np.float64] | None = None,
) -> InteractionMatrix:
    """Return the interactions in `user`, `item`, `timestamp` and `row`, which must be sorted."""
    return InteractionMatrix(
        users=users,
        items=items,
        user=user,
        item=item,
        timestamp=timestamp,
        row=row,
        weight=weight,
        indptr=index_pointers(user, len(users)),
        warm=np.bincount(item, minlength=len(items)) > 0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EventParameters:
    """Weight and threshold of the events of one type.

    Attributes:
        weight: Weight relative to other event types.
        threshold: The smallest EVENT_VALUE of an event that counts; None if all count.
    """

    weight: float = 1.0
    threshold: float | None = None


def interaction_matrix(
    interactions: Table,
    *,
    items: Table | None = None,
    event_type: str | None = None,
    any_case: bool = False,
    event_value_threshold: float | None = None,
    parameters: Mapping[str, EventParameters] | None = None,
    previous: "InteractionMatrix | None" = None,
) -> InteractionMatrix:
    """Return the interactions of a training.

    Args:
        interactions: USER_ID, ITEM_ID, TIMESTAMP and optionally EVENT_TYPE and EVENT_VALUE.
        items: The Items dataset; its ids belong to the catalogue even without an interaction.
        event_type: The only event type that counts; None if all event types count.
        any_case: Whether `event_type` is compared without regard to case.
        event_value_threshold: The smallest EVENT_VALUE of an event that counts; None if all count.
        parameters: Parameters by event type; events of other types do not count. None if every event has weight 1.
        previous: Earlier interactions, whose users and items keep their indices.

    Returns:
        The interactions, of which no two agree in user, item, timestamp and event type. Items without an interaction
        that counts stay in the catalogue as cold items.
    """
    catalogue = _id_map(
        interactions.strings("ITEM_ID"),
        items.strings("ITEM_ID") if items else None,
        first=None if previous is None else previous.items,
    )
    mask = _counted(interactions, event_type=event_type, any_case=any_case, threshold=event_value_threshold)
    weights = None if parameters is None else _weights(interactions, parameters)
    if weights is not None:
        mask &= weights > 0
    rows = np.flatnonzero(mask)
    kept = interactions.select(rows)
    users = _id_map(kept.strings("USER_ID"), first=None if previous is None else previous.users)
    user, item = _indices(kept.strings("USER_ID"), users), _indices(kept.strings("ITEM_ID"), catalogue)
    timestamp = kept.numbers("TIMESTAMP").values.astype(np.int64)
    order = sorted_distinct(user, timestamp, item, _event_types(kept))
    return _indexed(
        users=users,
        items=catalogue,
        user=user[order],
        item=item[order],
        timestamp=timestamp[order],
        row=rows[order],
        weight=None if weights is None else weights[rows[order]],
    )


def empty_interaction_matrix(
    items: Table, *, previous: InteractionMatrix | None = None
) -> tuple[Table, InteractionMatrix]:
    """Return an empty Interactions dataset and its interactions, for a group that only has items."""
    empty = Table(
        columns={
            "USER_ID": Strings.from_values(()),
            "ITEM_ID": Strings.from_values(()),
            "TIMESTAMP": Numbers(values=np.empty(0, dtype=np.int64)),
        },
        rows=0,
    )
    return empty, interaction_matrix(empty, items=items, previous=previous)


def _weights(interactions: Table, parameters: Mapping[str, EventParameters]) -> NDArray[np.float64]:
    """Return the weight of each row, or 0 if the row does not count. The mean of the positive weights is 1."""
    weights = np.zeros(interactions.rows)
    for event_type, of_type in parameters.items():
        mask = _has_type(interactions, event_type)
        if of_type.threshold is not None:
            mask = mask & _has_value(interactions, of_type.threshold)
        weights[mask] = of_type.weight
    positive = weights[weights > 0]
    return weights / positive.mean() if len(positive) else weights


def _counted(
    interactions: Table, *, event_type: str | None, any_case: bool, threshold: float | None
) -> NDArray[np.bool_]:
    """Return the mask of the rows that count. Rows without a user or an item never count."""
    mask = (interactions.strings("USER_ID").codes >= 0) & (interactions.strings("ITEM_ID").codes >= 0)
    if event_type is not None:
        mask &= _has_type(interactions, event_type, any_case=any_case)
    if threshold is not None:
        mask &= _has_value(interactions, threshold)
    return mask


def _has_type(interactions: Table, event_type: str, *, any_case: bool = False) -> NDArray[np.bool_]:
    if "EVENT_TYPE" not in interactions:
        return np.zeros(interactions.rows, dtype=bool)
    types = interactions.strings("EVENT_TYPE")
    names = (name.casefold() if any_case else name for name in types.values)
    wanted = event_type.casefold() if any_case else event_type
    return np.isin(types.codes, [code for code, name in enumerate(names) if name == wanted])


def _has_value(interactions: Table, threshold: float) -> NDArray[np.bool_]:
    if "EVENT_VALUE" not in interactions:
        return np.zeros(interactions.rows, dtype=bool)
    column = interactions.columns["EVENT_VALUE"]
    if isinstance(column, Strings):
        numbers = [event_value(value) for value in (*column.values, None)]  # code -1, null, reads the last element
        return np.array([number is not None and number >= threshold for number in numbers])[column.codes]
    passes = np.asarray(column.values >= threshold)
    return passes if column.valid is None else passes & column.valid


def _event_types(interactions: Table) -> NDArray[np.int32]:
    if "EVENT_TYPE" not in interactions:
        return np.zeros(interactions.rows, dtype=np.int32)
    return interactions.strings("EVENT_TYPE").codes


def _id_map(*columns: Strings | None, first: IdMap | None = None) -> IdMap:
    """Return the ids in `first`, followed by the other ids in `columns` in lexicographic order."""
    values = {value for column in columns if column is not None for value in column.values}
    if first is None:
        return IdMap(sorted(values))
    return IdMap((*first.values, *sorted(values - set(first.values))))


def _indices(column: Strings, ids: IdMap) -> NDArray[np.int32]:
    """Return the indices of the values of a column. The column must not contain null."""
    return ids.indices(column.values)[column.codes] if column.values else column.codes


def insufficient_data_reason(
    interactions: InteractionMatrix,
    *,
    minimum_interactions: int,
    minimum_users: int,
    event_type: str | None,
    threshold: float | None = None,
    event_types: Iterable[str] = (),
) -> str | None:
    """Return the failure reason of a training on too few interactions, or None if there are enough.

    Three quotas apply: the number of interactions, the number of users with at least two interactions, and their share
    of all users (1 %). The last one does not apply if `minimum_users` is 0. Developer guide, "Amazon Personalize
    endpoints and quotas" (2025). The texts for interactions of one event type and for users are documented; the others
    are inferred.

    Args:
        interactions: The interactions of the training.
        minimum_interactions: The required number of interactions.
        minimum_users: The required number of users with at least two interactions.
        event_type: The only event type that the training uses, or None.
        threshold: The event value threshold, or None.
        event_types: The event types of an eventsConfig.
    """
    if len(interactions) < minimum_interactions:
        weighted = ", ".join(event_types) or None
        filters = {"event type": event_type, "event value threshold": threshold, "eventsConfig": weighted}
        by = " and by ".join(f"{name}: {value}" for name, value in filters.items() if value is not None)
        suffix = f" after filtering by {by}" if by else "."
        return f"Dataset has fewer than {minimum_interactions} interactions{suffix}"
    returning = int(np.count_nonzero(interactions.lengths() >= 2))  # noqa: PLR2004  the number in the text
    if returning < minimum_users:
        return f"Dataset has fewer than {minimum_users} users with at least 2 interactions each."
    if minimum_users and returning < MINIMUM_SHARE * len(interactions.users):
        return "Dataset has fewer than 1 percent of users with at least 2 interactions each."
    return None
