"""Comparisons of our recipes with plain baselines, on the newest interactions of test users."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
from baselines import Baselines, best
from worlds import World

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
