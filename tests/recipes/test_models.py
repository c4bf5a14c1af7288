"""What holds for every recipe and its models, whatever they were trained on."""

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
def world(films: InteractionMatrix) -> TrainingData:
    return full_training_data(films)


@pytest.fixture(scope="module")
def models(world: TrainingData) -> dict[str, Model]:
    """One model of each recipe."""
    return {name: recipe.fit(world, config={}, objective=None, seed=0) for name, recipe in RECIPES.items()}


@pytest.fixture
def model(name: str, models: dict[str, Model]) -> Model:
    return models[name]


def question(model: Model, data: TrainingData, turn: int = 3) -> Query:
    """Something that the model can be asked."""
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


def test_it_is_a_recipe_with_an_evaluation(name):
    assert isinstance(RECIPES[name], Recipe)


def test_a_ranking_holds_distinct_codes_and_as_many_as_asked_for(model, world):
    ranking = model.rank(question(model, world), n=10)
    assert len(set(ranking.indices.tolist())) == 10
    assert ranking.indices.dtype == np.int32
    assert ranking.indices.min() >= 0
    assert ranking.indices.max() < size(model, world)


def test_more_is_asked_for_than_there_is(model, world):
    codes = model.rank(question(model, world), n=5000).indices
    assert len(set(codes.tolist())) == len(codes) <= size(model, world)


def test_only_what_is_eligible_is_ranked_by_mask_or_by_codes(model, world):
    count, asking = size(model, world), question(model, world)
    for share in (0.1, 0.6):
        mask = np.random.default_rng(0).random(count) < share
        by_mask = model.rank(asking, n=500, candidates=mask)
        by_codes = model.rank(asking, n=500, candidates=np.flatnonzero(mask).astype(np.int32))
        assert set(by_mask.indices.tolist()) <= set(np.flatnonzero(mask).tolist())
        assert by_mask.indices.tolist() == by_codes.indices.tolist()


def test_a_mask_takes_nothing_else_out(model, world):
    everyone = model.rank(question(model, world), n=5000).indices
    mask = np.zeros(size(model, world), dtype=bool)
    mask[everyone[::3]] = True
    found = model.rank(question(model, world), n=5000, candidates=mask).indices
    assert sorted(found.tolist()) == sorted(everyone[::3].tolist())


def test_nothing_eligible_gives_an_empty_ranking(model, world):
    nothing = np.zeros(size(model, world), dtype=bool)
    for candidates in (nothing, np.empty(0, dtype=np.int32)):
        ranking = model.rank(question(model, world), n=25, candidates=candidates)
        assert len(ranking.indices) == 0
        assert ranking.scores is None or len(ranking.scores) == 0


def test_nothing_asked_for_gives_an_empty_ranking(model, world):
    assert len(model.rank(question(model, world), n=0).indices) == 0


def test_a_mask_of_everything_changes_nothing(model, world):
    mask = np.ones(size(model, world), dtype=bool)
    asking = question(model, world)
    whole, masked = model.rank(asking, n=10), model.rank(asking, n=10, candidates=mask)
    assert whole.indices.tolist() == masked.indices.tolist()
    assert whole.scores is None or np.allclose(whole.scores, masked.scores, rtol=1e-4, equal_nan=True)


def test_it_answers_about_unknown_users_and_items(model, world):
    ranking = model.rank(Query(now=world.now), n=10)
    assert model.ranks == "users" or len(ranking.indices) == 10
    assert (ranking.scores is not None) == model.scored


def test_what_is_unknown_in_a_history_is_passed_over(model, world):
    asking = question(model, world)
    strange = replace(asking, history=np.concatenate(([-1], asking.history, [-1])).astype(np.int32))
    assert same(model.rank(strange, n=10), model.rank(asking, n=10))


def test_a_history_changes_the_list_of_a_personal_recipe_only(name, model, world):
    if model.ranks != "items":
        pytest.skip("ranks no items")
    entry = catalogue.recipe(f"arn:aws:personalize:::recipe/{name}")
    lists = {tuple(model.rank(question(model, world, turn), n=10).indices.tolist()) for turn in range(20)}
    assert (len(lists) > 1) == (entry.realtime_personalization or model.uses_item)


def test_the_item_asked_about_is_not_in_the_answer(model, world):
    if not model.uses_item or model.ranks != "items":
        pytest.skip("is asked about no item")
    for item in range(40):
        assert item not in model.rank(make_query(item=item), n=500).indices


def test_each_of_many_queries_gets_what_it_gets_alone(model, world):
    queries = [Query(now=world.now), *(question(model, world, turn) for turn in range(40))]
    rng = np.random.default_rng(0)
    masks = [None if turn % 3 == 0 else rng.random(size(model, world)) < 0.5 for turn in range(41)]
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


def test_no_query_at_all_can_be_ranked_for(model, world):
    assert model.rank_each([], n=3, candidates=[]) == []


def test_the_same_data_and_seed_give_the_same_bytes(name, model, world):
    again = RECIPES[name].fit(world, config={}, objective=None, seed=0)
    assert same(again.rank(question(again, world), n=50), model.rank(question(model, world), n=50))


def test_the_smallest_of_all_worlds_is_trained_on_or_refused_with_a_reason(name, tiny):
    world = full_training_data(tiny)
    try:
        model = RECIPES[name].fit(world, config={}, objective=None, seed=0)
    except TrainingFailed as reason:
        assert str(reason).endswith((".", "values"))  # noqa: PT017  a reason is a sentence
        return
    ranking = model.rank(Query(history=tiny.history(0), user=0, now=world.now), n=25)
    assert ranking.scores is None or np.isfinite(ranking.scores).all()


def test_no_events_give_a_model_that_still_answers_or_a_reason(name, world):
    nothing = replace(world, interactions=world.interactions.select(np.zeros(len(world.interactions), dtype=bool)))
    try:
        model = RECIPES[name].fit(nothing, config={}, objective=None, seed=0)
    except TrainingFailed:
        return
    model.rank(Query(history=world.interactions.history(3), now=world.now), n=25)
    assert len(model.rank_each([Query()], n=2, candidates=[None])) == 1


def test_scores_fall_and_those_of_items_sum_to_one_over_the_eligible(model, world):
    if not model.scored:
        pytest.skip("without scores")
    for share in (0.05, 0.5, 1):
        candidates = np.arange(size(model, world)) < share * size(model, world)
        scores = model.rank(question(model, world), n=500, candidates=candidates).scores
        real = scores[~np.isnan(scores)]
        assert np.all(np.diff(real) <= 0)
        assert model.ranks != "items" or real.sum() == pytest.approx(1, abs=1e-5)
