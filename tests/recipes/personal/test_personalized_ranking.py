import numpy as np
import pytest
from recipes.materials import training_data

from personalize_mock.recipes.base import Exploration, Query
from personalize_mock.recipes.objective import Objective, attribute_grades
from personalize_mock.recipes.registry import RECIPES


def fitted(interactions, name="aws-personalized-ranking", *, objective=None, **config):
    return RECIPES[name].fit(training_data(interactions), config=config, objective=objective, seed=0)


@pytest.fixture(scope="module", params=["aws-personalized-ranking", "aws-personalized-ranking-v2"])
def model(request, films):
    return fitted(films, request.param)


def some(films, count, seed=0):
    return np.sort(np.random.default_rng(seed).choice(len(films.items), count, replace=False)).astype(np.int32)


def test_all_given_items_are_ranked_and_their_scores_sum_to_one(model, films):
    given = some(films, 16)
    ranking = model.rank(Query(history=films.history(3)), n=16, candidates=given)
    assert sorted(ranking.indices.tolist()) == given.tolist()
    assert ranking.scores.sum() == pytest.approx(1)
    assert np.all(np.diff(ranking.scores) <= 0)


def test_the_order_is_that_of_the_whole_catalogue(model, films):
    query = Query(history=films.history(3))
    whole = model.rank(query, n=300).indices
    given = some(films, 100)
    assert model.rank(query, n=100, candidates=given).indices.tolist() == whole[np.isin(whole, given)].tolist()


def test_unknown_items_are_left_out(interactions_of, preferences):
    interactions = interactions_of(preferences(users=50), catalogue=["zz"])
    given = np.array([3, interactions.items.index("zz")], dtype=np.int32)
    ranking = fitted(interactions).rank(Query(history=interactions.history(3)), n=2, candidates=given)
    assert ranking.indices.tolist() == [3]


def test_popular_items_come_first_for_an_unknown_user(films):
    model = fitted(films, recency_mask="false")
    counts = films.csr().getnnz(axis=0)
    indices = model.rank(Query(), n=30, candidates=some(films, 30)).indices
    assert counts[indices[:10]].min() > counts[indices[-10:]].max()


def test_nothing_is_explored(model, films):
    query = Query(history=films.history(3), exploration=Exploration(weight=1.0, age_cut_off=30.0, seed=0))
    plain = model.rank(Query(history=films.history(3)), n=50)
    assert model.rank(query, n=50).indices.tolist() == plain.indices.tolist()


def test_an_objective_has_the_effect_that_it_has_on_recommendations(films):
    price = np.random.default_rng(0).lognormal(size=len(films.items))
    grades = attribute_grades(price)
    given, query = some(films, 150), Query(history=films.history(3))
    heads = []
    for level in ("OFF", "LOW", "MEDIUM", "HIGH"):
        objective = Objective(attribute=price, sensitivity=level)
        one, other = (
            fitted(films, name, objective=objective).rank(query, n=150, candidates=given)
            for name in ("aws-personalized-ranking", "aws-user-personalization")
        )
        assert one.indices.tobytes() == other.indices.tobytes()
        assert one.scores.tobytes() == other.scores.tobytes()
        heads.append(grades[one.indices[:25]].mean())
    assert np.all(np.diff(heads) > 0)
