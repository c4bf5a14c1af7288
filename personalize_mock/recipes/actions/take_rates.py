"""How willing a user is: whether they took actions more often than others do, of all, of a kind, of one.

Each event of a user leaves a residual: 1 or 0, whether it was Taken, minus the share of Taken among everybody's events
of that action. A tendency is the sum of residuals over their number plus `PRIOR_EVENTS`: the mean, shrunk
towards 0. So a user without events has none, and one more event changes it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.action_interactions import TAKEN, ActionHistory, ActionInteractions

PRIOR_EVENTS = 3.0
COUNT = 3  # tendencies: over all actions, over those of the same categories, over the action itself


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TakeRateFeatures:
    """What makes events tendencies; the categories are a sparse matrix, whose parts are used one by one for speed.

    Attributes:
        share: float64[actions], the share of Taken among all events of an action.
        categories: How many categories there are.
        indptr: int64[actions + 1]; the categories of action a are `category[indptr[a]:indptr[a + 1]]`.
        category: int64[m].
        action: int64[m], the action that has the category.
        part: float64[m], 1 / the number of categories of that action.
    """

    share: NDArray[np.float64]
    categories: int
    indptr: NDArray[np.int64]
    category: NDArray[np.int64]
    action: NDArray[np.int64]
    part: NDArray[np.float64]

    @classmethod
    def over(cls, share: NDArray[np.float64], member: sparse.csr_matrix) -> "TakeRateFeatures":
        """Tendencies of actions with these shares.

        Args:
            share: float64[actions].
            member: csr[actions, categories], which action has which category.
        """
        sizes = np.diff(member.indptr)
        return cls(
            share=share,
            categories=member.shape[1],
            indptr=member.indptr.astype(np.int64),
            category=member.indices.astype(np.int64),
            action=np.repeat(np.arange(len(sizes)), sizes),
            part=np.repeat(1 / np.maximum(1, sizes), sizes),
        )

    def of(self, history: ActionHistory) -> NDArray[np.float64]:
        """Tendencies of one user towards each action: float64[3, actions]; unknown actions are passed over."""
        count = len(self.share)
        tendencies = np.zeros((COUNT, count))
        known = (history.action >= 0) & (history.action < count) & (history.kind >= 0)
        action = history.action[known]
        if not len(action):
            return tendencies
        residual = (history.kind[known] == TAKEN) - self.share[action]
        event, category = self._expanded(action)
        of_category = _means(category, residual[event], count=self.categories)
        tendencies[0] = residual.sum() / (len(residual) + PRIOR_EVENTS)
        tendencies[1] = np.bincount(self.action, of_category[self.category] * self.part, minlength=count)
        tendencies[2] = _means(action, residual, count=count)
        return tendencies

    def before(self, events: ActionInteractions) -> NDArray[np.float64]:
        """For each event the tendencies of its user towards its action until then: float64[3, len(events)].

        Events of the same second do not count.
        """
        residual = events.taken - self.share[events.action]
        user, timestamp = events.user.astype(np.int64), events.timestamp
        event, category = self._expanded(events.action)
        of_category = _earlier(user[event] * self.categories + category, timestamp[event], residual[event])
        size = np.diff(self.indptr)[events.action[event]]
        return np.stack(
            (
                _earlier(user, timestamp, residual),
                np.bincount(event, of_category / size, minlength=len(events)),
                _earlier(user * len(self.share) + events.action, timestamp, residual),
            )
        )

    def _expanded(self, action: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Each event once for each category of its action: its position, and the category."""
        start = self.indptr[action]
        sizes = self.indptr[action + 1] - start
        event = np.repeat(np.arange(len(action)), sizes)
        within = np.arange(len(event)) - (np.cumsum(sizes) - sizes)[event]
        return event, self.category[start[event] + within]


def _means(group: NDArray[np.integer], residual: NDArray[np.float64], *, count: int) -> NDArray[np.float64]:
    """The shrunk mean residual of each group: float64[count]."""
    return np.asarray(
        np.bincount(group, residual, minlength=count) / (np.bincount(group, minlength=count) + PRIOR_EVENTS)
    )


def _earlier(
    group: NDArray[np.int64], timestamp: NDArray[np.int64], residual: NDArray[np.float64]
) -> NDArray[np.float64]:
    """For each event the shrunk mean residual of the earlier ones of its group."""
    order = np.lexsort((timestamp, group))
    place = np.arange(len(order))
    new_group = np.diff(group[order], prepend=-1) != 0
    new_second = new_group | (np.diff(timestamp[order], prepend=0) != 0)
    start = np.maximum.accumulate(np.where(new_group, place, 0))
    stop = np.maximum.accumulate(np.where(new_second, place, 0))
    total = np.concatenate(([0.0], np.cumsum(residual[order])))
    tendency = np.empty(len(order))
    tendency[order] = (total[stop] - total[start]) / (stop - start + PRIOR_EVENTS)
    return tendency
