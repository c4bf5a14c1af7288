"""Exploration: some places of a list are given to new items, of which events say little or nothing.

The guide promises that a greater weight explores more and that 0 explores nothing, that younger than the cut-off is
new, and that few interactions and few impressions count in an item's favour. The form is ours. Each place of a list is
explored with the probability weight / 3, so that this share of places is expected to be explored, however many
new items there are. The places go to the new items with the best sum of three numbers:

    taste     the relevance that an item's metadata promise for this user, as a z-score over the new items
    bonus     1 / sqrt(1 + events + impressions that led to nothing / 10), so in (0, 1]
    noise     uniform in [-1, 1], from the query's seed

An objective adds what it adds to relevance, `objective.weights`, because the taste has the same scale.

Where fewer than n other items are eligible new ones fill the list, wherever exploration is on at all. An explored item
gets the score of the item whose place it took.
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
from personalize_mock.recipes.numerics.candidates import are_candidates
from personalize_mock.recipes.numerics.metadata_ridge import predicted_factors
from personalize_mock.recipes.numerics.top_k import positions, top_k

DAY = 86_400.0
FEWER_THAN = 5
SHARE_AT_ONE = 1 / 3
NOISE = 1.0
SHOWN_PER_EVENT = 10.0
TRUST = 5.0  # events after which an item's own factors count as much as what its metadata promise
LEARNED_FROM = 10_000
PLACES = 512  # at least as many as a list has, so that a longer list begins as a shorter one does
CUT_OFFS = 4
IMPRESSION = "IMPRESSION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a recipe explores where a query says that it should.

    Attributes:
        fewer_than: New items have fewer events than this, or are not known to the model at all.
        age_cut_off: Days; None: that of the query.
        share: The probability that a place is explored; None: a third of the query's weight.
        counted_from: What the age is counted back from: the newest event or the instant of the training.
    """

    fewer_than: float = FEWER_THAN
    age_cut_off: float | None = None
    share: float | None = None
    counted_from: Literal["newest", "now"] = "newest"

    def share_of(self, exploration: Exploration) -> float:
        """The probability that a place is explored."""
        return SHARE_AT_ONE * exploration.weight if self.share is None else self.share


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColdItems:
    """The new items of one cut-off.

    Attributes:
        codes: int32[m], ascending.
        factors: float32[m, factors], what they are likely to have, less the mean of that.
        bonus: float32[m], and what the objective adds.
    """

    codes: NDArray[np.int32]
    factors: NDArray[np.float32]
    bonus: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explored:
    """What takes places in a list.

    Attributes:
        codes: int32[m], new items, the best first.
        places: int64[at most m], ascending, where the first of them stand; the others fill a list that is too short.
    """

    codes: NDArray[np.int32]
    places: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExplorationCandidates:
    """How old and how well known all items are.

    Attributes:
        policy: What counts as new.
        counts: int64[items], events.
        born: float64[items], CREATION_TIMESTAMP, else the first event, else the time of the newest event of all.
        present: What ages are counted back from, epoch seconds.
        row_of: int32[items + 1], rows of item codes as in the model, -1 where the model has none.
        known: int32[rows], item codes of the model's rows.
        factors: float32[rows, factors], theirs.
        items: The Items dataset.
        ids: The item ids of the codes.
        impressions: What was shown with each interaction, None if that is not known.
        favour: float32[items], what the objective adds; None without one.
    """

    policy: Policy
    counts: NDArray[np.int64]
    born: NDArray[np.float64]
    present: float
    row_of: NDArray[np.int32]
    known: NDArray[np.int32]
    factors: NDArray[np.float32]
    items: Metadata | None
    ids: IdMap
    impressions: Strings | None
    favour: NDArray[np.float32] | None
    kept: LruCache = field(default_factory=lambda: LruCache(CUT_OFFS))

    def explored(
        self, query: Query, *, n: int, ranked: int, vector: NDArray[np.float32] | None, candidates: Candidates | None
    ) -> Explored | None:
        """What to explore for a query, None where that is nothing.

        Args:
            query: What is asked.
            n: The length of the list.
            ranked: How many other items there are for it.
            vector: float32[factors], the user; None without history.
            candidates: As for `Model.rank`.
        """
        share = 0.0 if query.exploration is None else self.policy.share_of(query.exploration)
        if query.exploration is None or share <= 0 or n <= 0:
            return None
        rng = np.random.default_rng(query.exploration.seed)
        places = np.flatnonzero(rng.random(max(n, PLACES))[:n] < share)
        if not len(places) and ranked >= n:
            return None
        young = self._young(query.exploration)
        worth = self._worth(young, vector=vector, rng=rng)
        if candidates is not None:
            worth[~are_candidates(young.codes, candidates)] = -np.inf
        seen = positions(query.history, among=young.codes)
        worth[seen[seen >= 0]] = -np.inf
        best = top_k(worth, k=2 * n)  # n of them may stand in the list already
        codes = young.codes[best[worth[best] > -np.inf]]
        return Explored(codes=codes, places=places[: len(codes)]) if len(codes) else None

    def by_events(self) -> NDArray[np.int32]:
        """Items with an event, those with the most first: int32[m]."""

        def order() -> NDArray[np.int32]:
            items = np.argsort(-self.counts, kind="stable")
            return items[self.counts[items] > 0].astype(np.int32)

        return self.kept.get("by events", order)

    def _worth(
        self, young: ColdItems, *, vector: NDArray[np.float32] | None, rng: np.random.Generator
    ) -> NDArray[np.float32]:
        worth = young.bonus + np.float32(NOISE) * (2 * rng.random(len(young.codes), dtype=np.float32) - 1)
        if vector is not None and len(young.codes):
            taste = young.factors @ vector
            deviation = np.sqrt(taste @ taste / len(taste))
            if deviation > 0:
                worth += taste / deviation
        return np.asarray(worth)

    def _young(self, exploration: Exploration) -> ColdItems:
        cut_off = self.policy.age_cut_off if self.policy.age_cut_off is not None else exploration.age_cut_off
        return self.kept.get(cut_off, lambda: self._young_of(cut_off))

    def younger_than(self, days: float) -> NDArray[np.int32]:
        """The new items that are at most so old, ascending codes."""
        cold = (self.counts < self.policy.fewer_than) | (self.row_of[:-1] < 0)
        return np.flatnonzero(cold & (self.present - self.born <= days * DAY)).astype(np.int32)

    def _young_of(self, days: float) -> ColdItems:
        codes = self.younger_than(days)
        unheeded = self._unheeded()[codes] if self.impressions is not None and len(codes) else 0.0
        bonus = 1 / np.sqrt(1 + self.counts[codes] + unheeded / SHOWN_PER_EVENT)
        if self.favour is not None:
            bonus += self.favour[codes]
        likely = self._likely_factors(codes)
        likely -= likely.mean(axis=0) if len(codes) else np.float32(0)
        return ColdItems(codes=codes, factors=likely, bonus=bonus.astype(np.float32))

    def _likely_factors(self, codes: NDArray[np.int32]) -> NDArray[np.float32]:
        """What metadata promise, mixed with what the model has learned of an item."""
        likely = np.zeros((len(codes), self.factors.shape[1]), dtype=np.float32)
        if self.items is not None and len(codes):
            some = slice(None, None, max(1, len(self.known) // LEARNED_FROM))
            likely = predicted_factors(self.items, known=self.known[some], factors=self.factors[some], wanted=codes)
        rows = self.row_of[codes]
        own = rows >= 0
        trust = (self.counts[codes[own]] / (self.counts[codes[own]] + TRUST)).astype(np.float32)[:, None]
        likely[own] = (1 - trust) * likely[own] + trust * self.factors[rows[own]]
        return likely

    def _unheeded(self) -> NDArray[np.float64]:
        """How often each item was shown where another one was chosen, or none: float64[items]."""
        assert self.impressions is not None  # noqa: S101  # asked by the caller
        return np.maximum(0, _shown(self.impressions, self.ids) - self.counts)


def exploration_candidates(
    data: TrainingData,
    *,
    policy: Policy,
    row_of: NDArray[np.int32],
    known: NDArray[np.int32],
    factors: NDArray[np.float32],
    favour: NDArray[np.float32] | None = None,
) -> ExplorationCandidates:
    """What is new in some data, for a model with these rows; see `ExplorationCandidates`."""
    events = data.interactions
    newest = float(events.timestamp.max(initial=0))
    born = np.full(len(events.items), np.inf)
    np.minimum.at(born, events.item, events.timestamp.astype(np.float64))
    born[np.isinf(born)] = newest
    created = data.items.field("CREATION_TIMESTAMP") if data.items else None
    if data.items is not None and created is not None and created.name in data.items.table:
        told = data.items.numbers(created.name)
        born = np.where(np.isnan(told), born, told)
    return ExplorationCandidates(
        policy=policy,
        counts=np.bincount(events.item, minlength=len(events.items)),
        born=born,
        present=data.now if policy.counted_from == "now" else newest,
        row_of=row_of,
        known=known,
        factors=factors,
        items=data.items,
        ids=events.items,
        impressions=data.interactions_table.strings(IMPRESSION) if IMPRESSION in data.interactions_table else None,
        favour=favour,
    )


def with_explored(
    codes: NDArray[np.int32], relevance: NDArray[np.float32], *, explored: Explored, n: int
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.bool_]]:
    """A list in which explored items have taken their places.

    Args:
        codes: int32[k], the list, best first.
        relevance: float32[k], that of its entries.
        explored: What takes places in it.
        n: How long it may become.

    Returns:
        Codes, relevance (that of the next entry for explored ones) and which entries are explored.
    """
    count = len(explored.places)
    new = explored.codes[:count]
    kept = _none_of(codes, new)
    codes, relevance = codes[kept][: n - count], relevance[kept][: n - count]
    if len(codes) + count < n:
        later = explored.codes[count:]
        new = np.concatenate((new, later[_none_of(later, codes)][: n - count - len(codes)]))
    taken = np.zeros(len(codes) + len(new), dtype=bool)
    taken[np.minimum(explored.places, len(codes) + np.arange(count))] = True
    taken[len(codes) + count :] = True
    both = np.empty(len(taken), dtype=np.int32)
    both[taken], both[~taken] = new, codes
    levels = np.append(relevance, relevance[-1:] if len(relevance) else np.float32(0)).astype(np.float32)
    return both, levels[np.cumsum(~taken) - ~taken], taken


def _none_of(codes: NDArray[np.int32], others: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which of a few codes are not among a few others."""
    return np.asarray((codes[:, None] != others).all(axis=1))


def _shown(column: Strings, ids: IdMap) -> NDArray[np.float64]:
    """How often each item was shown, float64[items]."""
    rows = np.bincount(column.codes[column.codes != NULL], minlength=len(column.values))
    times: dict[str, int] = {}
    for value, count in zip(column.values, rows.tolist(), strict=True):
        for item in value.split(SEPARATOR):
            times[item] = times.get(item, 0) + count
    counts = np.zeros(len(ids) + 1)  # one more, which unknown ids write
    counts[ids.indices(list(times))] = list(times.values())
    return counts[:-1]
