"""Evaluation of models that recommend actions, on held-out action interactions of test users.

The developer guide, "Evaluating an Amazon Personalize solution version with metrics" (2025), defines these metrics for
the Next-Best-Action recipe: coverage, NDCG at K, precision and recall by action, and the area under the curve, but not
MRR. It does not say how GetSolutionMetrics names them. The names here are derived from recorded names of other recipes.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.action_interactions import ActionInteractions, read_action_interactions
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.newest_tenths import newest_tenths
from personalize_mock.evaluation import ranking
from personalize_mock.evaluation.base import Evaluation, rounded_metrics
from personalize_mock.evaluation.items import CUTOFFS, LIST_LENGTH
from personalize_mock.evaluation.split import MIN_INTERACTIONS, sample_test_users
from personalize_mock.recipes.base import NO_INDICES, NO_ITEM, Model, Query, TrainingData

PREDICTED = 5  # length of the lists for precision and recall: not documented; the default numResults of the operation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActionsEvaluation(Evaluation):
    """Evaluation of models that recommend actions to a user.

    Test users are a random 10 % of the users with at least two action interactions. The newest 10 % of each test user's
    action interactions, but at least one, are held out. Item interactions are not held out, because items are not
    predicted. The service also uses a validation set. The mock does not need one, because it tunes nothing.

    Attributes:
        interactions: All action interactions, including the held-out ones.
        users: int64[m], ascending indices of the test users in `interactions.users`.
        starts: int64[m], row in `interactions` of the first held-out interaction of each test user.
    """

    main_metric: ClassVar[str] = "area_under_curve"

    interactions: ActionInteractions
    users: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def from_data(cls, data: TrainingData, *, seed: int) -> "ActionsEvaluation":
        """Return an evaluation on held-out action interactions of randomly drawn test users.

        The newest 10 % of each test user's action interactions are held out. The same data and seed give the same
        split.
        """
        actions = IdMap(()) if data.actions is None else data.actions.ids
        interactions = read_action_interactions(data.action_interactions, actions)
        users = sample_test_users(np.flatnonzero(np.diff(interactions.indptr) >= MIN_INTERACTIONS), seed=seed)
        starts, stops = newest_tenths(interactions.indptr, users)
        train = _hold_out(data, interactions, starts=starts, stops=stops) if len(users) else data
        return cls(train=train, catalogue_size=len(actions), interactions=interactions, users=users, starts=starts)

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """Return the metrics of a model by metric name, rounded to 4 decimals.

        The model ranks the actions for each test user at the time of the user's first held-out interaction; actions
        with a score of 0 are not recommended. NDCG is the mean over the test users who took an action in a held-out
        interaction. The area under the curve is computed from all held-out pairs of a user and an action in which the
        action has a positive score. All metrics are 0 if no action has a positive score.

        Args:
            model: A model that was fitted to the training data of this evaluation, `train`.
            rewards: Not used, because Next-Best-Action has no optimization objective.
        """
        del rewards  # the recipe has no objective
        scores = np.zeros((len(self.users), self.catalogue_size))
        recommended = np.full((len(self.users), LIST_LENGTH), NO_ITEM, dtype=np.int32)
        for row, query in enumerate(self._queries()):
            answer = model.rank(query, n=self.catalogue_size)
            assert answer.scores is not None  # noqa: S101  models of actions have scores
            scores[row, answer.indices] = answer.scores
            scored = answer.indices[answer.scores > 0][:LIST_LENGTH]
            recommended[row, : len(scored)] = scored
        return rounded_metrics(self._metrics(recommended, scores))

    def _queries(self) -> list[Query]:
        """Return a query for each test user at the time of the user's first held-out action interaction.

        Each query contains the user's item interactions up to this time, and the user's action interactions that are
        not held out.
        """
        known = self.train.interactions
        queries = []
        indices = known.users.indices([self.interactions.users[user] for user in self.users.tolist()])
        for user, index, start in zip(self.users.tolist(), indices.tolist(), self.starts.tolist(), strict=True):
            now = float(self.interactions.timestamp[start])
            query = Query(
                history=_history_until(now, known, user=index) if index >= 0 else NO_INDICES,
                user=index,
                now=now,
                action_history=self.interactions.history(slice(int(self.interactions.indptr[user]), start)),
            )
            queries.append(query)
        return queries

    def _metrics(self, recommended: NDArray[np.int32], scores: NDArray[np.float64]) -> dict[str, float]:
        """Return the metrics of recommended actions by metric name, not rounded.

        Args:
            recommended: int32[test users, 25], indices of recommended actions, best first, padded with -1.
            scores: float64[test users, actions], the scores of the model, 0 for actions without a score.
        """
        row, action, taken = self._held_out()
        relevant = [action[taken & (row == user)] for user in range(len(self.users))]
        takers = np.array([user for user, actions in enumerate(relevant) if len(actions)], dtype=np.int64)
        hits = ranking.hits_in(recommended[takers], [relevant[user] for user in takers])
        counts = np.array([len(relevant[user]) for user in takers], dtype=np.int64)
        scored = scores[row, action] > 0
        predicted, took = (np.zeros((len(self.users), self.catalogue_size), dtype=bool) for _ in range(2))
        first = recommended[:, :PREDICTED]
        user, position = np.nonzero(first >= 0)
        predicted[user, first[user, position]] = True
        took[row[taken], action[taken]] = True
        metrics = {
            "area_under_curve": area_under_curve(scores[row, action][scored], taken[scored]),
            "coverage": ranking.coverage(recommended, catalogue_size=self.catalogue_size),
            "precision": mean_share_by_action(predicted & took, total=predicted),
            "recall": mean_share_by_action(predicted & took, total=took),
        }
        for k in CUTOFFS:
            gain = ranking.normalized_discounted_cumulative_gain_at(k, hits=hits, relevant=counts)
            metrics[f"normalized_discounted_cumulative_gain_at_{k}"] = gain
        return metrics

    def _held_out(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.bool_]]:
        """Collect the distinct pairs of a test user and an action from the held-out interactions.

        Returns:
            Three arrays with an entry for each pair, sorted by user, then by action: the position of the user in
            `users`, the index of the action, and whether the user took the action in one of these interactions.
        """
        stops = self.interactions.indptr[self.users + 1]
        sizes = stops - self.starts
        row = np.repeat(np.arange(len(self.users)), sizes)
        rows = np.arange(len(row)) + np.repeat(stops - np.cumsum(sizes), sizes)
        pair = row * np.int64(max(1, self.catalogue_size)) + self.interactions.action[rows]
        pairs, pair_of_row = np.unique(pair, return_inverse=True)
        taken = np.bincount(pair_of_row, self.interactions.taken[rows], minlength=len(pairs)) > 0
        row, action = np.divmod(pairs, max(1, self.catalogue_size))
        return row, action.astype(np.int32), taken


def area_under_curve(scores: NDArray[np.float64], taken: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve of the scores, or 0 if all actions were taken or none was.

    The area is the probability that an action that a user took has a larger score than an action that a user did not
    take. Equal scores count half (Mann and Whitney, "On a Test of Whether one of Two Random Variables is Stochastically
    Larger than the Other", 1947).

    Args:
        scores: float64[n], score of each pair of a user and an action.
        taken: bool[n], whether the user took the action.
    """
    positive, negative = scores[taken], np.sort(scores[~taken])
    if not len(positive) or not len(negative):
        return 0.0
    below = np.searchsorted(negative, positive, side="left") + np.searchsorted(negative, positive, side="right")
    return float(below.mean() / (2 * len(negative)))


def mean_share_by_action(correct: NDArray[np.bool_], *, total: NDArray[np.bool_]) -> float:
    """Return the precision or the recall of each action, averaged over the actions.

    For each action, the number of users in `correct` is divided by the number of users in `total`. The result is the
    precision if `total` marks the users to whom the action was recommended, and the recall if it marks the users who
    took it. The developer guide averages over all actions. The mock leaves out actions without users in `total`,
    because their share is undefined.

    Args:
        correct: bool[users, actions], whether the action was recommended to the user and the user took it.
        total: bool[users, actions], whether the user counts in the denominator. True wherever `correct` is true.
    """
    users = total.sum(axis=0)
    return float((correct.sum(axis=0)[users > 0] / users[users > 0]).mean()) if users.any() else 0.0


def _history_until(time: float, interactions: InteractionMatrix, *, user: int) -> NDArray[np.int32]:
    """Return the item indices of a user's interactions up to `time` (epoch seconds), oldest first."""
    timestamps = interactions.timestamp[interactions.indptr[user] : interactions.indptr[user + 1]]
    return interactions.history(user)[: np.searchsorted(timestamps, time, side="right")]


def _hold_out(
    data: TrainingData, interactions: ActionInteractions, *, starts: NDArray[np.int64], stops: NDArray[np.int64]
) -> TrainingData:
    """Return a copy of the training data with a mask, `held_out`, of the held-out action interactions.

    Args:
        data: The training data.
        interactions: The action interactions of `data`.
        starts: int64[m], row in `interactions` of the first held-out interaction of each test user.
        stops: int64[m], row after the last held-out interaction of each test user.
    """
    assert data.action_interactions is not None  # noqa: S101  the interactions were read from it
    held_out = np.zeros(data.action_interactions.rows, dtype=bool)
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        held_out[interactions.row[start:stop]] = True
    return replace(data, held_out=held_out)
