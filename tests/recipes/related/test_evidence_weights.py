from dataclasses import replace

import numpy as np
import pytest

from personalize_mock.recipes.related.co_interactions import CoInteractions
from personalize_mock.recipes.related.evidence_weights import (
    Evidence,
    EvidenceWeights,
    Popularity,
    cosine_scale,
    learn_weights,
)
from personalize_mock.recipes.related.held_out import HeldOutQueries


def evidence_of(interactions, queries, *, metadata=None, cold=None):
    counts = interactions.csr()
    users = counts.getnnz(axis=0)
    cold = np.zeros(len(users), dtype=bool) if cold is None else cold
    rows = CoInteractions.from_interactions(interactions, counts).rows(queries)
    return Evidence(
        queries=queries,
        rows=rows,
        warm_rows=rows.without(cold, queries),
        factors=np.zeros_like(rows.shared),
        metadata=metadata,
        popularity=Popularity(users=users, cold=cold),
    )


def learnt(interactions, groups=None):
    held_out = HeldOutQueries.from_interactions(interactions, count=300, step=2)
    metadata = None if groups is None else (groups[held_out.queries][:, None] == groups).astype(np.float32)
    return learn_weights(evidence_of(held_out.train(), held_out.queries, metadata=metadata), held_out)


def walks(*, popular, close, users=400, items=200, length=10, seed=0):
    """Return triples of users who choose popular items, or items close in number to the one before."""
    rng = np.random.default_rng(seed)
    share = 1 / (1 + np.arange(items)) ** (1.3 if popular else 0)
    triples = []
    for user in range(users):
        item = int(rng.choice(items, p=share / share.sum()))
        for turn in range(length):
            triples.append((f"u{user}", f"i{item:03}", turn))
            near = (item + int(rng.integers(1, 4))) % items
            item = near if rng.random() < close else int(rng.choice(items, p=share / share.sum()))
    return triples


def test_popular_items_are_discounted_less_if_users_follow_popularity_alone(interactions_of):
    follow = learnt(interactions_of(walks(popular=True, close=0)))
    chain = learnt(interactions_of(walks(popular=True, close=0.9)))
    assert follow.discount == 0 < chain.discount


def test_close_interactions_count_more_if_items_follow_each_other(interactions_of):
    chain = learnt(interactions_of(walks(popular=False, close=0.9)))
    assert chain.closeness > EvidenceWeights().closeness


def test_metadata_count_more_if_users_stay_with_their_group(interactions_of):
    rng = np.random.default_rng(0)
    triples = [
        (f"u{user}", f"i{item:03}", turn)
        for user in range(300)
        for turn, item in enumerate(rng.permutation([*(user % 40 + 40 * rng.permutation(10)[:4]), *rng.choice(400, 3)]))
    ]
    interactions = interactions_of(triples, map("i{:03}".format, range(400)))
    own, other = (learnt(interactions, groups) for groups in (np.arange(400) % 40, np.arange(400) // 10))
    assert own.metadata > EvidenceWeights().metadata >= other.metadata


def test_without_users_to_learn_from_the_weights_are_the_default_ones(interactions_of):
    assert learnt(interactions_of([("u", "a", 1), ("v", "b", 2)])) == EvidenceWeights()


def test_cold_items_count_by_default_only_if_much_of_the_data_is_about_them():
    few = Popularity(users=np.array([100, 4]), cold=np.array([False, True]))
    many = Popularity(users=np.array([10, 4]), cold=np.array([False, True]))
    assert few.mostly_known()
    assert not many.mostly_known()


def test_a_discount_factor_of_one_removes_popularity():
    weights = EvidenceWeights(discount=0.4)
    assert weights.discounted(0) == weights
    assert weights.discounted(0.5).discount == pytest.approx(0.7)
    assert weights.discounted(1).discount == 1


def test_cold_items_are_as_popular_as_the_median_warm_item():
    popularity = Popularity(users=np.array([100, 20, 30, 2]), cold=np.array([False, False, False, True]))
    boost = popularity.boost(EvidenceWeights(discount=0.2))
    assert boost[0] == 1 > boost[2] > boost[1]
    assert boost[3] == boost[2]


def test_scaled_cosines_have_the_weight_as_their_mean_sum():
    cosines, boost = np.array([[1, 0.5], [0, 1]], dtype=np.float32), np.array([1, 2], dtype=np.float32)
    scaled = cosines * cosine_scale(cosines, boost, 0.3) * boost
    assert scaled.sum(axis=1).mean() == pytest.approx(0.3)
    assert cosine_scale(np.zeros((2, 2), dtype=np.float32), boost, 0.3) == 0


def test_each_weight_changes_the_scores(films):
    queries = np.arange(20)
    cold = np.arange(len(films.items)) > 150
    metadata = np.random.default_rng(0).random((20, len(films.items)), dtype=np.float32)
    evidence = replace(evidence_of(films, queries, metadata=metadata, cold=cold), factors=metadata[::-1])
    usual = evidence.scores(EvidenceWeights())
    for name, value in {
        "discount": 0.7,
        "closeness": 2,
        "before": 0,
        "cold": True,
        "factors": 1,
        "metadata": 1,
    }.items():
        other = evidence.scores(replace(EvidenceWeights(), **{name: value}))
        assert not np.allclose(other, usual)
        assert not other[queries, queries].any()
