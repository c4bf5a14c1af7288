import numpy as np

from personalize_mock.recipes.popularity import PopularityCount


def test_items_are_ranked_by_distinct_users_not_by_events(events_of):
    loyal = [("u", "often", time) for time in range(9)]
    events = events_of([*loyal, ("u", "liked", 1), ("v", "liked", 1), ("v", "also", 2), ("w", "also", 2)])
    model = PopularityCount().fit(events, config={}, objective=None, seed=0)
    ranking = model.rank(np.empty(0, dtype=np.int32), n=9)
    assert events.items.take(ranking.items) == ["also", "liked", "often"]
    assert ranking.scores is None


def test_the_history_makes_no_difference(films):
    model = PopularityCount().fit(films, config={}, objective=None, seed=0)
    assert not model.personal
    assert np.array_equal(model.rank(films.history(0), n=25).items, model.rank(films.history(1), n=25).items)
