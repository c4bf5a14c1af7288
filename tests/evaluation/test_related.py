import math

import numpy as np
import pytest
from evaluation.materials import RANKING_METRICS, from_pairs
from recipes.materials import training_data

from personalize_mock.data.interaction_matrix import empty_interaction_matrix
from personalize_mock.data.tables import Strings, Table
from personalize_mock.evaluation.related import RelatedEvaluation
from personalize_mock.recipes.base import Model, Ranking
from personalize_mock.recipes.popular.popularity_count import PopularityCount
from personalize_mock.recipes.related.sims import Sims


class Fixed(Model):
    """A given list for each item; records the items of queries."""

    uses_item = True

    def __init__(self, **lists):
        self.lists = {int(name[1:]): items for name, items in lists.items()}
        self.queried = []

    def rank(self, query, *, n, candidates=None):
        assert candidates is None
        self.queried.append(query.item)
        return Ranking(indices=np.array(self.lists.get(query.item, [])[:n], dtype=np.int32))


def walk(*items, user="u"):
    return [(user, item) for item in items]


def make_evaluation(*rows, seed=0):
    return RelatedEvaluation.from_data(training_data(from_pairs(*rows)), seed=seed)


def test_the_query_is_the_newest_remaining_item_and_held_out_items_are_relevant():
    evaluation = make_evaluation(*walk("a", "b", "c", "d"))
    model = Fixed(i2=[0, 3])
    metrics = evaluation.measure(model)
    assert model.queried == [2]
    assert list(metrics) == RANKING_METRICS
    assert metrics["mean_reciprocal_rank_at_25"] == 0.5
    assert metrics["normalized_discounted_cumulative_gain_at_5"] == round(1 / math.log2(3), 4)
    assert (metrics["precision_at_5"], metrics["precision_at_10"], metrics["precision_at_25"]) == (0.2, 0.1, 0.04)
    assert metrics["coverage"] == 0.5


def test_held_out_interactions_are_not_trained_on():
    evaluation = make_evaluation(*walk("a", "b", "c", "d"))
    assert evaluation.train.interactions.item.tolist() == [0, 1, 2]
    assert evaluation.catalogue_size == 4


def test_a_tenth_of_the_interactions_of_a_tenth_of_the_users_is_held_out():
    rows = [(f"u{user:02}", f"i{(user * 7 + position) % 90:02}") for user in range(40) for position in range(30)]
    evaluation = make_evaluation(*rows)
    assert len(evaluation.query_items) == 4
    assert {len(items) for items in evaluation.relevant} == {3}
    assert make_evaluation(*rows).query_items.tolist() == evaluation.query_items.tolist()
    assert any(
        make_evaluation(*rows, seed=seed).query_items.tolist() != evaluation.query_items.tolist()
        for seed in range(1, 5)
    )


def test_the_query_item_is_never_relevant():
    evaluation = make_evaluation(*walk("a", "b", "b"))
    assert evaluation.query_items.tolist() == []
    assert set(evaluation.measure(Fixed()).values()) == {0.0}


def test_without_interactions_coverage_is_the_only_metric():
    _, interactions = empty_interaction_matrix(Table(columns={"ITEM_ID": Strings.from_values("abcd")}, rows=4))
    evaluation = RelatedEvaluation.from_data(training_data(interactions), seed=0)
    assert evaluation.measure(Fixed(i0=[1], i1=[0], i2=[1], i3=[])) == {"coverage": 0.5}


def test_coverage_without_interactions_samples_at_most_a_thousand_items():
    _, interactions = empty_interaction_matrix(
        Table(columns={"ITEM_ID": Strings.from_values(map(str, range(2500)))}, rows=2500)
    )
    model = Fixed()
    RelatedEvaluation.from_data(training_data(interactions), seed=0).measure(model)
    assert len(model.queried) == pytest.approx(834)
    assert model.queried[:2] == [0, 3]


def test_rewards_are_ignored():
    evaluation = make_evaluation(*walk("a", "b", "c"))
    assert list(evaluation.measure(Fixed(i1=[2]), rewards=np.ones(3))) == RANKING_METRICS


def test_related_items_beat_popular_items(films):
    evaluation = RelatedEvaluation.from_data(training_data(films), seed=0)
    gains = [
        evaluation.measure(recipe.fit(evaluation.train, config={}, objective=None, seed=0))[evaluation.main_metric]
        for recipe in (Sims(), PopularityCount())
    ]
    assert gains[0] > 1.5 * gains[1]


@pytest.fixture(scope="session")
def films():
    """200 users, who each prefer one of five groups of items."""
    rng = np.random.default_rng(0)
    popular = 1 / np.arange(1, 61)
    popular /= popular.sum()
    rows = [
        (f"u{user:03}", f"i{item * 5 + user % 5:03}")
        for user in range(200)
        for item in rng.choice(60, size=30, replace=False, p=popular)
    ]
    return from_pairs(*rows)
