import numpy as np
import pytest

from personalize_mock.recipes.personal.association_rules import MOST_FOLLOWERS, RuleKind, mine_rules


def rules_of(*histories, count):
    items = np.concatenate(histories).astype(np.int32)
    users = np.repeat(np.arange(len(histories), dtype=np.int32), [len(history) for history in histories])
    return mine_rules(items, users, count=count)


def item_scores(rules, *newest, count, weight=1.0):
    """Return the scores of all items for each user, float[n_users, count]."""
    scores = rules.follower_scores(np.array(newest, dtype=np.int32), weight=weight, count=count)
    return np.array([np.bincount(items, values, minlength=count) for items, values in scores])


def test_later_and_popular_followers_are_weaker():
    rules = rules_of([0, 1, 2], [3, 2], count=4)
    followers = dict(zip(rules.followers[: rules.indptr[1]].tolist(), rules.strengths.tolist(), strict=False))
    assert followers == {1: pytest.approx(1.0), 2: pytest.approx(0.9 / 2**0.35)}


def test_items_of_different_users_do_not_follow_each_other():
    assert rules_of([0], [1], count=2).followers.tolist() == []


def test_followers_lie_within_the_window():
    rules = rules_of(range(12), count=12)
    assert rules.followers[: rules.indptr[1]].tolist() == list(range(1, 11))


def test_the_weight_is_the_root_mean_square_of_the_scores():
    rules = rules_of([0, 1, 2, 3, 4], count=6)
    assert np.sqrt(np.mean(item_scores(rules, [0, -1], count=6, weight=0.4) ** 2)) == pytest.approx(0.4)


def test_the_newest_item_counts_most():
    rules = rules_of([0, 1], [2, 3], count=4)
    row = item_scores(rules, [0, 2], count=4)[0]
    assert row[3] == pytest.approx(0.85 * row[1])


def test_users_have_separate_scores_and_none_without_rules():
    rules = rules_of([0, 1], [2, 3], count=4)
    rows = item_scores(rules, [0, -1], [-1, -1], [1, -1], [2, 0], count=4)
    assert np.array_equal(rows[0], item_scores(rules, [0, -1], count=4)[0])
    assert np.array_equal(rows[3], item_scores(rules, [2, 0], count=4)[0])
    assert not rows[1:3].any()


def test_only_the_strongest_followers_are_kept():
    histories = [[0, item] for item in range(1, 301)] + [[0, item] for item in range(151, 301)]
    rules = rules_of(*histories, count=301)
    kept = rules.followers[: rules.indptr[1]]
    assert len(kept) == MOST_FOLLOWERS
    assert set(range(151, 301)) <= set(kept.tolist())


def test_scores_of_a_user_do_not_depend_on_other_users():
    rng = np.random.default_rng(0)
    rules = rules_of(*rng.integers(0, 40, (30, 12)), count=40)
    histories = rng.integers(-1, 40, (10, 15)).astype(np.int32)
    histories[3] = -1
    together = rules.follower_scores(histories, weight=0.4, count=40)
    for newest, (items, strength) in zip(histories, together, strict=True):
        ((single, _),) = rules.follower_scores(newest[None], weight=0.4, count=40)
        assert single.tolist() == items.tolist()
        row = np.bincount(items, strength, minlength=40)
        assert row == pytest.approx(item_scores(rules, newest, count=40, weight=0.4)[0], abs=1e-5)


def test_an_interaction_with_more_weight_makes_a_stronger_follower():
    item, user = np.array([0, 1, 0, 2], dtype=np.int32), np.array([0, 0, 1, 1], dtype=np.int32)
    rules = mine_rules(item, user, count=3, weight=np.array([1, 1.5, 1, 0.5]))
    assert rules.strengths.tolist() == pytest.approx([1.5, 0.5])


def test_items_that_came_before_count_too_if_wanted():
    item, user = np.array([0, 1, 2, 1, 2], dtype=np.int32), np.array([0, 0, 0, 1, 1], dtype=np.int32)
    forward, half = (mine_rules(item, user, count=3, kind=RuleKind(backward=backward)) for backward in (0.0, 0.5))
    assert forward.followers[forward.indptr[2] :].tolist() == []
    strengths = dict(zip(half.followers[half.indptr[2] :].tolist(), half.strengths[half.indptr[2] :], strict=True))
    assert strengths == {0: pytest.approx(0.5 * 0.9), 1: pytest.approx(0.5 * 2 / 2**0.35)}


def test_rules_of_consecutive_items_skip_none():
    item, user = np.array([0, 1, 2], dtype=np.int32), np.zeros(3, dtype=np.int32)
    rules = mine_rules(item, user, count=3, kind=RuleKind(window=1))
    assert np.diff(rules.indptr).tolist() == [1, 1, 0]
    assert rules.followers.tolist() == [1, 2]


def test_a_smaller_recency_decay_leaves_less_to_older_items():
    item, user = np.array([0, 1, 2, 3], dtype=np.int32), np.array([0, 0, 1, 1], dtype=np.int32)
    shares = []
    for decay in (0.85, 0.5):
        rules = mine_rules(item, user, count=4, kind=RuleKind(recency_decay=decay))
        ((followers, scores),) = rules.follower_scores(np.array([[2, 0]], dtype=np.int32), weight=1.0, count=4)
        score = dict(zip(followers.tolist(), scores.tolist(), strict=True))
        shares.append(score[1] / score[3])
    assert np.allclose(shares, [0.85, 0.5])
