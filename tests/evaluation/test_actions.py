from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recipes.shop_actions import CATEGORIES, DAY, START, actions, fitted, preference_rows, shop, user

from personalize_mock.data.action_interactions import read_action_interactions
from personalize_mock.evaluation.actions import ActionsEvaluation, area_under_curve, mean_share_by_action
from personalize_mock.evaluation.registry import EVALUATIONS
from personalize_mock.recipes.base import Model, Query, Ranking

METRICS = [
    "area_under_curve",
    "coverage",
    *(f"normalized_discounted_cumulative_gain_at_{k}" for k in (10, 25, 5)),
    "precision",
    "recall",
]


@dataclass
class Fixed(Model):
    """The same ranking for every query; records the queries."""

    ranks: ClassVar[str] = "actions"
    scored: ClassVar[bool] = True
    indices: list[int]
    scores: list[float]

    def __post_init__(self):
        self.queries: list[Query] = []

    def rank(self, query, *, n, candidates=None):  # noqa: ARG002  # as models have it
        self.queries.append(query)
        return Ranking(
            indices=np.array(self.indices[:n], dtype=np.int32), scores=np.array(self.scores[:n], dtype=np.float64)
        )


def one_user(*held_out):
    """Return an evaluation of one user with ten interactions; the given one is the newest and held out."""
    rows = [("u000", "n2", "Viewed", START + turn) for turn in range(9)]
    return ActionsEvaluation.from_data(shop([*rows, ("u000", *held_out, START + DAY)]), seed=0)


def test_the_evaluation_of_actions_is_registered():
    assert EVALUATIONS["actions"] is ActionsEvaluation
    assert ActionsEvaluation.main_metric in METRICS


def test_the_newest_tenth_of_the_interactions_of_a_tenth_of_the_users_is_held_out():
    data = shop(preference_rows(turns=5))
    evaluation = ActionsEvaluation.from_data(data, seed=0)
    interactions = read_action_interactions(data.action_interactions, data.actions.ids)
    assert len(evaluation.users) == 12
    assert np.count_nonzero(evaluation.train.held_out) == 12 * 2
    for row, start in zip(evaluation.users, evaluation.starts, strict=True):
        newest = slice(int(start), int(interactions.indptr[row + 1]))
        assert evaluation.train.held_out[interactions.row[newest]].tolist() == [True, True]
        assert interactions.timestamp[newest].min() > interactions.timestamp[interactions.indptr[row] : start].max()


def test_repeated_rows_change_nothing():
    once = preference_rows(turns=5)
    repeated = [row for row in once for _ in range(3)]
    one, other = (ActionsEvaluation.from_data(shop(rows), seed=0) for rows in (repeated, once))
    assert one.measure(fitted(one.train)) == other.measure(fitted(other.train))


def test_held_out_interactions_are_not_trained_on():
    rows = preference_rows(turns=5)
    evaluation = ActionsEvaluation.from_data(shop(rows), seed=0)
    remaining = [row for row, held_out in zip(rows, evaluation.train.held_out, strict=True) if not held_out]
    one, other = fitted(evaluation.train), fitted(shop(remaining))
    assert one.rank(Query(), n=4).scores.tolist() == other.rank(Query(), n=4).scores.tolist()


def test_held_out_interactions_count_for_the_minimum_of_fifty():
    rows = [(user(number), "d1", ("Taken", "Viewed")[turn], START + turn) for turn in range(2) for number in range(50)]
    evaluation = ActionsEvaluation.from_data(shop(rows), seed=0)
    assert evaluation.train.held_out.any()
    assert fitted(evaluation.train).rank(Query(), n=1).scores > 0


def test_item_interactions_are_not_held_out():
    data = shop()
    evaluation = ActionsEvaluation.from_data(data, seed=0)
    assert evaluation.train.interactions is data.interactions
    assert evaluation.catalogue_size == len(CATEGORIES)


def test_the_same_seed_gives_the_same_split():
    users = [ActionsEvaluation.from_data(shop(), seed=seed).users.tolist() for seed in (0, 0, 1)]
    assert users[0] == users[1] != users[2]


def test_queries_have_the_history_before_the_first_held_out_interaction():
    evaluation = one_user("d1", "Taken")
    model = Fixed(indices=[], scores=[])
    evaluation.measure(model)
    (query,) = model.queries
    assert query.now == START + DAY
    assert len(query.action_history) == 9
    assert query.history.tolist() == evaluation.train.interactions.history(query.user).tolist()


def test_queries_have_no_item_interaction_after_the_first_held_out_interaction():
    turns = 3
    rows = [("u000", "n2", "Viewed", START), ("u000", "d1", "Taken", START + 3600 * (turns - 1))]
    evaluation = ActionsEvaluation.from_data(shop(rows), seed=0)
    model = Fixed(indices=[], scores=[])
    evaluation.measure(model)
    (query,) = model.queries
    history = evaluation.train.interactions.history(query.user).tolist()
    assert len(history) > turns
    assert query.history.tolist() == history[:turns]


def test_a_user_without_item_interactions_can_be_a_test_user():
    data = shop([("stranger", "d1", "Taken", START + turn) for turn in range(2)])
    model = Fixed(indices=[0], scores=[0.5])
    assert ActionsEvaluation.from_data(data, seed=0).measure(model)["precision"] == 1
    assert (model.queries[0].user, len(model.queries[0].history)) == (-1, 0)


def test_metrics_are_sorted_and_rounded():
    metrics = ActionsEvaluation.from_data(shop(), seed=0).measure(fitted(shop()))
    assert list(metrics) == METRICS
    assert metrics == {key: round(value, 4) for key, value in metrics.items()}
    assert all(0 <= value <= 1 for value in metrics.values())


def test_a_hit_at_the_first_position_has_the_largest_gain():
    d1 = 0
    first, second = (
        one_user("d1", "Taken").measure(Fixed(indices=indices, scores=[0.9, 0.8])) for indices in ([d1, 1], [1, d1])
    )
    assert first["normalized_discounted_cumulative_gain_at_5"] == 1
    assert second["normalized_discounted_cumulative_gain_at_5"] == round(1 / np.log2(3), 4)
    assert first["precision"] == second["precision"] == 0.5  # 1 for d1, 0 for the other action
    assert first["recall"] == second["recall"] == 1


def test_actions_without_a_score_are_not_recommended():
    metrics = one_user("d1", "Taken").measure(Fixed(indices=[1, 0], scores=[0.9, 0.0]))
    assert metrics["recall"] == 0
    assert metrics["coverage"] == 0.25


def test_a_viewed_action_is_no_hit():
    assert not one_user("d1", "Viewed").measure(Fixed(indices=[0], scores=[0.9]))["precision"]


@pytest.mark.parametrize(
    "data",
    [shop(None), replace(shop(), actions=None, action_interactions=None), shop([("u000", "d1", "Taken", START)])],
    ids=["no interactions", "no actions", "one interaction each"],
)
def test_without_test_users_all_metrics_are_zero(data):
    evaluation = ActionsEvaluation.from_data(data, seed=0)
    assert evaluation.train is data
    assert evaluation.measure(Fixed(indices=[0], scores=[0.9])) == dict.fromkeys(METRICS, 0.0)


def test_too_few_interactions_for_any_score_give_zeros():
    data = shop([(user(number), "d1", "Taken", START + turn) for number in range(10) for turn in range(3)])
    evaluation = ActionsEvaluation.from_data(data, seed=0)
    assert evaluation.measure(fitted(evaluation.train)) == dict.fromkeys(METRICS, 0.0)


def test_a_personal_model_predicts_better_than_chance():
    evaluation = ActionsEvaluation.from_data(shop(preference_rows(turns=6)), seed=0)
    assert evaluation.measure(fitted(evaluation.train))["area_under_curve"] > 0.65


def test_the_area_under_the_curve_is_one_if_all_taken_actions_come_first():
    taken = np.array([True, False, True, False])
    assert area_under_curve(np.array([0.9, 0.1, 0.8, 0.2]), taken) == 1
    assert area_under_curve(np.array([0.1, 0.9, 0.2, 0.8]), taken) == 0
    assert area_under_curve(np.array([0.5, 0.5, 0.5, 0.5]), taken) == 0.5
    assert area_under_curve(np.array([0.5]), np.array([True])) == 0


@given(pairs=st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=20))
def test_the_area_under_the_curve_counts_pairs(pairs):
    scores, taken = (
        np.array([pair[0] for pair in pairs], dtype=float),
        np.array([pair[1] for pair in pairs], dtype=bool),
    )
    won = [(one > other) + (one == other) / 2 for one in scores[taken] for other in scores[~taken]]
    assert area_under_curve(scores, taken) == pytest.approx(np.mean(won) if won else 0)


def test_precision_and_recall_are_means_over_actions():
    predicted = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0]], dtype=bool)
    took = np.array([[1, 0, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]], dtype=bool)
    assert mean_share_by_action(predicted & took, total=predicted) == pytest.approx((1 / 3 + 1 / 2) / 2)
    assert mean_share_by_action(predicted & took, total=took) == pytest.approx((1 + 1 + 0) / 3)
    assert mean_share_by_action(took & ~took, total=took & ~took) == 0


def test_only_the_first_five_positions_count_as_predicted():
    names = [f"n{n}" for n in range(7)]
    rows = [("u000", "n0", "Viewed", START + turn) for turn in range(9)] + [("u000", "n6", "Taken", START + DAY)]
    data = shop(rows, actions_dataset=actions(dict.fromkeys(names, "newsletter")))
    late, early = (
        ActionsEvaluation.from_data(data, seed=0).measure(
            Fixed(indices=indices, scores=[0.9 - position / 10 for position in range(7)])
        )
        for indices in (list(range(7)), [6, 0, 1, 2, 3, 4, 5])
    )
    assert (late["recall"], early["recall"]) == (0, 1)
    assert late["normalized_discounted_cumulative_gain_at_25"] > 0
