"""Work that exploration does for the lists of one user."""

from dataclasses import replace

import numpy as np
import pytest
from recipes.materials import training_data

from personalize_mock.recipes.base import Exploration, Query
from personalize_mock.recipes.personal.exploration import LONGEST_LIST
from personalize_mock.recipes.personal.exploration_choice import ExplorationChoice
from personalize_mock.recipes.personal.user_personalization import UserPersonalization

EXPLORATION = Exploration(weight=1.0, age_cut_off=30.0, seed=7)


@pytest.fixture(scope="module")
def data(interactions_of, preferences):
    """Preferences of fifty users, and twenty items without an interaction."""
    return training_data(interactions_of(preferences(users=50), catalogue=map("n{:03}".format, range(20))))


@pytest.fixture
def model(data):
    return UserPersonalization().fit(data, config={"hidden_dimension": "8"}, objective=None, seed=0)


@pytest.fixture
def seeds(monkeypatch, model):
    """The seeds of the random generators that are made from now on."""
    seeds, stock = [], np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda seed: seeds.append(seed) or stock(seed))
    return seeds


def test_the_random_numbers_of_a_user_are_drawn_once_for_all_histories(model, data, seeds):
    for user in range(3):
        model.rank(Query(history=data.interactions.history(user), exploration=EXPLORATION), n=10)
    assert seeds == [EXPLORATION.seed]


def test_users_with_different_seeds_have_different_random_numbers(model, data, seeds):
    query = Query(history=data.interactions.history(0), exploration=EXPLORATION)
    rankings = [model.rank(replace(query, exploration=replace(EXPLORATION, seed=seed)), n=10) for seed in (1, 2, 1)]
    assert seeds == [1, 2]
    assert rankings[0].indices.tolist() == rankings[2].indices.tolist() != rankings[1].indices.tolist()


def test_the_cold_items_are_scored_once_for_a_list_and_its_scores(model, data, monkeypatch):
    scored, scores = [], vars(ExplorationChoice)["_scores"]
    stock = scores.func
    monkeypatch.setattr(scores, "func", lambda choice: scored.append(choice) or stock(choice))
    assert len(data.interactions.items) < LONGEST_LIST
    model.rank(Query(history=data.interactions.history(0), exploration=EXPLORATION), n=10)
    assert len(scored) == 1
