"""Comparison of aws-trending-now with plain rules, on the growth of items in the next interval."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
from worlds import World

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.popular.trending_now import FREQUENCIES
from personalize_mock.recipes.registry import RECIPES

COUNT = 25
ENDS = 12  # intervals, counted back from the end of the data
SMOOTHING = 0.3
PAST = 12  # intervals that the smoothed rule reads


def growing_items(world: World, frequency: str) -> dict[str, list[float]]:
    """Return the share of the possible growth that the first 25 items have, for each of the newest intervals.

    The possible growth is that of the 25 items that gain most interactions. Items that lose interactions gain 0.
    """
    events, length = world.data.interactions, FREQUENCIES[frequency]
    results = defaultdict(list)
    for back in range(1, ENDS + 1):
        now = float(events.timestamp.max()) - back * length
        growth = np.maximum(0, np.subtract(*counts(events, now + length, length, 2)[::-1]))
        possible = np.sort(growth)[-COUNT:].sum()
        if possible > 0:
            for name, items in predictions(world, now, length, frequency).items():
                results[name].append(growth[items[:COUNT]].sum() / possible)
    return dict(results)


def predictions(world: World, now: float, length: float, frequency: str) -> dict[str, np.ndarray]:
    """Return the items that each rule ranks first at a time, by the name of the rule."""
    events = world.data.interactions
    past = events.select(events.timestamp <= now)
    model = RECIPES["aws-trending-now"].fit(
        replace(world.data, interactions=past, now=now),
        config={"trend_discovery_frequency": frequency},
        objective=None,
        seed=0,
    )
    old, new = counts(past, now, length, 2)
    scores = {
        "plain difference": new - old,
        "relative growth": (new - old) / (old + 5),
        "slope of smoothed counts": np.subtract(*smoothed(counts(past, now, length, PAST))),
        "newest interval": new,
        "popularity": np.bincount(past.item, minlength=len(past.items)),
    }
    ranked = {name: np.argsort(-values, kind="stable") for name, values in scores.items()}
    return {"aws-trending-now": model.order} | ranked


def counts(events: InteractionMatrix, end: float, length: float, intervals: int) -> np.ndarray:
    """Return the interactions of each item in the intervals before a time, oldest first, shape (intervals, items)."""
    interval = np.ceil((events.timestamp - end) / length).astype(int) + intervals - 1
    inside = (interval >= 0) & (interval < intervals)
    table = np.zeros((intervals, len(events.items)))
    np.add.at(table, (interval[inside], events.item[inside]), 1)
    return table


def smoothed(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the exponentially weighted averages at the end of the last interval and of the one before."""
    previous = level = table[0]
    for row in table[1:]:
        previous, level = level, level + SMOOTHING * (row - level)
    return level, previous
