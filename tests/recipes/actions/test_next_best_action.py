from dataclasses import replace

import numpy as np
import pytest
from dataset_tables import aligned
from recipes.shop_actions import (
    CATEGORIES,
    DAY,
    NOW,
    START,
    USERS,
    action_history,
    action_interactions,
    actions,
    fitted,
    preference_rows,
    ranked_scores,
    shop,
    user,
)

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.actions.next_best_action import NextBestAction
from personalize_mock.recipes.base import Exploration, Query, TrainingFailed
from personalize_mock.recipes.registry import RECIPES


@pytest.fixture(scope="module")
def data():
    return shop()


@pytest.fixture(scope="module")
def model(data):
    return fitted(data)


def action_rows(action, *, taken, other, event_type="Viewed", at=START, step=60):
    """Return interactions with an action, each of another user, `step` seconds apart."""
    event_types = ["Taken"] * taken + [event_type] * other
    return [(f"v{number:03}", action, kind, at + step * number) for number, kind in enumerate(event_types)]


def scores_of(rows, **columns):
    data = shop(rows, actions_dataset=actions(**columns))
    return ranked_scores(fitted(data), data)


def test_the_recipe_is_registered_and_its_model_ranks_actions(model):
    assert isinstance(RECIPES["aws-next-best-action"], NextBestAction)
    assert (model.ranks, model.scored, model.uses_item) == ("actions", True, False)
    assert RECIPES["aws-next-best-action"].evaluation == "actions"


def test_training_fails_without_actions():
    with pytest.raises(TrainingFailed, match="no actions"):
        fitted(replace(shop(), actions=None))


def test_scores_are_descending_probabilities_that_need_not_sum_to_one(model, data):
    scores = list(ranked_scores(model, data).values())
    assert all(0 < score < 1 for score in scores)
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) > 1


def test_scores_are_close_to_the_shares_of_taken():
    rows = [
        row
        for action, taken in (("d1", 150), ("n1", 50))
        for row in action_rows(action, taken=taken, other=200 - taken)
    ]
    scores = scores_of(rows)
    assert scores["d1"] == pytest.approx(0.75, abs=0.05)
    assert scores["n1"] == pytest.approx(0.25, abs=0.05)


def test_without_action_interactions_all_scores_are_zero():
    assert scores_of(None) == dict.fromkeys(sorted(CATEGORIES), 0.0)


@pytest.mark.parametrize(
    ("taken", "other", "real"), [(50, 50, True), (49, 50, False), (50, 49, False), (300, 0, False)]
)
def test_an_action_with_fifty_taken_and_fifty_other_interactions_has_a_score(taken, other, real):
    scores = scores_of(action_rows("d1", taken=taken, other=other))
    assert (scores["d1"] > 0) is real
    assert not any(scores[action] for action in ("d2", "n1", "n2"))


def test_viewed_and_not_taken_count_together():
    rows = action_rows("d1", taken=50, other=25) + [(f"w{n}", "d1", "Not Taken", START + n) for n in range(25)]
    assert scores_of(rows)["d1"] > 0


def test_only_interactions_of_the_newest_six_weeks_count():
    rows = action_rows("d1", taken=50, other=50)
    assert scores_of([*rows, ("z", "d2", "Viewed", START + 42 * DAY)])["d1"] > 0
    assert scores_of([*rows, ("z", "d2", "Viewed", START + 42 * DAY + 1)])["d1"] == 0


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda text: text.upper().replace(" ", "_")])
def test_event_types_may_have_any_spelling(change, model, data):
    spelled = shop([(user_id, action, change(event_type), at) for user_id, action, event_type, at in preference_rows()])
    assert ranked_scores(fitted(spelled), spelled) == ranked_scores(model, data)


def test_unknown_actions_and_event_types_are_ignored(model, data):
    more = shop([*preference_rows(), ("u000", "gone", "Taken", START), ("u001", "d1", "Shrugged", START)])
    assert ranked_scores(fitted(more), more) == ranked_scores(model, data)


def test_equal_scores_are_sorted_by_value_then_by_id():
    scores = scores_of(None, VALUE={"n1": 10, "d2": 3, "n2": 3})
    assert list(scores) == ["n1", "d2", "n2", "d1"]


def test_scores_outweigh_values():
    rows = [
        row
        for action, taken in (("d1", 150), ("n1", 60))
        for row in action_rows(action, taken=taken, other=200 - taken)
    ]
    assert list(scores_of(rows, VALUE={"n1": 10, "d1": 1, "n2": 7})) == ["d1", "n1", "n2", "d2"]


def test_a_user_who_takes_discounts_gets_discounts(model, data):
    taker = action_history(data, ("d1", "Taken", START), ("n1", "Not Taken", START))
    reader = action_history(data, ("n1", "Taken", START), ("d1", "Not Taken", START))
    assert set(list(ranked_scores(model, data, Query(action_history=taker)))[:2]) == {"d1", "d2"}
    assert set(list(ranked_scores(model, data, Query(action_history=reader)))[:2]) == {"n1", "n2"}


def test_taking_an_action_raises_the_scores_of_its_category(model, data):
    before = ranked_scores(model, data)
    after = ranked_scores(model, data, Query(action_history=action_history(data, ("d1", "Taken", START))))
    assert after["d2"] > before["d2"]
    assert after["d2"] - before["d2"] > after["n1"] - before["n1"]


def test_a_new_interaction_changes_the_ranking_at_once(model, data):
    rows = [("d1", "Taken", START), ("n1", "Viewed", START)]
    first = ranked_scores(model, data, Query(action_history=action_history(data, *rows)))
    assert next(iter(first)) in {"d1", "d2"}
    rows += [
        (action, event_type, START + 60)
        for action, event_type in (("d1", "Not Taken"), ("d2", "NOT_TAKEN"), ("n1", "TAKEN"))
    ] * 3
    then = ranked_scores(model, data, Query(action_history=action_history(data, *rows)))
    assert next(iter(then)) in {"n1", "n2"}


def test_item_interactions_alone_personalize_the_ranking(model, data):
    items = data.interactions.items
    even, odd = (np.array([items.index(f"i{start + n:02}") for n in range(5)], dtype=np.int32) for start in (0, 10))
    assert set(list(ranked_scores(model, data, Query(history=even)))[:2]) == {"d1", "d2"}
    assert set(list(ranked_scores(model, data, Query(history=odd)))[:2]) == {"n1", "n2"}


def test_the_users_dataset_alone_personalizes_the_ranking():
    plain = shop()
    members = ["gold" if int(user_id[1:]) % 2 == 0 else "silver" for user_id in plain.interactions.users.values]
    columns = {
        "USER_ID": Strings.from_values(plain.interactions.users.values),
        "MEMBERSHIP": Strings.from_values(members),
        "AGE": Numbers(values=20 + np.arange(USERS) % 7),
    }
    fields = [SchemaField(name="MEMBERSHIP", type="string", categorical=True), SchemaField(name="AGE", type="int")]
    users = aligned(Table(columns=columns, rows=USERS), plain.interactions.users, key="USER_ID", fields=fields)
    data = shop(users=users)
    model = fitted(data)
    assert set(list(ranked_scores(model, data, Query(user=0)))[:2]) == {"d1", "d2"}
    assert set(list(ranked_scores(model, data, Query(user=1)))[:2]) == {"n1", "n2"}


def test_an_unknown_user_gets_the_actions_that_most_users_take():
    rows = [
        row
        for action, taken in (("n2", 140), ("d1", 60))
        for row in action_rows(action, taken=taken, other=200 - taken)
    ]
    assert next(iter(scores_of(rows))) == "n2"


def test_unknown_actions_items_and_users_in_a_query_are_ignored(model, data):
    strange = Query(
        history=np.array([-1, 5000], dtype=np.int32),
        user=5000,
        action_history=action_history(data, ("never seen", "Taken", NOW), ("d1", "shrugged", START)),
    )
    assert ranked_scores(model, data, strange) == ranked_scores(model, data)


@pytest.mark.parametrize("name", ["EXPIRATION_TIMESTAMP", "ACTION_EXPIRATION_TIMESTAMP"])
def test_expired_actions_are_hidden_and_actions_without_a_date_are_not(name):
    data = shop(actions_dataset=actions(**{name: {"d1": NOW, "d2": NOW + 1}}))
    model = fitted(data)
    assert set(ranked_scores(model, data)) == {"d2", "n1", "n2"}
    assert set(ranked_scores(model, data, Query(now=NOW - 1))) == set(CATEGORIES)
    assert set(ranked_scores(model, data, Query(now=NOW + 1))) == {"n1", "n2"}


@pytest.mark.parametrize("event_type", ["Taken", "Not Taken", "Viewed"])
def test_any_interaction_hides_an_action_for_its_repeat_frequency(event_type):
    data = shop(actions_dataset=actions(REPEAT_FREQUENCY={"d1": 7}))
    model = fitted(data)
    query = Query(action_history=action_history(data, ("d1", event_type, START), ("d2", event_type, START)))
    assert "d1" not in ranked_scores(model, data, replace(query, now=START))
    assert "d1" not in ranked_scores(model, data, replace(query, now=START + 7 * DAY - 1))
    assert "d1" in ranked_scores(model, data, replace(query, now=START + 7 * DAY))
    assert "d2" in ranked_scores(model, data, replace(query, now=START + 1))


def test_actions_without_a_repeat_frequency_are_never_hidden(model, data):
    query = Query(action_history=action_history(data, *((action, "Taken", NOW + 600) for action in CATEGORIES)))
    assert set(ranked_scores(model, data, query)) == set(CATEGORIES)


def test_the_repeat_frequency_counts_from_the_newest_interaction():
    data = shop(actions_dataset=actions(REPEAT_FREQUENCY={"d1": 7}))
    query = Query(action_history=action_history(data, ("d1", "Viewed", NOW), ("d1", "Viewed", START)), now=NOW + DAY)
    assert "d1" not in ranked_scores(fitted(data), data, query)


def test_no_action_is_hidden_longer_than_thirty_days():
    data = shop(actions_dataset=actions(REPEAT_FREQUENCY={"d1": 300}))
    query = Query(action_history=action_history(data, ("d1", "Viewed", START)))
    assert "d1" in ranked_scores(fitted(data), data, replace(query, now=START + 30 * DAY))


def test_the_next_best_action_replaces_a_hidden_action():
    data = shop(actions_dataset=actions(EXPIRATION_TIMESTAMP={"d1": START}))
    assert len(ranked_scores(fitted(data), data, n=3)) == 3


def test_a_mask_and_indices_of_candidates_give_the_same_actions(model, data):
    ids, everything = data.actions.ids, ranked_scores(model, data)
    mask = np.array([action in {"d2", "n1"} for action in ids.values])
    expected = {action: score for action, score in everything.items() if action in {"d2", "n1"}}
    assert ranked_scores(model, data, candidates=mask) == expected
    assert ranked_scores(model, data, candidates=np.flatnonzero(mask).astype(np.int32)) == expected
    assert ranked_scores(model, data, candidates=np.zeros(len(ids), dtype=bool)) == {}


def test_n_limits_the_length_of_the_ranking(model, data):
    assert len(ranked_scores(model, data, n=3)) == 3
    assert ranked_scores(model, data, n=0) == {}
    ranking = model.rank(Query(), n=2)
    assert (ranking.indices.dtype, ranking.scores.dtype) == (np.int32, np.float64)


def test_a_shorter_ranking_is_the_beginning_of_a_longer_one():
    more = {f"x{number:02}": "other" for number in range(20)}
    data = shop(preference_rows(), actions_dataset=actions({**CATEGORIES, **more}, VALUE={"x07": 9}))
    model = fitted(data)
    everything = list(ranked_scores(model, data))
    assert all(list(ranked_scores(model, data, n=n)) == everything[:n] for n in range(1, 24))


def test_a_batch_gives_the_same_rankings_as_single_queries(model, data):
    queries = [Query(), Query(user=3, action_history=action_history(data, ("n1", "Taken", START)))]
    together = model.rank_each(queries, n=6, candidates=[None] * 2)
    alone = [model.rank(query, n=6) for query in queries]
    assert all(ranking.indices.dtype == np.int32 for ranking in together)
    assert [ranking.indices.tolist() for ranking in together] == [ranking.indices.tolist() for ranking in alone]
    assert model.rank_each([], n=3, candidates=[]) == []


def test_actions_without_a_score_follow_those_with_one():
    more = {f"x{number:02}": "other" for number in range(20)}
    data = shop(preference_rows(), actions_dataset=actions({**CATEGORIES, **more}))
    scores = ranked_scores(fitted(data), data)
    assert list(scores)[4:] == sorted(more)
    assert {scores[action] for action in more} == {0.0}


def test_exploration_shuffles_actions_without_a_score_by_its_seed():
    more = {f"x{number:02}": "other" for number in range(20)}
    data = shop(preference_rows(), actions_dataset=actions({**CATEGORIES, **more}))
    model = fitted(data)
    plain = list(ranked_scores(model, data))

    def explored(seed, weight=0.3):
        return list(
            ranked_scores(model, data, Query(exploration=Exploration(weight=weight, age_cut_off=30, seed=seed)))
        )

    assert model.explores
    assert explored(1)[:4] == plain[:4]
    assert sorted(explored(1)) == sorted(plain)
    assert explored(1) == explored(1) != explored(2)
    assert explored(1, weight=0) == plain


def test_an_exposure_is_a_success_if_the_action_is_taken_within_the_period():
    rows = []
    for number in range(100):
        rows += [(user(number), "d1", "Viewed", START), (user(number), "d1", "Not Taken", START + DAY)]
        rows += [(user(number), "d1", "Taken", START + 10 * DAY + number)] if number < 50 else []
    data = shop(rows)
    short, long = (ranked_scores(fitted(data, action_optimization_period=days), data)["d1"] for days in ("7", "28"))
    assert long == pytest.approx(0.5, abs=0.05)
    assert short == pytest.approx(50 / 250, abs=0.05)
    assert (
        ranked_scores(fitted(data), data)["d1"]
        == ranked_scores(fitted(data, action_optimization_period="14"), data)["d1"]
    )


def test_a_take_counts_only_for_earlier_exposures_of_the_same_user():
    rows = []
    for number in range(100):
        rows += [(user(number), "d1", "Taken", START + number), (user(number), "d1", "Viewed", START + DAY)]
    data = shop(rows)
    assert ranked_scores(fitted(data), data)["d1"] == pytest.approx(0.5, abs=0.1)


def test_the_same_seed_gives_the_same_scores_in_any_order_of_rows(model, data):
    rows = preference_rows()
    shuffled = shop([rows[row] for row in np.random.default_rng(1).permutation(len(rows))])
    query = Query(
        history=data.interactions.history(3), user=3, action_history=action_history(data, ("d1", "Taken", START))
    )
    assert ranked_scores(fitted(shuffled), shuffled, query) == ranked_scores(model, data, query)


def test_repeated_rows_count_once(model, data):
    twice = shop([row for row in preference_rows() for _ in range(2)])
    assert ranked_scores(fitted(twice), twice) == ranked_scores(model, data)


def test_an_update_adds_new_actions_without_a_score(model, data):
    ids = IdMap((*data.actions.ids.values, "a new one"))
    later = replace(data, actions=actions({**CATEGORIES, "a new one": "discount"}, ids=ids.values))
    updated = NextBestAction().updated(model, later, objective=None)
    assert ranked_scores(updated, later) == {**ranked_scores(model, data), "a new one": 0.0}
    taken = Query(action_history=action_history(later, ("a new one", "Taken", START)))
    assert ranked_scores(updated, later, taken) == ranked_scores(updated, later)


def test_an_update_reads_new_dates_and_drops_deleted_actions(model, data):
    categories = {action: category for action, category in CATEGORIES.items() if action != "n1"}
    ids = data.actions.ids.values
    later = replace(data, actions=actions(categories, ids=ids, EXPIRATION_TIMESTAMP={"d1": NOW - DAY}))
    assert set(ranked_scores(NextBestAction().updated(model, later, objective=None), later)) == {"d2", "n2"}


def test_new_items_and_users_of_an_update_are_ignored(model, data):
    updated = NextBestAction().updated(model, data, objective=None)
    query = Query(history=np.array([len(data.interactions.items)], dtype=np.int32), user=len(data.interactions.users))
    assert ranked_scores(updated, data, query) == ranked_scores(model, data)


def test_users_of_actions_need_no_item_interactions():
    rows = [
        (f"stranger{number}", action, event_type, at)
        for number, (_, action, event_type, at) in enumerate(preference_rows())
    ]
    data = replace(shop(), action_interactions=action_interactions(rows))
    assert all(ranked_scores(fitted(data), data).values())


def test_the_type_of_an_action_counts_as_a_category():
    plain = actions()
    column = plain.table.strings("KIND")
    table = Table(columns={"ACTION_ID": plain.table.strings("ACTION_ID"), "TYPE": column}, rows=plain.table.rows)
    data = shop(
        preference_rows(),
        actions_dataset=aligned(table, plain.ids, key="ACTION_ID", fields=[SchemaField(name="TYPE", type="string")]),
    )
    query = Query(action_history=action_history(data, ("d1", "Taken", START)))
    same = shop(preference_rows())
    assert ranked_scores(fitted(data), data, query) == ranked_scores(fitted(same), same, query)
