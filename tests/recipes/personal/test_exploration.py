"""What is promised of exploration."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from aligning import aligned
from hypothesis import given
from hypothesis import strategies as st
from recipes.materials import training_data

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.evaluation.base import ranked_indices
from personalize_mock.recipes.base import Exploration, Query, TrainingData
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.personal.item_list import ExploredItems, insert_explored
from personalize_mock.recipes.personal.user_personalization import UserPersonalization
from personalize_mock.recipes.registry import RECIPES

DAY = 86_400
TASTES = 5
SMALL = {"hidden_dimension": "32"}


def tagged(events, *, old=400.0, new=1.0, genres=True):
    """Data whose items `n...` are `new` days old and all others `old` days; genres tell tastes."""
    newest = int(events.timestamp.max())
    ids = events.items.values
    ages = [new if item.startswith("n") else old for item in ids]
    columns = {
        "ITEM_ID": Strings.from_values(ids),
        "GENRE": Strings.from_values(f"g{int(item[1:]) % TASTES}" if genres else None for item in ids),
        "CREATION_TIMESTAMP": Numbers(values=np.array([newest - age * DAY for age in ages])),
    }
    fields = (
        SchemaField(name="GENRE", type="string", categorical=True),
        SchemaField(name="CREATION_TIMESTAMP", type="long"),
    )
    items = aligned(Table(columns=columns, rows=len(ids)), events.items, key="ITEM_ID", fields=fields)
    return training_data(events, items=items)


@pytest.fixture(scope="module")
def world(interactions_of, preferences) -> TrainingData:
    """Old films and fifty new ones without an event."""
    return tagged(interactions_of(preferences(), catalogue=map("n{:03}".format, range(50))))


@pytest.fixture(scope="module")
def model(world):
    return fitted(world)


def fitted(world):
    return UserPersonalization().fit(world, config=SMALL, objective=None, seed=0)


def query(world, user=3, *, weight=1.0, days=30.0, seed=0):
    return Query(
        history=np.empty(0, dtype=np.int32) if user is None else world.interactions.history(user),
        exploration=Exploration(weight=weight, age_cut_off=days, seed=seed),
    )


def new_codes(world):
    return np.flatnonzero([item.startswith("n") for item in world.interactions.items.values])


def explored(model, world, *, seeds=60, n=25, user=3, **settings):
    """The new items of many lists."""
    new = new_codes(world)
    lists = [model.rank(query(world, user, seed=seed, **settings), n=n).indices for seed in range(seeds)]
    return [codes[np.isin(codes, new)] for codes in lists]


def same(one, other):
    return one.indices.tobytes() == other.indices.tobytes() and one.scores.tobytes() == other.scores.tobytes()


def test_the_weight_zero_gives_the_bytes_of_no_exploration(model, world):
    for user in range(10):
        none = model.rank(Query(history=world.interactions.history(user)), n=50)
        assert same(model.rank(query(world, user, weight=0.0), n=50), none)


def test_a_third_of_the_weight_is_the_share_of_explored_places(model, world):
    shares = [np.mean([len(each) for each in explored(model, world, weight=weight)]) / 25 for weight in (0.1, 0.3, 1)]
    assert shares == pytest.approx([1 / 30, 0.1, 1 / 3], rel=0.25)


def test_items_older_than_the_cut_off_are_not_explored(model, world):
    assert not any(len(each) for each in explored(model, world, days=0.5))
    assert any(len(each) for each in explored(model, world, days=1.0))


def test_without_a_time_of_creation_an_item_is_as_old_as_its_first_event(interactions_of, preferences):
    long_ago = [("v", f"old{item}", 1000 - 40 * DAY) for item in range(20)]
    recent = [("v", f"new{item}", 1000) for item in range(20)]
    world = training_data(interactions_of([*preferences(users=50), *long_ago, *recent]))
    young = fitted(world).exploration_candidates.cold_items(30.0)
    names = {world.interactions.items.values[code] for code in young}
    assert {f"new{item}" for item in range(20)} <= names
    assert not any(name.startswith("old") for name in names)


def test_an_item_with_neither_is_as_old_as_the_newest_event(interactions_of, preferences):
    world = training_data(interactions_of(preferences(users=50), catalogue=["untouched"]))
    assert world.interactions.items.index("untouched") in fitted(world).exploration_candidates.cold_items(1.0)


def test_items_with_five_events_are_not_new(interactions_of, preferences):
    more = [(f"v{user}", item, 1000) for item, times in (("n1", 4), ("n2", 5)) for user in range(times)]
    world = tagged(interactions_of([*preferences(users=50), *more]))
    young = fitted(world).exploration_candidates.cold_items(30.0)
    assert world.interactions.items.index("n1") in young
    assert world.interactions.items.index("n2") not in young


def test_new_items_of_a_liked_genre_come_before_others(model, world):
    for user in range(5):
        codes = np.concatenate(explored(model, world, user=user, n=10))
        liked = [int(world.interactions.items.values[code][1:]) % TASTES == user % TASTES for code in codes]
        assert np.mean(liked) > 0.8


def test_without_metadata_new_items_are_explored_all_the_same(interactions_of, preferences):
    world = training_data(interactions_of(preferences(), catalogue=map("n{:03}".format, range(50))))
    assert np.mean([len(each) for each in explored(fitted(world), world)]) > 5


def test_fewer_events_make_an_item_likelier_to_be_explored(interactions_of, preferences):
    some = [(f"v{item}{turn}", f"n{item:03}", 1000) for item in range(0, 50, 2) for turn in range(4)]
    world = tagged(interactions_of([*preferences(), *some], catalogue=map("n{:03}".format, range(50))), genres=False)
    codes = np.concatenate(explored(fitted(world), world, user=None, n=10))
    odd = [int(world.interactions.items.values[code][1:]) % 2 == 1 for code in codes]
    assert np.mean(odd) > 0.65


def dear(world, sensitivity):
    """An objective that favours the later codes."""
    return Objective(attribute=np.arange(len(world.interactions.items), dtype=np.float64), sensitivity=sensitivity)


def test_the_objective_counts_for_new_items_too(world):
    new, shares = new_codes(world), []
    for sensitivity in ("OFF", "LOW", "MEDIUM", "HIGH"):
        grades = dear(world, sensitivity)
        grades.attribute[new] = np.where(new % 2, 1e6, -1e6)
        model = UserPersonalization().fit(world, config=SMALL, objective=grades, seed=0)
        shares.append(np.mean(np.concatenate(explored(model, world)) % 2))
    assert shares == sorted(set(shares))
    assert shares[-1] > 0.8


def test_after_an_update_the_objective_counts_for_items_that_came_since(model, world, later):
    updated = UserPersonalization().updated(model, later, objective=dear(later, "HIGH"))
    plain = UserPersonalization().updated(model, later)
    fresh, usual = (
        np.mean(np.concatenate(explored(each, later)) >= len(world.interactions.items)) for each in (updated, plain)
    )
    assert fresh > usual


def test_the_objective_off_explores_as_without_one(model, world):
    off = UserPersonalization().fit(world, config=SMALL, objective=dear(world, "OFF"), seed=0)
    for seed in range(10):
        assert same(off.rank(query(world, seed=seed), n=25), model.rank(query(world, seed=seed), n=25))


def test_items_that_were_shown_in_vain_are_explored_less(world):
    shown = Strings.from_values(
        "|".join(f"n{item:03}" for item in range(0, 50, 2)) for _ in range(world.interactions_table.rows)
    )
    columns = world.interactions_table.columns | {"IMPRESSION": shown}
    known = replace(world, interactions_table=Table(columns=columns, rows=world.interactions_table.rows))
    shares = []
    for each in (world, known):
        codes = np.concatenate(explored(fitted(each), each, n=10))
        shares.append(np.mean([int(each.interactions.items.values[code][1:]) % 2 == 1 for code in codes]))
    assert shares[1] > shares[0] + 0.1


def test_impressions_are_not_trained_on(model, world):
    shown = Strings.from_values(("n001|i001",) * world.interactions_table.rows)
    columns = world.interactions_table.columns | {"IMPRESSION": shown}
    known = fitted(replace(world, interactions_table=Table(columns=columns, rows=world.interactions_table.rows)))
    asking = Query(history=world.interactions.history(3), context={"IMPRESSION": "n001|i001"})
    assert same(known.rank(asking, n=100), model.rank(asking, n=100))


def test_the_seed_decides(model, world):
    assert same(model.rank(query(world, seed=5), n=25), model.rank(query(world, seed=5), n=25))
    lists = {model.rank(query(world, seed=seed), n=25).indices.tobytes() for seed in range(10)}
    assert len(lists) == 10


def test_a_longer_list_begins_as_a_shorter_one(model, world):
    for seed in range(20):
        long, short = (model.rank(query(world, seed=seed), n=n).indices for n in (25, 10))
        assert np.array_equal(long[:10], short)


def test_other_items_keep_their_order(model, world):
    plain = model.rank(Query(history=world.interactions.history(3)), n=25).indices
    for seed in range(10):
        codes = model.rank(query(world, seed=seed), n=25).indices
        others = codes[~np.isin(codes, new_codes(world))]
        assert np.array_equal(others, plain[: len(others)])


def test_an_item_is_not_listed_twice_though_the_model_knows_it(interactions_of, preferences):
    world = tagged(interactions_of(preferences()), old=1.0)
    model = fitted(world)
    for seed in range(30):
        codes = model.rank(query(world, seed=seed), n=100).indices
        assert len(set(codes.tolist())) == 100


def test_scores_still_fall_and_an_explored_item_has_the_score_of_its_place(model, world):
    for seed in range(10):
        ranking = model.rank(query(world, seed=seed), n=500)
        assert np.all(np.diff(ranking.scores) <= 0)
        assert ranking.scores.sum() == pytest.approx(1, abs=1e-5)
        new = np.isin(ranking.indices, new_codes(world))
        places = np.flatnonzero(new[:-1] & ~new[1:])
        assert np.array_equal(ranking.scores[places], ranking.scores[places + 1])


def test_where_only_new_items_are_eligible_they_fill_the_list(model, world):
    new = new_codes(world).astype(np.int32)
    assert set(model.rank(query(world, weight=0.3), n=25, candidates=new).indices) <= set(new)
    ranking = model.rank(query(world, weight=0.3), n=25, candidates=new[7:8])
    assert (ranking.indices.tolist(), ranking.scores.tolist()) == ([new[7]], [1.0])
    assert len(model.rank(query(world, weight=0.0), n=25, candidates=new).indices) == 0


def test_scores_do_not_depend_on_how_many_are_asked_for(model, world):
    few = np.concatenate((new_codes(world), np.flatnonzero(world.interactions.warm)[:5])).astype(np.int32)
    for candidates in (new_codes(world).astype(np.int32), np.sort(few), None):
        long, short = (model.rank(query(world, seed=3), n=n, candidates=candidates) for n in (25, 6))
        known = dict(zip(long.indices.tolist(), long.scores.tolist(), strict=True))
        shown = zip(short.indices.tolist()[:5], short.scores.tolist()[:5], strict=True)
        assert all(score == pytest.approx(known[code]) for code, score in shown)


def test_only_eligible_items_are_explored(model, world):
    mask = np.random.default_rng(0).random(len(world.interactions.items)) < 0.5
    for seed in range(10):
        by_mask = model.rank(query(world, seed=seed), n=25, candidates=mask)
        by_codes = model.rank(query(world, seed=seed), n=25, candidates=np.flatnonzero(mask).astype(np.int32))
        assert mask[by_mask.indices].all()
        assert same(by_mask, by_codes)


def test_what_the_user_has_touched_is_not_explored(model, world):
    new = new_codes(world).astype(np.int32)
    asking = replace(query(world), history=np.concatenate((world.interactions.history(3), new[:40])))
    assert not set(model.rank(asking, n=25).indices) & set(new[:40].tolist())


def test_in_batch_the_same_is_explored(model, world):
    queries = [query(world, user, weight=0.3, seed=user) for user in range(30)]
    together = ranked_indices(model, queries, n=25)
    assert np.mean(together == [model.rank(each, n=25).indices for each in queries]) > 0.99


def test_for_users_without_history_new_items_are_explored_too(model, world):
    assert np.isin(model.rank(query(world, None), n=25).indices, new_codes(world)).any()


def test_copies_and_pickles_answer_alike(model, world):
    before = model.rank(query(world), n=25)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301  ours
        assert same(twin.rank(query(world), n=25), before)
        assert len(twin.user_states) == 1


@given(st.integers(0, 12), st.integers(1, 12), st.sets(st.integers(0, 11)), st.integers(0, 20), st.integers(0, 4))
def test_a_mixed_list_is_as_long_as_it_can_be(length, n, places, new, shared):
    length = min(length, n)
    codes, relevance = np.arange(length, dtype=np.int32), -np.arange(length, dtype=np.float32)
    new_ones = np.concatenate((codes[:shared][::-1], 100 + np.arange(new))).astype(np.int32)
    places = np.array(sorted(place for place in places if place < n), dtype=np.int64)[: len(new_ones)]
    explored = ExploredItems(items=new_ones, places=places)
    mixed = insert_explored(explored, items=codes, relevance=relevance, n=n)
    found, taken = mixed.items, mixed.explored
    assert len(found) == len(mixed.relevance) == len(taken) == min(n, len(set(codes) | set(new_ones)))
    assert len(set(found.tolist())) == len(found)
    assert np.all(np.diff(mixed.relevance) <= 0)
    assert set(found[~taken]) <= set(codes)
    assert set(found[taken]) <= set(new_ones)
    inside = places[places < len(found) - max(0, len(places) - np.count_nonzero(taken))]
    if len(found) == n:
        assert taken[inside].all()


@pytest.fixture(scope="module")
def later(interactions_of, preferences, world) -> TrainingData:
    """The same with ten items and a day more; their codes follow."""
    fresh = [f"n9{item:02}" for item in range(10)]
    events = interactions_of(
        [*preferences(), *(("w", item, 1000 + DAY) for item in fresh)], world.interactions.items.values
    )
    return renumbered(events, [*world.interactions.items.values, *fresh])


def test_after_an_update_the_items_that_came_since_are_explored(model, world, later):
    updated = UserPersonalization().updated(model, later)
    assert (np.concatenate(explored(updated, later)) >= len(world.interactions.items)).any()


def test_an_update_changes_no_list_without_exploration(model, world, later):
    updated = UserPersonalization().updated(model, later)
    for user in range(10):
        asking = Query(history=world.interactions.history(user))
        assert same(updated.rank(asking, n=500), model.rank(asking, n=500))


def test_after_an_update_histories_may_hold_new_items(model, later):
    updated = UserPersonalization().updated(model, later)
    newest = np.array([len(later.interactions.items) - 1], dtype=np.int32)
    assert len(updated.rank(Query(history=newest), n=25).indices) == 25


def test_after_an_update_ages_are_counted_back_from_the_newest_event(model, world, later):
    updated = UserPersonalization().updated(model, later)
    assert set(new_codes(world)) <= set(model.exploration_candidates.cold_items(1.5))
    assert not set(new_codes(world)) & set(updated.exploration_candidates.cold_items(1.5))


def renumbered(events, order):
    """Data with the ids in another order; ages as in `world`, the last ten items are new."""
    items = IdMap(order)
    place = items.indices(events.items.values)
    warm = np.zeros(len(items), dtype=bool)
    warm[place] = events.warm
    world = tagged(replace(events, items=items, item=place[events.item], warm=warm), new=0.0)
    created = world.items.table.numbers("CREATION_TIMESTAMP").values.copy()
    created[:-10] -= 2 * DAY * (created[:-10] > created.max() - DAY)
    columns = world.items.table.columns | {"CREATION_TIMESTAMP": Numbers(values=created)}
    table = Table(columns=columns, rows=len(order))
    return replace(world, items=aligned(table, items, key="ITEM_ID", fields=world.items.fields))


@pytest.mark.parametrize(
    "name", ["aws-user-personalization-v2", "aws-vod-top-picks", "aws-personalized-ranking", "aws-hrnn"]
)
def test_the_models_of_other_personal_recipes_can_be_updated_too(name, world, later):
    model = RECIPES[name].fit(world, config=SMALL, objective=None, seed=0)
    updated = RECIPES[name].updated(model, later)
    assert type(updated) is type(model)
    asking = Query(history=np.append(world.interactions.history(3), np.int32(len(later.interactions.items) - 1)))
    plain = Query(history=world.interactions.history(3))
    assert updated.rank(asking, n=50).indices.tolist() == model.rank(plain, n=50).indices.tolist()
    mask = np.ones(len(later.interactions.items), dtype=bool)
    assert updated.rank(asking, n=50, candidates=mask).indices.tolist() == model.rank(plain, n=50).indices.tolist()
