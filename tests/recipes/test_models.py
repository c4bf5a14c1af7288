"""Properties of the models of every recipe."""

from dataclasses import replace

import numpy as np
import pytest
from recipes.materials import full_training_data, make_query

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.base import Model, Query, Recipe, TrainingData, TrainingFailed
from personalize_mock.recipes.registry import RECIPES
from personalize_mock.resources import catalogue

pytestmark = pytest.mark.parametrize("name", RECIPES)


@pytest.fixture(scope="module")
def data(films: InteractionMatrix) -> TrainingData:
    return full_training_data(films)


@pytest.fixture(scope="module")
def models(data: TrainingData) -> dict[str, Model]:
    """One model of each recipe."""
    return {name: recipe.fit(data, config={}, objective=None, seed=0) for name, recipe in RECIPES.items()}


@pytest.fixture
def model(name: str, models: dict[str, Model]) -> Model:
    return models[name]


def query_for(model: Model, data: TrainingData, turn: int = 3) -> Query:
    """Return a query of the kind that the model answers."""
    attributes = (("GENRES", "Comedy"),) if model.ranks == "users" else ()
    return make_query(
        data.interactions.history(turn),
        user=turn,
        item=10 + turn if model.uses_item else -1,
        attributes=attributes,
        now=data.now,
    )


def size(model: Model, data: TrainingData) -> int:
    if model.ranks == "actions":
        return len(data.actions.ids)
    return len(data.interactions.users if model.ranks == "users" else data.interactions.items)


def same(one, other):
    equal = one.indices.tobytes() == other.indices.tobytes()
    return equal and (one.scores is None or one.scores.tobytes() == other.scores.tobytes())


def test_it_is_a_recipe(name):
    assert isinstance(RECIPES[name], Recipe)


def test_a_ranking_has_as_many_distinct_indices_as_asked_for(model, data):
    ranking = model.rank(query_for(model, data), n=10)
    assert len(set(ranking.indices.tolist())) == 10
    assert ranking.indices.dtype == np.int32
    assert ranking.indices.min() >= 0
    assert ranking.indices.max() < size(model, data)


def test_a_request_for_more_than_there_is_returns_each_index_once(model, data):
    indices = model.rank(query_for(model, data), n=5000).indices
    assert len(set(indices.tolist())) == len(indices) <= size(model, data)


def test_only_candidates_are_ranked_whether_given_as_mask_or_as_indices(model, data):
    count, query = size(model, data), query_for(model, data)
    for share in (0.1, 0.6):
        mask = np.random.default_rng(0).random(count) < share
        by_mask = model.rank(query, n=500, candidates=mask)
        by_indices = model.rank(query, n=500, candidates=np.flatnonzero(mask).astype(np.int32))
        assert set(by_mask.indices.tolist()) <= set(np.flatnonzero(mask).tolist())
        assert by_mask.indices.tolist() == by_indices.indices.tolist()


def test_all_candidates_of_a_mask_are_ranked(model, data):
    everyone = model.rank(query_for(model, data), n=5000).indices
    mask = np.zeros(size(model, data), dtype=bool)
    mask[everyone[::3]] = True
    ranked = model.rank(query_for(model, data), n=5000, candidates=mask).indices
    assert sorted(ranked.tolist()) == sorted(everyone[::3].tolist())


def test_no_candidates_give_an_empty_ranking(model, data):
    nothing = np.zeros(size(model, data), dtype=bool)
    for candidates in (nothing, np.empty(0, dtype=np.int32)):
        ranking = model.rank(query_for(model, data), n=25, candidates=candidates)
        assert len(ranking.indices) == 0
        assert ranking.scores is None or len(ranking.scores) == 0


def test_a_request_for_nothing_gives_an_empty_ranking(model, data):
    assert len(model.rank(query_for(model, data), n=0).indices) == 0


def test_a_mask_of_everything_changes_nothing(model, data):
    mask = np.ones(size(model, data), dtype=bool)
    query = query_for(model, data)
    whole, masked = model.rank(query, n=10), model.rank(query, n=10, candidates=mask)
    assert whole.indices.tolist() == masked.indices.tolist()
    assert whole.scores is None or np.allclose(whole.scores, masked.scores, rtol=1e-4, equal_nan=True)


def test_unknown_users_and_items_get_a_ranking(model, data):
    ranking = model.rank(Query(now=data.now), n=10)
    assert model.ranks == "users" or len(ranking.indices) == 10
    assert (ranking.scores is not None) == model.scored


def test_unknown_items_in_a_history_are_ignored(model, data):
    query = query_for(model, data)
    strange = replace(query, history=np.concatenate(([-1], query.history, [-1])).astype(np.int32))
    assert same(model.rank(strange, n=10), model.rank(query, n=10))


def test_a_history_changes_the_list_of_personal_recipes_only(name, model, data):
    if model.ranks != "items":
        pytest.skip("ranks no items")
    entry = catalogue.recipe(f"arn:aws:personalize:::recipe/{name}")
    lists = {tuple(model.rank(query_for(model, data, turn), n=10).indices.tolist()) for turn in range(20)}
    assert (len(lists) > 1) == (entry.realtime_personalization or model.uses_item)


def test_the_item_of_the_query_is_not_in_the_ranking(model, data):
    if not model.uses_item or model.ranks != "items":
        pytest.skip("is asked about no item")
    for item in range(40):
        assert item not in model.rank(make_query(item=item), n=500).indices


def test_rank_each_returns_what_rank_returns_for_each_query(model, data):
    queries = [Query(now=data.now), *(query_for(model, data, turn) for turn in range(40))]
    rng = np.random.default_rng(0)
    masks = [None if turn % 3 == 0 else rng.random(size(model, data)) < 0.5 for turn in range(41)]
    few = [np.sort(model.rank(query, n=100).indices[::20]) for query in queries]
    for candidates in (masks, [None] * 41, few):
        together = model.rank_each(queries, n=5, candidates=candidates)
        alone = [model.rank(query, n=5, candidates=mask) for query, mask in zip(queries, candidates, strict=True)]
        agreed = [one.indices.tolist() == other.indices.tolist() for one, other in zip(together, alone, strict=True)]
        assert np.mean(agreed) > 0.95
        for one, other in zip(together, alone, strict=True):
            assert one.indices.dtype == np.int32
            assert one.scores is None or np.allclose(one.scores, other.scores, atol=1e-5, equal_nan=True)
            assert (one.reasons is None) == (other.reasons is None)


def test_a_model_without_scores_gives_the_same_rankings(model, data):
    queries = [query_for(model, data, turn) for turn in range(20) for _ in range(2)]
    bare, full = (
        each.rank_each(queries, n=5, candidates=[None] * len(queries)) for each in (model.without_scores(), model)
    )
    assert [one.indices.tolist() for one in bare] == [one.indices.tolist() for one in full]


def test_rank_each_accepts_an_empty_list_of_queries(model, data):
    assert model.rank_each([], n=3, candidates=[]) == []


def test_the_same_data_and_seed_give_the_same_ranking_to_the_bit(name, model, data):
    again = RECIPES[name].fit(data, config={}, objective=None, seed=0)
    assert same(again.rank(query_for(again, data), n=50), model.rank(query_for(model, data), n=50))


def test_a_single_interaction_gives_a_model_or_a_reason(name, tiny):
    data = full_training_data(tiny)
    try:
        model = RECIPES[name].fit(data, config={}, objective=None, seed=0)
    except TrainingFailed as reason:
        assert str(reason).endswith((".", "values"))  # noqa: PT017  a reason is a sentence
        return
    ranking = model.rank(Query(history=tiny.history(0), user=0, now=data.now), n=25)
    assert ranking.scores is None or np.isfinite(ranking.scores).all()


def test_no_interactions_give_a_model_or_a_reason(name, data):
    nothing = replace(data, interactions=data.interactions.select(np.zeros(len(data.interactions), dtype=bool)))
    try:
        model = RECIPES[name].fit(nothing, config={}, objective=None, seed=0)
    except TrainingFailed:
        return
    model.rank(Query(history=data.interactions.history(3), now=data.now), n=25)
    assert len(model.rank_each([Query()], n=2, candidates=[None])) == 1


def test_scores_are_descending_and_scores_of_items_sum_to_one_over_the_candidates(model, data):
    if not model.scored:
        pytest.skip("without scores")
    for share in (0.05, 0.5, 1):
        candidates = np.arange(size(model, data)) < share * size(model, data)
        scores = model.rank(query_for(model, data), n=500, candidates=candidates).scores
        real = scores[~np.isnan(scores)]
        assert np.all(np.diff(real) <= 0)
        assert model.ranks != "items" or real.sum() == pytest.approx(1, abs=1e-5)
