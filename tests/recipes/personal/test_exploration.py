"""Exploration in rankings of the personal model."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from dataset_tables import aligned
from recipes.materials import training_data

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.evaluation.base import ranked_indices
from personalize_mock.recipes.base import Exploration, Query, TrainingData
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.personal.user_personalization import UserPersonalization
from personalize_mock.recipes.registry import RECIPES

DAY = 86_400
GENRES = 5
SMALL = {"hidden_dimension": "32"}


def with_metadata(interactions, *, old=400.0, new=1.0, genres=True):
    """Return data whose items `n...` are `new` days old and all others `old` days, with preferred genres."""
    newest = int(interactions.timestamp.max())
    ids = interactions.items.values
    ages = [new if item.startswith("n") else old for item in ids]
    columns = {
        "ITEM_ID": Strings.from_values(ids),
        "GENRE": Strings.from_values(f"g{int(item[1:]) % GENRES}" if genres else None for item in ids),
        "CREATION_TIMESTAMP": Numbers(values=np.array([newest - age * DAY for age in ages])),
    }
    fields = (
        SchemaField(name="GENRE", type="string", categorical=True),
        SchemaField(name="CREATION_TIMESTAMP", type="long"),
    )
    items = aligned(Table(columns=columns, rows=len(ids)), interactions.items, key="ITEM_ID", fields=fields)
    return training_data(interactions, items=items)


@pytest.fixture(scope="module")
def data(interactions_of, preferences) -> TrainingData:
    """Old films and fifty new ones without an interaction."""
    return with_metadata(interactions_of(preferences(), catalogue=map("n{:03}".format, range(50))))


@pytest.fixture(scope="module")
def model(data):
    return fitted(data)


def fitted(data):
    return UserPersonalization().fit(data, config=SMALL, objective=None, seed=0)


def make_query(data, user=3, *, weight=1.0, days=30.0, seed=0):
    return Query(
        history=np.empty(0, dtype=np.int32) if user is None else data.interactions.history(user),
        exploration=Exploration(weight=weight, age_cut_off=days, seed=seed),
    )


def new_items(data):
    return np.flatnonzero([item.startswith("n") for item in data.interactions.items.values])


def explored_items(model, data, *, seeds=60, n=25, user=3, **settings):
    """Return the new items of many lists."""
    new = new_items(data)
    lists = [model.rank(make_query(data, user, seed=seed, **settings), n=n).indices for seed in range(seeds)]
    return [indices[np.isin(indices, new)] for indices in lists]


def same(one, other):
    return one.indices.tobytes() == other.indices.tobytes() and one.scores.tobytes() == other.scores.tobytes()


def test_weight_zero_gives_the_ranking_without_exploration_to_the_bit(model, data):
    for user in range(10):
        none = model.rank(Query(history=data.interactions.history(user)), n=50)
        assert same(model.rank(make_query(data, user, weight=0.0), n=50), none)


def test_the_share_of_explored_places_is_a_third_of_the_weight(model, data):
    shares = [
        np.mean([len(items) for items in explored_items(model, data, weight=weight)]) / 25 for weight in (0.1, 0.3, 1)
    ]
    assert shares == pytest.approx([1 / 30, 0.1, 1 / 3], rel=0.25)


def test_items_older_than_the_cut_off_are_not_explored(model, data):
    assert not any(len(items) for items in explored_items(model, data, days=0.5))
    assert any(len(items) for items in explored_items(model, data, days=1.0))


def test_without_a_creation_time_an_item_is_as_old_as_its_first_interaction(interactions_of, preferences):
    long_ago = [("v", f"old{item}", 1000 - 40 * DAY) for item in range(20)]
    recent = [("v", f"new{item}", 1000) for item in range(20)]
    data = training_data(interactions_of([*preferences(users=50), *long_ago, *recent]))
    cold = fitted(data).exploration_candidates.cold_items(30.0)
    names = {data.interactions.items.values[item] for item in cold}
    assert {f"new{item}" for item in range(20)} <= names
    assert not any(name.startswith("old") for name in names)


def test_an_item_with_neither_is_as_old_as_the_newest_interaction(interactions_of, preferences):
    data = training_data(interactions_of(preferences(users=50), catalogue=["unseen"]))
    assert data.interactions.items.index("unseen") in fitted(data).exploration_candidates.cold_items(1.0)


def test_items_with_five_interactions_are_not_cold(interactions_of, preferences):
    more = [(f"v{user}", item, 1000) for item, times in (("n1", 4), ("n2", 5)) for user in range(times)]
    data = with_metadata(interactions_of([*preferences(users=50), *more]))
    cold = fitted(data).exploration_candidates.cold_items(30.0)
    assert data.interactions.items.index("n1") in cold
    assert data.interactions.items.index("n2") not in cold


def test_new_items_of_a_preferred_genre_come_before_others(model, data):
    for user in range(5):
        indices = np.concatenate(explored_items(model, data, user=user, n=10))
        liked = [int(data.interactions.items.values[item][1:]) % GENRES == user % GENRES for item in indices]
        assert np.mean(liked) > 0.8


def test_new_items_are_explored_without_metadata(interactions_of, preferences):
    data = training_data(interactions_of(preferences(), catalogue=map("n{:03}".format, range(50))))
    assert np.mean([len(items) for items in explored_items(fitted(data), data)]) > 5


def test_items_with_fewer_interactions_are_explored_more(interactions_of, preferences):
    some = [(f"v{item}{turn}", f"n{item:03}", 1000) for item in range(0, 50, 2) for turn in range(4)]
    data = with_metadata(
        interactions_of([*preferences(), *some], catalogue=map("n{:03}".format, range(50))), genres=False
    )
    indices = np.concatenate(explored_items(fitted(data), data, user=None, n=10))
    odd = [int(data.interactions.items.values[item][1:]) % 2 == 1 for item in indices]
    assert np.mean(odd) > 0.65


def objective_for(data, sensitivity):
    """Return an objective that favours items with a higher index."""
    return Objective(attribute=np.arange(len(data.interactions.items), dtype=np.float64), sensitivity=sensitivity)


def test_an_objective_applies_to_explored_items(data):
    new, shares = new_items(data), []
    for sensitivity in ("OFF", "LOW", "MEDIUM", "HIGH"):
        objective = objective_for(data, sensitivity)
        objective.attribute[new] = np.where(new % 2, 1e6, -1e6)
        model = UserPersonalization().fit(data, config=SMALL, objective=objective, seed=0)
        shares.append(np.mean(np.concatenate(explored_items(model, data)) % 2))
    assert shares == sorted(set(shares))
    assert shares[-1] > 0.8


def test_after_an_update_the_objective_applies_to_the_items_added(model, data, updated_data):
    updated = UserPersonalization().updated(model, updated_data, objective=objective_for(updated_data, "HIGH"))
    plain = UserPersonalization().updated(model, updated_data, objective=None)
    lists = [np.concatenate(explored_items(given_model, updated_data)) for given_model in (updated, plain)]
    shares = [np.mean(items >= len(data.interactions.items)) for items in lists]
    assert shares[0] > shares[1]


def test_an_objective_that_is_off_does_not_change_exploration(model, data):
    off = UserPersonalization().fit(data, config=SMALL, objective=objective_for(data, "OFF"), seed=0)
    for seed in range(10):
        assert same(off.rank(make_query(data, seed=seed), n=25), model.rank(make_query(data, seed=seed), n=25))


def test_items_with_ignored_impressions_are_explored_less(data):
    shown = Strings.from_values(
        "|".join(f"n{item:03}" for item in range(0, 50, 2)) for _ in range(data.interactions_table.rows)
    )
    columns = data.interactions_table.columns | {"IMPRESSION": shown}
    known = replace(data, interactions_table=Table(columns=columns, rows=data.interactions_table.rows))
    shares = []
    for some in (data, known):
        names = some.interactions.items.at(np.concatenate(explored_items(fitted(some), some, n=10)))
        shares.append(np.mean([int(name[1:]) % 2 == 1 for name in names]))
    assert shares[1] > shares[0] + 0.1


def test_impressions_do_not_change_other_recommendations(model, data):
    shown = Strings.from_values(("n001|i001",) * data.interactions_table.rows)
    columns = data.interactions_table.columns | {"IMPRESSION": shown}
    known = fitted(replace(data, interactions_table=Table(columns=columns, rows=data.interactions_table.rows)))
    query = Query(history=data.interactions.history(3), context={"IMPRESSION": "n001|i001"})
    assert same(known.rank(query, n=100), model.rank(query, n=100))


def test_the_seed_decides_which_items_are_explored(model, data):
    assert same(model.rank(make_query(data, seed=5), n=25), model.rank(make_query(data, seed=5), n=25))
    lists = {model.rank(make_query(data, seed=seed), n=25).indices.tobytes() for seed in range(10)}
    assert len(lists) == 10


def test_a_longer_list_begins_like_a_shorter_one(model, data):
    for seed in range(20):
        long, short = (model.rank(make_query(data, seed=seed), n=n).indices for n in (25, 10))
        assert np.array_equal(long[:10], short)


def test_other_items_keep_their_order(model, data):
    plain = model.rank(Query(history=data.interactions.history(3)), n=25).indices
    for seed in range(10):
        indices = model.rank(make_query(data, seed=seed), n=25).indices
        others = indices[~np.isin(indices, new_items(data))]
        assert np.array_equal(others, plain[: len(others)])


def test_a_warm_item_that_is_explored_is_listed_once(interactions_of, preferences):
    data = with_metadata(interactions_of(preferences()), old=1.0)
    model = fitted(data)
    for seed in range(30):
        indices = model.rank(make_query(data, seed=seed), n=100).indices
        assert len(set(indices.tolist())) == 100


def test_scores_are_descending_and_an_explored_item_has_the_score_of_its_place(model, data):
    for seed in range(10):
        ranking = model.rank(make_query(data, seed=seed), n=500)
        assert np.all(np.diff(ranking.scores) <= 0)
        assert ranking.scores.sum() == pytest.approx(1, abs=1e-5)
        new = np.isin(ranking.indices, new_items(data))
        places = np.flatnonzero(new[:-1] & ~new[1:])
        assert np.array_equal(ranking.scores[places], ranking.scores[places + 1])


def test_new_items_fill_the_list_if_they_are_the_only_candidates(model, data):
    new = new_items(data).astype(np.int32)
    assert set(model.rank(make_query(data, weight=0.3), n=25, candidates=new).indices) <= set(new)
    ranking = model.rank(make_query(data, weight=0.3), n=25, candidates=new[7:8])
    assert (ranking.indices.tolist(), ranking.scores.tolist()) == ([new[7]], [1.0])
    assert len(model.rank(make_query(data, weight=0.0), n=25, candidates=new).indices) == 0


def test_scores_do_not_depend_on_the_number_of_results(model, data):
    few = np.concatenate((new_items(data), np.flatnonzero(data.interactions.warm)[:5])).astype(np.int32)
    for candidates in (new_items(data).astype(np.int32), np.sort(few), None):
        long, short = (model.rank(make_query(data, seed=3), n=n, candidates=candidates) for n in (25, 6))
        known = dict(zip(long.indices.tolist(), long.scores.tolist(), strict=True))
        shown = zip(short.indices.tolist()[:5], short.scores.tolist()[:5], strict=True)
        assert all(score == pytest.approx(known[item]) for item, score in shown)


def test_only_candidates_are_explored(model, data):
    mask = np.random.default_rng(0).random(len(data.interactions.items)) < 0.5
    for seed in range(10):
        by_mask = model.rank(make_query(data, seed=seed), n=25, candidates=mask)
        by_indices = model.rank(make_query(data, seed=seed), n=25, candidates=np.flatnonzero(mask).astype(np.int32))
        assert mask[by_mask.indices].all()
        assert same(by_mask, by_indices)


def test_seen_items_are_not_explored(model, data):
    new = new_items(data).astype(np.int32)
    query = replace(make_query(data), history=np.concatenate((data.interactions.history(3), new[:40])))
    assert not set(model.rank(query, n=25).indices) & set(new[:40].tolist())


def test_rank_each_explores_the_items_that_rank_explores(model, data):
    queries = [make_query(data, user, weight=0.3, seed=user) for user in range(30)]
    together = ranked_indices(model, queries, n=25)
    assert np.mean(together == [model.rank(query, n=25).indices for query in queries]) > 0.99


def test_new_items_are_explored_for_users_without_history(model, data):
    assert np.isin(model.rank(make_query(data, None), n=25).indices, new_items(data)).any()


def test_copies_and_pickles_give_the_same_ranking(model, data):
    before = model.rank(make_query(data), n=25)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301  ours
        assert same(twin.rank(make_query(data), n=25), before)
        assert len(twin.user_states) == 1


@pytest.fixture(scope="module")
def updated_data(interactions_of, preferences, data) -> TrainingData:
    """The same data a day later, with ten more items."""
    fresh = [f"n9{item:02}" for item in range(10)]
    interactions = interactions_of(
        [*preferences(), *(("w", item, 1000 + DAY) for item in fresh)], data.interactions.items.values
    )
    return renumbered(interactions, [*data.interactions.items.values, *fresh])


def test_after_an_update_the_items_added_are_explored(model, data, updated_data):
    updated = UserPersonalization().updated(model, updated_data, objective=None)
    assert (np.concatenate(explored_items(updated, updated_data)) >= len(data.interactions.items)).any()


def test_an_update_does_not_change_lists_without_exploration(model, data, updated_data):
    updated = UserPersonalization().updated(model, updated_data, objective=None)
    for user in range(10):
        query = Query(history=data.interactions.history(user))
        assert same(updated.rank(query, n=500), model.rank(query, n=500))


def test_after_an_update_a_history_may_hold_new_items(model, updated_data):
    updated = UserPersonalization().updated(model, updated_data, objective=None)
    newest = np.array([len(updated_data.interactions.items) - 1], dtype=np.int32)
    assert len(updated.rank(Query(history=newest), n=25).indices) == 25


def test_after_an_update_ages_end_at_the_newest_interaction(model, data, updated_data):
    updated = UserPersonalization().updated(model, updated_data, objective=None)
    assert set(new_items(data)) <= set(model.exploration_candidates.cold_items(1.5))
    assert not set(new_items(data)) & set(updated.exploration_candidates.cold_items(1.5))


def renumbered(interactions, order):
    """Return data with the ids in another order and the ages of `data`; the last ten items are new."""
    items = IdMap(order)
    place = items.indices(interactions.items.values)
    warm = np.zeros(len(items), dtype=bool)
    warm[place] = interactions.warm
    data = with_metadata(replace(interactions, items=items, item=place[interactions.item], warm=warm), new=0.0)
    created = data.items.table.numbers("CREATION_TIMESTAMP").values.copy()
    created[:-10] -= 2 * DAY * (created[:-10] > created.max() - DAY)
    columns = data.items.table.columns | {"CREATION_TIMESTAMP": Numbers(values=created)}
    table = Table(columns=columns, rows=len(order))
    return replace(data, items=aligned(table, items, key="ITEM_ID", fields=data.items.fields))


@pytest.mark.parametrize(
    "name", ["aws-user-personalization-v2", "aws-vod-top-picks", "aws-personalized-ranking", "aws-hrnn"]
)
def test_an_update_does_not_change_lists_of_other_personal_recipes(name, data, updated_data):
    model = RECIPES[name].fit(data, config=SMALL, objective=None, seed=0)
    updated = RECIPES[name].updated(model, updated_data, objective=None)
    assert type(updated) is type(model)
    query = Query(history=np.append(data.interactions.history(3), np.int32(len(updated_data.interactions.items) - 1)))
    plain = Query(history=data.interactions.history(3))
    assert updated.rank(query, n=50).indices.tolist() == model.rank(plain, n=50).indices.tolist()
    mask = np.ones(len(updated_data.interactions.items), dtype=bool)
    assert updated.rank(query, n=50, candidates=mask).indices.tolist() == model.rank(plain, n=50).indices.tolist()
