"""A training of aws-user-personalization with its metrics.

The floor is what the training contains in any case: one fit of implicit's ALS with the same number of factors,
iterations and steps, in one thread and float64, and one run of the miner of sequential rules. The training adds the
split, the search for the weights and the evaluation on held-out interactions. The ratio leaves out 10 ms. The data is
random, or synthetic of the modes `films` and `repeats`.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from measure import Result, against, times
from report import main
from threadpoolctl import threadpool_limits
from worlds import synthetic

from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.evaluation.items import ItemsEvaluation
from personalize_mock.recipes.base import TrainingData
from personalize_mock.recipes.numerics import implicit_als
from personalize_mock.recipes.personal import factors, user_personalization
from personalize_mock.recipes.personal.association_rules import mine_rules

TARGETS = {"training": 1.25}
SIZES = (5_000, 100_000)
SHAPES = {5_000: (250, 400), 100_000: (950, 1700), 1_000_000: (6_000, 3_700)}  # users and items by interactions
MODES = ("films", "repeats")  # of the synthetic data
ALLOWANCE = 0.01  # seconds that the ratio leaves out


def random_data(interactions: int, users: int, items: int) -> TrainingData:
    """Return interactions of random users with items of different popularity."""
    rng = np.random.default_rng(0)
    popular = 1 / (10 + np.arange(items))
    item = rng.choice(items, interactions, p=popular / popular.sum())
    columns = {
        "USER_ID": Strings.from_values(map("u{}".format, rng.integers(0, users, interactions))),
        "ITEM_ID": Strings.from_values(map("i{}".format, item)),
        "TIMESTAMP": Numbers(values=np.arange(interactions)),
    }
    table = Table(columns=columns, rows=interactions)
    return TrainingData(interactions=interaction_matrix(table), interactions_table=table)


def whole_training(data: TrainingData) -> None:
    """Train as a solution version does: split, fit and evaluate."""
    evaluation = ItemsEvaluation.from_data(data, seed=0)
    evaluation.measure(
        user_personalization.UserPersonalization().fit(evaluation.train, config={}, objective=None, seed=0)
    )


def raw_training(data: TrainingData) -> None:
    """Fit implicit's ALS and mine the rules."""
    events = data.interactions
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=149,
            regularization=implicit_als.REGULARIZATION,
            alpha=implicit_als.ALPHA,
            dtype=np.float64,
            iterations=implicit_als.ITERATIONS,
            num_threads=1,
            random_state=0,
        )
        model.cg_steps = factors.CG_STEPS
        model.fit(events.csr().astype(np.float32), show_progress=False)
    mine_rules(events.item, events.user, count=len(events.items))


def results(sizes: Sequence[int] = SIZES) -> Iterator[Result]:
    """Yield the results for data with some numbers of interactions (5,000, 100,000 or 1,000,000)."""
    for interactions in sizes:
        users, items = SHAPES[interactions]
        worlds = {"random": random_data(interactions, users, items)}
        for mode in MODES:
            worlds[mode] = synthetic(mode, users=users, items=items, interactions=interactions).data
        for name, data in worlds.items():
            yield one_world(f"{name}, {interactions:,} interactions", data)


def one_world(name: str, data: TrainingData) -> Result:
    """Compare the training on some data with its floor."""
    tasks = {"raw": partial(raw_training, data), "whole": partial(whole_training, data)}
    taken = times(tasks, calls=5 if len(data.interactions) < 20_000 else 1)
    return against(name, taken["whole"], taken["raw"], target=TARGETS["training"], allowance=ALLOWANCE)


if __name__ == "__main__":
    main(results, sizes=SIZES)
