import numpy as np
import pytest
from recipes.materials import training_data

from personalize_mock.evaluation.base import ranked_indices
from personalize_mock.evaluation.ranking import normalized_discounted_cumulative_gain_at
from personalize_mock.evaluation.split import Split
from personalize_mock.recipes.base import Query
from personalize_mock.recipes.personal.repeats import FEWEST, SeenItems, learn_repeats
from personalize_mock.recipes.personal.user_personalization import UserPersonalization


def learnt(interactions):
    return learn_repeats(interactions, distinct=interactions.csr().nnz)


def fitted(interactions):
    return UserPersonalization().fit(training_data(interactions), config={}, objective=None, seed=0)


def ids(*numbers):
    return np.array(numbers, dtype=np.int32)


def probabilities(repeats, *history):
    """Return the probability of each item of a history, by item."""
    seen = SeenItems.from_history(ids(*history))
    odds = np.exp(repeats.logits(seen))
    return dict(zip(seen.items.tolist(), odds / (1 + odds.sum()), strict=True))


def habits(choose, *, users=150, length=30, items=400, seed=0):
    """Return triples of users who repeat the item that `choose(rng, history, user)` returns, or else try a new one."""
    rng = np.random.default_rng(seed)
    triples = []
    for user in range(users):
        history = []
        for turn in range(length):
            item = choose(rng, history, user) if history else None
            history.append(int(rng.integers(items)) if item is None else item)
            triples.append((f"u{user:03}", f"i{history[-1]:03}", 1000 + turn))
    return triples


def newest_again(rng, history, user):
    """Return the newest item in six of ten cases."""
    del user
    return history[-1] if rng.random() < 0.6 else None


def twice(rng, history, user):
    """Return the newest item if it occurred once: every item is seen and then bought."""
    del rng, user
    return history[-1] if history.count(history[-1]) == 1 else None


def own_favourite(rng, history, user):
    """Return the item that the user had most often in six of ten cases."""
    del user
    return max(set(history), key=history.count) if rng.random() < 0.6 else None


def some_users(rng, history, user):
    """Return any earlier item in nine of ten cases for one half of the users, in one of ten for the others."""
    return int(rng.choice(history)) if rng.random() < (0.9 if user % 2 else 0.1) else None


def test_different_items_of_a_history_have_an_age_and_a_count():
    seen = SeenItems.from_history(ids(7, 3, 7, 5, 3, 3))
    assert seen.items.tolist() == [3, 5, 7]
    assert seen.age.tolist() == [0, 1, 2]
    assert seen.count.tolist() == [3, 1, 2]


def test_nothing_is_learnt_without_repeats(films):
    assert learnt(films) is None


def test_too_few_repeats_teach_nothing(interactions_of):
    once = [(f"u{user}", f"i{item}", item) for user in range(60) for item in range(5)]
    for count in (FEWEST - 1, FEWEST):
        again = [(f"u{user}", "i0", 99) for user in range(count)]
        assert (learnt(interactions_of(once + again)) is None) == (count < FEWEST)


def test_the_newest_item_has_the_rate_at_which_it_is_repeated(interactions_of):
    repeats = learnt(interactions_of(habits(newest_again)))
    shares = probabilities(repeats, *range(8), 9, 10)
    assert shares[10] == pytest.approx(0.6, abs=0.06)
    assert sum(shares.values()) - shares[10] < 0.05


def test_an_item_that_is_always_seen_and_then_bought_comes_back_once(interactions_of):
    repeats = learnt(interactions_of(habits(twice)))
    assert probabilities(repeats, 1, 1, 2, 2, 3)[3] > 0.9
    assert sum(probabilities(repeats, 1, 1, 2, 2, 3, 3).values()) < 0.1


def test_favourites_come_first_if_users_return_to_them(interactions_of):
    repeats = learnt(interactions_of(habits(own_favourite)))
    shares = probabilities(repeats, *[1] * 10, 2, 3, 4)
    assert shares[1] == pytest.approx(0.6, abs=0.1)
    assert shares[1] > 5 * shares[4]


def test_users_who_repeated_themselves_will_do_so_again(interactions_of):
    repeats = learnt(interactions_of(habits(some_users)))
    loyal = sum(probabilities(repeats, *[1, 2, 3, 4] * 5).values())
    curious = sum(probabilities(repeats, *range(19), 1).values())
    assert loyal == pytest.approx(0.9, abs=0.06)
    assert curious == pytest.approx(0.1, abs=0.06)


def test_a_short_history_says_little_about_a_user(interactions_of):
    repeats = learnt(interactions_of(habits(some_users)))
    short, long = (sum(probabilities(repeats, *[1, 2] * times).values()) for times in (1, 15))
    assert 0.15 < short < 0.85 < long


def test_scores_of_seen_items_are_their_probabilities(interactions_of):
    interactions = interactions_of(habits(newest_again))
    model = fitted(interactions)
    history = interactions.history(5)
    ranking = model.rank(Query(history=history), n=1000)
    expected = probabilities(learnt(interactions), *model.position_of_item[history].tolist())
    got = dict(zip(model.position_of_item[ranking.indices].tolist(), ranking.scores, strict=True))
    assert {item: got[item] for item in expected} == pytest.approx(expected, rel=1e-3)
    assert ranking.scores.sum() == pytest.approx(1)


def test_a_filter_only_renormalises_scores_of_seen_and_unseen_items(interactions_of):
    interactions = interactions_of(habits(some_users))
    model, history = fitted(interactions), interactions.history(5)
    whole = model.rank(Query(history=history), n=1000)
    for candidates in (np.union1d(history[::2], np.arange(5)).astype(np.int32), np.arange(len(interactions.items)) > 9):
        some = model.rank(Query(history=history), n=1000, candidates=candidates)
        among = np.isin(whole.indices, some.indices)
        assert np.array_equal(whole.indices[among], some.indices)
        assert some.scores == pytest.approx(whole.scores[among] / whole.scores[among].sum(), rel=1e-4)


def test_in_a_large_catalogue_a_sample_of_the_unseen_items_is_enough(interactions_of, monkeypatch):
    interactions = interactions_of(habits(newest_again, items=1500))
    history = interactions.history(5)
    exact = fitted(interactions).rank(Query(history=history), n=1000)
    monkeypatch.setattr("personalize_mock.recipes.personal.relevance.SMALL_CATALOGUE", 150)
    model = fitted(interactions)
    estimated = model.rank(Query(history=history), n=1000)
    assert estimated.scores[0] == pytest.approx(exact.scores[0], rel=0.1)
    (in_block,) = model.rank_each([Query(history=history)], n=1000, candidates=[None])
    assert in_block.scores == pytest.approx(estimated.scores, rel=1e-3)


@pytest.mark.parametrize("choose", [newest_again, twice, own_favourite, some_users])
def test_lists_are_as_good_as_the_newest_items_whatever_the_habit(interactions_of, choose):
    parts = Split.from_interactions(interactions_of(habits(choose, users=600)), seed=0)
    histories = [parts.train.history(user) for user in parts.users]
    newest = [list(dict.fromkeys(history[::-1].tolist()))[:25] for history in histories]
    newest_first = np.array([[*items, *[-1] * (25 - len(items))] for items in newest])
    ours = ranked_indices(fitted(parts.train), [Query(history=history) for history in histories], n=25)
    assert gain(ours, parts.relevant) > 0.97 * gain(newest_first, parts.relevant)


def gain(lists, relevant):
    """Return NDCG@25."""
    hits = np.array([np.isin(row, items) for row, items in zip(lists, relevant, strict=True)])
    return normalized_discounted_cumulative_gain_at(25, hits=hits, relevant=np.array(list(map(len, relevant))))
