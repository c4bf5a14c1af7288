"""Ranking of actions by the probability that a user takes them, and the rules that hide actions from a user.

The rules come from the developer guide, "Next-Best-Action recipe" and "Preparing action metadata for training" (2025).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from personalize_mock.data.action_interactions import ActionHistory
from personalize_mock.data.metadata import Metadata
from personalize_mock.recipes.actions.take_rates import TakeRateFeatures
from personalize_mock.recipes.actions.user_embedder import UserEmbedder, Vectors
from personalize_mock.recipes.base import Candidates, Exploration, Model, Query, Ranked, Ranking
from personalize_mock.recipes.numerics.candidates import as_mask

DAY = 86_400.0
MAX_REPEAT_FREQUENCY = 30.0  # days
DECIMALS = 7  # of scores in responses; scores that are equal after rounding are ties
EXPIRATIONS = ("EXPIRATION_TIMESTAMP", "ACTION_EXPIRATION_TIMESTAMP")  # the guide uses both names


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActionEligibility:
    """Data from the Actions dataset that decides which actions a user may see, and their order if scores are equal.

    Attributes:
        present: bool[actions], False for actions that have been deleted from the dataset.
        expires: float64[actions], the time at which each action expires, in epoch seconds; infinite if it does not
            expire.
        pause: float64[actions], the number of seconds for which an action is hidden from a user after they interacted
            with it.
        value_rank: int64[actions], the position of each action when all actions are sorted by VALUE, largest first, and
            then by id. A missing VALUE counts as 0.
    """

    present: NDArray[np.bool_]
    expires: NDArray[np.float64]
    pause: NDArray[np.float64]
    value_rank: NDArray[np.int64]

    @classmethod
    def from_metadata(cls, actions: Metadata) -> "ActionEligibility":
        """Read the expiration, REPEAT_FREQUENCY and VALUE of each action. Columns that do not exist have no effect."""
        expires = [_numbers(actions, name) for name in EXPIRATIONS]
        days = np.nan_to_num(_numbers(actions, "REPEAT_FREQUENCY"))
        value = np.nan_to_num(_numbers(actions, "VALUE"))
        order = np.lexsort((np.array(actions.ids.values, dtype=np.str_), -value))
        value_rank = np.empty(len(order), dtype=np.int64)
        value_rank[order] = np.arange(len(order))
        return cls(
            present=actions.row >= 0,
            expires=np.nan_to_num(np.fmin(*expires), nan=np.inf),
            pause=np.clip(days, 0, MAX_REPEAT_FREQUENCY) * DAY,
            value_rank=value_rank,
        )

    def mask(self, history: ActionHistory, *, now: float) -> NDArray[np.bool_]:
        """Return the mask of the actions that may be recommended to a user, bool[actions].

        Expired actions are hidden. Actions with which the user interacted within the last REPEAT_FREQUENCY days are
        hidden too, whatever the type of the interaction.

        Args:
            history: The action interactions of the user.
            now: Time of the request, epoch seconds.
        """
        mask = self.present & (now < self.expires)
        known = (history.action >= 0) & (history.action < len(mask))
        action = history.action[known]
        over = now - history.timestamp[known] >= self.pause[action]
        mask[action[~over & (self.pause[action] > 0)]] = False
        return mask


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PropensityModel:
    """Fitted logistic regression that predicts whether a user takes an action.

    The features are the user's take rates and the similarities of the user to other users who took the action; see the
    module `next_best_action`.

    Attributes:
        base_log_odds: float64[actions], the log odds that a user without any data takes each action.
        has_evidence: bool[actions], whether an action has enough interactions to get a score.
        take_rates: Computes the take rates of a user from the user's action interactions.
        weights: float64[3], the weights of the three take rates.
        user_embedder: Computes user vectors from item interactions.
        action_vectors: float32[actions, factors]. The dot product with a user vector is added to the log odds.
        user_profiles: float32[users, features], vectors that describe users by their attributes in the Users dataset.
        action_profiles: float32[actions, features]. The dot product with a user profile is added to the log odds.
    """

    base_log_odds: NDArray[np.float64]
    has_evidence: NDArray[np.bool_]
    take_rates: TakeRateFeatures
    weights: NDArray[np.float64]
    user_embedder: UserEmbedder
    action_vectors: Vectors
    user_profiles: Vectors
    action_profiles: Vectors

    def probabilities(self, query: Query) -> NDArray[np.float64]:
        """Return the probability that the user of a query takes each action, float64[actions], rounded to 7 decimals.

        It is 0 for actions without enough interactions in training.
        """
        log_odds = self.base_log_odds + self.weights @ self.take_rates.for_user(query.action_history)
        log_odds += self.action_vectors @ self.user_embedder.vectors([query.history])[0]
        if 0 <= query.user < len(self.user_profiles):
            log_odds += self.action_profiles @ self.user_profiles[query.user]
        return np.asarray(np.where(self.has_evidence, expit(log_odds), 0.0).round(DECIMALS))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActionRanker(Model):
    """Model that ranks actions by the probability that a user takes them within `action_optimization_period`.

    Actions without enough interactions in training have a score of 0.0 and come last. They are sorted by VALUE, or
    shuffled if the campaign's explorationWeight is greater than 0.

    Attributes:
        eligibility: The data that decides which actions may be recommended.
        propensity: The model that predicts the probabilities, or None if no action has enough interactions. Actions
            added after the training are not part of it.
    """

    ranks: ClassVar[Ranked] = "actions"

    eligibility: ActionEligibility
    propensity: PropensityModel | None

    @property
    def scored(self) -> bool:
        """Whether rankings have scores: always True, because every action has a score; see `Model.scored`."""
        return True

    @property
    def explores(self) -> bool:
        """Whether exploration can shuffle actions: always True; see `Model.explores`."""
        return True

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """Return the candidate actions that the user is most likely to take; see `Model.rank`."""
        mask = self.eligibility.mask(query.action_history, now=query.now)
        indices = np.flatnonzero(mask if candidates is None else mask & as_mask(candidates, count=len(mask)))
        scores = self._scores(query)
        tie_rank = _tie_rank(self.eligibility.value_rank, scores, query.exploration)
        indices = _contenders(indices, scores, n=n)
        best = indices[np.lexsort((tie_rank[indices], -scores[indices]))[: max(0, n)]]
        return Ranking(indices=best.astype(np.int32), scores=scores[best])

    def _scores(self, query: Query) -> NDArray[np.float64]:
        scores = np.zeros(len(self.eligibility.value_rank))
        if self.propensity is not None:
            scores[: len(self.propensity.base_log_odds)] = self.propensity.probabilities(query)
        return scores


def _numbers(actions: Metadata, name: str) -> NDArray[np.float64]:
    """Return a numeric column of the Actions dataset, float64[actions], NaN where it has no value or does not exist."""
    return actions.numbers(name) if name in actions.table else np.full(len(actions.ids), np.nan)


def _contenders(indices: NDArray[np.int64], scores: NDArray[np.float64], *, n: int) -> NDArray[np.int64]:
    """Keep the `indices` with the `n` largest scores, and all that are tied with the last of them.

    The caller breaks the ties, so the result can be longer than `n`. If `n` is 0 or less, all indices are kept.

    Args:
        indices: Action indices, without duplicates.
        scores: float64[actions], the scores of all actions.
        n: Number of actions that the caller needs.
    """
    if not 0 < n < len(indices):
        return indices
    nth_largest = np.partition(scores[indices], len(indices) - n)[len(indices) - n]
    return np.asarray(indices[scores[indices] >= nth_largest])


def _tie_rank(
    value_rank: NDArray[np.int64], scores: NDArray[np.float64], exploration: Exploration | None
) -> NDArray[np.int64]:
    """Return the rank by which actions with equal scores are sorted, int64[actions].

    Args:
        value_rank: int64[actions], the position of each action when all actions are sorted by VALUE, largest first.
        scores: float64[actions], the scores of the actions for the user.
        exploration: The exploration settings. If exploration is enabled, actions with a score of 0 get random ranks.
    """
    if exploration is None or exploration.weight <= 0:
        return value_rank
    shuffled = np.random.default_rng(exploration.seed).permutation(len(value_rank))
    return np.where(scores > 0, value_rank, shuffled)
