"""Repeats: the probability that a user returns to a seen item, and to which one.

Two models are learnt from the newest interactions of training users, each with the user's history before it. The first
predicts whether the next interaction is a repeat. It uses the user's share of repeats so far (shrunk towards the share
of all users), the number of distinct items in the history, and how often the newest item occurs. The second predicts
which of the seen items is repeated, from how recently and how often each of them occurs. Both models together give the
logit of each seen item, compared with all unseen items as a group. The probabilities within this group follow from the
relevance of the unseen items.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.numerics.choice_model import fit_choices

FEWEST = 50  # smallest number of repeats from which the models can be learnt
SAMPLES = 6000
NEWEST = 10  # number of a user's newest interactions to learn from
ROWS = 400_000  # largest number of seen items in all samples together
OLD = 50  # distinct items; beyond this age, items count as equally old
PRIOR_INTERACTIONS = 10.0  # added to each user with the share of all users; the learnt coefficient shrinks further
EXTREME = 1e-6
NEW = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenItems:
    """The distinct items of a user's history, with their recency and frequency.

    Attributes:
        items: int32[n_seen], the items, ascending.
        age: int64[n_seen], for each item the number of distinct items that occurred after it; 0 for the newest.
        count: int64[n_seen], how often each item occurs in the history.
    """

    items: NDArray[np.int32]
    age: NDArray[np.int64]
    count: NDArray[np.int64]

    @classmethod
    def from_history(cls, history: NDArray[np.int32]) -> "SeenItems":
        """Collect the distinct items of a history.

        Args:
            history: int32[n], the items in the order of the interactions, oldest first. It must not be empty.
        """
        items, place, count = np.unique(history[::-1], return_index=True, return_counts=True)
        age = np.empty(len(items), dtype=np.int64)
        age[np.argsort(place)] = np.arange(len(items))
        return cls(items=items, age=age, count=count)

    def features(self) -> NDArray[np.float64]:
        """Return features of each item that predict whether the user returns to it, float64[n_seen, n_features]."""
        newest, once, log_count = self.age == 0, self.count == 1, np.log(self.count)
        recency = newest, self.age == 1, np.log1p(self.age), np.minimum(self.age, OLD) / OLD
        number = once, log_count, newest & once, newest * log_count
        return np.stack([*recency, *number], axis=1, dtype=np.float64)

    def rate_features(self, *, overall: float) -> NDArray[np.float64]:
        """Return the features that predict whether the user's next interaction is a repeat, float64[n_features].

        Args:
            overall: Share of repeats among the interactions of all users, towards which the user's share is shrunk.
        """
        length, distinct = int(self.count.sum()), len(self.items)
        repeats = length - distinct + PRIOR_INTERACTIONS * overall
        own = repeats / (length - 1 + PRIOR_INTERACTIONS)
        newest = int(self.count[self.age.argmin()])
        columns = (1.0, _logit(own), np.log(distinct), distinct == 1, newest == 1, np.log(newest))
        return np.array(columns, dtype=np.float64)


Sample: TypeAlias = tuple[SeenItems, int]  # items of a history, and the index in them of the next item, or NEW


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repeats:
    """Fitted model that predicts whether a user returns to a seen item, and to which one.

    Attributes:
        overall: Share of repeats among all interactions except the first one of each user.
        rate: float64[n], the coefficients of the features that predict whether the next interaction is a repeat.
        choice: float64[m], the coefficients of the features that predict which item is repeated.
    """

    overall: float
    rate: NDArray[np.float64]
    choice: NDArray[np.float64]

    def logits(self, seen: SeenItems) -> NDArray[np.float64]:
        """Return the logit of each seen item: its log odds against all unseen items as a group.

        Args:
            seen: The distinct items of the user's history.

        Returns:
            The logits, float64[n_seen].
        """
        log_odds = float(seen.rate_features(overall=self.overall) @ self.rate)
        utility = seen.features() @ self.choice
        utility -= utility.max()
        share = utility - np.log(np.exp(utility).sum())
        return np.asarray(share + min(max(log_odds, _logit(EXTREME)), -_logit(EXTREME)))


def learn_repeats(interactions: InteractionMatrix, *, distinct: int) -> Repeats | None:
    """Fit a model of repeats to the newest interactions of some users, who are evenly spaced by user index.

    Args:
        interactions: The interactions.
        distinct: Number of distinct pairs of user and item among them.

    Returns:
        The model, or None if there are too few repeats to learn from.
    """
    repeats = len(interactions) - distinct
    if repeats < FEWEST:
        return None
    overall = repeats / (len(interactions) - int(np.count_nonzero(interactions.lengths())))
    samples = _samples(interactions)
    choices = [(seen, place) for seen, place in samples if place != NEW]
    if not choices:
        return None
    return Repeats(overall=overall, rate=_fit_rate(samples, overall=overall), choice=_fit_choice(choices))


def _fit_choice(choices: Sequence[Sample]) -> NDArray[np.float64]:
    """Fit the coefficients of the features that predict to which seen item a user returns.

    Args:
        choices: Samples in which the next interaction is a repeat.
    """
    rows = sum(len(seen.items) for seen, _ in choices)
    choices = choices[:: -(-rows // ROWS)]
    lengths = [len(seen.items) for seen, _ in choices]
    starts = np.concatenate(([0], np.cumsum(lengths[:-1]))).astype(np.int64)
    features = np.concatenate([seen.features() for seen, _ in choices])
    return fit_choices(features, starts, starts + np.array([place for _, place in choices], dtype=np.int64))


def _fit_rate(samples: Sequence[Sample], *, overall: float) -> NDArray[np.float64]:
    """Fit the coefficients of the features that predict whether a user's next interaction is a repeat.

    This is a logistic regression. It is computed as a choice between a repeat and an alternative whose features are 0.

    Args:
        samples: Samples to learn from. Each is an item with which a user interacted, and the user's history before it.
        overall: Share of repeats among the interactions of all users.
    """
    features = np.stack([seen.rate_features(overall=overall) for seen, _ in samples])
    rows = np.zeros((2 * len(features), features.shape[1]))
    rows[::2] = features
    starts = np.arange(0, len(rows), 2)
    return fit_choices(rows, starts, starts + np.array([place == NEW for _, place in samples], dtype=np.int64))


def _samples(interactions: InteractionMatrix) -> list[Sample]:
    """Return samples to learn repeats from: items with which users interacted, each with the user's history before it.

    The users are evenly spaced by user index. Each of a user's newest ten interactions gives a sample, except the very
    first interaction of the user.
    """
    lengths = interactions.lengths()
    users = np.flatnonzero(lengths >= 2)  # noqa: PLR2004  a history and the next item
    available = int(np.minimum(lengths[users] - 1, NEWEST).sum())
    histories = [interactions.history(user) for user in users[:: max(1, -(-available // SAMPLES))].tolist()]
    return [
        _sample(history[:place], history[place])
        for history in histories
        for place in range(max(1, len(history) - NEWEST), len(history))
    ]


def _sample(history: NDArray[np.int32], item: np.int32) -> Sample:
    seen = SeenItems.from_history(history)
    place = int(np.searchsorted(seen.items, item))
    return seen, place if place < len(seen.items) and seen.items[place] == item else NEW


def _logit(probability: float) -> float:
    bounded = min(max(probability, EXTREME), 1 - EXTREME)
    return float(np.log(bounded / (1 - bounded)))
