"""Item interactions as arrays, sorted by user and time.

Users and items are numbered in the lexicographic order of their ids, and a user's interactions of the same second are
in the order of the item ids. A model therefore does not depend on the order of the rows in a CSV file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.event_selection import EventParameters, select_events
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.sorting import index_pointers, sorted_distinct
from personalize_mock.data.tables import Numbers, Strings, Table

MINIMUM_SHARE = 0.01  # of all users; they must have at least two interactions


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionMatrix:
    """Distinct interactions, sorted by user, time and item id.

    Attributes:
        users: Ids of the users.
        items: Ids of all items in the Interactions and Items datasets.
        user: int32[n], user index of each interaction.
        item: int32[n], item index of each interaction.
        timestamp: int64[n], epoch seconds.
        row: int64[n], row number of each interaction in the Interactions dataset.
        weight: float64[n], the weight of each interaction in `csr`; None if all weights are 1.
        indptr: int64[len(users) + 1]; the interactions of user u are `indptr[u]:indptr[u + 1]`.
        warm: bool[len(items)], True for items with at least one interaction.
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
        """Return the number of interactions of each user, int64[len(users)]."""
        return np.diff(self.indptr)

    def select(self, mask: NDArray[np.bool_]) -> "InteractionMatrix":
        """Return the interactions for which `mask` is True, bool[n]. Users and items keep their indices."""
        rows = np.flatnonzero(mask)
        return _indexed(
            users=self.users,
            items=self.items,
            user=self.user[rows],
            item=self.item[rows],
            timestamp=self.timestamp[rows],
            row=self.row[rows],
            weight=None if self.weight is None else self.weight[rows],
        )

    def csr(
        self, columns: NDArray[np.int32] | None = None, *, mask: NDArray[np.bool_] | None = None
    ) -> sparse.csr_matrix:
        """Return the interactions as a sparse matrix, float64 of shape (n_users, n_columns).

        Each entry is the sum of the weights of a user's interactions with an item.

        Args:
            columns: int32[n_columns], the items of the columns, ascending. All items with an interaction must be among
                them. None for all items.
            mask: bool[n], False for interactions to leave out. None for all interactions.
        """
        item, indptr, weights, count = self.item.copy(), self.indptr.copy(), self.weight, len(self.items)
        if mask is not None:
            item, weights = item[mask], None if weights is None else weights[mask]
            indptr = np.concatenate(([0], np.cumsum(mask)))[indptr]
        if columns is not None and len(columns) < count:
            column_of_item = np.zeros(count, dtype=np.int32)
            count = len(columns)
            column_of_item[columns] = np.arange(count, dtype=np.int32)
            item = column_of_item[item]
        weights = np.ones(len(item)) if weights is None else weights.copy()
        matrix = sparse.csr_matrix((weights, item, indptr), shape=(len(self.users), count))
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
    """Build an `InteractionMatrix` from arrays that are sorted by user, time and item.

    Its attributes `indptr` and `warm` are computed from these arrays.
    """
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
    """Build the matrix of the interactions on which a model is trained.

    Args:
        interactions: A table with the columns USER_ID, ITEM_ID and TIMESTAMP, and optionally EVENT_TYPE and
            EVENT_VALUE.
        items: The Items dataset. Its items are included even if they have no interaction.
        event_type: The only event type to use; None to use all event types.
        any_case: Whether to ignore the case of `event_type`.
        event_value_threshold: Minimum EVENT_VALUE of the events to use; None to use all events.
        parameters: Weight and threshold by event type; events of other types are not used. None to give all events
            weight 1.
        previous: The interactions on which an earlier version of the model was trained. Their users and items keep
            their indices.

    Returns:
        The interactions to use. If several have the same user, item, timestamp and event type, only the first is
        included. Items without any of these interactions have an index, too; they are cold items.
    """
    catalogue = _id_map(
        interactions.strings("ITEM_ID"),
        items.strings("ITEM_ID") if items else None,
        first=None if previous is None else previous.items,
    )
    rows, weights = select_events(
        interactions,
        event_type=event_type,
        any_case=any_case,
        threshold=event_value_threshold,
        parameters=parameters,
    )
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
        weight=None if weights is None else weights[order],
    )


def empty_interaction_matrix(
    items: Table, *, previous: InteractionMatrix | None = None
) -> tuple[Table, InteractionMatrix]:
    """Return an empty Interactions table and its matrix, for a dataset group that has an Items dataset only.

    Args:
        items: The Items dataset.
        previous: The interactions on which an earlier version of the model was trained. Their users and items keep
            their indices.
    """
    empty = Table(
        columns={
            "USER_ID": Strings.from_values(()),
            "ITEM_ID": Strings.from_values(()),
            "TIMESTAMP": Numbers(values=np.empty(0, dtype=np.int64)),
        },
        rows=0,
    )
    return empty, interaction_matrix(empty, items=items, previous=previous)


def _event_types(interactions: Table) -> NDArray[np.int32]:
    if "EVENT_TYPE" not in interactions:
        return np.zeros(interactions.rows, dtype=np.int32)
    return interactions.strings("EVENT_TYPE").codes


def _id_map(*columns: Strings | None, first: IdMap | None = None) -> IdMap:
    """Return an id map of the ids in `first`, followed by the other ids in `columns` in lexicographic order."""
    values = {value for column in columns if column is not None for value in column.values}
    if first is None:
        return IdMap(sorted(values))
    return IdMap((*first.values, *sorted(values - set(first.values))))


def _indices(column: Strings, ids: IdMap) -> NDArray[np.int32]:
    """Return the index of the id in each row of a column. The column must not contain null."""
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
    """Return the failureReason if there are not enough interactions to train a model, otherwise None.

    Training needs a minimum number of interactions and a minimum number of users with at least two interactions. If
    `minimum_users` is above 0, at least 1 % of all users must have at least two. Source: Amazon Personalize developer
    guide, "Amazon Personalize endpoints and quotas" (2025). The wording for interactions of one event type and for
    users is documented, too; the wording of the other reasons is inferred.

    Args:
        interactions: The interactions to train on.
        minimum_interactions: The required number of interactions.
        minimum_users: The required number of users with at least two interactions.
        event_type: The only event type used for training; None if all are used.
        threshold: Minimum EVENT_VALUE of the events used for training; None if all are used.
        event_types: The event types in the eventsConfig of the solution.
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
