"""Repeats: how probable it is that a user returns to a seen item, and to which.

Both are learnt from the newest interactions of training users, each with the history before it. The share of repeats
depends on the user's own share so far, shrunk towards that of all users, on the number of different items, and on how
often the newest item occurred. Among seen items, recency and number of occurrences decide. The rate and the weight
of a seen item give its logit relative to all unseen items together. The model divides the rest among the unseen items.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.numerics.choice_model import fit_choices

FEWEST = 50  # repeats from which rate and recency can be learnt
SAMPLES = 6000
NEWEST = 10  # interactions of a user that are learnt from
ROWS = 400_000  # seen items of all samples
OLD = 50  # different items; those that are older are equally old
PRIOR_INTERACTIONS = 10.0  # of a user with the share of all users; the learnt coefficient shrinks further
EXTREME = 1e-6
NEW = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenItems:
    """The different items of a history.

    Attributes:
        items: int32[n_seen], ascending.
        age: int64[n_seen], the number of different items that are newer.
        count: int64[n_seen], how often each occurs.
    """

    items: NDArray[np.int32]
    age: NDArray[np.int64]
    count: NDArray[np.int64]

    @classmethod
    def from_history(cls, history: NDArray[np.int32]) -> "SeenItems":
        """Return the different items of a history, which is oldest first and not empty."""
        items, place, count = np.unique(history[::-1], return_index=True, return_counts=True)
        age = np.empty(len(items), dtype=np.int64)
        age[np.argsort(place)] = np.arange(len(items))
        return cls(items=items, age=age, count=count)

    def features(self) -> NDArray[np.float64]:
        """Return what decides which item is repeated, float64[n_seen, n_features]."""
        newest, once, log_count = self.age == 0, self.count == 1, np.log(self.count)
        recency = newest, self.age == 1, np.log1p(self.age), np.minimum(self.age, OLD) / OLD
        number = once, log_count, newest & once, newest * log_count
        return np.stack([*recency, *number], axis=1, dtype=np.float64)

    def rate_features(self, *, overall: float) -> NDArray[np.float64]:
        """Return what decides whether an item is repeated, float64[n_features]."""
        length, distinct = int(self.count.sum()), len(self.items)
        repeats = length - distinct + PRIOR_INTERACTIONS * overall
        own = repeats / (length - 1 + PRIOR_INTERACTIONS)
        newest = int(self.count[self.age.argmin()])
        columns = (1.0, _logit(own), np.log(distinct), distinct == 1, newest == 1, np.log(newest))
        return np.array(columns, dtype=np.float64)


Sample: TypeAlias = tuple[SeenItems, int]  # a history, and which of its items came next, or NEW


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repeats:
    """Learnt repeats.

    Attributes:
        overall: Share of repeats among the interactions that could be repeats.
        rate: float64[n], coefficients of `SeenItems.rate_features`.
        choice: float64[m], coefficients of `SeenItems.features`.
    """

    overall: float
    rate: NDArray[np.float64]
    choice: NDArray[np.float64]

    def logits(self, seen: SeenItems) -> NDArray[np.float64]:
        """Return the log of each item's probability over that of all unseen items together, float64[n_seen]."""
        log_odds = float(seen.rate_features(overall=self.overall) @ self.rate)
        utility = seen.features() @ self.choice
        utility -= utility.max()
        share = utility - np.log(np.exp(utility).sum())
        return np.asarray(share + min(max(log_odds, _logit(EXTREME)), -_logit(EXTREME)))


def learn_repeats(interactions: InteractionMatrix, *, distinct: int) -> Repeats | None:
    """Learn from the newest interactions of evenly spaced users; None if there are too few repeats.

    Args:
        interactions: The interactions.
        distinct: Number of different pairs of user and item.
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
    """Return `Repeats.choice`."""
    rows = sum(len(seen.items) for seen, _ in choices)
    choices = choices[:: -(-rows // ROWS)]
    lengths = [len(seen.items) for seen, _ in choices]
    starts = np.concatenate(([0], np.cumsum(lengths[:-1]))).astype(np.int64)
    features = np.concatenate([seen.features() for seen, _ in choices])
    return fit_choices(features, starts, starts + np.array([place for _, place in choices], dtype=np.int64))


def _fit_rate(samples: Sequence[Sample], *, overall: float) -> NDArray[np.float64]:
    """Return `Repeats.rate`: a logistic regression, as a choice between a repeat and a row of zeros."""
    features = np.stack([seen.rate_features(overall=overall) for seen, _ in samples])
    rows = np.zeros((2 * len(features), features.shape[1]))
    rows[::2] = features
    starts = np.arange(0, len(rows), 2)
    return fit_choices(rows, starts, starts + np.array([place == NEW for _, place in samples], dtype=np.int64))


def _samples(interactions: InteractionMatrix) -> list[Sample]:
    """Return samples of the newest interactions of evenly spaced users."""
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
