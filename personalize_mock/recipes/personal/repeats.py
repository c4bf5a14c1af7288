"""Model of repeats: whether a user returns to a seen item, and to which one.

Two models are learnt from the newest interactions of training users, each with the user's history before it. The first
predicts whether the next interaction is a repeat. It uses the user's share of repeats so far (shrunk towards the share
of all users), the number of distinct items in the history, and how often the newest item occurs. The second predicts
which of the seen items is repeated, from how recently and how often each of them occurs. Both models together give the
logit of each seen item, compared with all unseen items as a group. The probabilities within this group follow from the
relevance of the unseen items.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.numerics.choice_model import fit_choices
from personalize_mock.recipes.numerics.distinct import last_places
from personalize_mock.recipes.personal.repeat_samples import RepeatChoices, RepeatSamples

FEWEST = 50  # smallest number of repeats from which the models can be learnt
OLD = 50  # distinct items; beyond this age, items count as equally old
PRIOR_INTERACTIONS = 10.0  # added to each user with the share of all users; the learnt coefficient shrinks further
EXTREME = 1e-6

Ints: TypeAlias = NDArray[np.int64] | np.int64


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
        items, place, count = last_places(history)
        age = np.empty(len(items), dtype=np.int64)
        age[np.argsort(place)] = np.arange(len(items))
        return cls(items=items, age=age, count=count)

    def features(self) -> NDArray[np.float64]:
        """Return features of each item that predict whether the user returns to it, float64[n_seen, n_features]."""
        return _item_features(self.age, self.count)

    def rate_features(self, *, overall: float) -> NDArray[np.float64]:
        """Return the features that predict whether the user's next interaction is a repeat, float64[n_features].

        Args:
            overall: Share of repeats among the interactions of all users, towards which the user's share is shrunk.
        """
        length, distinct = self.count.sum(), np.int64(len(self.items))
        return _rate_features(length, distinct, self.count[self.age.argmin()], overall=overall)


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
        interactions: The interactions to learn from.
        distinct: Number of distinct pairs of user and item among them.

    Returns:
        The model, or None if there are too few repeats to learn from.
    """
    repeats = len(interactions) - distinct
    if repeats < FEWEST:
        return None
    overall = repeats / (len(interactions) - int(np.count_nonzero(interactions.lengths())))
    samples = RepeatSamples.from_interactions(interactions)
    if samples.is_new.all():
        return None
    return Repeats(overall=overall, rate=_fit_rate(samples, overall=overall), choice=_fit_choice(samples.choices()))


def _fit_choice(choices: RepeatChoices) -> NDArray[np.float64]:
    """Fit the coefficients of the features that predict to which seen item a user returns."""
    return fit_choices(_item_features(choices.age, choices.count), choices.starts, choices.chosen)


def _fit_rate(samples: RepeatSamples, *, overall: float) -> NDArray[np.float64]:
    """Fit the coefficients of the features that predict whether a user's next interaction is a repeat.

    This is a logistic regression. It is computed as a choice between a repeat and an alternative whose features are 0.

    Args:
        samples: The interactions to learn from.
        overall: Share of repeats among the interactions of all users.
    """
    index = samples.samples
    features = _rate_features(
        index - samples.first[index], samples.distinct[index], samples.occurrence[index - 1], overall=overall
    )
    columns = np.zeros((features.shape[1], 2 * len(features)))
    columns[:, ::2] = features.T
    starts = np.arange(0, columns.shape[1], 2)
    return fit_choices(columns.T, starts, starts + samples.is_new)


def _item_features(age: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return features of seen items that predict which one a user returns to, float64[n_seen, n_features].

    Args:
        age: int64[n_seen], for each item the number of distinct items that occurred after it; 0 for the newest.
        count: int64[n_seen], how often each item occurs in the history.
    """
    newest, once, log_count = age == 0, count == 1, np.log(count)
    recency = newest, age == 1, np.log1p(age), np.minimum(age, OLD) / OLD
    number = once, log_count, newest & once, newest * log_count
    return np.array([*recency, *number], dtype=np.float64).T


def _rate_features(length: Ints, distinct: Ints, newest: Ints, *, overall: float) -> NDArray[np.float64]:
    """Return the features that predict whether the interaction after a history is a repeat, float64[..., n_features].

    Args:
        length: Number of interactions in each history.
        distinct: Number of distinct items in each history.
        newest: How often the newest item of each history occurs in it.
        overall: Share of repeats among the interactions of all users.
    """
    own = (length - distinct + PRIOR_INTERACTIONS * overall) / (length - 1 + PRIOR_INTERACTIONS)
    log_odds = np.log(np.maximum(own, EXTREME)) - np.log(np.maximum(1 - own, EXTREME))
    columns = (np.ones_like(own), log_odds, np.log(distinct), distinct == 1, newest == 1, np.log(newest))
    return np.array(columns, dtype=np.float64).T


def _logit(probability: float) -> float:
    bounded = min(max(probability, EXTREME), 1 - EXTREME)
    return float(np.log(bounded / (1 - bounded)))
