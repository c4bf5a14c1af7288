"""Take rates of a user, which measure how much more often the user takes actions than other users do.

Each action interaction has a residual: 1 if its type is Taken, otherwise 0, minus the share of Taken among all
interactions with the same action. A take rate is the mean residual of a user's interactions, shrunk towards 0: the sum
of the residuals divided by their number plus 3. Each pair of a user and an action has three take rates: over the user's
interactions with all actions, with actions of the same categories, and with the action itself. Without interactions a
take rate is 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.action_interactions import TAKEN, ActionHistory, ActionInteractions

PRIOR_INTERACTIONS = 3.0
TAKE_RATES = 3  # number of take rates: over all actions, over actions of the same categories, over the action itself


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TakeRateFeatures:
    """Calculator of take rates, which measure how much more often a user takes actions than other users do.

    It holds data about the actions, but none about users. The categories of the actions are stored as the arrays of a
    sparse matrix, because computations with these are faster than with the matrix.

    Attributes:
        taken_share: float64[actions], the share of interactions of type Taken among all interactions with an action.
        category_count: Number of categories.
        indptr: int64[actions + 1]; the categories of action a are `category[indptr[a]:indptr[a + 1]]`.
        category: int64[m], category indices, one for each pair of an action and one of its categories.
        action: int64[m], the action index of each pair.
        weight: float64[m], 1 / (number of categories of the action) for each pair.
    """

    taken_share: NDArray[np.float64]
    category_count: int
    indptr: NDArray[np.int64]
    category: NDArray[np.int64]
    action: NDArray[np.int64]
    weight: NDArray[np.float64]

    @classmethod
    def from_categories(cls, taken_share: NDArray[np.float64], member: sparse.csr_matrix) -> "TakeRateFeatures":
        """Create a calculator of take rates from the categories of all actions.

        Args:
            taken_share: float64[actions], the share of type Taken among all interactions with an action.
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
        """Return the take rates of a user for each action, float64[3, actions].

        The rows are the take rate over all actions, over actions of the same categories and over the action itself.

        Args:
            history: The action interactions of the user. Unknown actions and event types are ignored.
        """
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
        """For each interaction, return the take rates that its user had for its action just before it, float64[3, n].

        Only the user's earlier interactions count, not those in the same second.

        Args:
            interactions: The action interactions of all users.
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
        """Pair each interaction with every category of its action.

        Args:
            action: int32[n], the action index of each interaction.

        Returns:
            The position of the interaction, int64[m], and the category index, int64[m], of each pair.
        """
        start = self.indptr[action]
        sizes = self.indptr[action + 1] - start
        row = np.repeat(np.arange(len(action)), sizes)
        within = np.arange(len(row)) - (np.cumsum(sizes) - sizes)[row]
        return row, self.category[start[row] + within]


def _shrunk_means(group: NDArray[np.integer], residual: NDArray[np.float64], *, count: int) -> NDArray[np.float64]:
    """Return the mean residual of each group of interactions, shrunk towards 0, float64[count].

    Args:
        group: int[n], the group of each interaction, from 0 to `count` - 1.
        residual: float64[n], 1 for an interaction of type Taken, otherwise 0, minus the share of Taken for its action.
        count: Number of groups.
    """
    return np.asarray(
        np.bincount(group, residual, minlength=count) / (np.bincount(group, minlength=count) + PRIOR_INTERACTIONS)
    )


def _shrunk_means_before(
    group: NDArray[np.int64], timestamp: NDArray[np.int64], residual: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return, for each interaction, the mean residual of the earlier ones in its group, shrunk towards 0, float64[n].

    Args:
        group: int64[n], the group of each interaction.
        timestamp: int64[n], the time of each interaction, epoch seconds.
        residual: float64[n], 1 for an interaction of type Taken, otherwise 0, minus the share of Taken for its action.
    """
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
