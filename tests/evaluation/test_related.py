import math

import numpy as np
import pytest
from recipes.materials import training_data

from personalize_mock.data.interaction_matrix import empty_interaction_matrix, interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.evaluation.related import RelatedEvaluation
from personalize_mock.recipes.base import Model, Ranking
from personalize_mock.recipes.popular.popularity_count import PopularityCount
from personalize_mock.recipes.related.sims import Sims

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


class Fixed(Model):
    """Ranked each item with a given list, and remembers what it was asked."""

    uses_item = True

    def __init__(self, **lists):
        self.lists = {int(item[1:]): codes for item, codes in lists.items()}
        self.asked = []

    def rank(self, query, *, n, candidates=None):
        assert candidates is None
        self.asked.append(query.item)
        return Ranking(indices=np.array(self.lists.get(query.item, [])[:n], dtype=np.int32))


def events_of(*rows):
    users, items = zip(*rows, strict=True)
    times = Numbers(values=np.arange(len(rows)))
    columns = {"USER_ID": Strings.from_values(users), "ITEM_ID": Strings.from_values(items), "TIMESTAMP": times}
    return interaction_matrix(Table(columns=columns, rows=len(rows)))


def walk(*items, user="u"):
    return [(user, item) for item in items]


def evaluation(*rows, seed=0):
    return RelatedEvaluation.from_data(training_data(events_of(*rows)), seed=seed)


def test_the_query_is_the_newest_remaining_item_and_held_out_items_are_relevant():
    parts = evaluation(*walk("a", "b", "c", "d"))
    model = Fixed(i2=[0, 3])
    metrics = parts.measure(model)
    assert model.asked == [2]
    assert list(metrics) == KEYS
    assert metrics["mean_reciprocal_rank_at_25"] == 0.5
    assert metrics["normalized_discounted_cumulative_gain_at_5"] == round(1 / math.log2(3), 4)
    assert (metrics["precision_at_5"], metrics["precision_at_10"], metrics["precision_at_25"]) == (0.2, 0.1, 0.04)
    assert metrics["coverage"] == 0.5


def test_held_out_interactions_are_not_trained_on():
    parts = evaluation(*walk("a", "b", "c", "d"))
    assert parts.train.interactions.item.tolist() == [0, 1, 2]
    assert parts.catalogue_size == 4


def test_a_tenth_of_the_interactions_of_a_tenth_of_the_users_is_held_out():
    rows = [(f"u{user:02}", f"i{(user * 7 + place) % 90:02}") for user in range(40) for place in range(30)]
    parts = evaluation(*rows)
    assert len(parts.query_items) == 4
    assert {len(codes) for codes in parts.relevant} == {3}
    assert evaluation(*rows).query_items.tolist() == parts.query_items.tolist()
    assert any(evaluation(*rows, seed=seed).query_items.tolist() != parts.query_items.tolist() for seed in range(1, 5))


def test_the_query_item_is_never_relevant():
    parts = evaluation(*walk("a", "b", "b"))
    assert parts.query_items.tolist() == []
    assert set(parts.measure(Fixed()).values()) == {0.0}


def test_without_interactions_coverage_is_the_only_metric():
    _, events = empty_interaction_matrix(Table(columns={"ITEM_ID": Strings.from_values("abcd")}, rows=4))
    parts = RelatedEvaluation.from_data(training_data(events), seed=0)
    assert parts.measure(Fixed(i0=[1], i1=[0], i2=[1], i3=[])) == {"coverage": 0.5}


def test_coverage_without_interactions_samples_at_most_a_thousand_items():
    _, events = empty_interaction_matrix(
        Table(columns={"ITEM_ID": Strings.from_values(map(str, range(2500)))}, rows=2500)
    )
    model = Fixed()
    RelatedEvaluation.from_data(training_data(events), seed=0).measure(model)
    assert len(model.asked) == pytest.approx(834)
    assert model.asked[:2] == [0, 3]


def test_rewards_are_ignored():
    parts = evaluation(*walk("a", "b", "c"))
    assert list(parts.measure(Fixed(i1=[2]), rewards=np.ones(3))) == KEYS


def test_related_items_beat_popular_items(films):
    parts = RelatedEvaluation.from_data(training_data(films), seed=0)
    gains = [
        parts.measure(recipe.fit(parts.train, config={}, objective=None, seed=0))[parts.main_metric]
        for recipe in (Sims(), PopularityCount())
    ]
    assert gains[0] > 1.5 * gains[1]


@pytest.fixture(scope="session")
def films():
    """Users of five tastes, who walk over the items of theirs."""
    rng = np.random.default_rng(0)
    popular = 1 / np.arange(1, 61)
    popular /= popular.sum()
    rows = [
        (f"u{user:03}", f"i{item * 5 + user % 5:03}")
        for user in range(200)
        for item in rng.choice(60, size=30, replace=False, p=popular)
    ]
    return events_of(*rows)
