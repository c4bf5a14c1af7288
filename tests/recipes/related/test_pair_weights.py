import numpy as np
import pytest

from personalize_mock.recipes.related import pair_weights
from personalize_mock.recipes.related.close_pairs import ClosePairs
from personalize_mock.recipes.related.pair_counts import PairCounts
from personalize_mock.recipes.related.pair_weights import USUAL, WITHOUT_USERS, learn_weights


def learnt(interactions):
    pairs = ClosePairs.from_interactions(interactions)
    return learn_weights(pairs, PairCounts.from_pairs(pairs))


def shop(*, tastes=False, follow=False, users=400, items=200, length=8, seed=0):
    """Return triples of users who choose popular items.

    With `tastes`, the second half of a history is of the group of the user. With `follow`, every second item is one of
    four that belong to the item before.
    """
    rng = np.random.default_rng(seed)
    popularity = 1 / (1 + np.arange(items)) ** 1.2
    triples = []
    for user in range(users):
        chosen = rng.permutation(rng.choice(items, size=length, replace=False, p=popularity / popularity.sum()))
        if tastes:
            group = np.arange(user % 20, items, 20)
            chosen[length // 2 :] = rng.choice(group, size=length // 2, replace=False)
        if follow:
            chosen[1::2] = (7 * chosen[::2] + rng.integers(1, 5, size=length // 2)) % items
        triples += [(f"u{user}", f"i{item:03}", 100 + turn) for turn, item in enumerate(chosen)]
    return triples


def test_popular_items_are_discounted_if_users_have_tastes_and_not_if_all_like_the_same(interactions_of):
    alike, different = (learnt(interactions_of(shop(tastes=tastes))).exponent for tastes in (False, True))
    assert alike < USUAL.exponent <= different


def test_close_interactions_count_more_if_users_follow_the_previous_item_than_if_the_order_is_random(interactions_of):
    together, shuffled = (learnt(interactions_of(shop(follow=follow))).closeness for follow in (True, False))
    assert shuffled < together


def test_with_few_users_only_common_users_count(interactions_of):
    few = [(f"u{user}", item, 1 + turn) for user in range(20) for turn, item in enumerate("abcde")]
    assert learnt(interactions_of(few)) == WITHOUT_USERS
    assert learnt(interactions_of([("u", "a", 1), ("v", "b", 2)])) == WITHOUT_USERS


@pytest.mark.parametrize("repeats", [0.0, 0.5])
def test_held_out_interactions_do_not_speak_for_themselves(interactions_of, preferences, repeats):
    """The evidence for a target is the same as if the user's held-out interactions did not exist."""
    interactions = interactions_of(preferences(users=40, items=60, repeats=repeats))
    pairs = ClosePairs.from_interactions(interactions)
    held_out = pair_weights.HeldOutQueries.from_interactions(interactions, count=40, step=1)
    ranked = pair_weights._RankedPairs.from_queries(held_out, pairs, PairCounts.from_pairs(pairs))
    for row, user in enumerate(held_out.users[:10]):
        others = ClosePairs.from_interactions(interactions.select(~held_out.mask | (interactions.user != user)))
        counts, query = PairCounts.from_pairs(others), held_out.queries[row : row + 1]
        own = held_out.rows == row
        common = counts.common_users(query)
        for number, closeness in enumerate(pair_weights.CLOSENESS):
            expected = counts.evidence(common, query, closeness=closeness).toarray()[0, held_out.targets[own]]
            assert ranked.evidence[number, ranked.targets[own]] == pytest.approx(expected, abs=1e-4)


def test_leaving_out_items_that_cannot_be_among_the_best_changes_no_choice(films, monkeypatch):
    fast = learnt(films)
    monkeypatch.setattr(pair_weights, "CONTENDERS", len(films.items))
    assert learnt(films) == fast
