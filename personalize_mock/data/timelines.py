"""Timelines of the interactions of one user, which remain sorted by timestamp as new interactions are added."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.action_interactions import ActionHistory, event_type_code
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.user_histories import Interaction


class ItemTimeline:
    """The items with which a user interacted, sorted by the timestamps of the interactions, oldest first.

    Interactions with equal timestamps remain in the order in which they were added.

    Args:
        ids: The ids of all known items and their indices.
        accepts: Function that returns whether to include an interaction.
    """

    def __init__(self, ids: IdMap, accepts: Callable[[Interaction], bool]) -> None:
        self._ids = ids
        self._accepts = accepts
        self._timestamps = array("q")
        self._items = array("i")

    def __len__(self) -> int:
        return len(self._items)

    def add(self, interactions: Sequence[Interaction]) -> None:
        """Insert interactions by timestamp, each behind those with the same timestamp that are already present.

        Interactions that the function `accepts`, which was given to the constructor, rejects are left out.
        """
        for interaction in filter(self._accepts, interactions):
            at = bisect_right(self._timestamps, interaction.timestamp)
            self._timestamps.insert(at, interaction.timestamp)
            self._items.insert(at, self._ids.index(interaction.item_id))

    def items(self) -> NDArray[np.int32]:
        """Return a new array with the item index of each interaction, int32[n], with -1 for unknown items."""
        return np.array(self._items, dtype=np.int32)


class ActionTimeline:
    """The action interactions of a user, sorted by timestamp, oldest first.

    Interactions with equal timestamps remain in the order in which they were added.

    Args:
        ids: The ids of all known actions and their indices.
        imported: The interactions of the user that were imported. Events from Put operations are added with `add`.
    """

    def __init__(self, ids: IdMap, imported: Sequence[Interaction]) -> None:
        self._ids = ids
        self._timestamps, self._actions, self._event_types = array("q"), array("i"), array("b")
        self.add(imported)

    def add(self, interactions: Sequence[Interaction]) -> None:
        """Insert interactions by timestamp, each behind those with the same timestamp that are already present."""
        for interaction in interactions:
            at = bisect_right(self._timestamps, interaction.timestamp)
            self._timestamps.insert(at, interaction.timestamp)
            self._actions.insert(at, self._ids.index(interaction.item_id))
            self._event_types.insert(at, event_type_code(interaction.event_type))

    def history(self) -> ActionHistory:
        """Return the interactions so far, oldest first. Later interactions do not change the returned object."""
        return ActionHistory(
            action=np.array(self._actions, dtype=np.int32),
            event_type=np.array(self._event_types, dtype=np.int8),
            timestamp=np.array(self._timestamps, dtype=np.int64),
        )
