from dataclasses import replace

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from recipes.materials import full_training_data, training_data
from scipy import sparse

from personalize_mock.data.id_map import IdMap
from personalize_mock.evaluation.base import ranked_indices
from personalize_mock.evaluation.split import Split
from personalize_mock.recipes.base import Query
from personalize_mock.recipes.numerics.implicit_als import ALPHA, REGULARIZATION
from personalize_mock.recipes.numerics.normalization import normalize_rows
from personalize_mock.recipes.personal import factors
from personalize_mock.recipes.personal.fold_in import LEAST, prepare_fold_in
from personalize_mock.recipes.personal.relevance_weights import RelevanceWeights
from personalize_mock.recipes.personal.user_personalization import UserPersonalization


def fitted(interactions, **config):
    return UserPersonalization().fit(training_data(interactions), config=config, objective=None, seed=0)


def test_users_get_items_that_they_prefer(films):
    model = fitted(films)
    for user in range(0, 200, 10):
        groups = model.rank(Query(history=films.history(user)), n=10).indices % 5
        assert np.mean(groups == user % 5) > 0.8


def test_the_newest_items_weigh_most(films):
    model = fitted(films)
    changed = np.concatenate((films.history(0), films.history(1)[-8:])).astype(np.int32)
    before, after = (
        np.mean(model.rank(Query(history=history), n=10).indices % 5 == 1) for history in (films.history(0), changed)
    )
    assert before < 0.2
    assert after > 0.5


def test_a_filter_only_renormalises_scores(films):
    model, history = fitted(films), films.history(3)
    whole = model.rank(Query(history=history), n=300)
    half = model.rank(Query(history=history), n=300, candidates=np.arange(len(films.items)) % 2 == 0)
    among = np.isin(whole.indices, half.indices)
    assert np.array_equal(whole.indices[among], half.indices)
    assert half.scores == pytest.approx(whole.scores[among] / whole.scores[among].sum(), rel=1e-4)


def test_a_narrow_filter_keeps_the_order_of_the_whole(films):
    model, history = fitted(films), films.history(3)
    narrow = np.isin(np.arange(len(films.items)), model.rank(Query(history=history), n=40).indices[::2])
    assert np.array_equal(
        model.rank(Query(history=history), n=40, candidates=narrow).indices,
        model.rank(Query(history=history), n=40).indices[::2],
    )


def test_seen_items_come_last_if_users_never_repeat_themselves(films):
    model, history = fitted(films), films.history(3)
    order = model.rank(Query(history=history), n=300).indices
    assert set(order[-len(history) :].tolist()) == set(history.tolist())


def test_the_probability_of_seen_items_is_the_share_of_repeats(groceries):
    model = fitted(groceries)
    shares = []
    for user in range(200):
        ranking = model.rank(Query(history=groceries.history(user)), n=300)
        shares.append(ranking.scores[np.isin(ranking.indices, groceries.history(user))].sum())
    repeats = 1 - groceries.csr().nnz / len(groceries)
    assert np.mean(shares) == pytest.approx(repeats, abs=0.08)


def test_more_held_out_items_are_recommended_than_by_popularity(films):
    parts = Split.from_interactions(films, seed=0)
    model = fitted(parts.train)
    recommended = ranked_indices(model, [Query(history=parts.train.history(user)) for user in parts.users], n=25)
    popular = np.argsort(-parts.train.csr().getnnz(axis=0))[:25]
    hits = sum(np.isin(items, row).sum() for items, row in zip(parts.relevant, recommended, strict=True))
    assert hits > 1.5 * sum(np.isin(items, popular).sum() for items in parts.relevant)


def test_hidden_dimension_is_the_number_of_factors(films):
    assert fitted(films).fold_in.covariance.shape == (149, 149)
    assert fitted(films, hidden_dimension="40").fold_in.covariance.shape == (40, 40)


def test_explanations_compare_items_by_their_factors_and_not_by_their_directions(films):
    model, history, items = fitted(films), films.history(3), np.arange(20, dtype=np.int32)
    parts = model.ranking_parts(Query(history=history), items, n=25)
    factors = model.fold_in.factors[:, : len(model.fold_in.covariance)]
    vectors, known = (normalize_rows(factors[model.position_of_item[some]]) for some in (items, parts.history))
    assert model.fold_in.directions is not None
    assert parts.similarity == pytest.approx(vectors @ known.T, abs=1e-6)


def test_bptt_is_the_number_of_items_of_a_history_that_are_used(films):
    model, history = fitted(films, bptt="4"), films.history(3)
    long, short = (
        model.rank(Query(history=history), n=20),
        model.rank(Query(history=np.concatenate((history[:1], history))), n=20),
    )
    assert np.array_equal(long.indices, short.indices)
    assert len(model.recency_weights) == 4
    assert len(fitted(films).recency_weights) == 32


def test_older_items_count_too_if_preferences_last_long(interactions_of, preferences, monkeypatch):
    interactions = interactions_of(preferences(users=400))
    lasting = RelevanceWeights(decay=1)
    monkeypatch.setattr(factors, "learn_weights", lambda _: lasting)
    model, history = fitted(interactions, bptt="4"), interactions.history(3)
    assert len(model.recency_weights) == 16
    vectors = [model._user_state(history[-count:], 0).vector for count in (4, 16, 17)]
    assert not np.allclose(vectors[0], vectors[1])
    assert np.array_equal(vectors[1], vectors[2])


def test_without_the_recency_mask_all_items_of_a_history_weigh_the_same(films):
    assert set(fitted(films, recency_mask="false").recency_weights) == {1.0}
    assert np.all(np.diff(fitted(films, recency_mask="true").recency_weights) < 0)


def test_another_seed_gives_another_model(films):
    one, other = (
        UserPersonalization().fit(training_data(films), config={}, objective=None, seed=seed) for seed in (0, 1)
    )
    assert not np.array_equal(one.fold_in.factors, other.fold_in.factors)


def test_the_best_scores_on_real_data_are_like_those_of_the_service(real_interactions):
    model = fitted(real_interactions)
    best = [model.rank(Query(history=real_interactions.history(user)), n=1).scores[0] for user in range(0, 900, 20)]
    assert 0.01 < np.median(best) < 0.2


@pytest.mark.parametrize("oldest", [0, 20])
def test_fold_in_agrees_with_implicit(films, oldest):
    als = AlternatingLeastSquares(
        factors=32, regularization=REGULARIZATION, alpha=ALPHA, dtype=np.float64, random_state=0, num_threads=1
    )
    als.fit(films.csr().astype(np.float32), show_progress=False)
    recency_weights = np.append(np.exp(-np.arange(30 - oldest) / 10), np.full(oldest, LEAST))
    newest = np.array([films.history(8)[::-1], [*films.history(9)[::-1][:6], 5, 5, *[-1] * 22]], dtype=np.int32)
    for row in newest:
        known = row[row >= 0]
        weights = sparse.csr_matrix(
            (recency_weights[: len(known)], (np.zeros(len(known), int), known)), shape=(1, len(films.items))
        )
        scores = als.recalculate_user(0, weights) @ als.item_factors.T
        fold_in = prepare_fold_in(als.item_factors)
        vectors = fold_in.user_vectors(newest, weights=recency_weights)
        ours = fold_in.factors @ vectors[0 if len(known) == 30 else 1]
        assert ours == pytest.approx(scores / scores.std(), abs=2e-4)


def test_user_vectors_do_not_depend_on_the_other_users():
    rng = np.random.default_rng(0)
    fold_in = prepare_fold_in(rng.standard_normal((50, 8)))
    newest, weights = rng.integers(-1, 50, (70, 5)).astype(np.int32), np.ones(5)
    together = fold_in.user_vectors(newest, weights=weights)
    alone = np.concatenate([fold_in.user_vectors(row[None], weights=weights) for row in newest])
    assert together == pytest.approx(alone, rel=1e-5, abs=1e-6)


def test_a_user_above_the_percentile_is_dropped_with_items_of_their_own(interactions_of, preferences):
    triples = [*preferences(users=150), *(("whale", f"w{item}", item) for item in range(80))]
    interactions = interactions_of(triples)
    whole, dropped = fitted(interactions, max_user_history_length_percentile="1.0"), fitted(interactions)
    assert len(whole.warm_items) - len(dropped.warm_items) == 80


def test_users_below_the_percentile_are_dropped(interactions_of, preferences):
    triples = [*preferences(users=50), *((f"short{user}", "only", 1) for user in range(25))]
    interactions = interactions_of(triples)
    assert interactions.items.index("only") in fitted(interactions).warm_items
    assert (
        interactions.items.index("only")
        not in fitted(interactions, min_user_history_length_percentile="0.5").warm_items
    )


def weighted(interactions, weight):
    return replace(interactions, weight=np.asarray(weight, dtype=np.float64))


def test_equal_weights_of_interactions_change_nothing(films):
    plain, ones = fitted(films), fitted(weighted(films, np.ones(len(films))))
    for history in (films.history(3), films.history(3)[:0]):
        one, other = (model.rank(Query(history=history), n=100) for model in (plain, ones))
        assert one.indices.tobytes() == other.indices.tobytes()
        assert one.scores.tobytes() == other.scores.tobytes()


def test_items_whose_interactions_weigh_more_rise(films):
    """Every second item of each group was bought, the others were viewed."""
    bought = films.item // 5 % 2 == 0
    weight = np.where(bought, 1.0, 0.1)
    plain, heavy = fitted(films), fitted(weighted(films, weight / weight.mean()))
    for user in (None, *range(20)):
        query = Query(history=films.history(user) if user is not None else films.item[:0])
        before, after = (np.mean(model.rank(query, n=10).indices // 5 % 2 == 0) for model in (plain, heavy))
        assert after >= before
    assert after > 0.6


def test_without_history_scores_are_shares_of_the_weights(interactions_of):
    interactions = interactions_of(
        [*((f"u{user}", "seen", 1) for user in range(9)), *((f"u{user}", "bought", 2) for user in range(3))]
    )
    weight = np.where(interactions.item == interactions.items.index("bought"), 4.0, 1.0)
    scores = fitted(weighted(interactions, weight), recency_mask="false").rank(Query(), n=2).scores
    assert scores.tolist() == pytest.approx([12 / 21, 9 / 21])


def test_a_ranking_does_not_depend_on_earlier_queries(films):
    used, fresh = fitted(films), fitted(films)
    for user in range(40):
        used.rank(Query(history=films.history(user)), n=25)
    reused, first = (model.rank(Query(history=films.history(3)), n=100) for model in (used, fresh))
    assert reused.indices.tobytes() == first.indices.tobytes()
    assert reused.scores.tobytes() == first.scores.tobytes()


def test_queries_that_share_a_history_get_the_rankings_of_separate_histories(films, groceries):
    for interactions in (films, groceries):
        model = fitted(interactions)
        histories = [interactions.history(user) for user in range(20) for _ in range(1 + user % 3)]
        shared, separate = (
            model.rank_each([Query(history=history) for history in own], n=25, candidates=[None] * len(own))
            for own in (histories, [history.copy() for history in histories])
        )
        assert np.array_equal([one.indices for one in shared], [one.indices for one in separate])
        assert np.allclose([one.scores for one in shared], [one.scores for one in separate], rtol=1e-4)


def test_a_filter_keeps_the_order_whatever_its_size(films):
    model, query = fitted(films), Query(history=films.history(3))
    whole = model.rank(query, n=300).indices
    for count in (1, 5, 20, 40, 150, 299, 300):
        candidates = np.sort(np.random.default_rng(count).choice(300, count, replace=False)).astype(np.int32)
        mask = np.isin(np.arange(300), candidates)
        left = [item for item in whole.tolist() if mask[item]]
        assert model.rank(query, n=300, candidates=candidates).indices.tolist() == left
        assert model.rank(query, n=300, candidates=mask).indices.tolist() == left


def test_after_an_update_the_attributes_of_new_users_are_used(films):
    data = full_training_data(films)
    model = UserPersonalization().fit(data, config={}, objective=None, seed=0)
    ids = IdMap([*films.users.values, "new"])
    users = replace(data.users, ids=ids, row=np.append(data.users.row, np.int32(1)))
    later = replace(data, users=users, interactions=replace(data.interactions, users=ids))
    updated = UserPersonalization().updated(model, later, objective=None)
    new, similar = updated.rank(Query(user=200), n=50), model.rank(Query(user=1), n=50)
    assert new.scores.tobytes() == similar.scores.tobytes()
