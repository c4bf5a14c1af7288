"""Comparison of every evaluation with plain loops over the rows, on random data and random rankings.

The loops use only one result of the code: which users are test users, because the seed decides that.
"""

from math import log2
from statistics import fmean, median

import numpy as np
import pytest
from recipes.materials import items_of
from recipes.shop_actions import actions, shop, user

from personalize_mock.data.event_selection import EventParameters
from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.evaluation.actions import ActionsEvaluation
from personalize_mock.evaluation.items import ItemsEvaluation
from personalize_mock.evaluation.related import RelatedEvaluation
from personalize_mock.evaluation.segments import SegmentsEvaluation
from personalize_mock.evaluation.split import Split
from personalize_mock.evaluation.trends import TrendsEvaluation
from personalize_mock.recipes.base import Model, Query, Ranking, TrainingData

SEEDS = range(4)
USERS = 130
KS = (5, 10, 25)
WEIGHTS = {"View": 0.2, "Buy": 0.9}
HOUR = 3600


class RandomModel(Model):
    """A random ranking for each query, sometimes short or empty, with descending scores."""

    scored = True

    def __init__(self, *, seed, count, uses_item=False, ranks="items"):
        self.seed, self.count, self.uses_item, self.ranks = seed, count, uses_item, ranks

    def order(self, key, *, n):
        rng = np.random.default_rng([self.seed, *key])
        order = rng.permutation(self.count)
        return order[: min(n, rng.choice([0, 3, 9, self.count]))].astype(np.int32)

    def rank(self, query, *, n, candidates=None):  # noqa: ARG002  as models have it
        key = [query.user + 1, query.item + 1, len(query.history), int(query.now), *map(ord, str(query.attributes))]
        indices = self.order(key, n=n)
        scores = np.linspace(0.9, 0.1, self.count)[: len(indices)]
        return Ranking(indices=indices, scores=np.where(np.arange(len(indices)) % 4 == 3, 0.0, scores))


def random_rows(seed, *, count=2500, items=160):
    """Return rows of user, item, event type and time, each at another time."""
    rng = np.random.default_rng(seed)
    times = 1_000_000 + 60 * rng.permutation(count)
    return [
        (f"u{rng.integers(USERS):03}", f"i{rng.integers(items):03}", rng.choice(list(WEIGHTS)), int(time))
        for time in times
    ]


def data_of(rows, **options):
    users, items, types, times = zip(*rows, strict=True)
    columns = {
        "USER_ID": Strings.from_values(users),
        "ITEM_ID": Strings.from_values(items),
        "EVENT_TYPE": Strings.from_values(map(str, types)),
        "TIMESTAMP": Numbers(values=np.array(times, dtype=np.int64)),
    }
    table = Table(columns=columns, rows=len(rows))
    interactions = interaction_matrix(table, **options)
    return TrainingData(
        interactions=interactions, interactions_table=table, items=items_of(interactions.items), now=float(max(times))
    )


def by_user(rows):
    """Return the rows of each user without the user, oldest first."""
    histories = {}
    for user_id, *rest in sorted(rows, key=lambda row: row[-1]):
        histories.setdefault(user_id, []).append(rest)
    return histories


def ranked(lists, relevant_sets, catalogue):
    """Return the eight metrics of lists and of the relevant items of each."""

    def mean(values):
        return fmean(values) if values else 0.0

    def gain(recommended, relevant, k):
        gained = sum(1 / log2(position + 2) for position, item in enumerate(recommended[:k]) if item in relevant)
        return gained / sum(1 / log2(position + 2) for position in range(min(k, len(relevant))))

    def rank(recommended, relevant):
        return next((1 / (position + 1) for position, item in enumerate(recommended[:25]) if item in relevant), 0)

    pairs = list(zip(lists, relevant_sets, strict=True))
    metrics = {
        "coverage": len({item for recommended in lists for item in recommended[:25]}) / catalogue,
        "mean_reciprocal_rank_at_25": mean([rank(recommended, relevant) for recommended, relevant in pairs]),
    }
    for k in KS:
        metrics[f"normalized_discounted_cumulative_gain_at_{k}"] = mean([gain(*pair, k) for pair in pairs])
        precisions = [len(relevant.intersection(recommended[:k])) / k for recommended, relevant in pairs]
        metrics[f"precision_at_{k}"] = mean(precisions)
    return metrics


def rounded(metrics):
    return {key: pytest.approx(value, abs=0.00005 + 1e-9) for key, value in metrics.items()}


def known_and_held_out(rows, evaluation, test_users):
    """Yield the index, the known items and the held-out rows of each test user."""
    histories, ids = by_user(rows), evaluation.train.interactions.users
    for index in test_users.tolist():
        history = histories[ids[index]]
        held = max(1, round(0.1 * len(history)))
        yield index, [entry[0] for entry in history[:-held]], history[-held:]


def answer(model, evaluation, n, **members):
    return evaluation.train.interactions.items.at(model.rank(Query(**members), n=n).indices)


@pytest.mark.parametrize("seed", SEEDS)
def test_metrics_of_items_equal_those_of_loops(seed):
    rows = random_rows(seed)
    evaluation = ItemsEvaluation.from_data(data_of(rows), seed=seed)
    model, catalogue = (
        RandomModel(seed=seed, count=len(evaluation.train.interactions.items)),
        len({row[1] for row in rows}),
    )
    lists, relevant_sets = [], []
    for index, known, held in known_and_held_out(rows, evaluation, evaluation.split.users):
        indices = evaluation.train.interactions.items.indices(known)
        lists.append(answer(model, evaluation, 25, user=index, history=indices))
        relevant_sets.append({item for item, *_ in held})
    assert len(lists) == round(0.1 * sum(len(history) > 1 for history in by_user(rows).values()))
    assert evaluation.measure(model) == rounded(ranked(lists, relevant_sets, catalogue))


@pytest.mark.parametrize("seed", SEEDS)
def test_average_rewards_equal_those_of_loops(seed):
    rows = random_rows(seed, count=9000)
    evaluation = ItemsEvaluation.from_data(data_of(rows), seed=seed)
    ids = evaluation.train.interactions.items
    rewards = np.random.default_rng(seed).normal(1, 3, len(ids)).round(1)
    rewards[::9] = np.nan
    known = [value for value in rewards.tolist() if value == value]  # noqa: PLR0124  not NaN
    reward = {
        ids[index]: (median(known) if value != value else value) - min(0, *known)  # noqa: PLR0124  the same
        for index, value in enumerate(rewards.tolist())
    }
    model, shares = RandomModel(seed=seed, count=len(ids)), []
    for index, history, held in known_and_held_out(rows, evaluation, evaluation.split.users):
        recommended = answer(model, evaluation, 25, user=index, history=ids.indices(history))
        relevant = {item for item, *_ in held}
        total = sum(reward[item] for item in relevant)
        shares.append(sum(reward[item] for item in recommended if item in relevant) / total if total else 0.0)
    measured = evaluation.measure(model, rewards=rewards)["average_rewards_at_k"]
    assert measured == pytest.approx(fmean(shares), abs=0.0001)
    assert 0 < measured < 1


@pytest.mark.parametrize("seed", SEEDS)
def test_event_weighted_gains_equal_those_of_loops(seed):
    rows = random_rows(seed)
    parameters = {name: EventParameters(weight=weight) for name, weight in WEIGHTS.items()}
    evaluation = ItemsEvaluation.from_data(data_of(rows, parameters=parameters), seed=seed)
    average = fmean(WEIGHTS[row[2]] for row in rows)
    model, gains = RandomModel(seed=seed, count=len(evaluation.train.interactions.items)), []
    for index, known, held in known_and_held_out(rows, evaluation, evaluation.split.users):
        weight = {}
        for item, event_type, _ in held:
            weight[item] = max(weight.get(item, 0), WEIGHTS[event_type] / average)
        indices = evaluation.train.interactions.items.indices(known)
        recommended = answer(model, evaluation, 25, user=index, history=indices)
        gained = sum(weight.get(item, 0) / log2(position + 2) for position, item in enumerate(recommended))
        ideal = sorted(weight.values(), reverse=True)[:25]
        gains.append(gained / sum(entry / log2(position + 2) for position, entry in enumerate(ideal)))
    key = "normalized_discounted_cumulative_gain_with_event_weights_at_k"
    assert evaluation.measure(model)[key] == pytest.approx(fmean(gains), abs=0.0001)


@pytest.mark.parametrize("seed", SEEDS)
def test_metrics_of_related_items_equal_those_of_loops(seed):
    rows = random_rows(seed, items=12)
    evaluation = RelatedEvaluation.from_data(data_of(rows), seed=seed)
    users = Split.from_interactions(data_of(rows).interactions, seed=seed).users
    ids = evaluation.train.interactions.items
    model, lists, relevant_sets = RandomModel(seed=seed, count=len(ids), uses_item=True), [], []
    for _, known, held in known_and_held_out(rows, evaluation, users):
        relevant = {item for item, *_ in held} - {known[-1]}
        if relevant:
            lists.append(answer(model, evaluation, 25, item=ids.index(known[-1])))
            relevant_sets.append(relevant)
    assert evaluation.measure(model) == rounded(ranked(lists, relevant_sets, len({row[1] for row in rows})))


def segments(rows, evaluation, model, queries):
    """Return the three metrics of segments, given the members of queries and their relevant users."""
    ids = evaluation.train.interactions.users
    most = -(-len(ids) // 100)
    hits, recalls, recommended = [], [], set()
    for members, relevant in queries:
        order = ids.at(model.rank(Query(**members), n=most).indices)
        recommended.update(order)
        hits.append(len(relevant.intersection(order)))
        recalls.append(hits[-1] / len(relevant))
    coverage = len(recommended) / len({row[0] for row in rows})
    return {"coverage": coverage, "hits_at_1_percent": fmean(hits), "recall_at_1_percent": fmean(recalls)}


def held_out_fifths(rows):
    """Yield the user and item of the newest fifth of each user's rows."""
    for user_id, history in by_user(rows).items():
        held = round(0.2 * len(history)) if len(history) < 2 else max(1, round(0.2 * len(history)))
        yield from ((user_id, item) for item, *_ in history[len(history) - held :])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("related", [True, False], ids=["of items", "of attributes"])
def test_metrics_of_segments_equal_those_of_loops(seed, related):
    rows = random_rows(seed)
    evaluation = SegmentsEvaluation.from_data(data_of(rows), seed=seed)
    interactions = evaluation.train.interactions
    model = RandomModel(seed=seed, count=len(interactions.users), uses_item=related, ranks="users")
    genres, prices = evaluation.train.items.texts("GENRES"), evaluation.train.items.numbers("PRICE").tolist()
    relevant_sets = {}
    for user_id, item in held_out_fifths(rows):
        index = interactions.items.index(item)
        keys = [index] if related else [("genres", genres[index]), ("price", repr(prices[index]))]
        for key in keys:
            relevant_sets.setdefault(key, set()).add(user_id)
    queries = [
        ({"item": key} if related else {"attributes": (key,)}, relevant) for key, relevant in relevant_sets.items()
    ]
    assert evaluation.measure(model) == rounded(segments(rows, evaluation, model, queries))


class RandomTrends(RandomModel):
    """Random trends at each time."""

    interval_length = 6.0 * HOUR

    def trending_at(self, time):
        return self.order([int(time)], n=self.count)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_accuracy_of_trends_equals_that_of_loops(seed):
    rows = random_rows(seed)
    evaluation = TrendsEvaluation.from_data(data_of(rows), seed=seed)
    ids, length = evaluation.train.interactions.items, 6 * HOUR
    model, shares = RandomTrends(seed=seed, count=len(ids)), []
    for back in range(5):
        end = max(row[3] for row in rows) - back * length
        if end - 2 * length < min(row[3] for row in rows):
            break
        growth = {}
        for item in {row[1] for row in rows}:
            times = [row[3] for row in rows if row[1] == item]
            newest, before = (
                sum(end - (n + 1) * length < time <= end - n * length for time in times) for n in range(2)
            )
            growth[item] = max(0, newest - before)
        best = sum(sorted(growth.values(), reverse=True)[:25])
        shares.append(sum(growth[item] for item in ids.at(model.trending_at(end - length)[:25])) / best)
    assert len(shares) > 2
    assert evaluation.measure(model) == rounded({"trend_prediction_accuracy": fmean(shares)})


@pytest.mark.parametrize("seed", SEEDS)
def test_metrics_of_actions_equal_those_of_loops(seed):
    rng, names = np.random.default_rng(seed), [f"a{n:02}" for n in range(30)]
    rows = [
        (user(rng.integers(120)), str(rng.choice(names)), str(rng.choice(["Taken", "Viewed", "Not Taken"])), int(time))
        for time in 1_700_000_000 + rng.permutation(12_000)
    ]
    evaluation = ActionsEvaluation.from_data(
        shop(rows, actions_dataset=actions(dict.fromkeys(names, "kind"))), seed=seed
    )
    model, histories = RandomModel(seed=seed, count=len(names), ranks="actions"), by_user(rows)
    known, scores, recommended, taken = evaluation.train.interactions, {}, {}, {}
    for user_id in [evaluation.interactions.users[index] for index in evaluation.users.tolist()]:
        held = histories[user_id][-max(1, round(0.1 * len(histories[user_id]))) :]
        index, now = known.users.index(user_id), held[0][2]
        history = known.item[(known.user == index) & (known.timestamp <= now)]
        ranking = model.rank(Query(user=index, history=history, now=float(now)), n=len(names))
        scored = dict(zip([names[entry] for entry in ranking.indices], ranking.scores.tolist(), strict=True))
        scores[user_id], recommended[user_id] = scored, [name for name, score in scored.items() if score > 0][:25]
        for name, event_type, _ in held:
            taken[user_id, name] = taken.get((user_id, name), False) or event_type == "Taken"
    relevant = {user: {name for (other, name), took in taken.items() if took and other == user} for user in scores}
    takers = [user_id for user_id in scores if relevant[user_id]]
    lists, relevant_sets = [recommended[user_id] for user_id in takers], [relevant[user_id] for user_id in takers]
    expected = ranked(lists, relevant_sets, len(names))
    expected = {key: value for key, value in expected.items() if "discounted" in key}
    expected["coverage"] = len({name for entry in recommended.values() for name in entry}) / len(names)
    scored_pairs = [(scores[user_id].get(name, 0), took) for (user_id, name), took in taken.items()]
    positive = [score for score, took in scored_pairs if took and score > 0]
    negative = [score for score, took in scored_pairs if not took and score > 0]
    won = [(one > other) + (one == other) / 2 for one in positive for other in negative]
    expected["area_under_curve"] = fmean(won)
    precisions, recalls = [], []
    for name in names:
        got = {user_id for user_id in scores if name in recommended[user_id][:5]}
        took = {user_id for user_id in scores if name in relevant[user_id]}
        precisions += [len(got & took) / len(got)] if got else []
        recalls += [len(got & took) / len(took)] if took else []
    expected |= {"precision": fmean(precisions), "recall": fmean(recalls)}
    assert evaluation.measure(model) == rounded(expected)
