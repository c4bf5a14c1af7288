"""Ranking time, compared with the bare product of the item factors and a user vector.

    python tests/benchmarks/serving.py [ITEMS ...]

The 64 factors are random. BLAS uses one thread. "New history" ranks for a user whose events changed since the last
request, the other lines for a user whose vector is cached. Prints medians of alternating rounds.
"""

import sys
from dataclasses import replace

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from measure import report, seconds
from scipy import sparse
from threadpoolctl import threadpool_limits

from personalize_mock.recipes.base import Query
from personalize_mock.recipes.objective import Blend
from personalize_mock.recipes.personal.association_rules import AssociationRules
from personalize_mock.recipes.personal.fold_in import prepare_fold_in
from personalize_mock.recipes.personal.model import Personalization

ROUNDS = 15
SIZES = (1_682, 60_000, 750_000)
FACTORS = 64
FOLLOWERS = 20
HISTORY = 50
BATCH = 256
OBJECTIVE = "rank, 25, with an objective"


def random_model(items: int) -> Personalization:
    rng = np.random.default_rng(0)
    warm_items = np.arange(items, dtype=np.int32)
    followers = rng.integers(0, items, (items, FOLLOWERS), dtype=np.int32)
    rules = AssociationRules(
        indptr=np.arange(items + 1, dtype=np.int64) * FOLLOWERS,
        followers=followers.ravel(),
        strengths=np.ones(items * FOLLOWERS, dtype=np.float32),
        energies=np.full(items, float(FOLLOWERS)),
    )
    return Personalization(
        warm_items=warm_items,
        position_of_item=np.append(warm_items, np.int32(-1)),
        fold_in=prepare_fold_in(rng.standard_normal((items, FACTORS))),
        rules=rules,
        popularity=rng.random(items, dtype=np.float32),
        recency_weights=np.exp(-np.arange(32) / 10),
        seen_shift=-20.0,
    )


class Serving:
    """A model and the ranking requests to time."""

    def __init__(self, items: int) -> None:
        rng = np.random.default_rng(1)
        self.model = random_model(items)
        grades = rng.uniform(-1, 1, items).astype(np.float32)
        self.with_objective = replace(self.model, objective=Blend(grades=grades, weight=1.0, order_weight=4.0))
        self.factors = self.model.fold_in.factors
        self.vector = rng.standard_normal(FACTORS, dtype=np.float32)
        self.query = Query(history=rng.integers(0, items, HISTORY, dtype=np.int32))
        self.histories = iter(rng.integers(0, items, (100 * ROUNDS, HISTORY), dtype=np.int32))
        self.tenth, self.hundredth = (rng.random(items) < share for share in (0.1, 0.01))
        self.listed = np.sort(rng.choice(items, 500, replace=False)).astype(np.int32)

    def tasks(self):
        rank, valuable, query = self.model.rank, self.with_objective.rank, self.query
        return {
            "product": lambda: self.factors @ self.vector,
            "product and argpartition": lambda: np.argpartition(self.factors @ self.vector, -25),
            "rank, 25": lambda: rank(query, n=25),
            OBJECTIVE: lambda: valuable(query, n=25),
            "rank, 25, new history": lambda: rank(Query(history=next(self.histories)), n=25),
            "rank, 25, a filter passes 10 %": lambda: rank(query, n=25, candidates=self.tenth),
            "rank, 25, a filter passes 1 %": lambda: rank(query, n=25, candidates=self.hundredth),
            "rank, 500 given items": lambda: rank(query, n=500, candidates=self.listed),
        }


def one_by_one(items: int) -> None:
    serving = Serving(items)
    tasks = serving.tasks()
    times = 20 if items < 100_000 else 2
    rounds = [{name: seconds(task, times=times) for name, task in tasks.items()} for _ in range(ROUNDS)]
    report(f"One request, {items:,} items", rounds, floor="product and argpartition")
    report(
        "The objective alone",
        [{name: times[name] for name in ("rank, 25", OBJECTIVE)} for times in rounds],
        floor="rank, 25",
    )


def batch(items: int) -> None:
    """Compare lists for many users with those of implicit."""
    rng = np.random.default_rng(2)
    model = random_model(items)
    users = BATCH if items < 100_000 else BATCH // 4
    histories = rng.integers(0, items, (users, HISTORY), dtype=np.int32)
    als = AlternatingLeastSquares(factors=FACTORS, num_threads=1)
    als.item_factors = model.fold_in.factors
    als.user_factors = rng.standard_normal((users, FACTORS), dtype=np.float32)
    row = np.repeat(np.arange(users), HISTORY)
    seen = sparse.csr_matrix((np.ones(len(row), np.float32), (row, histories.ravel())), shape=(users, items))
    queries = [Query(history=history) for history in histories]
    tasks = {
        "implicit.recommend": lambda: als.recommend(np.arange(users), seen, N=25),
        "rank_each": lambda: model.rank_each(queries, n=25, candidates=[None] * users),
    }
    rounds = [{name: seconds(task) for name, task in tasks.items()} for _ in range(ROUNDS)]
    report(f"Lists for {users} users, {items:,} items", rounds, floor="implicit.recommend")


def main(*sizes: str) -> None:
    with threadpool_limits(1, "blas"):
        for items in map(int, sizes or SIZES):
            one_by_one(items)
            batch(items)


if __name__ == "__main__":
    main(*sys.argv[1:])
