"""Evaluation of recommended actions on the later action interactions of test users.

The developer guide, "Evaluating an Amazon Personalize solution version with metrics" (2025), defines for this recipe
coverage, NDCG at K, precision and recall by action, and the area under the curve, but no MRR. The names of the metrics
on the wire were never recorded; those here are inferred from the recorded names of other recipes.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.action_interactions import ActionInteractions, read_action_interactions
from personalize_mock.data.id_map import IdMap
from personalize_mock.evaluation import ranking
from personalize_mock.evaluation.base import Evaluation, rounded_metrics
from personalize_mock.evaluation.items import CUTOFFS, LIST_LENGTH
from personalize_mock.evaluation.split import MIN_INTERACTIONS, held_out_counts, sample_test_users
from personalize_mock.recipes.base import NO_INDICES, NO_ITEM, Model, Query, TrainingData

PREDICTED = 5  # the default length of a list of actions, which the guide documents; its use here is ours


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActionsEvaluation(Evaluation):
    """Evaluation of models that recommend actions to a user.

    For 10 % of the users, the newest 10 % of the action interactions (at least one) are held out. Only users with at
    least two action interactions can be test users. No item interactions are held out, because no items are predicted.
    The service also has a validation set. There is none here, because nothing would be tuned on it.

    Attributes:
        interactions: All action interactions.
        users: int64[m], indices of the test users in `interactions.users`, ascending.
        starts: int64[m], the row in `interactions` of each test user's first held-out interaction.
    """

    main_metric: ClassVar[str] = "area_under_curve"

    interactions: ActionInteractions
    users: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def from_data(cls, data: TrainingData, *, seed: int) -> "ActionsEvaluation":
        """Split the action interactions; see `Evaluation.from_data`."""
        actions = IdMap(()) if data.actions is None else data.actions.ids
        interactions = read_action_interactions(data.action_interactions, actions)
        lengths = np.diff(interactions.indptr)
        users = sample_test_users(np.flatnonzero(lengths >= MIN_INTERACTIONS), seed=seed)
        stops = interactions.indptr[users + 1]
        starts = stops - held_out_counts(lengths[users])
        train = _hold_out(data, interactions, starts=starts, stops=stops) if len(users) else data
        return cls(train=train, catalogue_size=len(actions), interactions=interactions, users=users, starts=starts)

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """Return the metrics of action recommendations; see `Evaluation.measure`.

        The list of a user is computed for the time of the first held-out interaction and ends where scores are 0.0.
        NDCG is the mean over the test users who took an action after that time. The area under the curve is computed
        from all held-out pairs of a test user and an action with a score. All metrics are 0 if no action has a score.
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
        """Return a query for each test user, made of the data from before the first held-out interaction."""
        known = self.train.interactions
        queries = []
        indices = known.users.indices([self.interactions.users[user] for user in self.users.tolist()])
        for user, index, start in zip(self.users.tolist(), indices.tolist(), self.starts.tolist(), strict=True):
            query = Query(
                history=known.history(index) if index >= 0 else NO_INDICES,
                user=index,
                now=float(self.interactions.timestamp[start]),
                action_history=self.interactions.history(slice(int(self.interactions.indptr[user]), start)),
            )
            queries.append(query)
        return queries

    def _metrics(self, recommended: NDArray[np.int32], scores: NDArray[np.float64]) -> dict[str, float]:
        """Return all metrics of recommendations, int32[test users, 25], with scores, float64[test users, actions]."""
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
        """Return the held-out pairs of test user (row) and action, ascending, and whether each action was taken."""
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
    """Return the area under the ROC curve, or 0 if all pairs or no pairs are taken.

    It is the probability that a taken pair has a larger score than a pair that is not taken. Equal scores count half
    (Mann and Whitney, "On a Test of Whether one of Two Random Variables is Stochastically Larger than the Other",
    1947).

    Args:
        scores: float64[n], the score of each pair of user and action.
        taken: bool[n], whether the user took the action.
    """
    positive, negative = scores[taken], np.sort(scores[~taken])
    if not len(positive) or not len(negative):
        return 0.0
    below = np.searchsorted(negative, positive, side="left") + np.searchsorted(negative, positive, side="right")
    return float(below.mean() / (2 * len(negative)))


def mean_share_by_action(correct: NDArray[np.bool_], *, total: NDArray[np.bool_]) -> float:
    """Return the mean over actions of (users correctly predicted to take the action) / (users in `total`).

    The result is the precision if `total` marks the users to whom an action was recommended, and the recall if it marks
    those who took it. The guide averages over all actions; leaving out actions without users is our choice.

    Args:
        correct: bool[users, actions], true only where `total` is true.
        total: bool[users, actions], the users to count for each action.
    """
    users = total.sum(axis=0)
    return float((correct.sum(axis=0)[users > 0] / users[users > 0]).mean()) if users.any() else 0.0


def _hold_out(
    data: TrainingData, interactions: ActionInteractions, *, starts: NDArray[np.int64], stops: NDArray[np.int64]
) -> TrainingData:
    """Return the data with the action interactions from `starts` up to `stops` marked as held out."""
    assert data.action_interactions is not None  # noqa: S101  the interactions were read from it
    held_out = np.zeros(data.action_interactions.rows, dtype=bool)
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        held_out[interactions.row[start:stop]] = True
    return replace(data, held_out=held_out)
