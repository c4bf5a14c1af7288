"""The model behind aws-next-best-action: how probable it is that a user takes an action, and which may be offered."""

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

DAY = 86_400.0
LONGEST_REPEAT_FREQUENCY = 30.0  # days, documented
DECIMALS = 7  # of scores on the wire: what looks equal there is a tie
EXPIRATIONS = ("EXPIRATION_TIMESTAMP", "ACTION_EXPIRATION_TIMESTAMP")  # the guide writes both


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActionEligibility:
    """What the Actions dataset says of the actions besides their categories.

    Attributes:
        listed: bool[actions], whether the dataset (still) has the action.
        expires: float64[actions], epoch seconds, infinite if never.
        rest: float64[actions], for how many seconds an action is not offered to users who interacted with it.
        place: int64[actions], each action's place if all were equally probable: by VALUE, greatest first and missing
            ones last, then by id.
    """

    listed: NDArray[np.bool_]
    expires: NDArray[np.float64]
    rest: NDArray[np.float64]
    place: NDArray[np.int64]

    def open(self, history: ActionHistory, *, now: float) -> NDArray[np.bool_]:
        """Which actions may be offered now to a user who did this: bool[actions].

        Expired ones may not, nor those that the user interacted with, in whatever way, within REPEAT_FREQUENCY days.
        """
        mask = self.listed & (now < self.expires)
        known = (history.action >= 0) & (history.action < len(mask))
        action = history.action[known]
        rested = now - history.timestamp[known] >= self.rest[action]
        mask[action[~rested & (self.rest[action] > 0)]] = False
        return mask


def offers_of(actions: Metadata) -> ActionEligibility:
    """Read the reserved columns; where one is missing nothing expires, rests or has a value."""
    expires = [_numbers(actions, name) for name in EXPIRATIONS]
    days = np.nan_to_num(_numbers(actions, "REPEAT_FREQUENCY"))
    value = np.nan_to_num(_numbers(actions, "VALUE"))
    order = np.lexsort((np.array(actions.ids.values, dtype=np.str_), -value))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return ActionEligibility(
        listed=actions.row >= 0,
        expires=np.nan_to_num(np.fmin(*expires), nan=np.inf),
        rest=np.clip(days, 0, LONGEST_REPEAT_FREQUENCY) * DAY,
        place=place,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PropensityModel:
    """What was learnt: log odds that are linear in what is known of a user.

    Attributes:
        base: float64[actions], the log odds for a user of whom nothing is known.
        evident: bool[actions], which actions have enough events for a score.
        tendencies: What a user's action interactions say.
        weights: float64[3], of the tendencies.
        tastes: What a user's item interactions say.
        taste: float32[actions, factors], each action's direction among tastes, weighted.
        profiles: float32[users, columns], what the Users dataset says of each user.
        profile: float32[actions, columns], each action's direction among profiles, weighted.
    """

    base: NDArray[np.float64]
    evident: NDArray[np.bool_]
    tendencies: TakeRateFeatures
    weights: NDArray[np.float64]
    tastes: UserEmbedder
    taste: Vectors
    profiles: Vectors
    profile: Vectors

    def probabilities(self, query: Query) -> NDArray[np.float64]:
        """How probable the user takes each action, rounded to 7 decimals, 0 where that is not known."""
        log_odds = self.base + self.weights @ self.tendencies.of(query.action_history)
        log_odds += self.taste @ self.tastes.vectors([query.history])[0]
        if 0 <= query.user < len(self.profiles):
            log_odds += self.profile @ self.profiles[query.user]
        return np.asarray(np.where(self.evident, expit(log_odds), 0.0).round(DECIMALS))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActionRanker(Model):
    """Actions by the probability that the user takes them within the optimization period.

    Actions without a real score have 0.0 and so follow those that have one; by VALUE, or in a random order where the
    query explores.

    Attributes:
        offers: What may be offered.
        odds: What was learnt, of the first actions if others came since; None if no action has enough events.
    """

    ranks: ClassVar[Ranked] = "actions"

    offers: ActionEligibility
    odds: PropensityModel | None

    @property
    def scored(self) -> bool:
        """See `Model.scored`."""
        return True

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """The most probable of the eligible actions that may be offered; see `Model.rank`."""
        mask = self.offers.open(query.action_history, now=query.now)
        codes = np.flatnonzero(mask if candidates is None else mask & _mask(candidates, count=len(mask)))
        scores = self._scores(query)
        place = _explored(self.offers.place, scores, query.exploration)
        codes = _contenders(codes, scores, n=n)
        best = codes[np.lexsort((place[codes], -scores[codes]))[: max(0, n)]]
        return Ranking(indices=best.astype(np.int32), scores=scores[best])

    def _scores(self, query: Query) -> NDArray[np.float64]:
        scores = np.zeros(len(self.offers.place))
        if self.odds is not None:
            scores[: len(self.odds.base)] = self.odds.probabilities(query)
        return scores


def _numbers(actions: Metadata, name: str) -> NDArray[np.float64]:
    """A column, NaN where there is none."""
    return actions.numbers(name) if name in actions.table else np.full(len(actions.ids), np.nan)


def _mask(candidates: Candidates, *, count: int) -> NDArray[np.bool_]:
    if candidates.dtype == np.bool_:
        return np.asarray(candidates, dtype=bool)
    mask = np.zeros(count, dtype=bool)
    mask[candidates] = True
    return mask


def _contenders(codes: NDArray[np.int64], scores: NDArray[np.float64], *, n: int) -> NDArray[np.int64]:
    """The codes with the `n` greatest scores, and all whose score equals the last of them."""
    if not 0 < n < len(codes):
        return codes
    least = np.partition(scores[codes], len(codes) - n)[len(codes) - n]
    return np.asarray(codes[scores[codes] >= least])


def _explored(
    place: NDArray[np.int64], scores: NDArray[np.float64], exploration: Exploration | None
) -> NDArray[np.int64]:
    """The places of equals: random ones for actions without a score, if the query explores."""
    if exploration is None or exploration.weight <= 0:
        return place
    shuffled = np.random.default_rng(exploration.seed).permutation(len(place))
    return np.where(scores > 0, place, shuffled)
