"""The model behind aws-user-personalization: what a history makes of factors, rules and popularity."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes import objective as objectives
from personalize_mock.recipes.base import NO_ITEM, Eligible, Model, Query, Ranking
from personalize_mock.recipes.fold_in import FoldIn
from personalize_mock.recipes.selection import top_k
from personalize_mock.recipes.sequential import Rules
from personalize_mock.recipes.threads import one_blas_thread

RULES_WEIGHT = 0.4
SHARPNESS = 0.6  # the best score on MovieLens is .02 to .3, .08 in the middle; recorded on the service: .01 to .2
BLOCK_USERS = 256
BLOCK_SCORES = 1 << 24
FEW = 0.2  # of the rows: fewer are gathered before the product, more are masked after it


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

    def rank(self, query: Query, *, n: int, eligible: Eligible | None = None) -> Ranking:
        """The best items for one user; see `Model.rank`."""
        mask = self._mask(eligible)
        count = int(np.count_nonzero(mask))
        rows = np.flatnonzero(mask) if count < FEW * len(mask) else None
        touched = self._touched(query.history)
        relevance = self._relevance([touched], rows=rows)[0]
        if rows is None and count < len(mask):
            np.copyto(relevance, -np.inf, where=~mask)
        seen = touched if rows is None else _among(touched, rows, total=len(mask))
        self._finish(relevance, seen=seen, rows=rows, count=count)
        best = top_k(relevance, k=min(n, count))
        items = self.codes[best if rows is None else rows[best]]
        return Ranking(codes=items, scores=_probabilities(relevance, best))

    def rank_many(self, queries: Sequence[Query], *, n: int) -> NDArray[np.int32]:
        """The best items for many users; see `Model.rank_many`."""
        found = np.full((len(queries), n), NO_ITEM, dtype=np.int32)
        histories = [query.history for query in queries]
        with one_blas_thread():
            for user, (seen, relevance) in enumerate(self._blockwise(histories)):
                self._finish(relevance, seen=seen, rows=None, count=len(self.codes))
                best = top_k(relevance, k=n)
                found[user, : len(best)] = self.codes[best]
        return found

    def seen_log_odds(self, histories: Sequence[NDArray[np.int32]]) -> NDArray[np.float64]:
        """Log odds that a user gets a touched item, without shift and objective, float64[len(histories)].

        Infinite for users who touched nothing or everything.
        """
        odds = [_log_odds(relevance, seen) for seen, relevance in self._blockwise(histories)]
        return np.array(odds, dtype=np.float64)

    def _blockwise(
        self, histories: Sequence[NDArray[np.int32]]
    ) -> Iterator[tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """For each history the touched rows and the relevance of all rows, computed for many at a time."""
        size = max(1, min(BLOCK_USERS, BLOCK_SCORES // max(1, len(self.codes))))
        for start in range(0, len(histories), size):
            touched = [self._touched(history) for history in histories[start : start + size]]
            yield from zip(touched, self._relevance(touched), strict=True)

    def _mask(self, eligible: Eligible | None) -> NDArray[np.bool_]:
        """Which rows are eligible."""
        if eligible is None:
            return np.ones(len(self.codes), dtype=bool)
        if eligible.dtype != np.bool_:
            mask = np.zeros(len(self.codes), dtype=bool)
            rows = self.row_of[eligible]
            mask[rows[rows >= 0]] = True
            return mask
        return np.asarray(eligible if len(eligible) == len(self.codes) else eligible[self.codes], dtype=bool)

    def _touched(self, history: NDArray[np.int32]) -> NDArray[np.int32]:
        """The rows of a history, oldest first, without cold and unknown items."""
        rows = self.row_of[history]
        return rows[rows >= 0]

    def _relevance(
        self, touched: Sequence[NDArray[np.int32]], *, rows: NDArray[np.int64] | None = None
    ) -> NDArray[np.float32]:
        """Relevance before shift and objective, float32[users, rows], of all or only some rows."""
        if not len(self.codes):
            return np.zeros((len(touched), 0), dtype=np.float32)
        newest = _newest_first(touched, length=len(self.place_weights))
        users = self.fold_in.users(newest, weights=self.place_weights)
        factors, popular = self.fold_in.factors, self.popular
        if rows is not None:
            followed = np.zeros((len(touched), len(self.codes)), dtype=np.float32)
            self.rules.add_to(followed, newest=newest, weight=RULES_WEIGHT)
            relevance = users @ factors[rows].T
            relevance += followed[:, rows]
            popular = popular[rows]
        else:
            relevance = users @ factors.T
            self.rules.add_to(relevance, newest=newest, weight=RULES_WEIGHT)
        relevance[[user for user, items in enumerate(touched) if not len(items)]] = popular
        return np.asarray(relevance)

    def _finish(
        self,
        relevance: NDArray[np.float32],
        *,
        seen: NDArray[np.integer],
        rows: NDArray[np.int64] | None,
        count: int,
    ) -> None:
        """Blend the objective and shift what was seen, in place."""
        if self.lift is not None:
            lift = self.lift if rows is None else self.lift[rows]
            relevance += np.float32(_unit(relevance, seen=seen, count=count)) * lift
        relevance[seen] += np.float32(self.seen_shift)


def _newest_first(touched: Sequence[NDArray[np.int32]], *, length: int) -> NDArray[np.int32]:
    """The newest rows of each history, int32[users, at most length], newest first, padded with -1."""
    longest = max(1, min(length, max(map(len, touched))))
    newest = np.full((len(touched), longest), NO_ITEM, dtype=np.int32)
    for user, items in enumerate(touched):
        tail = items[-longest:]
        newest[user, : len(tail)] = tail[::-1]
    return newest


def _among(touched: NDArray[np.int32], rows: NDArray[np.int64], *, total: int) -> NDArray[np.int64]:
    """The positions in `rows` of what was touched."""
    flags = np.zeros(total, dtype=bool)
    flags[touched] = True
    return np.flatnonzero(flags[rows])


def _unit(relevance: NDArray[np.float32], *, seen: NDArray[np.integer], count: int) -> float:
    """The unit of relevance among the candidates that the user has not touched, or all if those are too few.

    Touched items would stretch it: where they never return they do not belong to the list that it measures.
    """
    inside = np.unique(seen)
    inside = inside[np.isfinite(relevance[inside])]
    if count - len(inside) <= 1:
        return objectives.unit(relevance, count=count)
    kept = relevance[inside]
    relevance[inside] = -np.inf
    unit = objectives.unit(relevance, count=count - len(inside))
    relevance[inside] = kept
    return unit


def _probabilities(relevance: NDArray[np.float32], best: NDArray[np.int64]) -> NDArray[np.float64]:
    """Softmax over all candidates, of the best ones; -inf is no candidate."""
    if not len(best):
        return np.zeros(0)
    share = relevance - relevance[best[0]]
    share *= np.float32(SHARPNESS)
    np.exp(share, out=share)
    return np.asarray(share[best].astype(np.float64) / float(share.sum()), dtype=np.float64)


def _log_odds(relevance: NDArray[np.float32], seen: NDArray[np.int32]) -> float:
    share = np.exp(np.float32(SHARPNESS) * (relevance - relevance.max(initial=-np.inf)))
    inside = float(share[np.unique(seen)].sum())
    share[seen] = 0
    outside = float(share.sum())
    return float(np.log(inside / outside)) if inside > 0 and outside > 0 else float("inf")
