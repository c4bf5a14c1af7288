import numpy as np
import pytest
from recipes.materials import training_data

from personalize_mock.recipes.base import Exploration, Query
from personalize_mock.recipes.personal.shortlist import EXPLORATION, POPULAR_ITEM, SHORTLIST
from personalize_mock.recipes.registry import RECIPES


@pytest.fixture(scope="module")
def data(interactions_of, preferences):
    """More items with interactions than the shortlist holds, and some without."""
    return training_data(
        interactions_of(preferences(users=400, items=2000, length=40), catalogue=map("x{:03}".format, range(40)))
    )


@pytest.fixture(scope="module")
def model(data):
    return fitted(data)


def fitted(data, name="aws-user-personalization-v2", **config):
    return RECIPES[name].fit(data, config=config, objective=None, seed=0)


def worst(model, data, count, user=3):
    """Return the items that the user would get last."""
    plain = fitted(data, "aws-user-personalization", max_user_history_length_percentile="1.0")
    return plain.rank(Query(history=data.interactions.history(user)), n=5000).indices[-count:]


def test_scores_are_a_softmax_over_the_shortlist(model, data):
    ranking = model.rank(Query(history=data.interactions.history(3)), n=500)
    assert ranking.reasons == [None] * 500
    assert np.all(np.diff(ranking.scores) <= 0)
    long = model.rank(Query(history=data.interactions.history(3)), n=5000)
    assert np.count_nonzero(~np.isnan(long.scores)) == SHORTLIST
    assert np.nansum(long.scores) == pytest.approx(1, abs=1e-5)


def test_popular_items_follow_if_a_filter_leaves_too_few(model, data):
    query = Query(history=data.interactions.history(3))
    short = model.rank(query, n=3).indices
    others = worst(model, data, 50)
    candidates = np.sort(np.concatenate((short, others))).astype(np.int32)
    ranking = model.rank(query, n=25, candidates=candidates)
    assert ranking.indices[:3].tolist() == short.tolist()
    assert ranking.reasons == [None] * 3 + [POPULAR_ITEM] * 22
    assert np.isnan(ranking.scores).tolist() == [False] * 3 + [True] * 22
    assert ranking.scores[:3].sum() == pytest.approx(1)
    counts = np.bincount(data.interactions.item, minlength=len(data.interactions.items))[ranking.indices[3:]]
    assert np.all(np.diff(counts) <= 0)
    assert set(ranking.indices.tolist()) <= set(candidates.tolist())


def test_all_are_popular_items_if_a_filter_leaves_none_of_the_shortlist(model, data):
    candidates = np.sort(worst(model, data, 50)).astype(np.int32)
    ranking = model.rank(Query(history=data.interactions.history(3)), n=10, candidates=candidates)
    assert ranking.reasons == [POPULAR_ITEM] * 10


def test_items_without_interactions_are_not_popular_items(model, data):
    cold = np.flatnonzero(~data.interactions.warm).astype(np.int32)
    assert len(model.rank(Query(history=data.interactions.history(3)), n=25, candidates=cold).indices) == 0


def test_one_item_in_a_thousand_is_explored_at_any_weight(model, data):
    history = data.interactions.history(3)
    explored = []
    for seed in range(1500):
        for weight in (0.1, 1.0):
            exploration = Exploration(weight=weight, age_cut_off=1.0, seed=seed)
            ranking = model.rank(Query(history=history, exploration=exploration), n=25)
            explored += [(seed, weight, place) for place, why in enumerate(ranking.reasons) if why == EXPLORATION]
    assert 0.0005 < len(explored) / (3000 * 25) < 0.0015
    assert {case[::2] for case in explored if case[1] == 0.1} == {case[::2] for case in explored if case[1] == 1.0}


def test_the_recency_bias_can_be_turned_off(data):
    off = fitted(data, apply_recency_bias="false")
    assert set(off.recency_weights) == {1.0}
