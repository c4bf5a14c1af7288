from dataclasses import replace

import numpy as np
import pytest
from recipes.materials import full_training_data, training_data

from personalize_mock.recipes.base import Exploration, Query, TrainingFailed
from personalize_mock.recipes.personal.hrnn_coldstart import HrnnColdstart

DAY = 86_400


def fitted(data, **config):
    return HrnnColdstart().fit(data, config={"hidden_dimension": "32"} | config, objective=None, seed=0)


def count_cold(interactions_of, preferences, *, now=0.0, **config):
    """Return how many of 120 items with one interaction each are cold, and whether one with 12 interactions is.

    The ages of the 120 items are 0, 1, 2, ... days.
    """
    newest = 200 * DAY
    singles = [(f"v{age}", f"n{age:03}", newest - age * DAY) for age in range(120)]
    twelve = [(f"w{user}", "busy", newest) for user in range(12)]
    data = replace(training_data(interactions_of([*preferences(users=60), *singles, *twelve])), now=now or newest)
    candidates = fitted(data, **config).exploration_candidates
    names = data.interactions.items.at(candidates.cold_items(candidates.policy.age_cut_off))
    return sum(name.startswith("n") for name in names), "busy" in names


def test_cold_items_have_the_age_and_the_interactions_that_the_hyperparameters_allow(interactions_of, preferences):
    assert count_cold(interactions_of, preferences, cold_start_max_duration="110") == (111, True)
    few = {"cold_start_max_duration": "110", "cold_start_max_interactions": "11"}
    assert count_cold(interactions_of, preferences, **few) == (111, False)


def test_ages_can_be_counted_back_from_the_start_of_the_training(interactions_of, preferences):
    settings = {"cold_start_max_duration": "110", "cold_start_relative_from": "currentTime"}
    assert count_cold(interactions_of, preferences, now=203.0 * DAY, **settings) == (108, True)


def test_a_training_needs_a_hundred_cold_items(interactions_of, preferences):
    with pytest.raises(TrainingFailed, match="has 7 cold items"):
        count_cold(interactions_of, preferences)


def test_the_share_of_explored_places_does_not_depend_on_the_query(films):
    model = fitted(full_training_data(films))
    history = films.history(3)
    rankings = [
        model.rank(Query(history=history, exploration=Exploration(weight=weight, age_cut_off=cut_off, seed=1)), n=25)
        for weight, cut_off in ((0.1, 1.0), (1.0, 300.0))
    ]
    assert np.array_equal(rankings[0].indices, rankings[1].indices)
