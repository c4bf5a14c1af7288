from dataclasses import replace

import numpy as np
import pytest
from recipes.materials import training_data

from personalize_mock.recipes.base import Query
from personalize_mock.recipes.personal import relevance_parts as relevance_parts_module
from personalize_mock.recipes.personal.association_rules import RULES_RMS
from personalize_mock.recipes.personal.factors import fit_factors
from personalize_mock.recipes.personal.fold_in import prepare_fold_in
from personalize_mock.recipes.personal.held_out_users import hold_out
from personalize_mock.recipes.personal.popularity_columns import popularity_lifts
from personalize_mock.recipes.personal.relevance_parts import RULE_KINDS, relevance_parts
from personalize_mock.recipes.personal.relevance_weights import RelevanceWeights
from personalize_mock.recipes.personal.user_personalization import UserPersonalization
from personalize_mock.recipes.personal.warm_interactions import WarmInteractions

DECAYS = [np.exp(-np.arange(32) / recency) for recency in (10, 40)]


def parts_of(films, users):
    """Return the parts of relevance for held-out users, with random factors."""
    warm = WarmInteractions.from_interactions(films)
    fold_in = prepare_fold_in(np.random.default_rng(0).normal(size=(len(warm.warm_items), 20)), direction_weight=1)
    return relevance_parts(users, warm, fold_in=fold_in, decays=DECAYS)


@pytest.fixture(scope="module")
def parts(films):
    return parts_of(films, hold_out(films))


def test_every_target_is_an_unseen_candidate_in_a_small_catalogue(parts, films):
    assert parts.target.sum() == sum(map(len, hold_out(films).targets))
    assert not (parts.target & ~parts.unseen).any()


@pytest.mark.parametrize("dense", [0, 10**9])
def test_rules_in_sparse_matrices_and_in_arrays_give_the_same_parts(dense, parts, films, monkeypatch):
    monkeypatch.setattr(relevance_parts_module, "DENSE", dense)
    assert np.array_equal(parts_of(films, hold_out(films)).values, parts.values)


def test_rules_have_the_usual_root_mean_square(parts):
    rules = parts.values[:, :, parts.decays : parts.decays + len(RULE_KINDS)]
    assert np.sqrt(np.mean(rules**2, axis=(0, 1))) == pytest.approx(RULES_RMS, rel=1e-3)


def test_held_out_interactions_are_in_no_part(films):
    """Nothing changes if other items are held out."""
    users = hold_out(films)
    others = replace(users, targets=[np.zeros(1, dtype=np.int32) for _ in users.targets])
    one, other = (parts_of(films, own) for own in (users, others))
    assert np.array_equal(one.values, other.values)
    assert not np.array_equal(one.target, other.target)


def test_all_interactions_reach_the_factors(films):
    """An item that occurs in held-out interactions alone has factors too."""
    warm = WarmInteractions.from_interactions(films)
    fold_in, _ = fit_factors(warm, categories=None, decays=DECAYS, factors=16, seed=0)
    assert fold_in.factors.any(axis=1).all()


def test_too_few_interactions_to_learn_from_get_the_default_weights(interactions_of):
    interactions = interactions_of([(f"u{number % 7}", f"i{number % 11}", number) for number in range(60)])
    model = UserPersonalization().fit(training_data(interactions), config={}, objective=None, seed=0)
    usual, fold_in = RelevanceWeights(), model.fold_in
    warm = WarmInteractions.from_interactions(interactions)
    assert hold_out(interactions) is None
    assert (fold_in.weight, fold_in.directions.weight) == (usual.factors, usual.directions)
    assert np.array_equal(model.popularity_lifts, popularity_lifts(warm, usual.popularity))


def fashionable(preferences):
    """Return users who take an item that is new at that time as every other item."""
    rng = np.random.default_rng(1)
    triples = []
    for place, (user, item, time) in enumerate(preferences(users=300, length=20)):
        fashion = f"new{(time - 1000) // 2}{rng.integers(10)}"
        triples.append((user, fashion if place % 2 else item, time))
    return triples


def test_where_users_follow_fashions_the_newest_ones_are_recommended(interactions_of, preferences):
    interactions = interactions_of(fashionable(preferences))
    model = UserPersonalization().fit(training_data(interactions), config={}, objective=None, seed=0)
    histories = [interactions.history(user) for user in range(0, 300, 10)]
    best = [interactions.items.at(model.rank(Query(history=history), n=10).indices) for history in histories]
    assert np.mean([item.startswith("new9") for items in best for item in items]) > 0.3
