"""Held-out interactions, from which the weights of the parts of relevance are learnt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.newest_tenths import newest_tenths

EVENTS = 1000  # more interactions hardly change the weights
LARGEST_SHARE = 0.2  # of the users, so that the factors lose few interactions
FEWEST_EVENTS = 120  # fewer interactions say too little about the weights
CELLS = 4_000_000  # scores; in a large catalogue fewer users are enough


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldOutUsers:
    """Training users whose newest interactions are held out.

    Attributes:
        interactions: The interactions of all users.
        held_out: bool[n], a mask of the interactions that are held out.
        histories: For each held-out user, the item indices of the remaining interactions, oldest first.
        targets: For each held-out user, the distinct items of the held-out interactions. Items that the user has seen
            before are left out, and so are items without any remaining interaction.
    """

    interactions: InteractionMatrix
    held_out: NDArray[np.bool_]
    histories: list[NDArray[np.int32]]
    targets: list[NDArray[np.int32]]

    def earlier(self) -> InteractionMatrix:
        """Return a copy of all interactions without the held-out ones.

        Each call makes a new copy. Copies are not cached, because they can be large.
        """
        return self.interactions.select(~self.held_out)


def hold_out(interactions: InteractionMatrix) -> HeldOutUsers | None:
    """Hold out the newest 10 % of the interactions of some users, at least one interaction of each.

    The users are evenly spaced by user index. About a fifth of all users is chosen, or fewer if more than about
    1,000 interactions would be held out.

    Returns:
        The users with held-out items to predict (`targets`), or None if there are fewer than 120 such items in total.
    """
    users = _spaced_users(interactions)
    starts, stops = newest_tenths(interactions.indptr, users)
    if (stops - starts).sum() < FEWEST_EVENTS:
        return None
    newest = np.zeros(len(interactions), dtype=bool)
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        newest[start:stop] = True
    histories, targets = [], []
    unseen = np.bincount(interactions.item[~newest], minlength=len(interactions.items)) > 0
    for user, start, stop in zip(users.tolist(), starts.tolist(), stops.tolist(), strict=True):
        history = interactions.item[interactions.indptr[user] : start]
        items = np.unique(interactions.item[start:stop])
        unseen[history] = False
        items = items[unseen[items]]
        unseen[history] = True
        if len(items):
            histories.append(history)
            targets.append(items)
    if sum(map(len, targets)) < FEWEST_EVENTS:
        return None
    return HeldOutUsers(interactions=interactions, held_out=newest, histories=histories, targets=targets)


def _spaced_users(interactions: InteractionMatrix) -> NDArray[np.int64]:
    """Return the indices of the users whose newest interactions are held out, ascending.

    They are evenly spaced among the users with at least two interactions. At most about a fifth of these is returned,
    and fewer if there are many interactions or items.
    """
    users = np.flatnonzero(interactions.lengths() >= 2)  # noqa: PLR2004  one interaction must remain
    if not len(users):
        return users
    starts, stops = newest_tenths(interactions.indptr, users)
    events = int((stops - starts).sum())
    share = min(LARGEST_SHARE, EVENTS / events, CELLS / (len(users) * np.count_nonzero(interactions.warm)))
    return users[:: max(1, round(1 / share))]
