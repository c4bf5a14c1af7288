"""Action interactions as arrays: who did what with which action, in which order.

Event types are numbers here, their positions in `ACTION_EVENT_TYPES`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.id_map import UNKNOWN, IdMap
from personalize_mock.data.tables import Table
from personalize_mock.data.value_rules import ACTION_EVENT_TYPES, action_event_type

TAKEN = ACTION_EVENT_TYPES.index("Taken")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActionHistory:
    """What one user did with actions, in any order.

    Attributes:
        action: int32[n], codes of actions, -1 for those that are unknown.
        kind: int8[n], positions in `ACTION_EVENT_TYPES`, -1 for others.
        timestamp: int64[n], epoch seconds.
    """

    action: NDArray[np.int32]
    kind: NDArray[np.int8]
    timestamp: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.action)

    @classmethod
    def from_ids(
        cls,
        actions: IdMap,
        *,
        action_ids: Sequence[str] = (),
        event_types: Sequence[str | None] = (),
        timestamps: Sequence[float] = (),
    ) -> "ActionHistory":
        """What happened, as the wire says it; three sequences of one length.

        Args:
            actions: The actions, in the order of their codes.
            action_ids: What was acted upon.
            event_types: Taken, Not Taken or Viewed in any spelling.
            timestamps: Epoch seconds.
        """
        return cls(
            action=actions.indices(action_ids),
            kind=np.fromiter(map(_kind, event_types), np.int8, count=len(event_types)),
            timestamp=np.array(timestamps, dtype=np.int64),
        )


NOTHING_DONE = ActionHistory(
    action=np.empty(0, dtype=np.int32), kind=np.empty(0, dtype=np.int8), timestamp=np.empty(0, dtype=np.int64)
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActionInteractions:
    """Action interactions, each once, sorted by user, then time (then action and event type).

    Attributes:
        users: Ids of the users with at least one of them, in lexicographic order.
        user: int32[n], row numbers in `users`.
        action: int32[n], codes of actions.
        kind: int8[n], positions in `ACTION_EVENT_TYPES`.
        timestamp: int64[n], epoch seconds.
        row: int64[n], the row in the Action_Interactions dataset that each was read from.
        indptr: int64[len(users) + 1]; those of user u are `indptr[u]:indptr[u + 1]`.
    """

    users: IdMap
    user: NDArray[np.int32]
    action: NDArray[np.int32]
    kind: NDArray[np.int8]
    timestamp: NDArray[np.int64]
    row: NDArray[np.int64]
    indptr: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.user)

    @property
    def taken(self) -> NDArray[np.bool_]:
        """bool[n], which are of the type Taken."""
        return np.asarray(self.kind == TAKEN)

    def select(self, rows: NDArray[np.bool_]) -> "ActionInteractions":
        """The events where the mask `rows` is true; users and their numbers stay as they are."""
        return _indexed(
            self.users,
            user=self.user[rows],
            action=self.action[rows],
            kind=self.kind[rows],
            timestamp=self.timestamp[rows],
            row=self.row[rows],
        )

    def history(self, rows: slice) -> ActionHistory:
        """Some of them, who did them forgotten."""
        return ActionHistory(action=self.action[rows], kind=self.kind[rows], timestamp=self.timestamp[rows])


def read_action_interactions(table: Table | None, actions: IdMap) -> ActionInteractions:
    """The rows of an Action_Interactions dataset that can be used.

    Args:
        table: USER_ID, ACTION_ID, EVENT_TYPE and TIMESTAMP; None if the group has no such dataset.
        actions: The actions; rows of others are left out, and so are rows of other event types.
    """
    if table is None or not table.rows:
        return _nothing()
    kinds = np.array([*map(_kind, table.strings("EVENT_TYPE").values), UNKNOWN], dtype=np.int8)
    kind = kinds[table.strings("EVENT_TYPE").codes]
    codes = np.append(actions.indices(table.strings("ACTION_ID").values), np.int32(UNKNOWN))
    action = codes[table.strings("ACTION_ID").codes]
    row = np.flatnonzero((kind >= 0) & (action >= 0) & (table.strings("USER_ID").codes >= 0))
    column = table.strings("USER_ID").select(row)
    users = IdMap(sorted(column.values))
    user = users.indices(column.values)[column.codes] if len(row) else column.codes
    return _sorted_once(
        users,
        user=user,
        action=action[row],
        kind=kind[row],
        timestamp=table.numbers("TIMESTAMP").values[row].astype(np.int64),
        row=row,
    )


def _kind(event_type: str | None) -> int:
    known = None if event_type is None else action_event_type(event_type)
    return UNKNOWN if known is None else ACTION_EVENT_TYPES.index(known)


def _nothing() -> ActionInteractions:
    return _sorted_once(
        IdMap(()),
        user=np.empty(0, dtype=np.int32),
        action=NOTHING_DONE.action,
        kind=NOTHING_DONE.kind,
        timestamp=NOTHING_DONE.timestamp,
        row=np.empty(0, dtype=np.int64),
    )


def _sorted_once(
    users: IdMap,
    *,
    user: NDArray[np.int32],
    action: NDArray[np.int32],
    kind: NDArray[np.int8],
    timestamp: NDArray[np.int64],
    row: NDArray[np.int64],
) -> ActionInteractions:
    order = np.lexsort((kind, action, timestamp, user))
    new = np.zeros(len(order), dtype=bool)
    new[:1] = True
    for column in (user, timestamp, action, kind):
        ranked = column[order]
        new[1:] |= ranked[1:] != ranked[:-1]
    order = order[new]
    return _indexed(
        users,
        user=user[order],
        action=action[order],
        kind=kind[order],
        timestamp=timestamp[order],
        row=row[order],
    )


def _indexed(
    users: IdMap,
    *,
    user: NDArray[np.int32],
    action: NDArray[np.int32],
    kind: NDArray[np.int8],
    timestamp: NDArray[np.int64],
    row: NDArray[np.int64],
) -> ActionInteractions:
    """Events from columns that are sorted already."""
    counts = np.bincount(user, minlength=len(users))
    indptr = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return ActionInteractions(
        users=users, user=user, action=action, kind=kind, timestamp=timestamp, row=row, indptr=indptr
    )
