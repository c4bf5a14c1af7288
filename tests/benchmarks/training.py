"""Training time of aws-user-personalization, compared with the ALS fit and the rule mining that it contains.

    python tests/benchmarks/training.py

Training consists of split, fit and evaluation. The data is random, with 5,000 and 100,000 interactions. Prints medians
of alternating rounds.
"""

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from measure import report, seconds
from threadpoolctl import threadpool_limits

from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.evaluation.items import ItemsEvaluation
from personalize_mock.recipes.base import TrainingData
from personalize_mock.recipes.numerics import implicit_als
from personalize_mock.recipes.personal import user_personalization
from personalize_mock.recipes.personal.association_rules import mine_rules

ROUNDS = 9
SIZES = {5_000: (250, 400), 100_000: (950, 1700)}


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
        model.fit(events.csr().astype(np.float32), show_progress=False)
    mine_rules(events.item, events.user, count=len(events.items))


def main() -> None:
    for interactions, (users, items) in SIZES.items():
        data = random_data(interactions, users, items)
        tasks = {"raw fit and rules": raw_training, "split, fit, evaluation": whole_training}
        rounds = [
            {name: seconds(lambda task=task, data=data: task(data)) for name, task in tasks.items()}
            for _ in range(ROUNDS)
        ]
        report(f"{interactions:,} interactions", rounds, floor="raw fit and rules")


if __name__ == "__main__":
    main()
