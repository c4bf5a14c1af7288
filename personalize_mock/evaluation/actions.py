"""The evaluation of recommended actions: which ones test users took after what the model knows of them.

The guide defines coverage, NDCG at K, and instead of what other recipes have precision and recall by action, and the
area under the curve; there is no MRR. The names of the keys were never recorded. Those here are the guide's words, made
like the recorded ones of other recipes: inferred.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.action_interactions import ActionInteractions, read_action_interactions
from personalize_mock.data.id_map import IdMap
from personalize_mock.evaluation import ranking
from personalize_mock.evaluation.base import Evaluation, shown
from personalize_mock.evaluation.items import LONGEST, PLACES, hits_of
from personalize_mock.evaluation.split import HELD_OUT, SHORTEST, TEST_USERS
from personalize_mock.recipes.base import NO_ITEM, Model, Query, TrainingData

NOBODY = np.empty(0, dtype=np.int32)
PREDICTED = 5  # documented: the length of an answer that is not asked for more; that it counts here is ours


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActionsEvaluation(Evaluation):
    """Users are split 90 : 10; the newest 10 % (at least one) of the action interactions of test users are held out.

    Only users with two of them or more can be test users. Item interactions stay: nothing is predicted of them. The
    service's further validation set has no use here, as nothing is tuned on it.

    Attributes:
        events: All action interactions.
        users: int64[m], row numbers of the test users in `events.users`, ascending.
        starts: int64[m], the position in `events` of each test user's first held-out one.
    """

    best: ClassVar[str] = "area_under_curve"

    events: ActionInteractions
    users: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, data: TrainingData, *, seed: int) -> "ActionsEvaluation":
        """See `Evaluation.of`."""
        actions = IdMap(()) if data.actions is None else data.actions.ids
        events = read_action_interactions(data.action_interactions, actions)
        lengths = np.diff(events.indptr)
        users = _test_users(np.flatnonzero(lengths >= SHORTEST), seed=seed)
        stops = events.indptr[users + 1]
        starts = stops - np.maximum(1, np.rint(HELD_OUT * lengths[users]).astype(np.int64))
        train = _without(data, events, starts=starts, stops=stops) if len(users) else data
        return cls(train=train, catalogue=len(actions), events=events, users=users, starts=starts)

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """See `Evaluation.measure`; lists end where scores are 0.0, and all metrics are 0 without any score.

        A user's list is that of the instant of the first held-out interaction. NDCG is the mean over the test users who
        took an action then; the area under the curve is that of all pairs of test user and action that were held out
        and had a score.
        """
        del rewards  # the recipe allows no objective
        scores = np.zeros((len(self.users), self.catalogue))
        recommended = np.full((len(self.users), LONGEST), NO_ITEM, dtype=np.int32)
        for row, query in enumerate(self._queries()):
            answer = model.rank(query, n=self.catalogue)
            assert answer.scores is not None  # noqa: S101  # only models with scores answer with actions
            scores[row, answer.indices] = answer.scores
            best = answer.indices[answer.scores > 0][:LONGEST]
            recommended[row, : len(best)] = best
        return shown(self._metrics(recommended, scores))

    def _queries(self) -> list[Query]:
        """What is known of the test users before their first held-out interaction."""
        known = self.train.interactions
        queries = []
        codes = known.users.indices([self.events.users[user] for user in self.users.tolist()])
        for user, code, start in zip(self.users.tolist(), codes.tolist(), self.starts.tolist(), strict=True):
            query = Query(
                history=known.history(code) if code >= 0 else NOBODY,
                user=code,
                now=float(self.events.timestamp[start]),
                action_history=self.events.history(slice(int(self.events.indptr[user]), start)),
            )
            queries.append(query)
        return queries

    def _metrics(self, recommended: NDArray[np.int32], scores: NDArray[np.float64]) -> dict[str, float]:
        row, action, taken = self._held_out()
        relevant = [action[taken & (row == user)] for user in range(len(self.users))]
        takers = np.array([user for user, codes in enumerate(relevant) if len(codes)], dtype=np.int64)
        hits = hits_of(recommended[takers], [relevant[user] for user in takers])
        counts = np.array([len(relevant[user]) for user in takers], dtype=np.int64)
        scored = scores[row, action] > 0
        predicted, took = (np.zeros((len(self.users), self.catalogue), dtype=bool) for _ in range(2))
        places = recommended[:, :PREDICTED]
        user, place = np.nonzero(places >= 0)
        predicted[user, places[user, place]] = True
        took[row[taken], action[taken]] = True
        metrics = {
            "area_under_curve": area_under_curve(scores[row, action][scored], taken[scored]),
            "coverage": ranking.coverage(recommended, catalogue=self.catalogue),
            "precision": share_by_action(predicted & took, of=predicted),
            "recall": share_by_action(predicted & took, of=took),
        }
        for k in PLACES:
            gain = ranking.normalized_discounted_cumulative_gain_at(k, hits=hits, relevant=counts)
            metrics[f"normalized_discounted_cumulative_gain_at_{k}"] = gain
        return metrics

    def _held_out(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.bool_]]:
        """Each pair of test user and action once, ascending, and whether the user took it."""
        stops = self.events.indptr[self.users + 1]
        sizes = stops - self.starts
        row = np.repeat(np.arange(len(self.users)), sizes)
        event = np.arange(len(row)) + np.repeat(stops - np.cumsum(sizes), sizes)
        pair = row * np.int64(max(1, self.catalogue)) + self.events.action[event]
        once, which = np.unique(pair, return_inverse=True)
        taken = np.bincount(which, self.events.taken[event], minlength=len(once)) > 0
        row, action = np.divmod(once, max(1, self.catalogue))
        return row, action.astype(np.int32), taken


def area_under_curve(scores: NDArray[np.float64], taken: NDArray[np.bool_]) -> float:
    """The area under the ROC curve: how probably something taken has a greater score than something not taken.

    Equal scores count half (Mann, Whitney 1947). Without one of either the answer is 0.

    Args:
        scores: float64[n].
        taken: bool[n].
    """
    positive, negative = scores[taken], np.sort(scores[~taken])
    if not len(positive) or not len(negative):
        return 0.0
    below = np.searchsorted(negative, positive, side="left") + np.searchsorted(negative, positive, side="right")
    return float(below.mean() / (2 * len(negative)))


def share_by_action(right: NDArray[np.bool_], *, of: NDArray[np.bool_]) -> float:
    """Mean over actions of (users who were predicted to take it, and did) / (users of `of`).

    With those to whom an action was recommended that is precision, with those who took it recall. The guide averages
    over all actions; those without a user, whose share nobody can tell, are left out.

    Args:
        right: bool[users, actions].
        of: bool[users, actions], of which `right` are some.
    """
    users = of.sum(axis=0)
    return float((right.sum(axis=0)[users > 0] / users[users > 0]).mean()) if users.any() else 0.0


def _test_users(able: NDArray[np.int64], *, seed: int) -> NDArray[np.int64]:
    """At least one, if any user is able to be one."""
    count = min(len(able), max(1, round(TEST_USERS * len(able))))
    return np.sort(np.random.default_rng(seed).choice(able, size=count, replace=False))


def _without(
    data: TrainingData, events: ActionInteractions, *, starts: NDArray[np.int64], stops: NDArray[np.int64]
) -> TrainingData:
    """The data with some events held out."""
    assert data.action_interactions is not None  # noqa: S101  # there are events of it
    held_out = np.zeros(data.action_interactions.rows, dtype=bool)
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        held_out[events.row[start:stop]] = True
    return replace(data, held_out=held_out)
