"""Properties of the optimization objective."""

from dataclasses import replace

import numpy as np
import pytest
from recipes.conftest import make_interactions, preference_triples
from recipes.materials import training_data

from personalize_mock.evaluation.base import ranked_indices
from personalize_mock.evaluation.items import ItemsEvaluation
from personalize_mock.recipes.base import Query
from personalize_mock.recipes.objective import Objective, attribute_grades, exploration_weights, relevance_unit
from personalize_mock.recipes.personal.model import Personalization
from personalize_mock.recipes.personal.shortlist import ShortlistPersonalization
from personalize_mock.recipes.personal.user_personalization import UserPersonalization, objective_blend

LEVELS = ("OFF", "LOW", "MEDIUM", "HIGH")
KEPT = {"LOW": (0.80, 1.02), "MEDIUM": (0.60, 0.92), "HIGH": (0.20, 0.70)}  # of NDCG@25
ATTRIBUTES = {
    "uncorrelated": lambda noise, popularity: noise,  # noqa: ARG005
    "rising with popularity": lambda noise, popularity: noise * popularity,
    "falling with popularity": lambda noise, popularity: noise / popularity,
    "falling exactly with popularity": lambda noise, popularity: 1 / popularity,  # noqa: ARG005
    "two values": lambda noise, popularity: top_tenth(noise),  # noqa: ARG005
    "two values, the higher one for rare items": lambda noise, popularity: top_tenth(noise / popularity),
    "few values": lambda noise, popularity: np.digitize(noise, [0.7, 1.5, 3]).astype(float),  # noqa: ARG005
    "one outlier": lambda noise, popularity: np.where(noise == noise.max(), 1e9, noise),  # noqa: ARG005
    "mostly missing": lambda noise, popularity: np.where(1000 * noise % 1 < 0.7, np.nan, noise),  # noqa: ARG005
}
DISCOUNTS = 1 / np.log2(2 + np.arange(25))


def top_tenth(values):
    return (values > np.quantile(values, 0.9)).astype(float)


def fitted(interactions, attribute, sensitivity, *, model=Personalization):
    objective = None if attribute is None else Objective(attribute=attribute, sensitivity=sensitivity)
    return UserPersonalization(model=model).fit(
        training_data(interactions), config={"hidden_dimension": "32"}, objective=objective, seed=0
    )


def with_level(model, interactions, attribute, level):
    """The model with an objective, as the training would have made it, without another training."""
    objective = Objective(attribute=attribute, sensitivity=level)
    return replace(model, objective=objective_blend(model, interactions, objective=objective))


def prices(interactions, seed=0):
    return np.random.default_rng(seed).lognormal(size=len(interactions.items))


def attribute_of(name, interactions, seed=0):
    popularity = 1.0 + interactions.csr().getnnz(axis=0)
    return ATTRIBUTES[name](prices(interactions, seed), popularity)


def queries_of(interactions):
    return [Query(history=interactions.history(user)) for user in range(len(interactions.users))]


def lists(interactions, attribute, sensitivity, n=25):
    return ranked_indices(fitted(interactions, attribute, sensitivity), queries_of(interactions), n=n)


@pytest.fixture(scope="module")
def model(films):
    return fitted(films, None, "OFF")


def lists_by_level(model, interactions, attribute, *, n=25):
    queries = queries_of(interactions)
    return [ranked_indices(with_level(model, interactions, attribute, level), queries, n=n) for level in LEVELS]


def test_off_gives_the_same_ranking_to_the_bit_as_no_objective(films):
    off, none = fitted(films, prices(films), "OFF"), fitted(films, None, "OFF")
    for user in range(10):
        one, other = (model.rank(Query(history=films.history(user)), n=100) for model in (off, none))
        assert one.indices.tobytes() == other.indices.tobytes()
        assert one.scores.tobytes() == other.scores.tobytes()


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_the_mean_attribute_of_the_lists_rises_with_every_level_and_falls_for_no_user(model, films, name):
    attribute = attribute_of(name, films)
    grades = attribute_grades(attribute)
    by_level = lists_by_level(model, films, attribute)
    means = np.array([grades[by_user].mean(axis=1) for by_user in by_level])
    assert np.all(np.diff(means.mean(axis=1)) > 0)
    assert np.all(np.diff(means, axis=0) > -1e-6)
    if not np.isnan(attribute).any():
        assert np.all(np.diff([attribute[by_user].mean() for by_user in by_level]) > 0)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_at_high_the_first_five_are_at_least_as_valuable_as_the_list(model, films, name):
    for seed in range(3):
        attribute = attribute_of(name, films, seed)
        recommended = ranked_indices(with_level(model, films, attribute, "HIGH"), queries_of(films), n=25)
        grades = attribute_grades(attribute)[recommended]
        assert grades[:, :5].mean() >= grades.mean()


class KnownTruth:
    """Users who choose among the unseen items of their group, the more popular the likelier."""

    def __init__(self, *, users, items, length):
        self.interactions = make_interactions(preference_triples(seed=4, users=users, items=items, length=length))
        self.model = fitted(self.interactions, None, "OFF")
        number = np.array([int(item[1:]) for item in self.interactions.items.values])
        groups = np.array([int(user[1:]) % 5 for user in self.interactions.users.values])
        self.probability = np.where(number % 5 == groups[:, None], 1 / (1 + number // 5), 0)
        for user, row in enumerate(self.probability):
            row[self.interactions.history(user)] = 0

    def gain(self, recommended, k):
        probability = np.take_along_axis(self.probability, recommended[:, :k], 1)
        best = np.sort(self.probability, axis=1)[:, : -k - 1 : -1]
        return np.mean(probability @ DISCOUNTS[:k] / (best @ DISCOUNTS[:k]))


WORLDS = {
    "dense": {"users": 500, "items": 600, "length": 40},
    "sparse": {"users": 1500, "items": 1000, "length": 4},
    "small": {"users": 60, "items": 150, "length": 12},
}


@pytest.fixture(scope="module", params=WORLDS.values(), ids=WORLDS)
def known_truth(request):
    return KnownTruth(**request.param)


def check_kept(at_25, at_5):
    """Check what the levels keep of NDCG at 25 and at 5, relative to OFF."""
    for level, kept in zip(LEVELS[1:], at_25[1:], strict=True):
        low, high = KEPT[level]
        assert low <= kept <= high, level
    assert at_25[1] > at_25[2] > at_25[3]
    assert at_5[3] <= at_25[3]


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_every_level_keeps_its_share_of_the_true_relevance_whatever_the_attribute(known_truth, name):
    attribute = attribute_of(name, known_truth.interactions, seed=1)
    by_level = lists_by_level(known_truth.model, known_truth.interactions, attribute)
    at_25, at_5 = (np.array([known_truth.gain(recommended, k) for recommended in by_level]) for k in (25, 5))
    check_kept(at_25 / at_25[0], at_5 / at_5[0])


@pytest.fixture(scope="module")
def real_splits(real_interactions):
    """Ten splits of real ratings and their models."""
    splits = []
    for seed in range(10):
        evaluation = ItemsEvaluation.from_data(training_data(real_interactions), seed=seed)
        splits.append((evaluation, UserPersonalization().fit(evaluation.train, config={}, objective=None, seed=0)))
    return splits


def metrics_of(real_splits, attribute_for, names):
    """Return the metrics of each split and level, float64[splits, levels, names]."""
    rows = []
    for seed, (evaluation, model) in enumerate(real_splits):
        train = evaluation.train.interactions
        attribute = attribute_for(train, seed)
        for level in LEVELS:
            metrics = evaluation.measure(with_level(model, train, attribute, level), rewards=attribute)
            rows.append([metrics[name] for name in names])
    return np.array(rows).reshape(len(real_splits), len(LEVELS), len(names))


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_every_level_keeps_its_share_of_ndcg_on_real_ratings(real_splits, name):
    measured = metrics_of(
        real_splits,
        lambda train, seed: attribute_of(name, train, seed),
        [f"normalized_discounted_cumulative_gain_at_{k}" for k in (25, 5)],
    ).mean(axis=0)
    check_kept(*(measured / measured[0]).T)


def test_rewards_rise_at_low_and_fall_at_high_as_recorded(real_splits):
    """Recorded in July 2021 on the same ratings: .0620 with OFF, .1121 with LOW, .0360 with HIGH; coverage falls."""

    def savings(train, _):
        return np.array([round(0.13 - (int(item) % 13) / 100, 2) for item in train.items.values])

    measured = metrics_of(real_splits, savings, ["average_rewards_at_k", "coverage"]).mean(axis=0)
    off, low, _, high = measured[:, 0]
    assert high < off < low
    assert np.all(np.diff(measured[:, 1]) < 0)


@pytest.mark.parametrize("transform", [lambda x: 100 * x, np.log, lambda x: x - 1e6], ids=["cents", "log", "shift"])
def test_a_monotone_transformation_of_the_attribute_changes_nothing(model, films, transform):
    price = np.round(prices(films), 3) + 1
    assert np.array_equal(lists_by_level(model, films, price), lists_by_level(model, films, transform(price)))


def test_negated_values_reverse_the_direction(model, films):
    price = prices(films)
    off, *_, high = lists_by_level(model, films, price)
    low = lists_by_level(model, films, -price)[-1]
    assert np.log(price[low]).mean() < np.log(price[off]).mean() < np.log(price[high]).mean()
    assert attribute_grades(-price) == pytest.approx(-attribute_grades(price))


def test_an_outlier_moves_the_other_items_by_less_than_a_rank(films):
    price = prices(films)
    outlier = price.copy()
    outlier[7] = 1e9
    one, other = (fitted(films, values, "HIGH") for values in (price, outlier))
    moves = []
    for query in queries_of(films)[:20]:
        orders = [model.rank(query, n=300).indices for model in (one, other)]
        ranks = [np.argsort(order[order != 7]) for order in orders]
        moves.append(np.abs(ranks[0] - ranks[1]).mean())
    assert np.mean(moves) < 1


def test_a_constant_attribute_changes_nothing(films):
    constant, none = fitted(films, np.full(len(films.items), 4.2), "HIGH"), fitted(films, None, "OFF")
    for user in range(5):
        one, other = (model.rank(Query(history=films.history(user)), n=100) for model in (constant, none))
        assert one.indices.tobytes() == other.indices.tobytes()
        assert one.scores.tobytes() == other.scores.tobytes()


def test_an_attribute_without_any_value_changes_nothing(films):
    assert not attribute_grades(np.full(5, np.nan)).any()
    assert fitted(films, np.full(len(films.items), np.nan), "HIGH").objective is None


def test_a_missing_value_counts_as_the_median():
    grades = attribute_grades(np.array([1, np.nan, 2, 3, np.nan, 4, 5]))
    assert grades.tolist() == pytest.approx([-0.8, 0, -0.4, 0, 0, 0.4, 0.8])


def test_ties_have_the_same_grade_in_any_order():
    values = np.array([3.0, 1.0, 3.0, 2.0, 3.0, 1.0])
    grades = attribute_grades(values)
    assert grades.tolist() == pytest.approx([1 / 2, -2 / 3, 1 / 2, -1 / 6, 1 / 2, -2 / 3])
    order = np.array([5, 3, 0, 4, 1, 2])
    assert np.array_equal(attribute_grades(values[order]), grades[order])


def test_cold_items_are_explored_with_the_emphasis_of_the_level():
    weights = exploration_weights(Objective(attribute=np.array([1.0, np.nan, 2.0]), sensitivity="MEDIUM"))
    assert weights.tolist() == [-0.25, 0, 0.25]


def filtered_lists(model, interactions, attribute, candidates):
    """Return the lists of 40 users by level."""
    queries = queries_of(interactions)[:40]
    models = [with_level(model, interactions, attribute, level) for level in LEVELS]
    return [[ranked.rank(query, n=25, candidates=candidates).indices for query in queries] for ranked in models]


@pytest.mark.parametrize("name", ATTRIBUTES)
@pytest.mark.parametrize("share", [0.5, 0.3])
def test_an_objective_applies_to_filtered_candidates(model, films, name, share):
    attribute = attribute_of(name, films)
    candidates = np.random.default_rng(5).random(len(films.items)) < share
    by_level = filtered_lists(model, films, attribute, candidates)
    assert all(candidates[items].all() for rankings in by_level for items in rankings)
    off, *_, high = (attribute_grades(attribute)[rankings].mean() for rankings in by_level)
    assert off < high


@pytest.fixture(scope="module", params=[Personalization, ShortlistPersonalization])
def many_films(request):
    """Interactions with more items than a shortlist holds, and a model of them."""
    interactions = make_interactions(preference_triples(seed=8, users=250, items=2500, length=40))
    return interactions, fitted(interactions, None, "OFF", model=request.param)


@pytest.mark.parametrize("name", ATTRIBUTES)
@pytest.mark.parametrize("share", [0.3, 0.04, 0.02, 0.005])
def test_the_attribute_of_filtered_lists_falls_for_no_user_from_level_to_level(many_films, name, share):
    interactions, model = many_films
    attribute = attribute_of(name, interactions)
    candidates = np.random.default_rng(5).random(len(interactions.items)) < share
    by_level = filtered_lists(model, interactions, attribute, candidates)
    grades = attribute_grades(attribute)
    for n in (5, 10, 25):
        means = np.array([[grades[items[:n]].mean() for items in rankings] for rankings in by_level])
        assert np.all(np.diff(means, axis=0) > -1e-6)


@pytest.mark.parametrize("level", LEVELS)
def test_a_short_list_is_the_beginning_of_a_long_one(films, level):
    ranked = fitted(films, prices(films), level)
    for query in queries_of(films)[:10]:
        rankings = {n: ranked.rank(query, n=n) for n in (3, 10, 25, 100)}
        for n, ranking in rankings.items():
            assert ranking.indices.tolist() == rankings[100].indices[:n].tolist()
            assert ranking.scores.tolist() == pytest.approx(rankings[100].scores[:n].tolist())
            assert np.all(np.diff(ranking.scores) <= 0)


@pytest.mark.parametrize("level", LEVELS[1:])
def test_the_shortlist_of_v2_has_the_same_list(films, level):
    price = prices(films)
    plain, shortlist = (fitted(films, price, level, model=kind) for kind in (Personalization, ShortlistPersonalization))
    for query in queries_of(films)[:10]:
        assert plain.rank(query, n=25).indices.tolist() == shortlist.rank(query, n=25).indices.tolist()


def test_no_amount_of_an_attribute_brings_back_seen_items_where_users_never_repeat(model, films):
    for name in ATTRIBUTES:
        recommended = lists_by_level(model, films, attribute_of(name, films))[-1]
        assert not any(np.isin(films.history(user), items).any() for user, items in enumerate(recommended))


def test_rank_each_gives_the_lists_of_rank(films):
    model = fitted(films, prices(films), "HIGH")
    queries = queries_of(films)[:50]
    together = ranked_indices(model, queries, n=25)
    assert np.mean(together == [model.rank(query, n=25).indices for query in queries]) > 0.99


def test_relevance_plus_unit_times_weight_times_grade_decides(films):
    """The formula is recomputed from the scores without an objective."""
    price, history = prices(films), films.history(11)
    unseen = ~np.isin(np.arange(len(films.items)), history)
    off = fitted(films, price, "OFF").rank(Query(history=history), n=500, candidates=unseen)
    medium = fitted(films, price, "MEDIUM")
    logits = np.log(off.scores)
    unit = np.sqrt(logits.std() * (logits[:5].mean() - logits.mean()))
    blended = logits + unit * medium.objective.weight * attribute_grades(price)[off.indices]
    ranking = medium.rank(Query(history=history), n=25, candidates=unseen)
    assert ranking.indices.tolist() == off.indices[np.argsort(-blended)][:25].tolist()


def test_the_unit_is_the_spread_of_the_unseen_candidates():
    relevance = np.array([1, 2, 3, 4, 90], dtype=np.float32)
    scale = relevance_unit(relevance, seen=np.array([4]))
    assert scale.mean == pytest.approx(2.5)
    assert scale.unit == pytest.approx(np.sqrt(np.sqrt(1.25) * (3.5 - 2.5)))  # the best half, if that is less than 5
    assert relevance.tolist() == [1, 2, 3, 4, 90]


def test_equally_relevant_candidates_are_ordered_by_the_attribute_alone():
    assert relevance_unit(np.full(30, 2.5, dtype=np.float32), seen=np.zeros(0, dtype=np.int64)).unit == 1
    assert relevance_unit(np.ones(1, dtype=np.float32), seen=np.zeros(1, dtype=np.int64)).unit == 1
