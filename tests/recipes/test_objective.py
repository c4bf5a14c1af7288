"""Properties of the optimization objective."""

import numpy as np
import pytest
from recipes.materials import training_data

from personalize_mock.evaluation.base import ranked_indices
from personalize_mock.evaluation.items import ItemsEvaluation
from personalize_mock.recipes.base import Query
from personalize_mock.recipes.objective import Objective, objective_weights, relevance_unit
from personalize_mock.recipes.personal.user_personalization import UserPersonalization

LEVELS = ("OFF", "LOW", "MEDIUM", "HIGH")


def fitted(interactions, attribute, sensitivity, *, seed=0):
    objective = None if attribute is None else Objective(attribute=attribute, sensitivity=sensitivity)
    return UserPersonalization().fit(
        training_data(interactions), config={"hidden_dimension": "32"}, objective=objective, seed=seed
    )


def prices(interactions, seed=0):
    return np.random.default_rng(seed).lognormal(size=len(interactions.items))


def lists(interactions, attribute, sensitivity, n=25):
    model = fitted(interactions, attribute, sensitivity)
    return ranked_indices(
        model, [Query(history=interactions.history(user)) for user in range(len(interactions.users))], n=n
    )


def test_off_gives_the_same_ranking_to_the_bit_as_no_objective(films):
    off, none = fitted(films, prices(films), "OFF"), fitted(films, None, "OFF")
    for user in range(10):
        one, other = (model.rank(Query(history=films.history(user)), n=100) for model in (off, none))
        assert one.indices.tobytes() == other.indices.tobytes()
        assert one.scores.tobytes() == other.scores.tobytes()


def test_the_mean_attribute_of_the_lists_rises_with_every_level(films):
    price = prices(films)
    weights = objective_weights(Objective(attribute=price, sensitivity="HIGH"))
    for values in (price, weights):
        means = [values[lists(films, price, level)].mean() for level in LEVELS]
        assert np.all(np.diff(means) > 0)


def test_the_mean_weight_of_a_list_falls_for_no_user_from_one_level_to_the_next(films):
    price = prices(films)
    weights = objective_weights(Objective(attribute=price, sensitivity="HIGH"))
    means = [weights[lists(films, price, level)].mean(axis=1) for level in LEVELS]
    assert np.all(np.diff(means, axis=0) > -1e-6)


def test_relevance_falls_only_gently_with_the_level(real_interactions):
    price = prices(real_interactions)
    kept = {}
    for level in LEVELS:
        gains = []
        for seed in range(4):
            evaluation = ItemsEvaluation.from_data(training_data(real_interactions), seed=seed)
            metrics = evaluation.measure(fitted(evaluation.train.interactions, price, level))
            gains.append(metrics["normalized_discounted_cumulative_gain_at_25"])
        kept[level] = np.mean(gains)
    assert kept["LOW"] < 1.05 * kept["OFF"]
    assert kept["LOW"] > kept["MEDIUM"] > kept["HIGH"] > 0.4 * kept["OFF"]


@pytest.mark.parametrize("transform", [lambda x: 100 * x, np.log, lambda x: x - 1e6], ids=["cents", "log", "shift"])
def test_a_monotone_transformation_of_the_attribute_changes_nothing(films, transform):
    price = np.round(prices(films), 3) + 1
    assert np.array_equal(lists(films, price, "HIGH"), lists(films, transform(price), "HIGH"))


def test_negated_values_reverse_the_direction(films):
    price = prices(films)
    high, off, low = (
        lists(films, values, level) for values, level in ((price, "HIGH"), (price, "OFF"), (-price, "HIGH"))
    )
    assert np.log(price[low]).mean() < np.log(price[off]).mean() < np.log(price[high]).mean()
    weights = objective_weights(Objective(attribute=price, sensitivity="LOW"))
    assert np.array_equal(objective_weights(Objective(attribute=-price, sensitivity="LOW")), -weights)


def test_an_outlier_moves_the_other_items_by_less_than_a_rank(films):
    price = prices(films)
    outlier = price.copy()
    outlier[7] = 1e9
    moves = []
    for user in range(20):
        ranks = []
        for values in (price, outlier):
            order = fitted(films, values, "HIGH").rank(Query(history=films.history(user)), n=300).indices
            ranks.append(np.argsort(order[order != 7]))
        moves.append(np.abs(ranks[0] - ranks[1]).mean())
    assert np.mean(moves) < 1


def test_a_constant_attribute_changes_nothing(films):
    constant, none = fitted(films, np.full(len(films.items), 4.2), "HIGH"), fitted(films, None, "OFF")
    for user in range(5):
        one, other = (model.rank(Query(history=films.history(user)), n=100) for model in (constant, none))
        assert one.indices.tobytes() == other.indices.tobytes()
        assert one.scores.tobytes() == other.scores.tobytes()


def test_an_attribute_without_any_value_changes_nothing(films):
    assert not objective_weights(Objective(attribute=np.full(5, np.nan), sensitivity="HIGH")).any()


def test_a_missing_value_counts_as_the_median():
    weights = objective_weights(Objective(attribute=np.array([1, np.nan, 2, 3, np.nan, 4, 5]), sensitivity="MEDIUM"))
    assert weights.tolist() == pytest.approx([-0.4, 0, -0.2, 0, 0, 0.2, 0.4])


def test_ties_have_the_same_weight_in_any_order():
    values = np.array([3.0, 1.0, 3.0, 2.0, 3.0, 1.0])
    weights = objective_weights(Objective(attribute=values, sensitivity="MEDIUM"))
    assert weights.tolist() == pytest.approx(0.5 * np.array([1 / 2, -2 / 3, 1 / 2, -1 / 6, 1 / 2, -2 / 3]))
    order = np.array([5, 3, 0, 4, 1, 2])
    assert np.array_equal(objective_weights(Objective(attribute=values[order], sensitivity="MEDIUM")), weights[order])


def test_an_objective_applies_to_filtered_candidates(films):
    price = prices(films)
    candidates = np.random.default_rng(5).random(len(films.items)) < 0.3
    for user in range(10):
        means = []
        for level in LEVELS:
            items = (
                fitted(films, price, level)
                .rank(Query(history=films.history(user)), n=10, candidates=candidates)
                .indices
            )
            assert candidates[items].all()
            means.append(objective_weights(Objective(attribute=price, sensitivity="HIGH"))[items].mean())
        assert np.all(np.diff(means) > -1e-6)
        assert means[-1] > means[0]


def test_rank_each_gives_the_lists_of_rank(films):
    model = fitted(films, prices(films), "MEDIUM")
    queries = [Query(history=films.history(user)) for user in range(50)]
    together = ranked_indices(model, queries, n=25)
    assert np.mean(together == [model.rank(query, n=25).indices for query in queries]) > 0.99


def test_scores_are_relevance_in_units_plus_the_weight(films):
    """The formula is recomputed from the scores without an objective."""
    price, history = prices(films), films.history(11)
    unseen = ~np.isin(np.arange(len(films.items)), history)
    off = fitted(films, price, "OFF").rank(Query(history=history), n=500, candidates=unseen)
    logits = np.log(off.scores)
    relevance = (logits - logits[99]) / (logits[:5].mean() - logits[99])
    blended = relevance + objective_weights(Objective(attribute=price, sensitivity="MEDIUM"))[off.indices]
    medium = fitted(films, price, "MEDIUM").rank(Query(history=history), n=25, candidates=unseen)
    assert medium.indices.tolist() == off.indices[np.argsort(-blended)][:25].tolist()


def test_the_weights_are_computed_once_at_training(films):
    model = fitted(films, prices(films), "LOW")
    assert model.objective.shape == (np.count_nonzero(films.warm),)
    assert fitted(films, prices(films), "OFF").objective is None


def test_the_unit_is_the_distance_from_the_head_to_the_100th_or_last_place():
    assert relevance_unit(np.arange(300, dtype=np.float32), count=300) == 97
    assert relevance_unit(np.arange(11, dtype=np.float32), count=11) == 8
    assert relevance_unit(np.array([1, 3, -np.inf], dtype=np.float32), count=2) == 1


def test_equally_relevant_candidates_are_ordered_by_the_attribute_alone():
    assert relevance_unit(np.full(30, 2.5, dtype=np.float32), count=30) == 1
    assert relevance_unit(np.zeros(0, dtype=np.float32), count=0) == 1
