import numpy as np
import pytest

from personalize_mock.recipes.personal.association_rules import RULES_RMS, RuleKind
from personalize_mock.recipes.personal.relevance_parts import OTHERS, RULE_KINDS, RelevanceParts
from personalize_mock.recipes.personal.relevance_weights import RelevanceWeights, learn_weights

DECAYS = 2
FACTORS, RULES = 0, DECAYS
CATEGORIES, POPULARITY, GROWTH, NEWNESS, DIRECTIONS = range(-OTHERS, 0)


def parts(*useful, useless=(), users=150, candidates=300, per_user=4, seed=0):
    """Return random parts, of which the useful ones are larger for targets; the useless ones are all 0."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(users, candidates, DECAYS + len(RULE_KINDS) + OTHERS))
    target = np.zeros((users, candidates), dtype=bool)
    target[:, :per_user] = True
    for part in useful:
        values[:, :per_user, part] += 2
    for part in useless:
        values[:, :, part] = 0
    return RelevanceParts(values=values.astype(np.float32), unseen=np.ones_like(target), target=target)


def every(first, *, count):
    return range(first, first + count)


def test_the_part_that_predicts_the_next_items_gets_the_weight():
    by_factors = learn_weights(parts(*every(FACTORS, count=DECAYS)))
    by_rules = learn_weights(parts(*every(RULES, count=len(RULE_KINDS))))
    popular = parts(POPULARITY)
    popular.values[:, :, FACTORS : FACTORS + DECAYS] += 0.3 * popular.target[:, :, None]  # they must help a little
    by_popularity = learn_weights(popular)
    assert by_factors.factors > 1.2
    assert abs(by_factors.popularity[0]) < 0.3
    assert by_rules.rules > 1.5 * RULES_RMS
    assert by_popularity.popularity[0] > 1
    assert by_popularity.factors < 0.8


def test_growth_counts_where_items_are_chosen_that_become_popular():
    assert learn_weights(parts(GROWTH)).popularity[1] > 0.8


def test_newness_counts_where_new_items_are_chosen():
    assert learn_weights(parts(NEWNESS)).popularity[2] > 0.8


def test_directions_count_only_where_they_predict_something():
    assert learn_weights(parts(DIRECTIONS)).directions > 0.8
    assert learn_weights(parts(*every(FACTORS, count=DECAYS))).directions < 0.1


def test_popularity_never_counts_against_an_item():
    unpopular = parts(*every(FACTORS, count=DECAYS))
    unpopular.values[:, :, [POPULARITY, GROWTH, NEWNESS]] -= 2 * unpopular.target[:, :, None]
    assert learn_weights(unpopular).popularity == (0.0, 0.0, 0.0)


def test_another_decay_or_order_wins_only_if_it_predicts_better():
    alike = learn_weights(parts(FACTORS, RULES))
    slow = learn_weights(parts(FACTORS + 1))
    both_ways = learn_weights(parts(*every(FACTORS, count=DECAYS), RULES + 2))
    assert (alike.decay, alike.rule_kind) == (0, RuleKind())
    assert slow.decay == 1
    assert both_ways.rule_kind.backward == 1.0


def test_rules_of_consecutive_items_win_if_they_predict_better():
    steps = learn_weights(parts(FACTORS, RULES + 3))
    assert steps.rule_kind == RuleKind(window=1, recency_decay=0.5)


def test_usual_weights_stay_if_nothing_predicts_better():
    weights = learn_weights(parts(*every(FACTORS, count=DECAYS), *every(RULES, count=len(RULE_KINDS)), CATEGORIES))
    assert weights.factors == pytest.approx(1, abs=0.25)
    assert weights.rules == pytest.approx(RULES_RMS, abs=0.1)
    assert weights.categories == pytest.approx(1, abs=0.25)


def test_the_best_candidates_stand_out_as_far_as_with_the_usual_weights():
    learnt = parts(POPULARITY, *every(FACTORS, count=DECAYS))
    weights = learn_weights(learnt)
    others = (weights.categories, *weights.popularity, weights.directions)
    vector = np.array([weights.factors, weights.rules / RULES_RMS, *others])
    distances = []
    for own, columns in (
        (vector, learnt.columns(weights.decay, RULE_KINDS.index(weights.rule_kind))),
        (np.array([1, 1, 1, 0, 0, 0, 0]), learnt.columns(0, 0)),
    ):
        best = np.sort(learnt.values[:, :, columns] @ own, axis=1)[:, ::-1]
        distances.append(best[:, :5].mean() - best[:, :100].mean())
    assert distances[0] == pytest.approx(distances[1], rel=1e-4)


def test_categories_count_little_where_they_predict_nothing():
    useless, useful = (
        learn_weights(parts(*every(FACTORS, count=DECAYS), *categories)) for categories in ((), (CATEGORIES,))
    )
    assert useless.categories < 0.5 * useless.factors
    assert useful.categories > 2 * useless.categories


def test_rules_count_alone_where_the_factors_predict_the_opposite():
    """In sparse data, factors may rank held-out items low by chance. Rules keep their weight nevertheless."""
    sequences = parts(*every(RULES, count=len(RULE_KINDS)))
    sequences.values[:, :, FACTORS : FACTORS + DECAYS] -= 2 * sequences.target[:, :, None]
    weights = learn_weights(sequences)
    assert weights.factors == 0
    assert weights.rules > 1.5 * RULES_RMS


def test_nothing_to_tell_the_targets_by_leaves_the_usual_weights():
    nothing = range(DECAYS + len(RULE_KINDS) + OTHERS)
    assert learn_weights(parts(useless=nothing)) == RelevanceWeights()
