from dataclasses import replace

import numpy as np
import pytest
from recipes.materials import make_query, training_data

from personalize_mock.recipes.related import sims
from personalize_mock.recipes.related.neighbours import MAX_NEIGHBOURS
from personalize_mock.recipes.related.pair_weights import PairWeights
from personalize_mock.recipes.related.sims import DAY, Sims, SimsHyperparameters

LOOSE = {"min_cointeraction_count": "1"}


def fitted(interactions, recipe=None, **config):
    return (recipe or Sims()).fit(training_data(interactions), config=config, objective=None, seed=0)


def recommended(model, interactions, item, *, n=25, candidates=None):
    indices = model.rank(make_query(item=interactions.items.index(item)), n=n, candidates=candidates).indices
    return interactions.items.at(indices)


def baskets(*lists, gap=1):
    """Return triples of one user per text, whose letters are items; `gap` is in seconds."""
    return [
        (f"u{user}", item, 1000 + place * gap) for user, items in enumerate(lists) for place, item in enumerate(items)
    ]


@pytest.fixture
def shop(interactions_of):
    """Of the five users of x, four also have a, three have b and all have the popular p."""
    return interactions_of(baskets("xap", "xap", "xapb", "xapb", "xbp", *["p"] * 20, *["a"] * 3))


def test_items_with_the_same_users_are_related(films):
    model = fitted(films)
    for item in range(30):
        related = model.rank(make_query(item=item), n=10).indices
        assert all(index % 5 == item % 5 for index in related)


def test_a_discount_of_zero_favours_popular_items_and_a_discount_of_one_ignores_popularity(shop):
    assert recommended(fitted(shop, popularity_discount_factor="0"), shop, "x")[0] == "p"
    assert recommended(fitted(shop, popularity_discount_factor="1"), shop, "x") == ["a", "b", "p"]


def test_a_larger_discount_recommends_less_popular_items(films):
    users = films.csr().getnnz(axis=0)
    means = []
    for discount in ("0", "0.5", "1"):
        model = fitted(films, popularity_discount_factor=discount, **LOOSE)
        means.append(np.mean([users[model.rank(make_query(item=item), n=10).indices].mean() for item in range(50)]))
    assert means[0] > means[1] > means[2]


def test_the_default_discount_is_one_half(films):
    default, half = fitted(films), fitted(films, popularity_discount_factor="0.5", min_cointeraction_count="3")
    assert default.neighbours.indices.tolist() == half.neighbours.indices.tolist()


def test_items_below_the_minimum_count_follow_the_others(shop):
    """Of the users of x, p has five, a four and b three. With a discount of 1 the order is a, b, p."""
    orders = {"1": "abp", "3": "abp", "4": "apb", "5": "pab", "6": "abp"}
    for minimum, order in orders.items():
        model = fitted(shop, min_cointeraction_count=minimum, popularity_discount_factor="1")
        neighbours = model.neighbours.for_item(shop.items.index("x"))
        assert shop.items.at(neighbours) == list(order)


def test_weak_neighbours_come_before_popular_items(interactions_of):
    interactions = interactions_of(baskets("xa", "xa", "xa", "xb", *["p"] * 20))
    assert recommended(fitted(interactions), interactions, "x") == ["a", "b", "p"]


def test_a_minimum_count_of_zero_still_needs_a_common_user(interactions_of):
    interactions = interactions_of(baskets("ab", "cd"))
    neighbours = fitted(interactions, min_cointeraction_count="0").neighbours
    assert [neighbours.for_item(item).tolist() for item in range(4)] == [[1], [0], [3], [2]]


def test_repeated_interactions_of_a_user_count_once(interactions_of):
    interactions = interactions_of(baskets("xa", "xb", "xb", "xaxaxaxa"))
    again = interactions_of(baskets("xa", "xb", "xb", "xb", "xa"))
    assert recommended(fitted(interactions, popularity_discount_factor="0"), interactions, "x") == ["a", "b"]
    assert recommended(fitted(again, popularity_discount_factor="0"), again, "x") == ["b", "a"]


def test_users_with_long_histories_can_be_dropped(interactions_of):
    interactions = interactions_of(baskets("abcdefgh", *["ab"] * 3))
    assert "h" in interactions.items.at(fitted(interactions, **LOOSE).neighbours.indices)
    model = fitted(interactions, max_user_history_length_percentile="0.5", **LOOSE)
    assert set(interactions.items.at(model.neighbours.indices)) == {"a", "b"}


def test_users_with_short_histories_can_be_dropped(interactions_of):
    interactions = interactions_of(baskets("ab", *["cde"] * 3))
    model = fitted(interactions, min_user_history_length_percentile="0.9", **LOOSE)
    assert set(interactions.items.at(model.neighbours.indices)) == {"c", "d", "e"}


def test_items_with_many_or_few_interactions_can_be_dropped(shop):
    without_popular = fitted(shop, max_item_interaction_count_percentile="0.5", **LOOSE)
    assert "p" not in shop.items.at(without_popular.neighbours.indices)
    without_rare = fitted(shop, min_item_interaction_count_percentile="0.9", **LOOSE)
    assert "b" not in shop.items.at(without_rare.neighbours.indices)
    assert set(shop.items.at(fitted(shop, **LOOSE).neighbours.indices)) == set("abpx")


def test_popular_items_follow_the_neighbours(interactions_of):
    interactions = interactions_of(baskets("ab", "ab", "ab", *["p"] * 5, *["q"] * 4))
    assert recommended(fitted(interactions), interactions, "a") == ["b", "p", "q"]


def test_an_unknown_or_cold_item_gets_popular_items(interactions_of):
    interactions = interactions_of(baskets("ab", "ab", "ab", *["p"] * 5), ["cold"])
    for item in ("cold", "unknown"):
        assert recommended(fitted(interactions), interactions, item) == ["p", "a", "b"]


def test_an_item_added_after_the_training_gets_popular_items(shop):
    model = fitted(shop)
    new = len(shop.items)
    mask = np.ones(new + 1, dtype=bool)
    assert model.rank(make_query(item=new), n=2, candidates=mask).indices.tolist() == model.popular.order[:2].tolist()


def test_a_mask_and_indices_of_candidates_give_the_same_items(films):
    model = fitted(films)
    ranking = model.rank(make_query(item=0), n=500).indices
    for share in (0.02, 0.3, 0.9):
        mask = np.random.default_rng(0).random(len(films.items)) < share
        expected = ranking[mask[ranking]]
        assert model.rank(make_query(item=0), n=500, candidates=mask).indices.tolist() == expected.tolist()
        indices = np.flatnonzero(mask).astype(np.int32)
        assert model.rank(make_query(item=0), n=500, candidates=indices).indices.tolist() == expected.tolist()


def test_the_number_of_neighbours_is_limited(interactions_of):
    count = MAX_NEIGHBOURS + 50
    interactions = interactions_of([(f"u{user}", f"i{item:03}", item) for user in range(3) for item in range(count)])
    neighbours = fitted(interactions).neighbours
    assert {len(neighbours.for_item(item)) for item in range(count)} == {MAX_NEIGHBOURS}


def test_the_block_size_does_not_change_the_neighbours(films, monkeypatch):
    whole = fitted(films).neighbours
    monkeypatch.setattr("personalize_mock.recipes.related.pair_counts.BLOCK_ROWS", 7)
    blocks = fitted(films).neighbours
    assert blocks.indices.tolist() == whole.indices.tolist()
    assert blocks.indptr.tolist() == whole.indptr.tolist()


def test_ties_are_broken_by_id(interactions_of):
    interactions = interactions_of(baskets("xcab", "xbca", "xabc"))
    assert recommended(fitted(interactions), interactions, "x") == ["a", "b", "c"]


CLOSE_IN_TIME = Sims(defaults=SimsHyperparameters(min_cointeraction_count=0), half_time=DAY)


def test_items_bought_at_the_same_time_come_before_items_bought_later(interactions_of):
    now = [("u", "shoe", 0), ("u", "sock", 60), ("v", "shoe", 0), ("v", "sock", 0)]
    later = [("u", "book", 40 * DAY), ("v", "book", 40 * DAY)]
    interactions = interactions_of(now + [(user, item, int(at)) for user, item, at in later])
    assert recommended(fitted(interactions, CLOSE_IN_TIME), interactions, "shoe") == ["sock", "book"]
    assert recommended(fitted(interactions, CLOSE_IN_TIME), interactions, "sock")[0] == "shoe"


def test_purchases_of_different_users_do_not_count_together(interactions_of):
    interactions = interactions_of(baskets("ab", "cd"))
    neighbours = fitted(interactions, CLOSE_IN_TIME).neighbours
    assert [neighbours.for_item(item).tolist() for item in range(4)] == [[1], [0], [3], [2]]


def test_sequels_are_related_on_real_data(real_interactions):
    model = Sims().fit(replace(training_data(real_interactions)), config={}, objective=None, seed=0)
    star_wars, *sequels = ("50", "172", "181")  # Star Wars, The Empire Strikes Back, Return of the Jedi
    assert set(sequels) <= set(recommended(model, real_interactions, star_wars, n=5))
    assert "185" in recommended(model, real_interactions, "23", n=300)


@pytest.mark.parametrize(
    "config", [{}, {"min_cointeraction_count": "7"}, {"max_user_history_length_percentile": "0.6"}]
)
def test_a_model_of_a_trial_ranks_like_the_fitted_model(films, config):
    queries = [make_query(item=item) for item in (3, 8, 3, -1, 29)]
    full, trial = (fitted(films, recipe, **config) for recipe in (Sims(), Sims().for_trials()))
    for n in (5, 60):
        lists = [
            [ranking.indices.tolist() for ranking in model.rank_each(queries, n=n, candidates=[None] * 5)]
            for model in (full, trial)
        ]
        assert lists[0] == lists[1]


def test_trials_with_other_discounts_count_common_users_once(films, monkeypatch):
    counted = []

    def learn_once(*arguments):
        counted.append(arguments)
        return PairWeights(exponent=0.7, closeness=1.0)

    monkeypatch.setattr(sims, "learn_weights", learn_once)
    recipe = Sims().for_trials()
    models = [fitted(films, recipe, popularity_discount_factor=discount) for discount in ("0", "1")]
    assert len(counted) == 1
    assert models[0].discount.tolist() != models[1].discount.tolist()
