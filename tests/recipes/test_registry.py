"""Recipes as they are configured, and their agreement with the catalogue."""

from dataclasses import replace

import numpy as np
import pytest
from recipes.materials import full_training_data

from personalize_mock.recipes.base import Exploration, Query
from personalize_mock.recipes.personal.user_personalization import UserPersonalization
from personalize_mock.recipes.registry import RECIPES
from personalize_mock.resources import catalogue

ENTRIES = {name: catalogue.recipe(f"arn:aws:personalize:::recipe/{name}") for name in RECIPES}
PERSONAL = sorted(name for name, recipe in RECIPES.items() if isinstance(recipe, UserPersonalization))


@pytest.fixture(scope="module")
def data(interactions_of, preferences):
    """Films of which a third have no interaction."""
    return full_training_data(interactions_of(preferences(), catalogue=map("i{:03}".format, range(450))))


@pytest.fixture(scope="module")
def models(data):
    return {name: recipe.fit(data, config={}, objective=None, seed=0) for name, recipe in RECIPES.items()}


def test_every_recipe_of_the_catalogue_can_be_trained():
    assert {entry.name for entry in catalogue.recipes()} <= set(RECIPES)
    assert None not in ENTRIES.values()


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_needs_interactions_if_the_catalogue_requires_the_dataset(name):
    assert RECIPES[name].needs_interactions == ("INTERACTIONS" in ENTRIES[name].required_datasets)


@pytest.mark.parametrize("name", RECIPES)
def test_a_model_ranks_what_the_operation_of_the_catalogue_returns(name, models):
    ranked = {None: "users", "GetActionRecommendations": "actions"}
    assert models[name].ranks == ranked.get(ENTRIES[name].operation, "items")
    assert (models[name].ranks == "users") == ENTRIES[name].batch_segment


@pytest.mark.parametrize("name", RECIPES)
def test_a_model_uses_an_item_if_the_catalogue_requires_its_id(name, models):
    entry = ENTRIES[name]
    assert models[name].uses_item == ("itemId" in entry.required_ids or name == "aws-item-affinity")


@pytest.mark.parametrize("name", PERSONAL)
def test_a_personal_recipe_reads_the_hyperparameters_of_the_catalogue(name):
    entry, recipe = ENTRIES[name], RECIPES[name]
    parameters = entry.parameters("algorithm") | entry.parameters("featurization")
    assert recipe.hyperparameters == set(parameters)
    assert recipe.read({key: str(parameter.default) for key, parameter in parameters.items()}) == recipe.read({})


@pytest.mark.parametrize("name", PERSONAL)
def test_a_personal_recipe_uses_what_the_catalogue_says(name, models):
    entry, recipe = ENTRIES[name], RECIPES[name]
    assert entry.realtime_personalization
    assert recipe.context == entry.contextual_metadata
    assert recipe.user_attributes == entry.uses_user_metadata
    assert recipe.categories == entry.uses_item_metadata
    assert models[name].explores == entry.exploration


@pytest.mark.parametrize("name", RECIPES)
def test_other_recipes_are_not_personal(name):
    assert ENTRIES[name].realtime_personalization == (name in {*PERSONAL, "aws-next-best-action"})


@pytest.mark.parametrize("name", PERSONAL)
def test_a_model_explores_or_ignores_exploration(name, models, data):
    query = Query(history=data.interactions.history(3), exploration=Exploration(weight=1.0, age_cut_off=30.0, seed=0))
    lists = [models[name].rank(asked, n=2000).indices.tolist() for asked in (query, replace(query, exploration=None))]
    if not models[name].explores:
        assert lists[0] == lists[1]
    elif name != "aws-user-personalization-v2":  # explores one item in a thousand
        assert lists[0] != lists[1]


@pytest.mark.parametrize("name", ["aws-ecomm-recommended-for-you", "aws-vod-top-picks"])
def test_a_use_case_recommends_the_items_of_user_personalization_without_scores(name, models, data):
    config = {"max_user_history_length_percentile": "1.0"}
    scored = RECIPES["aws-user-personalization"].fit(data, config=config, objective=None, seed=0)
    assert not models[name].scored
    for user in range(10):
        exploration = Exploration(weight=0.3, age_cut_off=30.0, seed=user)
        query = Query(history=data.interactions.history(user), exploration=exploration)
        ranking = models[name].rank(query, n=25)
        assert ranking.scores is None
        assert np.array_equal(ranking.indices, scored.rank(query, n=25).indices)


def test_a_use_case_ignores_hyperparameters(models, data):
    name = "aws-vod-top-picks"
    model = RECIPES[name].fit(data, config={"bptt": "2"}, objective=None, seed=0)
    query = Query(history=data.interactions.history(3))
    assert np.array_equal(model.rank(query, n=50).indices, models[name].rank(query, n=50).indices)


def test_only_hrnn_metadata_uses_the_context(models):
    assert models["aws-hrnn-metadata"].context is not None
    assert models["aws-hrnn"].context is None
    assert models["aws-hrnn-coldstart"].context is None


def test_hrnn_uses_interactions_alone(models):
    model = models["aws-hrnn"]
    assert (model.context, model.user_attributes, model.fold_in.categories) == (None, None, None)
