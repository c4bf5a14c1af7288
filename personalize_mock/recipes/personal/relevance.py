"""What a history makes of its user: relevance of factors, rules and popularity, before anything else is minded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_mock.lru_cache import LruCache
from personalize_mock.recipes.base import Model
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.top_k import positions, take, take_copy
from personalize_mock.recipes.personal.association_rules import AssociationRules
from personalize_mock.recipes.personal.fold_in import FoldIn, newest_first
from personalize_mock.recipes.personal.repeat_shift import log_odds_of
from personalize_mock.recipes.personal.user_state import UserState, alone

Users: TypeAlias = list[NDArray[np.float32] | None]

RULES_WEIGHT = 0.4
BLOCK_USERS = 256
BLOCK_SCORES = 1 << 24
FEW = 0.08  # of the rows: fewer are gathered before the product, of more the scores after it
TASTES = 256
SMALL = 4096  # rows: of smaller catalogues the relevance of all rows is kept too


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelevanceModel(Model):
    """Factors, rules and popularity of the warm items, which are numbered among themselves: "rows" below.

    Relevance is the factor model's score, with a standard deviation of 1 over all rows, plus the rules' score with
    about `RULES_WEIGHT` of that; for an empty history it is popularity.

    Attributes:
        codes: int32[rows], the item code of each row, ascending.
        row_of: int32[len(items) + 1], the row of each item code, -1 where cold; the last entry stands for
            code -1.
        fold_in: The item factors.
        rules: The sequential rules.
        popular: float32[rows], the relevance for an empty history.
        place_weights: float64[length], what the events of a history weigh, newest first.
        tastes: Those of the newest histories that were ranked for.
    """

    codes: NDArray[np.int32]
    row_of: NDArray[np.int32]
    fold_in: FoldIn
    rules: AssociationRules
    popular: NDArray[np.float32]
    place_weights: NDArray[np.float64]
    tastes: LruCache = field(default_factory=lambda: LruCache(TASTES))

    def seen_log_odds(self, histories: Sequence[NDArray[np.int32]]) -> NDArray[np.float64]:
        """Log odds that a user gets a touched item, without shift and objective, float64[len(histories)].

        Infinite for users who touched nothing or everything.
        """
        blocks = self._blocks(histories)
        pairs = (pair for touched, _, relevance in blocks for pair in zip(relevance, touched, strict=True))
        odds = [log_odds_of(*pair) for pair in pairs]
        return np.array(odds, dtype=np.float64)

    def _touched(self, history: NDArray[np.int32]) -> NDArray[np.int32]:
        """The rows of a history, oldest first, without cold and unknown items."""
        rows = self.row_of[history]
        return rows[rows >= 0]

    def _taste(self, history: NDArray[np.int32]) -> UserState:
        return self.tastes.get(
            history.astype(np.int32, copy=False).tobytes(), lambda: self._taste_of(self._touched(history))
        )

    def _taste_of(self, touched: NDArray[np.int32]) -> UserState:
        with one_blas_thread():
            (taste,) = self._tastes([touched])
            if taste.vector is None or len(self.codes) >= SMALL:
                return taste
            return replace(taste, relevance=self._relevance(taste, None))

    def _tastes_of_many(self, histories: Sequence[NDArray[np.int32]]) -> Iterator[UserState]:
        touched = list(map(self._touched, histories))
        for start in range(0, len(touched), BLOCK_USERS):
            yield from self._tastes(touched[start : start + BLOCK_USERS])

    def _tastes(self, touched: Sequence[NDArray[np.int32]]) -> list[UserState]:
        """What some histories, given by their rows, make of their users."""
        if not any(map(len, touched)):
            return [alone(rows, None) for rows in touched]
        newest = newest_first(touched, length=len(self.place_weights))
        users = self.fold_in.users(newest, weights=self.place_weights)
        fired = self.rules.fired(newest, weight=RULES_WEIGHT, count=len(self.codes))
        return [
            UserState(seen=np.unique(rows), vector=vector if len(rows) else None, followed=followed, strength=strength)
            for rows, vector, (followed, strength) in zip(touched, users, fired, strict=True)
        ]

    def _relevance(self, taste: UserState, rows: NDArray[np.integer] | None) -> NDArray[np.float32]:
        """Relevance before shift and objective of all or only some rows."""
        if taste.vector is None:
            return take_copy(self.popular, rows)
        if taste.relevance is not None:
            return take_copy(taste.relevance, rows)
        factors = self.fold_in.factors
        if rows is not None and len(rows) < FEW * len(self.codes):
            relevance = factors.take(rows, axis=0) @ taste.vector
            places = positions(taste.followed, among=rows)
            np.add.at(relevance, places[places >= 0], taste.strength[places >= 0])
            return np.asarray(relevance)
        relevance = factors @ taste.vector
        np.add.at(relevance, taste.followed, taste.strength)
        return take(relevance, rows)

    def _blocks(
        self, histories: Sequence[NDArray[np.int32]]
    ) -> Iterator[tuple[list[NDArray[np.int32]], Users, NDArray[np.float32]]]:
        """Of some histories at a time the touched rows, the users and the relevance of all rows.

        The relevance is before shift and objective, and the next block overwrites it.
        """
        size = max(1, min(BLOCK_USERS, BLOCK_SCORES // max(1, len(self.codes)), len(histories)))
        room = np.empty((size, len(self.codes)), dtype=np.float32)
        for start in range(0, len(histories), size):
            touched = list(map(self._touched, histories[start : start + size]))
            relevance = room[: len(touched)]
            yield touched, self._fill(relevance, touched), relevance

    def _fill(self, relevance: NDArray[np.float32], touched: Sequence[NDArray[np.int32]]) -> Users:
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
