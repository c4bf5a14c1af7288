"""Ranking without a request, for catalogues of three sizes.

A random model of 64 factors ranks in one thread. The floor of a ranking is the bare product of the item factors and a
user vector, the least that a model of factors can do. The floor of lists for many users is the batch `recommend` of
implicit, and the target allows 0.7 of its users per second. "New history" ranks for a user whose vector is not cached.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from measure import ROUNDS, Result, against, times
from report import main
from scipy import sparse
from threadpoolctl import threadpool_limits

from personalize_mock.recipes.base import Query
from personalize_mock.recipes.objective import Blend
from personalize_mock.recipes.personal.association_rules import AssociationRules
from personalize_mock.recipes.personal.fold_in import prepare_fold_in
from personalize_mock.recipes.personal.model import Personalization

TARGETS = {"lists for many users": 1 / 0.7}
SIZES = (1_682, 60_000, 750_000)
LARGE = 100_000  # items from which fewer rankings are measured
CALLS, CALLS_OF_LARGE = 20, 3
FACTORS = 64
FOLLOWERS = 20
HISTORY = 50
BATCH, BATCH_OF_LARGE = 256, 32


def random_model(items: int) -> Personalization:
    """Return a model in which all parts of relevance count, with random factors, rules and popularities."""
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
        fold_in=prepare_fold_in(rng.standard_normal((items, FACTORS)), direction_weight=0.5),
        rules=rules,
        popularity=rng.random(items, dtype=np.float32),
        recency_weights=np.exp(-np.arange(32) / 10),
        popularity_lifts=rng.random(items, dtype=np.float32),
        seen_shift=-20.0,
    )


def als_factors(model: Personalization) -> np.ndarray:
    """Return the item factors of a model, without the columns for directions and categories."""
    return np.ascontiguousarray(model.fold_in.factors[:, : len(model.fold_in.covariance)])


def results(sizes: Sequence[int] = SIZES) -> Iterator[Result]:
    """Yield the results for catalogues of some sizes."""
    with threadpool_limits(1, "blas"):
        for items in sizes:
            model = random_model(items)
            yield from one_by_one(model, items)
            yield many(model, items)


def one_by_one(model: Personalization, items: int) -> Iterator[Result]:
    """Compare rankings with the bare product."""
    taken = times(ranking_tasks(model, items), calls=CALLS if items < LARGE else CALLS_OF_LARGE)
    floors = taken.pop("product")
    for name, measured in taken.items():
        yield against(f"{name}, {items:,} items", measured, floors)


def ranking_tasks(model: Personalization, items: int) -> dict[str, Callable[[], object]]:
    """Return the rankings to measure and the bare product, by name."""
    rng = np.random.default_rng(1)
    grades = rng.uniform(-1, 1, items).astype(np.float32)
    valuable = replace(model, objective=Blend(grades=grades, weight=1.0, order_weight=4.0))
    vector, factors = rng.standard_normal(FACTORS, dtype=np.float32), als_factors(model)
    query = Query(history=rng.integers(0, items, HISTORY, dtype=np.int32))
    new_histories = iter(rng.integers(0, items, (CALLS * (ROUNDS + 1), HISTORY), dtype=np.int32))
    tenth, hundredth = (rng.random(items) < share for share in (0.1, 0.01))
    listed = np.sort(rng.choice(items, 500, replace=False)).astype(np.int32)
    return {
        "product": lambda: factors @ vector,
        "product and argpartition": lambda: np.argpartition(factors @ vector, -25),
        "25": lambda: model.rank(query, n=25),
        "25, with an objective": lambda: valuable.rank(query, n=25),
        "25, new history": lambda: model.rank(Query(history=next(new_histories)), n=25),
        "25, a filter passes 10 %": lambda: model.rank(query, n=25, candidates=tenth),
        "25, a filter passes 1 %": lambda: model.rank(query, n=25, candidates=hundredth),
        "500 given items": lambda: model.rank(query, n=500, candidates=listed),
    }


def many(model: Personalization, items: int) -> Result:
    """Compare lists for many users with those of implicit."""
    rng = np.random.default_rng(2)
    users = BATCH if items < LARGE else BATCH_OF_LARGE
    histories = rng.integers(0, items, (users, HISTORY), dtype=np.int32)
    queries = [Query(history=history) for history in histories]
    vectors = rng.standard_normal((users, FACTORS), dtype=np.float32)
    tasks = {
        "implicit": implicit_lists(als_factors(model), vectors, histories),
        "ours": lambda: model.rank_each(queries, n=25, candidates=[None] * users),
    }
    taken = times(tasks, calls=3 if items < LARGE else 1)
    name = f"lists for {users} users, {items:,} items"
    return against(name, taken["ours"], taken["implicit"], target=TARGETS["lists for many users"])


def implicit_lists(item_factors: np.ndarray, vectors: np.ndarray, histories: np.ndarray) -> Callable[[], object]:
    """Return a task in which implicit recommends 25 items to each user, without those of the user's history."""
    als = AlternatingLeastSquares(factors=FACTORS, num_threads=1)
    als.item_factors, als.user_factors = item_factors, vectors
    row = np.repeat(np.arange(len(histories)), histories.shape[1])
    shape = (len(histories), len(item_factors))
    seen = sparse.csr_matrix((np.ones(len(row), np.float32), (row, histories.ravel())), shape=shape)
    return lambda: als.recommend(np.arange(len(histories)), seen, N=25)


if __name__ == "__main__":
    main(results, sizes=SIZES)
