import numpy as np
import pytest
from recipes.materials import asked, data

from personalize_mock.recipes.popularity import PopularityCount
from personalize_mock.recipes.registry import RECIPES


def fitted(events):
    return PopularityCount().fit(data(events), config={}, objective=None, seed=0)


def test_items_are_ranked_by_distinct_users_not_by_events(events_of):
    loyal = [("u", "often", time) for time in range(9)]
    events = events_of([*loyal, ("u", "liked", 1), ("v", "liked", 1), ("v", "also", 2), ("w", "also", 2)])
    ranking = fitted(events).rank(asked(), n=9)
    assert events.items.take(ranking.codes) == ["also", "liked", "often"]
    assert ranking.scores is None


def test_the_history_makes_no_difference(films):
    model = fitted(films)
    assert not model.personal
    one, other = (model.rank(asked(films.history(user)), n=25).codes for user in (0, 1))
    assert np.array_equal(one, other)


@pytest.mark.parametrize(
    "name", ["aws-ecomm-popular-items-by-purchases", "aws-ecomm-popular-items-by-views", "aws-vod-most-popular"]
)
def test_the_popular_use_cases_of_the_domains_count_too(name):
    assert isinstance(RECIPES[name], PopularityCount)
