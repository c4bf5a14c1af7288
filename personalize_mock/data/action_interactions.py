"""Action interactions as arrays, sorted by user and time.

Event types are stored as integers: 0 for Taken, 1 for Not Taken and 2 for Viewed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.id_map import UNKNOWN, IdMap
from personalize_mock.data.sorting import index_pointers, sorted_distinct
from personalize_mock.data.tables import Table
from personalize_mock.data.value_rules import ACTION_EVENT_TYPES, action_event_type

TAKEN = ACTION_EVENT_TYPES.index("Taken")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActionHistory:
    """The action interactions of one user, in any order.

    Attributes:
        action: int32[n], action index of each interaction, -1 for unknown actions.
        event_type: int8[n], 0 for Taken, 1 for Not Taken, 2 for Viewed and -1 for any other event type.
        timestamp: int64[n], epoch seconds.
    """

    action: NDArray[np.int32]
    event_type: NDArray[np.int8]
    timestamp: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.action)


NO_ACTION_HISTORY = ActionHistory(
    action=np.empty(0, dtype=np.int32), event_type=np.empty(0, dtype=np.int8), timestamp=np.empty(0, dtype=np.int64)
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActionInteractions:
    """Distinct action interactions of all users, sorted by user, time, action and event type.

    Attributes:
        users: Ids of the users, in lexicographic order.
        user: int32[n], user index of each interaction.
        action: int32[n], action index of each interaction.
        event_type: int8[n], 0 for Taken, 1 for Not Taken and 2 for Viewed.
        timestamp: int64[n], epoch seconds.
        row: int64[n], row number of each interaction in the Action_Interactions dataset.
        indptr: int64[len(users) + 1]; the interactions of user u are `indptr[u]:indptr[u + 1]`.
    """

    users: IdMap
    user: NDArray[np.int32]
    action: NDArray[np.int32]
    event_type: NDArray[np.int8]
    timestamp: NDArray[np.int64]
    row: NDArray[np.int64]
    indptr: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.user)

    @property
    def taken(self) -> NDArray[np.bool_]:
        """Boolean mask of the interactions with the event type Taken, bool[n]."""
        return np.asarray(self.event_type == TAKEN)

    def select(self, rows: NDArray[np.bool_]) -> "ActionInteractions":
        """Return the interactions for which the boolean mask `rows` is True. Users keep their indices."""
        user = self.user[rows]
        return ActionInteractions(
            users=self.users,
            user=user,
            action=self.action[rows],
            event_type=self.event_type[rows],
            timestamp=self.timestamp[rows],
            row=self.row[rows],
            indptr=index_pointers(user, len(self.users)),
        )

    def history(self, rows: slice) -> ActionHistory:
        """Return the interactions in the slice `rows`, all of which must belong to one user, as an `ActionHistory`."""
        return ActionHistory(action=self.action[rows], event_type=self.event_type[rows], timestamp=self.timestamp[rows])


def event_type_code(text: str | None) -> int:
    """Return 0 for Taken, 1 for Not Taken, 2 for Viewed and -1 for anything else.

    Case, spaces and underscores are ignored.
    """
    known = None if text is None else action_event_type(text)
    return UNKNOWN if known is None else ACTION_EVENT_TYPES.index(known)


def read_action_interactions(table: Table | None, actions: IdMap) -> ActionInteractions:
    """Convert the rows of an Action_Interactions dataset to sorted arrays.

    Rows without a user, with an unknown action or with an unknown event type are left out. Of duplicates, only the
    first is included.

    Args:
        table: A table with the columns USER_ID, ACTION_ID, EVENT_TYPE and TIMESTAMP. None, if the dataset group has no
            such dataset, gives empty arrays.
        actions: The ids of all actions and their indices.
    """
    if table is None or not table.rows:
        return _without_rows()
    users, action_ids, types = (table.strings(name) for name in ("USER_ID", "ACTION_ID", "EVENT_TYPE"))
    event_type = np.array([*map(event_type_code, types.values), UNKNOWN], dtype=np.int8)[types.codes]
    action = np.append(actions.indices(action_ids.values), np.int32(UNKNOWN))[action_ids.codes]
    row = np.flatnonzero((event_type >= 0) & (action >= 0) & (users.codes >= 0))
    users = users.select(row)
    known_users = IdMap(sorted(users.values))
    user = known_users.indices(users.values)[users.codes] if len(row) else users.codes
    timestamp = table.numbers("TIMESTAMP").values[row].astype(np.int64)
    order = sorted_distinct(user, timestamp, action[row], event_type[row])
    user, row, timestamp = user[order], row[order], timestamp[order]
    return ActionInteractions(
        users=known_users,
        user=user,
        action=action[row],
        event_type=event_type[row],
        timestamp=timestamp,
        row=row,
        indptr=index_pointers(user, len(known_users)),
    )


def _without_rows() -> ActionInteractions:
    return ActionInteractions(
        users=IdMap(()),
        user=np.empty(0, dtype=np.int32),
        action=NO_ACTION_HISTORY.action,
        event_type=NO_ACTION_HISTORY.event_type,
        timestamp=NO_ACTION_HISTORY.timestamp,
        row=np.empty(0, dtype=np.int64),
        indptr=np.zeros(1, dtype=np.int64),
    )
