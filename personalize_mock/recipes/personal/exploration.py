"""Exploration: replacement of some recommendations by cold items, which have few or no interactions.

The developer guide ("User-Personalization recipe", 2024) documents that a higher explorationWeight explores more, that
0 disables exploration, that items younger than the age cut-off are new, and that items with few interactions and
impressions are more likely to be explored. It gives no formula, so the mock has its own. Each position of a list is
explored with the probability explorationWeight / 3, however many cold items there are. The explored positions go to the
cold items with the highest sum of three numbers:

    relevance  predicted from the item's metadata for this user, as a z-score over the cold items
    bonus      1 / sqrt(1 + interactions + ignored impressions / 10), in (0, 1]
    noise      uniform in [-1, 1], from the seed of the query

An optimization objective adds a fourth number, which grows with the item attribute to maximise.

An explored item gets the score of the item that it replaces. If there are too few other candidates for the requested
number of items, cold items fill the list.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.id_map import IdMap
from personalize_mock.data.metadata import SEPARATOR, Metadata
from personalize_mock.data.tables import NULL, Strings
from personalize_mock.lru_cache import LruCache
from personalize_mock.recipes.base import Candidates, Exploration, Query, TrainingData
from personalize_mock.recipes.numerics.metadata_ridge import predicted_factors
from personalize_mock.recipes.personal.exploration_choice import ColdItems, ExplorationChoice, ExplorationDraws

DAY = 86_400.0
FEW_INTERACTIONS = 5
PROBABILITY_AT_WEIGHT_1 = 1 / 3
IMPRESSIONS_PER_INTERACTION = 10.0
TRUST = 5.0  # interactions after which an item's own factors count as much as those predicted from metadata
ITEMS_TO_LEARN_FROM = 10_000
LONGEST_LIST = 512  # an upper bound of the length of lists; with it, a longer list begins like a shorter one
CACHED_CUT_OFFS = 4
CACHED_USERS = 256
SMALL_CATALOGUE = 4096  # cold items; the random numbers for more of them are not cached
IMPRESSION = "IMPRESSION"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplorationPolicy:
    """Rules that decide which items a recipe explores, and how often.

    Attributes:
        fewer_interactions_than: Items with fewer interactions than this are cold. Items to which the model was not
            fitted are always cold.
        age_cut_off: Greatest age of explored items in days. None uses the age cut-off of the query.
        probability: Probability that a position of a list is explored. None uses a third of the explorationWeight of
            the query.
        age_until: The point in time from which ages are counted back: the newest interaction or the start of the
            training.
    """

    fewer_interactions_than: float = FEW_INTERACTIONS
    age_cut_off: float | None = None
    probability: float | None = None
    age_until: Literal["newest interaction", "training"] = "newest interaction"

    def probability_for(self, exploration: Exploration) -> float:
        """Return the probability that a position of a recommendation list gets a cold item.

        Args:
            exploration: The settings of the query. Its weight is ignored if this policy has a fixed probability.
        """
        return PROBABILITY_AT_WEIGHT_1 * exploration.weight if self.probability is None else self.probability


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExplorationCandidates:
    """Data of all items, such as age and number of interactions, from which the items to explore are chosen.

    Attributes:
        policy: The rules that decide which items are explored.
        counts: int64[n_items], the number of interactions with each item.
        created: float64[n_items], the creation time of each item in epoch seconds: CREATION_TIMESTAMP if given, else
            the time of the first interaction with the item, else the time of the newest interaction with any item.
        age_until: The time from which ages are counted back, in epoch seconds.
        warm_items: int32[n_warm], the indices of the items to which the model was fitted, ascending.
        position_of_item: int32[n_items + 1], the position of each item in `warm_items`, or -1 if it is not there. The
            last entry is -1 too, for unknown items.
        factors: float32[n_warm, n_factors], the factors of the items in `warm_items`.
        metadata: The Items dataset, or None if there is none.
        item_ids: The ids of all items, in the order of their indices.
        impressions: The IMPRESSION column of Interactions, or None if there is no such column.
        objective: float32[n_items], the amount that the optimization objective adds to the score of each item, or None
            without an objective.
        cache: Cache of the cold items by age cut-off, and of the most popular items.
        draws: Cache of the random numbers from which explored items are chosen, for users with recent queries.
    """

    policy: ExplorationPolicy
    counts: NDArray[np.int64]
    created: NDArray[np.float64]
    age_until: float
    warm_items: NDArray[np.int32]
    position_of_item: NDArray[np.int32]
    factors: NDArray[np.float32]
    metadata: Metadata | None
    item_ids: IdMap
    impressions: Strings | None
    objective: NDArray[np.float32] | None
    cache: LruCache = field(default_factory=lambda: LruCache(CACHED_CUT_OFFS))
    draws: LruCache = field(default_factory=lambda: LruCache(CACHED_USERS))

    def choice(
        self, query: Query, *, length: int, vector: NDArray[np.float32] | None, candidates: Candidates | None
    ) -> ExplorationChoice | None:
        """Choose the list positions at which a query gets cold items, and the cold items that may go there.

        Args:
            query: The query that may explore.
            length: Greatest length of the lists to which the choice is applied. Lengths up to 512 give the same choice.
            vector: float32[n_factors], the user vector, or None for a user without history.
            candidates: The items that may be recommended, as a mask or as ascending indices. None allows all.

        Returns:
            The choice, or None if the query does not explore.
        """
        probability = 0.0 if query.exploration is None else self.policy.probability_for(query.exploration)
        if query.exploration is None or probability <= 0:
            return None
        cold = self._cold_items_for(query.exploration)
        draws = self._draws_for(query.exploration, cold, length=max(length, LONGEST_LIST))
        return ExplorationChoice(
            places=(draws.positions < probability).nonzero()[0],
            cold=cold,
            draws=draws,
            vector=vector,
            history=query.history,
            item_count=len(self.item_ids),
            candidates=candidates,
        )

    def most_popular(self) -> NDArray[np.int32]:
        """Return the indices of all items with an interaction, int32[m], most interactions first."""

        def sorted_items() -> NDArray[np.int32]:
            items = np.argsort(-self.counts, kind="stable")
            return items[self.counts[items] > 0].astype(np.int32)

        return self.cache.get("most popular", sorted_items)

    def cold_items(self, days: float) -> NDArray[np.int32]:
        """Return the indices of the cold items that are at most `days` old, ascending.

        Cold items are those with few interactions; see `ExplorationPolicy`.
        """
        few = (self.counts < self.policy.fewer_interactions_than) | (self.position_of_item[:-1] < 0)
        return np.flatnonzero(few & (self.age_until - self.created <= days * DAY)).astype(np.int32)

    def _cold_items_for(self, exploration: Exploration) -> ColdItems:
        cut_off = self._cut_off(exploration)
        return self.cache.get(cut_off, lambda: self._new_cold_items(cut_off))

    def _draws_for(self, exploration: Exploration, cold: ColdItems, *, length: int) -> ExplorationDraws:
        """Return random numbers from which the explored positions and cold items are chosen for a user.

        The same seed always gives the same numbers. They are cached for recent queries if there are at most
        `SMALL_CATALOGUE` cold items, and drawn anew otherwise.

        Args:
            exploration: The settings of the query. Its seed belongs to the user.
            cold: The cold items from which the query can choose.
            length: Number of list positions for which numbers are drawn.
        """
        seed = exploration.seed
        if len(cold.items) > SMALL_CATALOGUE:
            return ExplorationDraws.from_seed(seed, cold, length=length)
        key = (seed, length, self._cut_off(exploration))
        return self.draws.get(key, lambda: ExplorationDraws.from_seed(seed, cold, length=length))

    def _cut_off(self, exploration: Exploration) -> float:
        return exploration.age_cut_off if self.policy.age_cut_off is None else self.policy.age_cut_off

    def _new_cold_items(self, days: float) -> ColdItems:
        items = self.cold_items(days)
        ignored = self._ignored_impressions()[items] if self.impressions is not None and len(items) else 0.0
        bonus = 1 / np.sqrt(1 + self.counts[items] + ignored / IMPRESSIONS_PER_INTERACTION)
        if self.objective is not None:
            bonus += self.objective[items]
        factors = self._predicted_factors(items)
        factors -= factors.mean(axis=0) if len(items) else np.float32(0)
        return ColdItems(items=items, factors=factors, bonus=bonus.astype(np.float32))

    def _predicted_factors(self, items: NDArray[np.int32]) -> NDArray[np.float32]:
        """Predict the factors of items from their metadata, float32[len(items), n_factors].

        If the model has been fitted to an item, the result is a weighted mean of predicted and fitted factors. The more
        interactions the item has, the more the fitted factors count.
        """
        factors = np.zeros((len(items), self.factors.shape[1]), dtype=np.float32)
        if self.metadata is not None and len(items):
            sample = slice(None, None, max(1, len(self.warm_items) // ITEMS_TO_LEARN_FROM))
            factors = predicted_factors(
                self.metadata, known=self.warm_items[sample], factors=self.factors[sample], wanted=items
            )
        position = self.position_of_item[items]
        warm = position >= 0
        trust = (self.counts[items[warm]] / (self.counts[items[warm]] + TRUST)).astype(np.float32)[:, None]
        factors[warm] = (1 - trust) * factors[warm] + trust * self.factors[position[warm]]
        return factors

    def _ignored_impressions(self) -> NDArray[np.float64]:
        """Return how often each item was shown but ignored, float64[n_items].

        This is the number of impressions minus the number of interactions, and at least 0.
        """
        assert self.impressions is not None  # noqa: S101  # the caller checks
        return np.maximum(0, _count_impressions(self.impressions, self.item_ids) - self.counts)


def exploration_candidates(
    data: TrainingData,
    *,
    policy: ExplorationPolicy,
    warm_items: NDArray[np.int32],
    position_of_item: NDArray[np.int32],
    factors: NDArray[np.float32],
    objective: NDArray[np.float32] | None = None,
) -> ExplorationCandidates:
    """Collect the data from which a fitted model chooses items to explore.

    Ages and numbers of interactions are computed from `data`, which is the training data or newer data. The other
    arguments become the attributes of the same name; see `ExplorationCandidates`.
    """
    interactions = data.interactions
    newest = float(interactions.timestamp.max(initial=0))
    return ExplorationCandidates(
        policy=policy,
        counts=np.bincount(interactions.item, minlength=len(interactions.items)),
        created=_creation_times(data, newest=newest),
        age_until=data.now if policy.age_until == "training" else newest,
        warm_items=warm_items,
        position_of_item=position_of_item,
        factors=factors,
        metadata=data.items,
        item_ids=interactions.items,
        impressions=data.interactions_table.strings(IMPRESSION) if IMPRESSION in data.interactions_table else None,
        objective=objective,
    )


def _creation_times(data: TrainingData, *, newest: float) -> NDArray[np.float64]:
    """Return the creation time of each item in epoch seconds, float64[n_items].

    It is the item's CREATION_TIMESTAMP if given, or else the time of the first interaction with the item.

    Args:
        data: The interactions and the Items dataset.
        newest: The time to return for an item that has neither.
    """
    interactions = data.interactions
    created = np.full(len(interactions.items), np.inf)
    np.minimum.at(created, interactions.item, interactions.timestamp.astype(np.float64))
    created[np.isinf(created)] = newest
    column = data.items.field("CREATION_TIMESTAMP") if data.items else None
    if data.items is not None and column is not None and column.name in data.items.table:
        given = data.items.numbers(column.name)
        created = np.where(np.isnan(given), created, given)
    return created


def _count_impressions(column: Strings, ids: IdMap) -> NDArray[np.float64]:
    """Count how often each item was shown to users, float64[n_items].

    Args:
        column: The IMPRESSION column of Interactions, whose values are item ids joined with `|`.
        ids: The ids of all items, in the order of their indices.
    """
    rows = np.bincount(column.codes[column.codes != NULL], minlength=len(column.values))
    times: dict[str, int] = {}
    for value, count in zip(column.values, rows.tolist(), strict=True):
        for item in value.split(SEPARATOR):
            times[item] = times.get(item, 0) + count
    counts = np.zeros(len(ids) + 1)  # the last entry takes the counts of unknown ids
    counts[ids.indices(list(times))] = list(times.values())
    return counts[:-1]
