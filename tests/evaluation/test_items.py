import math
from dataclasses import replace

import numpy as np
import pytest
from evaluation.materials import RANKING_METRICS, from_pairs
from recipes.materials import training_data

from personalize_mock.evaluation import items
from personalize_mock.evaluation.items import ItemsEvaluation
from personalize_mock.evaluation.split import Split
from personalize_mock.recipes.personal.user_personalization import UserPersonalization
from personalize_mock.recipes.popular.popularity_count import PopularityCount


def evaluate(model, split, *, catalogue_size, rewards=None):
    evaluation = ItemsEvaluation(train=training_data(split.train), catalogue_size=catalogue_size, split=split)
    return evaluation.measure(model, rewards=rewards)


def fitted(recipe, interactions):
    return recipe.fit(training_data(interactions), config={}, objective=None, seed=0)


def popular(interactions):
    return fitted(PopularityCount(), interactions)


@pytest.fixture
def split():
    """Items with three, two and one users; the items b and c of one test user are held out."""
    train = from_pairs(("u", "a"), ("v", "a"), ("w", "a"), ("u", "b"), ("v", "b"), ("u", "c"))
    return Split(train=train, users=np.array([2], dtype=np.int32), relevant=[np.array([1, 2], dtype=np.int32)])


def test_metrics_have_the_names_and_order_of_the_service(split):
    assert list(evaluate(popular(split.train), split, catalogue_size=4)) == RANKING_METRICS
    rewarded = evaluate(popular(split.train), split, catalogue_size=4, rewards=np.ones(3))
    assert list(rewarded) == ["average_rewards_at_k", *RANKING_METRICS]


def test_metrics_equal_those_calculated_by_hand(split):
    ideal = 1 + 1 / math.log2(3)
    gain = round((1 / math.log2(3) + 1 / math.log2(4)) / ideal, 4)
    assert evaluate(popular(split.train), split, catalogue_size=4) == {
        "coverage": 0.75,
        "mean_reciprocal_rank_at_25": 0.5,
        "normalized_discounted_cumulative_gain_at_10": gain,
        "normalized_discounted_cumulative_gain_at_25": gain,
        "normalized_discounted_cumulative_gain_at_5": gain,
        "precision_at_10": 0.2,
        "precision_at_25": 0.08,
        "precision_at_5": 0.4,
    }


def test_in_large_data_evenly_spaced_test_users_are_measured(split, monkeypatch):
    both = replace(split, users=np.array([2, 0], dtype=np.int32), relevant=[split.relevant[0], np.array([0])])
    model, all_metrics = popular(split.train), evaluate(popular(split.train), both, catalogue_size=4)
    monkeypatch.setattr(items, "MOST_SCORES", 7)
    assert evaluate(model, both, catalogue_size=4) == evaluate(model, split, catalogue_size=4) != all_metrics
    monkeypatch.setattr(items, "MOST_SCORES", 8)
    assert evaluate(model, both, catalogue_size=4) == all_metrics


def test_exploration_only_changes_coverage(with_new_items):
    evaluation = ItemsEvaluation.from_data(training_data(with_new_items), seed=0)
    exploring, without_exploration = (
        fitted(recipe, evaluation.split.train)
        for recipe in (UserPersonalization(), UserPersonalization(exploration=None))
    )
    assert (exploring.explores, without_exploration.explores) == (True, False)
    not_exploring = replace(exploring, exploration_candidates=None)
    metrics, without = (evaluation.measure(model) for model in (exploring, not_exploring))
    assert metrics.pop("coverage") > without.pop("coverage")
    assert metrics == without


@pytest.fixture
def with_new_items():
    """Interactions with twenty items of five users each, then with forty new items of one user each."""
    rows = [(f"u{user:02}", f"i{(user + turn) % 20:02}") for user in range(40) for turn in range(5)]
    return from_pairs(*rows, *((f"v{user:02}", f"new{user:02}") for user in range(40)))


def test_without_test_users_all_metrics_are_zero():
    interactions = from_pairs(("u", "a"), ("v", "a"))
    for recipe in (PopularityCount(), UserPersonalization()):
        split = Split.from_interactions(interactions, seed=0)
        model = fitted(recipe, split.train)
        metrics = evaluate(model, split, catalogue_size=1, rewards=np.ones(1))
        assert set(metrics.values()) == {0.0}


def test_metrics_of_the_smallest_split_are_finite():
    split = Split.from_interactions(from_pairs(("u", "a"), ("u", "b")), seed=0)
    model = fitted(UserPersonalization(), split.train)
    metrics = evaluate(model, split, catalogue_size=2, rewards=np.array([1.0, np.nan]))
    assert all(math.isfinite(value) for value in metrics.values())


def test_ndcg_is_three_times_that_of_popularity_on_real_data(real_data):
    """tests/benchmarks/relevance.py prints the margin over ten splits."""
    interactions = movielens(real_data)
    ours, baseline = [], []
    for seed in range(2):
        split = Split.from_interactions(interactions, seed=seed)
        model = fitted(UserPersonalization(), split.train)
        for gains, evaluated in ((ours, model), (baseline, popular(split.train))):
            metrics = evaluate(evaluated, split, catalogue_size=len(interactions.items))
            gains.append(metrics["normalized_discounted_cumulative_gain_at_25"])
    assert np.mean(ours) > 3 * np.mean(baseline)


def movielens(folder):
    import csv
    import gzip

    with gzip.open(folder / "interactions.csv.gz", "rt", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if float(row["EVENT_VALUE"]) > 3]
    rows = [(row["USER_ID"], row["ITEM_ID"]) for row in rows]  # the file is sorted by time
    return from_pairs(*rows)
