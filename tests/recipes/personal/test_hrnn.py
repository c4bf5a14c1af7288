from dataclasses import replace

import numpy as np
import pytest
from recipes.materials import data, everything

from personalize_mock.recipes.base import Exploration, Query, TrainingFailed
from personalize_mock.recipes.personal.hrnn import Hrnn, HrnnColdstart, HrnnMetadata

DAY = 86_400


def fitted(recipe, world, **config):
    return recipe().fit(world, config={"hidden_dimension": "32"} | config, objective=None, seed=0)


def test_only_coldstart_explores(films):
    world = everything(films)
    query = Query(history=films.history(3), exploration=Exploration(weight=1.0, age_cut_off=30.0, seed=0))
    plain = replace(query, exploration=None)
    for recipe, explores in ((Hrnn, False), (HrnnMetadata, False), (HrnnColdstart, True)):
        model = fitted(recipe, world)
        changed = model.rank(query, n=100).indices.tolist() != model.rank(plain, n=100).indices.tolist()
        assert changed == explores


def test_only_metadata_looks_at_the_context(films):
    world = everything(films)
    assert fitted(HrnnMetadata, world).context is not None
    assert fitted(Hrnn, world).context is None
    assert fitted(HrnnColdstart, world).context is None


def cold(events_of, tasteful, *, now=0.0, **config):
    """How many of 120 items with one event each, at ages of 0, 1, 2, ... days, are explored."""
    newest = 200 * DAY
    singles = [(f"v{age}", f"n{age:03}", newest - age * DAY) for age in range(120)]
    twelve = [(f"w{user}", "busy", newest) for user in range(12)]
    world = replace(data(events_of([*tasteful(users=60), *singles, *twelve])), now=now or newest)
    model = fitted(HrnnColdstart, world, **config)
    codes = model.exploration_candidates.younger_than(model.exploration_candidates.policy.age_cut_off)
    names = [world.interactions.items.values[code] for code in codes]
    return sum(name.startswith("n") for name in names), "busy" in names


def test_cold_items_are_as_young_and_as_rarely_touched_as_the_hyperparameters_say(events_of, tasteful):
    assert cold(events_of, tasteful, cold_start_max_duration="110") == (111, True)
    assert cold(events_of, tasteful, cold_start_max_duration="110", cold_start_max_interactions="11") == (111, False)


def test_ages_can_be_counted_back_from_the_present(events_of, tasteful):
    settings = {"cold_start_max_duration": "110", "cold_start_relative_from": "currentTime"}
    assert cold(events_of, tasteful, now=203.0 * DAY, **settings) == (108, True)


def test_a_training_needs_a_hundred_cold_items(events_of, tasteful):
    with pytest.raises(TrainingFailed, match="has 7 cold items"):
        cold(events_of, tasteful)


def test_the_share_of_explored_places_does_not_depend_on_the_query(films):
    world = everything(films)
    model = fitted(HrnnColdstart, world)
    history = films.history(3)
    lists = [
        model.rank(Query(history=history, exploration=Exploration(weight=weight, age_cut_off=cut_off, seed=1)), n=25)
        for weight, cut_off in ((0.1, 1.0), (1.0, 300.0))
    ]
    assert np.array_equal(lists[0].indices, lists[1].indices)
