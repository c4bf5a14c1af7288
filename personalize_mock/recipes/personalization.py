"""The model behind the personal recipes: what a history makes of factors, rules and popularity."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes import objective as objectives
from personalize_mock.recipes.base import NO_ITEM, Eligible, Model, Query, Ranking
from personalize_mock.recipes.context import Lifts, UserKinds
from personalize_mock.recipes.exploration import Newcomers, mixed
from personalize_mock.recipes.fold_in import FoldIn, newest_first
from personalize_mock.recipes.probabilities import probabilities
from personalize_mock.recipes.recent import Recent
from personalize_mock.recipes.repeats import log_odds_of
from personalize_mock.recipes.selection import copied, mostly_few, of_rows, positions, top_k
from personalize_mock.recipes.sequential import Rules
from personalize_mock.recipes.taste import Taste
from personalize_mock.recipes.threads import one_blas_thread

RULES_WEIGHT = 0.4
BLOCK_USERS = 256
BLOCK_SCORES = 1 << 24
FEW = 0.08  # of the rows: fewer are gathered before the product, of more the scores after it
TASTES = 256
SMALL = 4096  # rows: of smaller catalogues the relevance of all rows is kept too
_NO_ROWS: NDArray[np.int32] = np.empty(0, dtype=np.int32)
_NO_STRENGTH: NDArray[np.float32] = np.empty(0, dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Personalization(Model):
    """Factors, rules and popularity of the warm items, which are numbered among themselves: "rows" below.

    Relevance is the factor model's score, with a standard deviation of 1 over all rows, plus the rules' score with
    about `RULES_WEIGHT` of that, plus `seen_shift` for items of the history; for an empty history it is popularity.
    Logits are `SHARPNESS` times relevance, so a filter changes scores only by renormalising them.

    Attributes:
        codes: int32[rows], the item code of each row, ascending.
        row_of: int32[len(items) + 1], the row of each item code, -1 where cold; the last entry stands for
            code -1.
        fold_in: The item factors.
        rules: The sequential rules.
        popular: float32[rows], the relevance for an empty history.
        place_weights: float64[length], what the events of a history weigh, newest first.
        seen_shift: What is added to the relevance of items in the history.
        lift: float32[rows], what the objective adds, in units of relevance; None where that is nothing.
        context: What contextual metadata add; None where there are none or the recipe uses none.
        kinds: What the Users dataset adds for users without history; None likewise.
        newcomers: What exploration draws from; None where the recipe does not explore.
        tastes: Those of the newest histories that were ranked for.
    """

    personal: ClassVar[bool] = True
    scored: ClassVar[bool] = True

    codes: NDArray[np.int32]
    row_of: NDArray[np.int32]
    fold_in: FoldIn
    rules: Rules
    popular: NDArray[np.float32]
    place_weights: NDArray[np.float64]
    seen_shift: float = 0.0
    lift: NDArray[np.float32] | None = None
    context: Lifts | None = None
    kinds: UserKinds | None = None
    newcomers: Newcomers | None = None
    tastes: Recent = field(default_factory=lambda: Recent(TASTES))

    @property
    def explores(self) -> bool:
        """See `Model.explores`."""
        return self.newcomers is not None

    def rank(self, query: Query, *, n: int, eligible: Eligible | None = None) -> Ranking:
        """The best items for one user; see `Model.rank`."""
        taste = self._taste(query.history)
        if taste.relevance is not None and self.newcomers is None:  # nothing is left to multiply
            return self._ranking(query, taste, n=n, eligible=eligible)
        with one_blas_thread():
            return self._ranking(query, taste, n=n, eligible=eligible)

    def rank_each(self, queries: Sequence[Query], *, n: int, eligible: Sequence[Eligible | None]) -> list[Ranking]:
        """The best items for each of some users; see `Model.rank_each`."""
        with one_blas_thread():
            if mostly_few(eligible, fewer_than=FEW * len(self.codes)):
                return self._rank_few(queries, n=n, eligible=eligible)
            blocks = self._blockwise([query.history for query in queries])
            return [
                self._ranking(query, self._taste_alone(touched, vector), n=n, eligible=passing, whole=relevance)
                for query, passing, (touched, vector, relevance) in zip(queries, eligible, blocks, strict=True)
            ]

    def _rank_few(self, queries: Sequence[Query], *, n: int, eligible: Sequence[Eligible | None]) -> list[Ranking]:
        """`rank_each` where it is not worth while to compute the relevance of all rows."""
        touched = [self._touched(query.history) for query in queries]
        starts = range(0, len(touched), BLOCK_USERS)
        tastes = (taste for start in starts for taste in self._tastes(touched[start : start + BLOCK_USERS]))
        return [
            self._ranking(query, taste, n=n, eligible=passing)
            for query, passing, taste in zip(queries, eligible, tastes, strict=True)
        ]

    def rank_many(self, queries: Sequence[Query], *, n: int) -> NDArray[np.int32]:
        """The best items for many users; see `Model.rank_many`."""
        found = np.full((len(queries), n), NO_ITEM, dtype=np.int32)
        histories = [query.history for query in queries]
        with one_blas_thread():
            blocks = self._blockwise(histories)
            for row, query, (touched, vector, relevance) in zip(found, queries, blocks, strict=True):
                self._finish(relevance, query, blank=vector is None, seen=np.unique(touched), rows=None)
                best = top_k(relevance, k=n)
                codes, _, _ = self._explored(query, self.codes[best], relevance[best], vector, n=n, eligible=None)
                row[: len(codes)] = codes
        return found

    def seen_log_odds(self, histories: Sequence[NDArray[np.int32]]) -> NDArray[np.float64]:
        """Log odds that a user gets a touched item, without shift and objective, float64[len(histories)].

        Infinite for users who touched nothing or everything.
        """
        odds = [log_odds_of(relevance, touched) for touched, _, relevance in self._blockwise(histories)]
        return np.array(odds, dtype=np.float64)

    def _blockwise(
        self, histories: Sequence[NDArray[np.int32]]
    ) -> Iterator[tuple[NDArray[np.int32], NDArray[np.float32] | None, NDArray[np.float32]]]:
        """For each history the touched rows, the user and the relevance of all rows, which the next may overwrite."""
        size = max(1, min(BLOCK_USERS, BLOCK_SCORES // max(1, len(self.codes)), len(histories)))
        room = np.empty((size, len(self.codes)), dtype=np.float32)
        for start in range(0, len(histories), size):
            touched = list(map(self._touched, histories[start : start + size]))
            users = self._fill(room[: len(touched)], touched)
            yield from zip(touched, users, room, strict=False)

    def _fill(
        self, relevance: NDArray[np.float32], touched: Sequence[NDArray[np.int32]]
    ) -> list[NDArray[np.float32] | None]:
        """Write the relevance of all rows, before shift and objective, for some users, and return the users."""
        if not len(self.codes):
            return [None] * len(touched)
        newest = newest_first(touched, length=len(self.place_weights))
        users = self.fold_in.users(newest, weights=self.place_weights)
        np.matmul(users, self.fold_in.factors.T, out=relevance)
        self.rules.add_to(relevance, newest=newest, weight=RULES_WEIGHT)
        for user, items in enumerate(touched):
            if not len(items):
                relevance[user] = self.popular
        return [vector if len(items) else None for vector, items in zip(users, touched, strict=True)]

    def _ranking(
        self,
        query: Query,
        taste: Taste,
        *,
        n: int,
        eligible: Eligible | None,
        whole: NDArray[np.float32] | None = None,
    ) -> Ranking:
        """The best for one user; `whole` is what `_candidates` takes."""
        rows, relevance = self._candidates(query, taste, eligible, whole)
        best = top_k(relevance, k=n)
        codes = self.codes[best if rows is None else rows[best]]
        codes, ranked, explored = self._explored(query, codes, relevance[best], taste.vector, n=n, eligible=eligible)
        return Ranking(
            codes=codes,
            scores=probabilities(ranked, relevance, explored=explored) if self.scored else None,
            reasons=self._reasons(codes, explored),
        )

    def _taste(self, history: NDArray[np.int32]) -> Taste:
        return self.tastes.get(
            history.astype(np.int32, copy=False).tobytes(), lambda: self._taste_of(self._touched(history))
        )

    def _taste_of(self, touched: NDArray[np.int32]) -> Taste:
        with one_blas_thread():
            (taste,) = self._tastes([touched])
            if taste.vector is None or len(self.codes) >= SMALL:
                return taste
            return replace(taste, relevance=self._relevance(taste, None))

    def _tastes(self, touched: Sequence[NDArray[np.int32]]) -> list[Taste]:
        """What some histories, given by their rows, make of their users."""
        if not any(map(len, touched)):
            return [Taste(seen=rows, vector=None, followed=_NO_ROWS, strength=_NO_STRENGTH) for rows in touched]
        newest = newest_first(touched, length=len(self.place_weights))
        users = self.fold_in.users(newest, weights=self.place_weights)
        fired = self.rules.fired(newest, weight=RULES_WEIGHT, count=len(self.codes))
        return [
            Taste(seen=np.unique(rows), vector=vector if len(rows) else None, followed=followed, strength=strength)
            for rows, vector, (followed, strength) in zip(touched, users, fired, strict=True)
        ]

    def _taste_alone(self, touched: NDArray[np.int32], vector: NDArray[np.float32] | None) -> Taste:
        """A taste whose rules have spoken already; only an objective minds rows that stand twice."""
        seen = touched if self.lift is None else np.unique(touched)
        return Taste(seen=seen, vector=vector, followed=_NO_ROWS, strength=_NO_STRENGTH)

    def _touched(self, history: NDArray[np.int32]) -> NDArray[np.int32]:
        """The rows of a history, oldest first, without cold and unknown items."""
        rows = self.row_of[history]
        return rows[rows >= 0]

    def _candidates(
        self, query: Query, taste: Taste, eligible: Eligible | None, whole: NDArray[np.float32] | None
    ) -> tuple[NDArray[np.integer] | None, NDArray[np.float32]]:
        """The rows that may be recommended, None if all, and their relevance.

        `whole` is the relevance of all rows before shift and objective, if it is known; it may be overwritten.
        """
        rows = self._rows(eligible)
        relevance = self._relevance(taste, rows) if whole is None else of_rows(whole, rows)
        seen: NDArray[np.integer] = taste.seen
        if rows is not None:
            places = positions(seen, among=rows)
            seen = places[places >= 0]
        self._finish(relevance, query, blank=taste.vector is None, seen=seen, rows=rows)
        return rows, relevance

    def _rows(self, eligible: Eligible | None) -> NDArray[np.integer] | None:
        """The eligible rows, ascending; None if all are."""
        if eligible is None:
            return None
        rows = self.row_of[eligible.nonzero()[0] if eligible.dtype == np.bool_ else eligible]
        rows = rows[rows >= 0]
        return None if len(rows) == len(self.codes) else rows

    def _relevance(self, taste: Taste, rows: NDArray[np.integer] | None) -> NDArray[np.float32]:
        """Relevance before shift and objective of all or only some rows."""
        if taste.vector is None:
            return copied(self.popular, rows)
        if taste.relevance is not None:
            return copied(taste.relevance, rows)
        factors = self.fold_in.factors
        if rows is not None and len(rows) < FEW * len(self.codes):
            relevance = factors.take(rows, axis=0) @ taste.vector
            places = positions(taste.followed, among=rows)
            np.add.at(relevance, places[places >= 0], taste.strength[places >= 0])
            return np.asarray(relevance)
        relevance = factors @ taste.vector
        np.add.at(relevance, taste.followed, taste.strength)
        return of_rows(relevance, rows)

    def _finish(
        self,
        relevance: NDArray[np.float32],
        query: Query,
        *,
        blank: bool,
        seen: NDArray[np.integer],
        rows: NDArray[np.integer] | None,
    ) -> None:
        """Add context, blend the objective and shift what was seen, in place; `seen` are positions, each once."""
        for lift in self._lifts(query, blank=blank):
            relevance += lift if rows is None else lift[rows]
        if self.lift is not None:
            lift = self.lift if rows is None else self.lift[rows]
            relevance += np.float32(objectives.unit_of_unseen(relevance, seen=seen)) * lift
        relevance[seen] += np.float32(self.seen_shift)

    def _lifts(self, query: Query, *, blank: bool) -> Iterator[NDArray[np.float32]]:
        """What the context adds, and the Users dataset for a blank history."""
        if self.context is not None:
            found = (self.context.of(name, value) for name, value in query.context.items())
            yield from (lift for lift in found if lift is not None)
        if self.kinds is not None and blank:
            yield from self.kinds.of(query.user, query.traits)

    def _explored(
        self,
        query: Query,
        codes: NDArray[np.int32],
        relevance: NDArray[np.float32],
        vector: NDArray[np.float32] | None,
        *,
        n: int,
        eligible: Eligible | None,
    ) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.bool_] | None]:
        """A list with what exploration makes of it, its relevance, and which entries are explored."""
        if self.newcomers is None or query.exploration is None:
            return codes, relevance, None
        explored = self.newcomers.explored(query, n=n, ranked=len(codes), vector=vector, eligible=eligible)
        if explored is None:
            return codes, relevance, None
        return mixed(codes, relevance, explored=explored, n=n)

    def _reasons(self, codes: NDArray[np.int32], explored: NDArray[np.bool_] | None) -> list[str | None] | None:
        """Reasons of a list's entries; None as most recipes give none."""
        del codes, explored
        return None
