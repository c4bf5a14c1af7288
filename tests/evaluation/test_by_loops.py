"""Every evaluation against the same numbers counted in loops, from the rows of the data, on random data and answers.

The loops share nothing with the code but which users are test users, since the seed decides that.
"""

from math import log2
from statistics import fmean, median

import numpy as np
import pytest
from recipes.materials import items_of
from recipes.shop_actions import actions, shop, user

from personalize_mock.data.interaction_matrix import EventParameters, interaction_matrix
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


class Arbitrary(Model):
    """Answers every query with indices in an order of its own, some with few or none; scores fall."""

    scored = True

    def __init__(self, *, seed, count, uses_item=False, ranks="items"):
        self.seed, self.count, self.uses_item, self.ranks = seed, count, uses_item, ranks

    def listed(self, key, *, n):
        rng = np.random.default_rng([self.seed, *key])
        order = rng.permutation(self.count)
        return order[: min(n, rng.choice([0, 3, 9, self.count]))].astype(np.int32)

    def rank(self, query, *, n, candidates=None):  # noqa: ARG002  as models have it
        key = [query.user + 1, query.item + 1, len(query.history), int(query.now), *map(ord, str(query.attributes))]
        codes = self.listed(key, n=n)
        scores = np.linspace(0.9, 0.1, self.count)[: len(codes)]
        return Ranking(indices=codes, scores=np.where(np.arange(len(codes)) % 4 == 3, 0.0, scores))


def random_rows(seed, *, count=2500, items=160):
    """User, item, event type and time of so many events at different instants."""
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
    events = interaction_matrix(table, **options)
    return TrainingData(
        interactions=events, interactions_table=table, items=items_of(events.items), now=float(max(times))
    )


def by_user(rows):
    """What each user did, oldest first."""
    histories = {}
    for who, *rest in sorted(rows, key=lambda row: row[-1]):
        histories.setdefault(who, []).append(rest)
    return histories


def ranked(lists, truths, catalogue):
    """The eight metrics of lists and what was right for each."""

    def mean(values):
        return fmean(values) if values else 0.0

    def gain(found, truth, k):
        gained = sum(1 / log2(place + 2) for place, item in enumerate(found[:k]) if item in truth)
        return gained / sum(1 / log2(place + 2) for place in range(min(k, len(truth))))

    def rank(found, truth):
        return next((1 / (place + 1) for place, item in enumerate(found[:25]) if item in truth), 0)

    pairs = list(zip(lists, truths, strict=True))
    metrics = {
        "coverage": len({item for found in lists for item in found[:25]}) / catalogue,
        "mean_reciprocal_rank_at_25": mean([rank(found, truth) for found, truth in pairs]),
    }
    for k in KS:
        metrics[f"normalized_discounted_cumulative_gain_at_{k}"] = mean([gain(*pair, k) for pair in pairs])
        metrics[f"precision_at_{k}"] = mean([len(truth.intersection(found[:k])) / k for found, truth in pairs])
    return metrics


def rounded(metrics):
    return {key: pytest.approx(value, abs=0.00005 + 1e-9) for key, value in metrics.items()}


def known_and_held_out(rows, evaluation, test_users):
    """Of each test user the known items and the held-out rows."""
    histories, ids = by_user(rows), evaluation.train.interactions.users
    for code in test_users.tolist():
        did = histories[ids[code]]
        held = max(1, round(0.1 * len(did)))
        yield code, [each[0] for each in did[:-held]], did[-held:]


def answer(model, evaluation, n, **members):
    return evaluation.train.interactions.items.at(model.rank(Query(**members), n=n).indices)


@pytest.mark.parametrize("seed", SEEDS)
def test_metrics_of_items_equal_those_of_loops(seed):
    rows = random_rows(seed)
    evaluation = ItemsEvaluation.from_data(data_of(rows), seed=seed)
    model, catalogue = (
        Arbitrary(seed=seed, count=len(evaluation.train.interactions.items)),
        len({row[1] for row in rows}),
    )
    lists, truths = [], []
    for code, known, held in known_and_held_out(rows, evaluation, evaluation.split.users):
        codes = evaluation.train.interactions.items.indices(known)
        lists.append(answer(model, evaluation, 25, user=code, history=codes))
        truths.append({item for item, *_ in held})
    assert len(lists) == round(0.1 * sum(len(did) > 1 for did in by_user(rows).values()))
    assert evaluation.measure(model) == rounded(ranked(lists, truths, catalogue))


@pytest.mark.parametrize("seed", SEEDS)
def test_average_rewards_equal_those_of_loops(seed):
    rows = random_rows(seed, count=9000)
    evaluation = ItemsEvaluation.from_data(data_of(rows), seed=seed)
    ids = evaluation.train.interactions.items
    rewards = np.random.default_rng(seed).normal(1, 3, len(ids)).round(1)
    rewards[::9] = np.nan
    known = [value for value in rewards.tolist() if value == value]  # noqa: PLR0124  not NaN
    worth = {
        ids[code]: (median(known) if value != value else value) - min(0, *known)  # noqa: PLR0124  the same
        for code, value in enumerate(rewards.tolist())
    }
    model, shares = Arbitrary(seed=seed, count=len(ids)), []
    for code, history, held in known_and_held_out(rows, evaluation, evaluation.split.users):
        found = answer(model, evaluation, 100, user=code, history=ids.indices(history))
        truth = {item for item, *_ in held}
        best = sorted(found, key=lambda item: -worth[item])[:25]
        total = sum(worth[item] for item in found if item in truth)
        if total:
            shares.append(sum(worth[item] for item in best if item in truth) / total)
    measured = evaluation.measure(model, rewards=rewards)["average_rewards_at_k"]
    assert measured == pytest.approx(fmean(shares), abs=0.0001)
    assert 0 < measured < 1


@pytest.mark.parametrize("seed", SEEDS)
def test_event_weighted_gains_equal_those_of_loops(seed):
    rows = random_rows(seed)
    parameters = {name: EventParameters(weight=weight) for name, weight in WEIGHTS.items()}
    evaluation = ItemsEvaluation.from_data(data_of(rows, parameters=parameters), seed=seed)
    average = fmean(WEIGHTS[row[2]] for row in rows)
    model, gains = Arbitrary(seed=seed, count=len(evaluation.train.interactions.items)), []
    for code, known, held in known_and_held_out(rows, evaluation, evaluation.split.users):
        weight = {}
        for item, kind, _ in held:
            weight[item] = max(weight.get(item, 0), WEIGHTS[kind] / average)
        codes = evaluation.train.interactions.items.indices(known)
        found = answer(model, evaluation, 25, user=code, history=codes)
        gained = sum(weight.get(item, 0) / log2(place + 2) for place, item in enumerate(found))
        ideal = sorted(weight.values(), reverse=True)[:25]
        gains.append(gained / sum(each / log2(place + 2) for place, each in enumerate(ideal)))
    key = "normalized_discounted_cumulative_gain_with_event_weights_at_k"
    assert evaluation.measure(model)[key] == pytest.approx(fmean(gains), abs=0.0001)


@pytest.mark.parametrize("seed", SEEDS)
def test_metrics_of_related_items_equal_those_of_loops(seed):
    rows = random_rows(seed, items=12)
    evaluation = RelatedEvaluation.from_data(data_of(rows), seed=seed)
    users = Split.from_interactions(data_of(rows).interactions, seed=seed).users
    ids = evaluation.train.interactions.items
    model, lists, truths = Arbitrary(seed=seed, count=len(ids), uses_item=True), [], []
    for _, known, held in known_and_held_out(rows, evaluation, users):
        truth = {item for item, *_ in held} - {known[-1]}
        if truth:
            lists.append(answer(model, evaluation, 25, item=ids.index(known[-1])))
            truths.append(truth)
    assert evaluation.measure(model) == rounded(ranked(lists, truths, len({row[1] for row in rows})))


def segments(rows, evaluation, model, asked):
    """The three metrics of segments: `asked` are queries' members and who is right."""
    ids = evaluation.train.interactions.users
    most = -(-len(ids) // 100)
    hits, recalls, found = [], [], set()
    for members, truth in asked:
        listed = ids.at(model.rank(Query(**members), n=most).indices)
        found.update(listed)
        hits.append(len(truth.intersection(listed)))
        recalls.append(hits[-1] / len(truth))
    coverage = len(found) / len({row[0] for row in rows})
    return {"coverage": coverage, "hits_at_1_percent": fmean(hits), "recall_at_1_percent": fmean(recalls)}


def held_out_fifths(rows):
    """User and item of the newest fifth of what each user did."""
    for who, did in by_user(rows).items():
        held = round(0.2 * len(did)) if len(did) < 2 else max(1, round(0.2 * len(did)))
        yield from ((who, item) for item, *_ in did[len(did) - held :])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("related", [True, False], ids=["of items", "of attributes"])
def test_metrics_of_segments_equal_those_of_loops(seed, related):
    rows = random_rows(seed)
    evaluation = SegmentsEvaluation.from_data(data_of(rows), seed=seed)
    events = evaluation.train.interactions
    model = Arbitrary(seed=seed, count=len(events.users), uses_item=related, ranks="users")
    genres, prices = evaluation.train.items.texts("GENRES"), evaluation.train.items.numbers("PRICE").tolist()
    truths = {}
    for who, item in held_out_fifths(rows):
        code = events.items.index(item)
        keys = [code] if related else [("genres", genres[code]), ("price", repr(prices[code]))]
        for key in keys:
            truths.setdefault(key, set()).add(who)
    asked = [({"item": key} if related else {"attributes": (key,)}, truth) for key, truth in truths.items()]
    assert evaluation.measure(model) == rounded(segments(rows, evaluation, model, asked))


class Oracle(Arbitrary):
    """Says of each instant that other items trend."""

    interval_length = 6.0 * HOUR

    def trending_at(self, time):
        return self.listed([int(time)], n=self.count)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_accuracy_of_trends_equals_that_of_loops(seed):
    rows = random_rows(seed)
    evaluation = TrendsEvaluation.from_data(data_of(rows), seed=seed)
    ids, length = evaluation.train.interactions.items, 6 * HOUR
    model, shares = Oracle(seed=seed, count=len(ids)), []
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
            growth[item] = max(0, (newest - before) / (before + 5))
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
    model, histories = Arbitrary(seed=seed, count=len(names), ranks="actions"), by_user(rows)
    known, scores, recommended, taken = evaluation.train.interactions, {}, {}, {}
    for who in [evaluation.interactions.users[code] for code in evaluation.users.tolist()]:
        held = histories[who][-max(1, round(0.1 * len(histories[who]))) :]
        code = known.users.index(who)
        ranking = model.rank(Query(user=code, history=known.history(code), now=float(held[0][2])), n=len(names))
        scored = dict(zip([names[each] for each in ranking.indices], ranking.scores.tolist(), strict=True))
        scores[who], recommended[who] = scored, [name for name, score in scored.items() if score > 0][:25]
        for name, kind, _ in held:
            taken[who, name] = taken.get((who, name), False) or kind == "Taken"
    truth = {who: {name for (other, name), took in taken.items() if took and other == who} for who in scores}
    takers = [who for who in scores if truth[who]]
    expected = ranked([recommended[who] for who in takers], [truth[who] for who in takers], len(names))
    expected = {key: value for key, value in expected.items() if "discounted" in key}
    expected["coverage"] = len({name for each in recommended.values() for name in each}) / len(names)
    told = [(scores[who].get(name, 0), took) for (who, name), took in taken.items() if scores[who].get(name, 0) > 0]
    won = [(one > other) + (one == other) / 2 for one, yes in told if yes for other, no in told if not no]
    expected["area_under_curve"] = fmean(won)
    precisions, recalls = [], []
    for name in names:
        got = {who for who in scores if name in recommended[who][:5]}
        took = {who for who in scores if name in truth[who]}
        precisions += [len(got & took) / len(got)] if got else []
        recalls += [len(got & took) / len(took)] if took else []
    expected |= {"precision": fmean(precisions), "recall": fmean(recalls)}
    assert evaluation.measure(model) == rounded(expected)
