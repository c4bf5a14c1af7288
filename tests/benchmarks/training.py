"""CPU time of training aws-user-personalization, compared with the ALS fit and the rule mining that it contains.

    python tests/benchmarks/training.py [--sizes 5000 100000 ...] [--data random films ...]

Training consists of split, fit and evaluation. The data is random or synthetic. Prints medians of alternating rounds.
The second ratio leaves out the first 10 ms of the training.
"""

import argparse
import statistics
import time

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits
from worlds import MODES, synthetic

from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.evaluation.items import ItemsEvaluation
from personalize_mock.recipes.base import TrainingData
from personalize_mock.recipes.numerics import implicit_als
from personalize_mock.recipes.personal import factors, user_personalization
from personalize_mock.recipes.personal.association_rules import mine_rules

ROUNDS = 9
SIZES = {5_000: (250, 400), 100_000: (950, 1700), 1_000_000: (6_000, 3_700)}  # users and items
ALLOWANCE = 0.01  # seconds


def random_data(interactions: int, users: int, items: int) -> TrainingData:
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
    evaluation = ItemsEvaluation.from_data(data, seed=0)
    evaluation.measure(
        user_personalization.UserPersonalization().fit(evaluation.train, config={}, objective=None, seed=0)
    )


def raw_training(data: TrainingData) -> None:
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


def compare(data: TrainingData, name: str) -> None:
    """Print the CPU times of raw and whole training, and their ratios."""
    rounds = [(_cpu_seconds(raw_training, data), _cpu_seconds(whole_training, data)) for _ in range(ROUNDS + 1)][1:]
    raw, whole = (1000 * statistics.median(times) for times in zip(*rounds, strict=True))
    ratio = statistics.median(whole / raw for raw, whole in rounds)
    reduced = statistics.median((whole - ALLOWANCE) / raw for raw, whole in rounds)
    print(f"{name:28} {raw:8.1f} ms raw {whole:8.1f} ms whole   {ratio:.2f} x   {reduced:.2f} x", flush=True)


def _cpu_seconds(task, data: TrainingData) -> float:
    before = time.process_time()
    task(data)
    return time.process_time() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="*", type=int, default=[5_000, 100_000], choices=SIZES)
    parser.add_argument("--data", nargs="*", default=["random", "films", "repeats"], choices=("random", *MODES))
    options = parser.parse_args()
    for interactions in options.sizes:
        users, items = SIZES[interactions]
        for name in options.data:
            if name == "random":
                data = random_data(interactions, users, items)
            else:
                data = synthetic(name, users=users, items=items, interactions=interactions).data
            compare(data, f"{name}, {interactions:,} interactions")


if __name__ == "__main__":
    main()
