from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from recipes.conftest import from_files, make_interactions, preference_triples
from recipes.materials import full_training_data, training_data

from personalize_mock.evaluation import segments
from personalize_mock.evaluation.segments import SegmentsEvaluation
from personalize_mock.recipes.segments.affinity_model import AffinityModel
from personalize_mock.recipes.segments.item_affinity import ItemAffinity
from personalize_mock.recipes.segments.item_attribute_affinity import ItemAttributeAffinity

METRICS = ["coverage", "hits_at_1_percent", "recall_at_1_percent"]


@dataclass(frozen=True, kw_only=True, eq=False)
class MostActiveUsers(AffinityModel):
    """The users with the most interactions for every query."""

    uses_item: ClassVar[bool] = True

    def target(self, query):  # noqa: ARG002  the same for any query
        return np.ones(1, dtype=np.float32)

    def adjust(self, scores, query):
        pass


def most_active(evaluation):
    lengths = evaluation.train.interactions.lengths()
    return MostActiveUsers(
        user_indices=np.arange(len(lengths), dtype=np.int32), users=lengths.astype(np.float32)[:, None]
    )


def crowd():
    """Return interactions of 150 users with ten items each, of which `x` and `y` are the newest; one user has more."""
    rows = [
        (f"u{user:03}", f"a{turn}" if turn < 8 else "xy"[turn - 8], turn) for user in range(150) for turn in range(10)
    ]
    return make_interactions([*rows, *(("u000", f"b{turn}", -turn) for turn in range(1, 3))])


def test_the_newest_fifth_of_each_users_interactions_is_held_out():
    interactions = crowd()
    evaluation = SegmentsEvaluation.from_data(training_data(interactions), seed=0)
    assert set(evaluation.held_out.items.at(evaluation.held_out.item)) == {"x", "y"}
    assert len(evaluation.train.interactions) + len(evaluation.held_out) == len(interactions)


def test_every_user_keeps_at_least_one_interaction():
    evaluation = SegmentsEvaluation.from_data(
        training_data(make_interactions([("u", "a", 1), ("u", "b", 2), ("v", "a", 1)])), seed=0
    )
    assert evaluation.train.interactions.lengths().tolist() == [1, 1]
    assert evaluation.held_out.lengths().tolist() == [1, 0]


def test_metrics_equal_those_calculated_by_hand():
    evaluation = SegmentsEvaluation.from_data(training_data(crowd()), seed=0)
    # One percent of 150 users is two, rounded up; both users are relevant for both items.
    assert evaluation.measure(most_active(evaluation)) == {
        "coverage": round(2 / 150, 4),
        "hits_at_1_percent": 2.0,
        "recall_at_1_percent": round(2 / 150, 4),
    }


def test_hits_and_recall_are_means_over_queries():
    hits = np.array([[True, True], [False, True], [False, False]])
    relevant = [np.arange(4), np.arange(1), np.arange(2)]
    assert segments.mean_hits(hits) == 1.0
    assert segments.mean_recall(hits, relevant=relevant) == pytest.approx((0.5 + 1 + 0) / 3)


def test_models_of_attributes_are_queried_by_attributes():
    films = make_interactions(preference_triples())
    evaluation = SegmentsEvaluation.from_data(full_training_data(films), seed=0)
    model = ItemAttributeAffinity().fit(evaluation.train, config={}, objective=None, seed=0)
    metrics = evaluation.measure(model)
    assert list(metrics) == METRICS
    assert metrics["hits_at_1_percent"] > 1  # of two: users prefer genres, prices mean nothing
    assert 0 < metrics["coverage"] < 0.2  # 14 values, two users each, of 200


def test_an_item_affinity_beats_the_most_active_users():
    films = make_interactions(preference_triples())
    evaluation = SegmentsEvaluation.from_data(training_data(films), seed=0)
    model = ItemAffinity().fit(evaluation.train, config={}, objective=None, seed=0)
    ours, baseline = evaluation.measure(model), evaluation.measure(most_active(evaluation))
    assert list(ours) == METRICS
    assert ours["hits_at_1_percent"] > 2 * baseline["hits_at_1_percent"]
    assert ours["recall_at_1_percent"] > 2 * baseline["recall_at_1_percent"]
    assert ours["coverage"] > 10 * baseline["coverage"]


def test_the_seed_draws_a_sample_of_many_queries(monkeypatch):
    films = make_interactions(preference_triples())
    monkeypatch.setattr(segments, "MAX_QUERIES", 20)
    evaluations = [SegmentsEvaluation.from_data(training_data(films), seed=seed) for seed in (0, 0, 1)]
    model = ItemAffinity().fit(evaluations[0].train, config={}, objective=None, seed=0)
    first, again, other = (evaluation.measure(model) for evaluation in evaluations)
    assert first == again != other


def test_without_held_out_interactions_all_metrics_are_zero():
    evaluation = SegmentsEvaluation.from_data(
        full_training_data(make_interactions([("u", "a", 1), ("v", "b", 1)])), seed=0
    )
    model = ItemAffinity().fit(evaluation.train, config={}, objective=None, seed=0)
    assert evaluation.measure(model) == dict.fromkeys(METRICS, 0.0)


def test_item_affinity_beats_the_most_active_users_on_real_data(real_data):
    evaluation = SegmentsEvaluation.from_data(training_data(from_files(real_data, 4)), seed=0)
    model = ItemAffinity().fit(evaluation.train, config={}, objective=None, seed=0)
    ours, baseline = evaluation.measure(model), evaluation.measure(most_active(evaluation))
    for key in METRICS[1:]:
        assert ours[key] > 1.5 * baseline[key]
