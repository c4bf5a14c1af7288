"""The interactions of one user as arrays, in order of their timestamps, to which new events are added one by one."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.action_interactions import ActionHistory, event_type_code
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.user_histories import Interaction


class ItemTimeline:
    """The items of a user's interactions, oldest first. Interactions of the same second are in order of arrival.

    Args:
        ids: The ids of the items and their indices.
        accepts: Function that returns whether an interaction belongs to the timeline.
    """

    def __init__(self, ids: IdMap, accepts: Callable[[Interaction], bool]) -> None:
        self._ids = ids
        self._accepts = accepts
        self._timestamps = array("q")
        self._items = array("i")

    def __len__(self) -> int:
        return len(self._items)

    def add(self, interactions: Sequence[Interaction]) -> None:
        """Add interactions that arrived after all others."""
        for interaction in filter(self._accepts, interactions):
            at = bisect_right(self._timestamps, interaction.timestamp)
            self._timestamps.insert(at, interaction.timestamp)
            self._items.insert(at, self._ids.index(interaction.item_id))

    def items(self) -> NDArray[np.int32]:
        """Return the item index of each interaction, int32[n], with -1 for unknown items, as a new array."""
        return np.array(self._items, dtype=np.int32)


class ActionTimeline:
    """The action interactions of a user, oldest first. Interactions of the same second are in order of arrival.

    Args:
        ids: The ids of the actions and their indices.
        imported: The imported interactions of the user. Those of put events are added later.
    """

    def __init__(self, ids: IdMap, imported: Sequence[Interaction]) -> None:
        self._ids = ids
        self._timestamps, self._actions, self._event_types = array("q"), array("i"), array("b")
        self.add(imported)

    def add(self, interactions: Sequence[Interaction]) -> None:
        """Add interactions that arrived after all others."""
        for interaction in interactions:
            at = bisect_right(self._timestamps, interaction.timestamp)
            self._timestamps.insert(at, interaction.timestamp)
            self._actions.insert(at, self._ids.index(interaction.item_id))
            self._event_types.insert(at, event_type_code(interaction.event_type))

    def history(self) -> ActionHistory:
        """Return the interactions as new arrays."""
        return ActionHistory(
            action=np.array(self._actions, dtype=np.int32),
            event_type=np.array(self._event_types, dtype=np.int8),
            timestamp=np.array(self._timestamps, dtype=np.int64),
        )
