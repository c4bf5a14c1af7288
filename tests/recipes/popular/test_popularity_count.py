import numpy as np
import pytest
from recipes.materials import make_query, training_data

from personalize_mock.recipes.popular.popularity_count import PopularityCount
from personalize_mock.recipes.registry import RECIPES


def fitted(interactions):
    return PopularityCount().fit(training_data(interactions), config={}, objective=None, seed=0)


def test_items_are_ranked_by_distinct_users(interactions_of):
    loyal = [("u", "often", time) for time in range(9)]
    interactions = interactions_of([*loyal, ("u", "liked", 1), ("v", "liked", 1), ("v", "also", 2), ("w", "also", 2)])
    ranking = fitted(interactions).rank(make_query(), n=9)
    assert interactions.items.at(ranking.indices) == ["also", "liked", "often"]
    assert ranking.scores is None


def test_the_user_history_is_ignored(films):
    model = fitted(films)
    one, other = (model.rank(make_query(films.history(user)), n=25).indices for user in (0, 1))
    assert np.array_equal(one, other)


LOYAL = [*(("u", "often", time) for time in range(9)), ("u", "liked", 1), ("v", "liked", 1)]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("aws-popularity-count", "liked"),
        ("aws-vod-most-popular", "liked"),
        ("aws-ecomm-popular-items-by-views", "often"),
        ("aws-ecomm-popular-items-by-purchases", "often"),
    ],
)
def test_each_recipe_counts_users_or_interactions(interactions_of, name, first):
    interactions = interactions_of(LOYAL)
    model = RECIPES[name].fit(training_data(interactions), config={}, objective=None, seed=0)
    assert interactions.items.at(model.rank(make_query(), n=1).indices) == [first]
