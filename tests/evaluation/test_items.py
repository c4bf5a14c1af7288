import math
from dataclasses import replace

import numpy as np
import pytest
from recipes.materials import training_data

from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.evaluation.items import ItemsEvaluation
from personalize_mock.evaluation.split import Split
from personalize_mock.recipes.personal.user_personalization import UserPersonalization
from personalize_mock.recipes.popular.popularity_count import PopularityCount

KEYS = [
    "coverage",
    "mean_reciprocal_rank_at_25",
    "normalized_discounted_cumulative_gain_at_10",
    "normalized_discounted_cumulative_gain_at_25",
    "normalized_discounted_cumulative_gain_at_5",
    "precision_at_10",
    "precision_at_25",
    "precision_at_5",
]


def events_of(*rows):
    users, items = zip(*rows, strict=True)
    times = Numbers(values=np.arange(len(rows)))
    columns = {"USER_ID": Strings.from_values(users), "ITEM_ID": Strings.from_values(items), "TIMESTAMP": times}
    return interaction_matrix(Table(columns=columns, rows=len(rows)))


def evaluate(model, parts, *, catalogue_size, rewards=None):
    evaluation = ItemsEvaluation(train=training_data(parts.train), catalogue_size=catalogue_size, split=parts)
    return evaluation.measure(model, rewards=rewards)


def fitted(recipe, events):
    return recipe.fit(training_data(events), config={}, objective=None, seed=0)


def popular(events):
    return fitted(PopularityCount(), events)


@pytest.fixture
def parts():
    """Three items with three, two and one users; of the one test user c and b are held out."""
    train = events_of(("u", "a"), ("v", "a"), ("w", "a"), ("u", "b"), ("v", "b"), ("u", "c"))
    return Split(train=train, users=np.array([2], dtype=np.int32), relevant=[np.array([1, 2], dtype=np.int32)])


def test_metrics_have_the_names_and_order_of_the_service(parts):
    assert list(evaluate(popular(parts.train), parts, catalogue_size=4)) == KEYS
    rewarded = evaluate(popular(parts.train), parts, catalogue_size=4, rewards=np.ones(3))
    assert list(rewarded) == ["average_rewards_at_k", *KEYS]


def test_metrics_equal_those_calculated_by_hand(parts):
    ideal = 1 + 1 / math.log2(3)
    gain = round((1 / math.log2(3) + 1 / math.log2(4)) / ideal, 4)
    assert evaluate(popular(parts.train), parts, catalogue_size=4) == {
        "coverage": 0.75,
        "mean_reciprocal_rank_at_25": 0.5,
        "normalized_discounted_cumulative_gain_at_10": gain,
        "normalized_discounted_cumulative_gain_at_25": gain,
        "normalized_discounted_cumulative_gain_at_5": gain,
        "precision_at_10": 0.2,
        "precision_at_25": 0.08,
        "precision_at_5": 0.4,
    }


def test_exploration_only_changes_coverage(events_of_newcomers):
    evaluation = ItemsEvaluation.from_data(training_data(events_of_newcomers), seed=0)
    exploring, other = (
        fitted(recipe, evaluation.split.train)
        for recipe in (UserPersonalization(), UserPersonalization(exploration=None))
    )
    assert (exploring.explores, other.explores) == (True, False)
    metrics, without = (
        evaluation.measure(each) for each in (exploring, replace(exploring, exploration_candidates=None))
    )
    assert metrics.pop("coverage") > without.pop("coverage")
    assert metrics == without


@pytest.fixture
def events_of_newcomers():
    """Users who like five items each of twenty, and forty new items that one user each touched last."""
    rows = [(f"u{user:02}", f"i{(user + turn) % 20:02}") for user in range(40) for turn in range(5)]
    return events_of(*rows, *((f"v{user:02}", f"new{user:02}") for user in range(40)))


def test_without_test_users_all_metrics_are_zero():
    events = events_of(("u", "a"), ("v", "a"))
    for recipe in (PopularityCount(), UserPersonalization()):
        parts = Split.from_interactions(events, seed=0)
        model = fitted(recipe, parts.train)
        metrics = evaluate(model, parts, catalogue_size=1, rewards=np.ones(1))
        assert set(metrics.values()) == {0.0}


def test_metrics_of_the_smallest_split_are_finite():
    parts = Split.from_interactions(events_of(("u", "a"), ("u", "b")), seed=0)
    model = fitted(UserPersonalization(), parts.train)
    metrics = evaluate(model, parts, catalogue_size=2, rewards=np.array([1.0, np.nan]))
    assert all(math.isfinite(value) for value in metrics.values())


def test_ndcg_is_three_times_that_of_popularity_on_real_data(real_data):
    """The margin that the model was chosen for; tests/benchmarks/relevance.py prints it over ten splits."""
    events = movielens(real_data)
    ours, theirs = [], []
    for seed in range(3):
        parts = Split.from_interactions(events, seed=seed)
        model = fitted(UserPersonalization(), parts.train)
        for found, each in ((ours, model), (theirs, popular(parts.train))):
            metrics = evaluate(each, parts, catalogue_size=len(events.items))
            found.append(metrics["normalized_discounted_cumulative_gain_at_25"])
    assert np.mean(ours) > 3 * np.mean(theirs)


def movielens(folder):
    import csv
    import gzip

    with gzip.open(folder / "interactions.csv.gz", "rt", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if float(row["EVENT_VALUE"]) > 3]
    rows = [(row["USER_ID"], row["ITEM_ID"]) for row in rows]  # the file is sorted by time
    return events_of(*rows)
