"""Comparisons of our recipes with plain baselines, on the newest interactions of test users."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
from baselines import Baselines, best
from worlds import World

from personalize_mock.data.item_attributes import item_attributes
from personalize_mock.evaluation.base import ranked_indices
from personalize_mock.evaluation.items import ItemsEvaluation
from personalize_mock.evaluation.ranking import normalized_discounted_cumulative_gain_at
from personalize_mock.evaluation.related import RelatedEvaluation
from personalize_mock.evaluation.segments import SegmentsEvaluation
from personalize_mock.recipes.base import Query
from personalize_mock.recipes.registry import RECIPES

Results = dict[str, list[float]]  # by the name of the model, one number per split; ours come first

COUNT = 25
PERCENT = 100
BEGINNING = 10  # first interactions of a cold user
GIVEN = 100  # random items that aws-personalized-ranking ranks beside the held-out ones


def ndcg(recommended, relevant) -> float:
    """Return NDCG@25."""
    hits = np.array([np.isin(row, items) for row, items in zip(recommended, relevant, strict=True)])
    counts = np.array([len(items) for items in relevant])
    return normalized_discounted_cumulative_gain_at(COUNT, hits=hits, relevant=counts)


def fit(recipe: str, data, **config):
    """Fit a recipe with its default values."""
    return RECIPES[recipe].fit(data, config=config, objective=None, seed=0)


def items_for_users(world: World, splits: int) -> Results:
    """Return the NDCG@25 of items for users, without exploration."""
    results = defaultdict(list)
    for seed in range(splits):
        evaluation = ItemsEvaluation.from_data(world.data, seed=seed)
        parts = evaluation.split
        queries = [Query(history=parts.train.history(user), user=int(user)) for user in parts.users]
        for recipe in ("aws-user-personalization", "aws-user-personalization-v2"):
            model = fit(recipe, evaluation.train)
            results[recipe].append(ndcg(ranked_indices(model, queries, n=COUNT), parts.relevant))
        seen = [query.history for query in queries]
        for name, scores in Baselines(train=parts.train).for_users(parts.users).items():
            variants = [seen, None] if world.repeats else [seen]
            lists = [best(scores, without=without, warm=parts.train.warm) for without in variants]
            results[name].append(max(ndcg(recommended, parts.relevant) for recommended in lists))
    return dict(results)


def given_items_for_users(world: World, splits: int) -> Results:
    """Return the NDCG@25 of rankings of the held-out items of each user and of 100 others, drawn by popularity."""
    results = defaultdict(list)
    for seed in range(splits):
        evaluation = ItemsEvaluation.from_data(world.data, seed=seed)
        parts, rng = evaluation.split, np.random.default_rng(seed)
        drawn = [rng.choice(parts.train.item, size=GIVEN) for _ in parts.users]
        given = [np.union1d(items, held_out) for items, held_out in zip(drawn, parts.relevant, strict=True)]
        seen = [parts.train.history(user) for user in parts.users]
        queries = [Query(history=history, user=int(user)) for history, user in zip(seen, parts.users, strict=True)]
        for recipe in ("aws-personalized-ranking", "aws-personalized-ranking-v2"):
            rankings = fit(recipe, evaluation.train).rank_each(queries, n=COUNT, candidates=given)
            results[recipe].append(ndcg([ranking.indices for ranking in rankings], parts.relevant))
        not_given = [np.setdiff1d(np.arange(len(parts.train.items)), items) for items in given]
        left_out = [np.union1d(*items) for items in zip(not_given, seen, strict=True)]
        for name, scores in Baselines(train=parts.train).for_users(parts.users).items():
            variants = [left_out, not_given] if world.repeats else [left_out]
            lists = [best(scores, without=without, warm=parts.train.warm) for without in variants]
            results[name].append(max(ndcg(recommended, parts.relevant) for recommended in lists))
    return dict(results)


def items_for_items(world: World, splits: int) -> Results:
    """Return the NDCG@25 of related items; the query is the newest item before the held-out ones."""
    results = defaultdict(list)
    for seed in range(splits):
        evaluation = RelatedEvaluation.from_data(world.data, seed=seed)
        train, items, relevant = evaluation.train.interactions, evaluation.query_items, evaluation.relevant
        queries = [Query(item=int(item)) for item in items]
        for recipe in ("aws-sims", "aws-similar-items"):
            recommended = ranked_indices(fit(recipe, evaluation.train), queries, n=COUNT)
            results[recipe].append(ndcg(recommended, relevant))
        for name, scores in Baselines(train=train).for_items(items).items():
            recommended = best(scores, without=[np.array([item]) for item in items], warm=train.warm)
            results[name].append(ndcg(recommended, relevant))
    return dict(results)


def users_for_items(world: World, splits: int) -> Results:
    """Return the hits at 1 % of segments; the newest 20 % of each user's interactions are held out."""
    results = defaultdict(list)
    for seed in range(splits):
        evaluation = SegmentsEvaluation.from_data(world.data, seed=seed)
        queries, relevant = zip(*evaluation._item_queries(), strict=True)
        train, size = evaluation.train.interactions, -(-evaluation.catalogue_size // PERCENT)
        model = fit("aws-item-affinity", evaluation.train)
        results["aws-item-affinity"].append(_hits(ranked_indices(model, queries, n=size), relevant))
        items = np.array([query.item for query in queries])
        baselines = Baselines(train=train)
        owners = baselines.indicators[:, items].T.toarray() > 0
        for name, scores in baselines.users_for_items(items).items():
            others = np.where(owners, -np.inf, scores)
            variants = [others, scores] if world.repeats else [others]
            lists = [np.argsort(-variant, axis=1, kind="stable")[:, :size] for variant in variants]
            results[name].append(max(_hits(recommended, relevant) for recommended in lists))
    return dict(results)


def users_for_attributes(world: World, splits: int) -> Results:
    """Return the recall of each attribute's segment of 1 % of the users.

    The newest 20 % of each user's interactions are held out, so there is one split.
    """
    del splits
    evaluation, queries, relevant = _attribute_queries(world)
    counts = np.array([len(users) for users in relevant])
    return {
        name: ([np.isin(*pair).sum() for pair in zip(segments, relevant, strict=True)] / counts).tolist()
        for name, segments in _attribute_segments(evaluation, queries).items()
    }


def lifts_of_attributes(world: World, splits: int) -> Results:
    """Return the lift of each attribute in its segment of 1 % of the users; there is one split.

    The lift is the share of the attribute in the held-out interactions of the segment, divided by its share in all of
    them.
    """
    del splits
    evaluation, queries, _ = _attribute_queries(world)
    later = evaluation.held_out
    has = _masks(evaluation, queries)[:, later.item]
    return {
        name: _lifts(has, np.stack([np.isin(later.user, users) for users in segments]))
        for name, segments in _attribute_segments(evaluation, queries).items()
    }


def _lifts(has: np.ndarray, inside: np.ndarray) -> list[float]:
    """Return lifts from masks of the interactions with an attribute and of those of its segment, one row each."""
    shares = (has & inside).sum(axis=1) / np.maximum(1, inside.sum(axis=1))
    return (shares / has.mean(axis=1)).tolist()


def _attribute_queries(world: World) -> tuple[SegmentsEvaluation, tuple[Query, ...], tuple[np.ndarray, ...]]:
    """Return a split, a query for each attribute, and the users whose held-out items have the attribute."""
    evaluation = SegmentsEvaluation.from_data(world.data, seed=0)
    queries, relevant = zip(*evaluation._attribute_queries(), strict=True)
    return evaluation, queries, relevant


def _attribute_segments(evaluation: SegmentsEvaluation, queries: tuple[Query, ...]) -> dict[str, np.ndarray]:
    """Return the first 1 % of the users for each attribute, by the name of the model."""
    size = -(-evaluation.catalogue_size // PERCENT)
    recipe = "aws-item-attribute-affinity"
    scores = Baselines(train=evaluation.train.interactions).users_for_attributes(_masks(evaluation, queries))
    plain = {name: np.argsort(-values, axis=1, kind="stable")[:, :size] for name, values in scores.items()}
    return {recipe: ranked_indices(fit(recipe, evaluation.train), queries, n=size), **plain}


def _masks(evaluation: SegmentsEvaluation, queries: tuple[Query, ...]) -> np.ndarray:
    attributes = item_attributes(evaluation.train.items)
    return np.stack([attributes.mask(query.attributes) for query in queries])


def items_for_cold_users(world: World, splits: int) -> Results:
    """Return the NDCG@25 for the tenth of the users who began last, on their first interactions.

    The model is trained on the interactions before the first of them began, so there is one split.
    """
    del splits
    events = world.data.interactions
    first = events.timestamp[events.indptr[:-1]]
    begin = np.quantile(first, 0.9)
    train = events.select(events.timestamp < begin)
    relevant = [np.unique(events.history(user)[:BEGINNING]) for user in np.flatnonzero(first >= begin)]
    relevant = [items[train.warm[items]] for items in relevant]
    relevant = [items for items in relevant if len(items)]
    data = replace(world.data, interactions=train, now=float(begin))
    ranking = fit("aws-user-personalization", data).rank(Query(now=float(begin)), n=COUNT).indices
    newest = train.select(train.timestamp >= np.quantile(train.timestamp, 0.8))
    lists = {
        "aws-user-personalization": ranking,
        "popularity": best(Baselines(train=train).users_per_item[None], warm=train.warm)[0],
        "popularity of the newest fifth": best(Baselines(train=newest).users_per_item[None], warm=train.warm)[0],
    }
    return {name: [ndcg([items] * len(relevant), relevant)] for name, items in lists.items()}


def _hits(recommended, relevant) -> float:
    return float(np.mean([np.isin(row, users).sum() for row, users in zip(recommended, relevant, strict=True)]))
