"""The model behind the personal recipes: lists by relevance, context, objective and exploration."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes import objective as objectives
from personalize_mock.recipes.base import Candidates, Query, Ranking
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.candidates import mean_count_below
from personalize_mock.recipes.numerics.softmax import probabilities, probabilities_per_row
from personalize_mock.recipes.numerics.top_k import positions, take, top_k, top_k_per_row
from personalize_mock.recipes.personal.context_lifts import Lifts, UserAttributeLifts
from personalize_mock.recipes.personal.exploration import PLACES, ExplorationCandidates, with_explored
from personalize_mock.recipes.personal.relevance import FEW, RelevanceModel, Users
from personalize_mock.recipes.personal.user_state import UserState, alone

AT_ONCE = 16  # users whose best are found together: their scores stay in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Personalization(RelevanceModel):
    """Ranks the rows by the relevance that a history gives them, plus `seen_shift` for items of the history.

    Logits are `INVERSE_TEMPERATURE` times relevance, so a filter changes scores only by renormalising them.

    Attributes:
        seen_shift: What is added to the relevance of items in the history.
        lift: float32[rows], what the objective adds, in units of relevance; None where that is nothing.
        context: What contextual metadata add; None where there are none or the recipe uses none.
        kinds: What the Users dataset adds for users without history; None likewise.
        newcomers: What exploration draws from; None where the recipe does not explore.
    """

    personal: ClassVar[bool] = True
    scored: ClassVar[bool] = True

    seen_shift: float = 0.0
    lift: NDArray[np.float32] | None = None
    context: Lifts | None = None
    kinds: UserAttributeLifts | None = None
    exploration_candidates: ExplorationCandidates | None = None

    @property
    def explores(self) -> bool:
        """See `Model.explores`."""
        return self.exploration_candidates is not None

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """The best items for one user; see `Model.rank`."""
        taste = self._taste(query.history)
        if taste.relevance is not None and self.exploration_candidates is None:  # nothing is left to multiply
            return self._ranking(query, taste, n=n, candidates=candidates)
        with one_blas_thread():
            return self._ranking(query, taste, n=n, candidates=candidates)

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """The best items for each of some users; see `Model.rank_each`."""
        with one_blas_thread():
            if mean_count_below(candidates, FEW * len(self.codes)):
                return self._rank_few(queries, n=n, candidates=candidates)
            if any(each is not None for each in candidates):
                return self._rank_passing(queries, n=n, candidates=candidates)
            return self._rank_all(queries, n=n)

    def _rank_few(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """`rank_each` where it is not worth while to compute the relevance of all rows."""
        tastes = self._tastes_of_many([query.history for query in queries])
        return [
            self._ranking(query, taste, n=n, candidates=passing)
            for query, passing, taste in zip(queries, candidates, tastes, strict=True)
        ]

    def _rank_passing(
        self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]
    ) -> list[Ranking]:
        """`rank_each` one by one, with the relevance of all rows computed for many."""
        blocks = self._blocks([query.history for query in queries])
        known = ((rows, user, whole) for block in blocks for rows, user, whole in zip(*block, strict=True))
        return [
            self._ranking(query, alone(self._seen(rows), user), n=n, candidates=passing, whole=relevance)
            for query, passing, (rows, user, relevance) in zip(queries, candidates, known, strict=True)
        ]

    def _rank_all(self, queries: Sequence[Query], *, n: int) -> list[Ranking]:
        """`rank_each` where everything is eligible."""
        rankings: list[Ranking] = []
        for some, users, relevance in self._finished(queries):
            best = top_k_per_row(relevance, k=n)
            ranked = np.take_along_axis(relevance, best, axis=1)
            scores = probabilities_per_row(ranked, relevance)
            for query, user, codes, worth, own, whole in zip(
                some, users, self.codes[best], ranked, scores, relevance, strict=True
            ):
                found, worths, explored = self._explored(query, codes, worth, user, n=n, candidates=None)
                besides = self._besides(query, user, whole, listed=None if explored is None else worths[explored])
                share = own if besides is None else probabilities(worths, whole, extra_scores=besides)
                reasons = self._reasons(found, explored)
                rankings.append(Ranking(indices=found, scores=share if self.scored else None, reasons=reasons))
        return rankings

    def _finished(self, queries: Sequence[Query]) -> Iterator[tuple[Sequence[Query], Users, NDArray[np.float32]]]:
        """Some queries at a time, with their users and the final relevance of all rows."""
        start = 0
        for touched, users, relevance in self._blocks([query.history for query in queries]):
            asked = queries[start : start + len(users)]
            start += len(users)
            for some in (slice(at, at + AT_ONCE) for at in range(0, len(users), AT_ONCE)):
                for query, rows, user, own in zip(
                    asked[some], touched[some], users[some], relevance[some], strict=True
                ):
                    self._finish(own, query, blank=user is None, seen=self._seen(rows), rows=None)
                yield asked[some], users[some], relevance[some]

    def _ranking(
        self,
        query: Query,
        taste: UserState,
        *,
        n: int,
        candidates: Candidates | None,
        whole: NDArray[np.float32] | None = None,
    ) -> Ranking:
        """The best for one user; `whole` is what `_candidates` takes."""
        rows, relevance = self._candidates(query, taste, candidates, whole)
        best = top_k(relevance, k=n)
        codes = self.codes[best if rows is None else rows[best]]
        codes, ranked, explored = self._explored(
            query, codes, relevance[best], taste.vector, n=n, candidates=candidates
        )
        listed = None if explored is None else ranked[explored]
        besides = self._besides(query, taste.vector, relevance, rows=rows, listed=listed, candidates=candidates)
        return Ranking(
            indices=codes,
            scores=probabilities(ranked, relevance, extra_scores=besides) if self.scored else None,
            reasons=self._reasons(codes, explored),
        )

    def _candidates(
        self, query: Query, taste: UserState, candidates: Candidates | None, whole: NDArray[np.float32] | None
    ) -> tuple[NDArray[np.integer] | None, NDArray[np.float32]]:
        """The rows that may be recommended, None if all, and their relevance.

        `whole` is the relevance of all rows before shift and objective, if it is known; it may be overwritten.
        """
        rows = self._rows(candidates)
        relevance = self._relevance(taste, rows) if whole is None else take(whole, rows)
        seen: NDArray[np.integer] = taste.seen
        if rows is not None:
            places = positions(seen, among=rows)
            seen = places[places >= 0]
        self._finish(relevance, query, blank=taste.vector is None, seen=seen, rows=rows)
        return rows, relevance

    def _rows(self, candidates: Candidates | None) -> NDArray[np.integer] | None:
        """The eligible rows, ascending; None if all are."""
        if candidates is None:
            return None
        rows = self.row_of[candidates.nonzero()[0] if candidates.dtype == np.bool_ else candidates]
        rows = rows[rows >= 0]
        return None if len(rows) == len(self.codes) else rows

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

    def _seen(self, touched: NDArray[np.int32]) -> NDArray[np.int32]:
        """Rows of a history as `_finish` takes them; only an objective minds those that stand twice."""
        return touched if self.lift is None else np.unique(touched)

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
        candidates: Candidates | None,
    ) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.bool_] | None]:
        """A list with what exploration makes of it, its relevance, and which entries are explored."""
        if self.exploration_candidates is None or query.exploration is None:
            return codes, relevance, None
        explored = self.exploration_candidates.explored(
            query, n=n, ranked=len(codes), vector=vector, candidates=candidates
        )
        if explored is None:
            return codes, relevance, None
        return with_explored(codes, relevance, explored=explored, n=n)

    def _besides(
        self,
        query: Query,
        vector: NDArray[np.float32] | None,
        relevance: NDArray[np.float32],
        *,
        listed: NDArray[np.float32] | None,
        rows: NDArray[np.integer] | None = None,
        candidates: Candidates | None = None,
    ) -> NDArray[np.float32] | None:
        """The relevance of explored items that scores are shares of, besides that of all candidates.

        They are those of the list, or of the longest one where that can hold all candidates: so the scores of few
        candidates do not depend on how many are asked for.
        """
        if (
            self.exploration_candidates is None
            or query.exploration is None
            or not self.scored
            or len(relevance) >= PLACES
        ):
            return listed
        best = top_k(relevance, k=PLACES)
        codes = self.codes[best if rows is None else rows[best]]
        _, ranked, explored = self._explored(query, codes, relevance[best], vector, n=PLACES, candidates=candidates)
        return None if explored is None else ranked[explored]

    def _reasons(self, codes: NDArray[np.int32], explored: NDArray[np.bool_] | None) -> list[str | None] | None:
        """Reasons of a list's entries; None as most recipes give none."""
        del codes, explored
        return None
