"""Take rates of a user: whether the user takes actions more often than other users do.

Each action interaction of a user has a residual: 1 if its type is Taken, else 0, minus the share of Taken among all
interactions with that action. A take rate is the sum of residuals divided by (their number + `PRIOR_INTERACTIONS`),
which is their mean shrunk towards 0. There are three take rates: over all actions, over the actions of the same
category, and over the action itself. For a user without interactions they are 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.action_interactions import TAKEN, ActionHistory, ActionInteractions

PRIOR_INTERACTIONS = 3.0
TAKE_RATES = 3  # over all actions, over the actions of the same categories, over the action itself


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TakeRateFeatures:
    """Take rates as features of pairs of a user and an action.

    The categories of the actions are a sparse matrix; its arrays are used one by one because that is faster.

    Attributes:
        taken_share: float64[actions], the share of Taken among all interactions with an action.
        category_count: Number of categories.
        indptr: int64[actions + 1]; the categories of action a are `category[indptr[a]:indptr[a + 1]]`.
        category: int64[m], category indices.
        action: int64[m], the action that has each category.
        weight: float64[m], 1 / (number of categories of that action).
    """

    taken_share: NDArray[np.float64]
    category_count: int
    indptr: NDArray[np.int64]
    category: NDArray[np.int64]
    action: NDArray[np.int64]
    weight: NDArray[np.float64]

    @classmethod
    def from_categories(cls, taken_share: NDArray[np.float64], member: sparse.csr_matrix) -> "TakeRateFeatures":
        """Prepare the features of actions.

        Args:
            taken_share: float64[actions], the share of Taken among all interactions with an action.
            member: Shape (actions, categories), 1 where an action has a category.
        """
        sizes = np.diff(member.indptr)
        return cls(
            taken_share=taken_share,
            category_count=member.shape[1],
            indptr=member.indptr.astype(np.int64),
            category=member.indices.astype(np.int64),
            action=np.repeat(np.arange(len(sizes)), sizes),
            weight=np.repeat(1 / np.maximum(1, sizes), sizes),
        )

    def for_user(self, history: ActionHistory) -> NDArray[np.float64]:
        """Return the take rates of a user for each action, float64[3, actions]. Unknown actions are ignored."""
        count = len(self.taken_share)
        take_rates = np.zeros((TAKE_RATES, count))
        known = (history.action >= 0) & (history.action < count) & (history.event_type >= 0)
        action = history.action[known]
        if not len(action):
            return take_rates
        residual = (history.event_type[known] == TAKEN) - self.taken_share[action]
        row, category = self._with_categories(action)
        by_category = _shrunk_means(category, residual[row], count=self.category_count)
        take_rates[0] = residual.sum() / (len(residual) + PRIOR_INTERACTIONS)
        take_rates[1] = np.bincount(self.action, by_category[self.category] * self.weight, minlength=count)
        take_rates[2] = _shrunk_means(action, residual, count=count)
        return take_rates

    def before_each(self, interactions: ActionInteractions) -> NDArray[np.float64]:
        """For each interaction, return the take rates of its user and action just before it, float64[3, n].

        Other interactions of the same second do not count.
        """
        residual = interactions.taken - self.taken_share[interactions.action]
        user, timestamp = interactions.user.astype(np.int64), interactions.timestamp
        row, category = self._with_categories(interactions.action)
        category_group = user[row] * self.category_count + category
        by_category = _shrunk_means_before(category_group, timestamp[row], residual[row])
        sizes = np.diff(self.indptr)[interactions.action[row]]
        action_group = user * len(self.taken_share) + interactions.action
        return np.stack(
            (
                _shrunk_means_before(user, timestamp, residual),
                np.bincount(row, by_category / sizes, minlength=len(interactions)),
                _shrunk_means_before(action_group, timestamp, residual),
            )
        )

    def _with_categories(self, action: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return pairs of an interaction's position and a category, one per category of its action."""
        start = self.indptr[action]
        sizes = self.indptr[action + 1] - start
        row = np.repeat(np.arange(len(action)), sizes)
        within = np.arange(len(row)) - (np.cumsum(sizes) - sizes)[row]
        return row, self.category[start[row] + within]


def _shrunk_means(group: NDArray[np.integer], residual: NDArray[np.float64], *, count: int) -> NDArray[np.float64]:
    """Return the shrunk mean residual of each group, float64[count]."""
    return np.asarray(
        np.bincount(group, residual, minlength=count) / (np.bincount(group, minlength=count) + PRIOR_INTERACTIONS)
    )


def _shrunk_means_before(
    group: NDArray[np.int64], timestamp: NDArray[np.int64], residual: NDArray[np.float64]
) -> NDArray[np.float64]:
    """For each interaction, return the shrunk mean residual of the earlier interactions of its group, float64[n]."""
    order = np.lexsort((timestamp, group))
    position = np.arange(len(order))
    new_group = np.diff(group[order], prepend=-1) != 0
    new_second = new_group | (np.diff(timestamp[order], prepend=0) != 0)
    start = np.maximum.accumulate(np.where(new_group, position, 0))
    stop = np.maximum.accumulate(np.where(new_second, position, 0))
    total = np.concatenate(([0.0], np.cumsum(residual[order])))
    means = np.empty(len(order))
    means[order] = (total[stop] - total[start]) / (stop - start + PRIOR_INTERACTIONS)
    return means
