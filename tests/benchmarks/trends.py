"""Comparison of aws-trending-now with plain rules, on the growth of items in the next interval."""

from collections import defaultdict
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from worlds import World

from personalize_mock.data.interaction_matrix import InteractionMatrix, interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.base import TrainingData
from personalize_mock.recipes.popular.trending_now import FREQUENCIES, TrendingModel
from personalize_mock.recipes.registry import RECIPES

HOUR, DAY = 3600, 86_400
COUNT = 25
ENDS = 40  # times in the second half of the data
FIRST = 10
SMOOTHING = 0.3
PAST = 12  # intervals that the smoothed rule reads
ITEMS, USERS, RISERS, PER_HOUR = 500, 5000, 12, 1500  # of the planted risers
SHAPES = {  # interactions per hour that a riser gains, by the hours since it began to rise
    "linear": lambda elapsed: 10.0 * elapsed,
    "exponential": lambda elapsed: 10 * (1.5**elapsed - 1),
    "logistic": lambda elapsed: 80 / (1 + np.exp(4.0 - elapsed)) - 80 / (1 + np.exp(4.0)),
}
Results: TypeAlias = dict[str, list[float]]  # by the name of the rule


def growing_items(world: World, frequency: str) -> Results:
    """Return the share of the possible growth that the first 25 items have, at times in the second half of the data.

    The possible growth is that of the 25 items that gain most interactions. Items that lose interactions gain 0.
    """
    events, length = world.data.interactions, FREQUENCIES[frequency]
    results = defaultdict(list)
    last = float(events.timestamp.max()) - DAY  # the last day is not complete
    for now in np.linspace((events.timestamp.min() + last) / 2, last - length, ENDS):
        growth = np.maximum(0, np.subtract(*counts(events, now + length, length, 2)[::-1]))
        possible = np.sort(growth)[-COUNT:].sum()
        if possible > 0:
            for name, items in predictions(world, now, length, frequency).items():
                results[name].append(growth[items[:COUNT]].sum() / possible)
    return dict(results)


def planted_risers(shape: str, *, seeds: int) -> tuple[Results, Results]:
    """Return the share of the possible growth of the first 25 items, and the share of risers among the first ten.

    Of 500 items with skewed popularity twelve grow; the growth is that of their expected interactions.
    """
    shares, risers = defaultdict(list), defaultdict(list)
    for seed in range(seeds):
        world, growth = planted(shape, seed=seed)
        for name, items in predictions(world, PAST * HOUR, HOUR, "1 hour").items():
            shares[name].append(growth[items[:COUNT]].sum() / np.sort(growth)[-COUNT:].sum())
            risers[name].append(np.mean(growth[items[:FIRST]] > 0))
    return dict(shares), dict(risers)


def planted(shape: str, *, seed: int) -> tuple[World, np.ndarray]:
    """Return the interactions of twelve hours, and by how many each item is expected to grow in the next one."""
    rng = np.random.default_rng(seed)
    rates = np.tile(PER_HOUR / 8 / (1 + rng.permutation(ITEMS)), (PAST + 1, 1))
    for item in rng.choice(ITEMS, size=RISERS, replace=False):
        elapsed = np.maximum(0, np.arange(PAST + 1) - rng.integers(3, PAST - 1))
        rates[:, item] += rng.uniform(0.5, 1.5) * SHAPES[shape](elapsed)
    counts = rng.poisson(rates[:PAST])
    hour, item = (np.repeat(index, counts.ravel()) for index in np.indices(counts.shape).reshape(2, -1))
    time = (hour * HOUR + rng.integers(1, HOUR, size=len(hour))).astype(np.int64)
    columns = {
        "USER_ID": Strings.from_values(f"u{user}" for user in rng.integers(USERS, size=len(hour)).tolist()),
        "ITEM_ID": Strings.from_values(f"i{number:03}" for number in item.tolist()),
        "TIMESTAMP": Numbers(values=time),
    }
    table = Table(columns=columns, rows=len(hour))
    catalogue = Table(columns={"ITEM_ID": Strings.from_values(f"i{number:03}" for number in range(ITEMS))}, rows=ITEMS)
    events = interaction_matrix(table, items=catalogue)
    data = TrainingData(interactions=events, interactions_table=table, now=PAST * HOUR)
    return World(name=shape, data=data), np.diff(rates[-2:], axis=0)[0]


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
    assert isinstance(model, TrendingModel)
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
