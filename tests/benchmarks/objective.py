"""Levels of an optimization objective: what relevance and attribute each of them keeps, beside three other forms.

    python tests/benchmarks/objective.py [FOLDER] [--splits 5]

FOLDER holds interactions.csv.gz and items.csv.gz with a column YEAR (MovieLens). Without it only synthetic data are
measured. With it, a run that was recorded on the real service in July 2021 is replayed as well. Takes a few minutes.

All forms choose the 25 items with the largest sum of relevance and weight * grade:

    ours            relevance; weight * unit * grade; see `personalize_mock.recipes.objective`
    span, fixed     relevance / (mean of the 5 best - 100th); fixed weights 0.25, 0.5 and 1.5
    span, found     the same with weights found by the criterion of ours
    ranks, found    (1 + rank) ** -0.7; weights found by the criterion of ours
    raw, found      relevance / standard deviation; the attribute as a z-score in place of its rank

"kept" is relative to OFF. The last column is the largest advantage in mean percentile that a form has over ours at the
same number of hits (the bound is .03).
"""

import argparse
import csv
import gzip
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from personalize_mock.data.interaction_matrix import InteractionMatrix, interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.evaluation.base import ranked_indices
from personalize_mock.evaluation.items import ItemsEvaluation
from personalize_mock.recipes.base import Query, TrainingData
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.objective import Objective, attribute_grades
from personalize_mock.recipes.objective_weights import HEAD, TARGETS
from personalize_mock.recipes.personal.model import Personalization
from personalize_mock.recipes.personal.user_personalization import UserPersonalization, objective_blend
from personalize_mock.synthetic import generate

LEVELS = ("LOW", "MEDIUM", "HIGH")
FIXED = dict(zip(LEVELS, (0.25, 0.5, 1.5), strict=True))
DISCOUNTS = 1 / np.log2(2 + np.arange(25))
WORLDS = {
    "synthetic, 1,000 users, 1,500 items": {"seed": 0},
    "synthetic, 600 users, 4,000 items": {"seed": 5, "users": 600, "items": 4000, "interactions": 40_000},
}
RECORDED = {  # average_rewards_at_k, coverage, MRR@25, NDCG@5, @10, @25, precision@5, @10, @25
    "OFF": (0.0620, 0.1432, 0.0902, 0.0801, 0.1026, 0.1304, 0.0202, 0.0180, 0.0139),
    "LOW": (0.1121, 0.1081, 0.0814, 0.0827, 0.1024, 0.1512, 0.0247, 0.0202, 0.0184),
    "HIGH": (0.0360, 0.0689, 0.0154, 0.0035, 0.0112, 0.0484, 0.0022, 0.0045, 0.0085),
}
METRICS = (
    "average_rewards_at_k",
    "coverage",
    "mean_reciprocal_rank_at_25",
    *(f"normalized_discounted_cumulative_gain_at_{k}" for k in (5, 10, 25)),
    *(f"precision_at_{k}" for k in (5, 10, 25)),
)


def table_of(rows: list[dict[str, str]]) -> Table:
    columns = {name: Strings.from_values(row[name] for row in rows) for name in ("USER_ID", "ITEM_ID")}
    columns["TIMESTAMP"] = Numbers(values=np.array([int(row["TIMESTAMP"]) for row in rows]))
    return Table(columns=columns, rows=len(rows))


def movielens(folder: Path) -> Table:
    """Return the ratings above 3."""
    with gzip.open(folder / "interactions.csv.gz", "rt", encoding="utf-8") as lines:
        return table_of([row for row in csv.DictReader(lines) if float(row["EVENT_VALUE"]) > 3])


def synthetic(**size: int) -> Table:
    return table_of(list(csv.DictReader(io.StringIO(generate(**size).interactions))))


def attributes(interactions: InteractionMatrix, seed: int) -> dict[str, np.ndarray]:
    """Return three attributes of the items: one that ignores popularity, one that rises with it, one that falls."""
    noise = np.random.default_rng(seed).lognormal(size=len(interactions.items))
    popular = 1.0 + interactions.csr().getnnz(axis=0)
    return {"uncorrelated": noise, "rising": noise * popular, "falling": noise / popular}


@dataclass(frozen=True, slots=True, eq=False)
class Users:
    """Relevance of all items for some users, without an objective; -inf for seen and cold items."""

    relevance: np.ndarray

    @classmethod
    def of(cls, model: Personalization, histories: list[np.ndarray], count: int) -> "Users":
        relevance = np.full((len(histories), count), -np.inf)
        with one_blas_thread():
            for row, history in zip(relevance, histories, strict=True):
                state = model._user_state(history, 0)
                row[model.warm_items] = model._relevance(state, None)
                row[model.warm_items[state.seen]] = -np.inf
        return cls(relevance)

    def finite(self, function: Callable[[np.ndarray], float]) -> np.ndarray:
        return np.array([[function(row[np.isfinite(row)])] for row in self.relevance])


def span(row: np.ndarray) -> float:
    best = np.sort(row)[::-1][:100]
    return float(best[:5].mean() - best[-1])


def by_span(users: Users) -> np.ndarray:
    return users.relevance / users.finite(span)


def by_deviation(users: Users) -> np.ndarray:
    return users.relevance / users.finite(np.std)


def by_rank(users: Users) -> np.ndarray:
    ranks = np.argsort(np.argsort(-users.relevance, axis=1), axis=1)
    return np.where(np.isfinite(users.relevance), (1.0 + ranks) ** -0.7, -np.inf)


def z_score(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


def lists_of(base: np.ndarray, gain: np.ndarray, weight: float) -> np.ndarray:
    return np.argsort(-(base + weight * gain), axis=1, kind="stable")[:, :25]


def found(users: Users, base: np.ndarray, gain: np.ndarray, kept: float) -> float:
    """Return the weight at which lists keep a share of the relevance, by the criterion of ours."""
    before = np.argsort(np.argsort(-users.relevance, axis=1), axis=1)
    probability = np.where(np.isfinite(users.relevance), 1 / (HEAD + before), 0)
    best = np.sort(probability, axis=1)[:, ::-1][:, :25] @ DISCOUNTS
    low, high = 1e-3, 1e4
    for _ in range(16):
        middle = np.sqrt(low * high)
        rows = lists_of(base, gain, middle)
        share = np.mean(np.take_along_axis(probability, rows, 1) @ DISCOUNTS / best)
        low, high = (middle, high) if share > kept else (low, middle)
    return float(np.sqrt(low * high))


class Measured:
    """One split of the data, a model without an objective, and the test users."""

    def __init__(self, table: Table, interactions: InteractionMatrix, seed: int) -> None:
        data = TrainingData(interactions=interactions, interactions_table=table)
        self.evaluation = ItemsEvaluation.from_data(data, seed=seed)
        self.split, count = self.evaluation.split, len(interactions.items)
        self.model = UserPersonalization(exploration=None).fit(self.evaluation.train, config={}, objective=None, seed=0)
        history = self.split.train.history
        self.queries = [Query(history=history(user), user=int(user)) for user in self.split.users]
        self.test = Users.of(self.model, [query.history for query in self.queries], count)
        users = np.flatnonzero(self.split.train.lengths())
        self.training = Users.of(self.model, [history(user) for user in users[:: max(1, len(users) // 64)]], count)

    def with_objective(self, values: np.ndarray, level: str) -> Personalization:
        objective = Objective(attribute=values, sensitivity=level)
        return replace(self.model, objective=objective_blend(self.model, self.split.train, objective=objective))

    def ours(self, values: np.ndarray) -> Iterator[np.ndarray]:
        for level in ("OFF", *LEVELS):
            yield ranked_indices(self.with_objective(values, level), self.queries, n=25)

    def others(self, values: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray, dict[str, float]]]:
        """Return the base for test users, the gain and the weights of the other forms."""
        grades, forms = attribute_grades(values), {}
        for name, base, gain in (
            ("span, fixed", by_span, grades),
            ("span, found", by_span, grades),
            ("ranks, found", by_rank, grades),
            ("raw, found", by_deviation, z_score(values)),
        ):
            weights = FIXED
            if name.endswith("found"):
                trained = base(self.training)
                weights = {level: found(self.training, trained, gain, TARGETS[level].kept) for level in LEVELS}
            forms[name] = (base(self.test), gain, weights)
        return forms

    def score(self, lists: np.ndarray, percentiles: np.ndarray) -> np.ndarray:
        """Return NDCG@25, NDCG@5, hits, and the mean percentile of the 25 and of the first five."""
        hits = np.array([np.isin(row, items) for row, items in zip(lists, self.split.relevant, strict=True)])
        ideal = np.cumsum(DISCOUNTS)[np.minimum([len(items) for items in self.split.relevant], 25) - 1]
        ideal5 = np.cumsum(DISCOUNTS)[np.minimum([len(items) for items in self.split.relevant], 5) - 1]
        return np.array(
            [
                np.mean(hits @ DISCOUNTS / ideal),
                np.mean(hits[:, :5] @ DISCOUNTS[:5] / ideal5),
                hits.sum(axis=1).mean(),
                percentiles[lists].mean(),
                percentiles[lists[:, :5]].mean(),
            ]
        )


WEIGHTS = np.geomspace(0.01, 1000, 30)  # of the curves that are compared at equal hits


def advantage(scores: list[np.ndarray], curve: list[np.ndarray]) -> float:
    """Return the most percentile that a curve has above ours at the hits of our levels."""
    hits, percentile = np.array([(point[2], point[3]) for point in curve]).T
    order = np.argsort(hits)
    return max(float(np.interp(point[2], hits[order], percentile[order]) - point[3]) for point in scores)


def measure(measured: list[Measured], name: str) -> dict[str, tuple[list[np.ndarray], list[np.ndarray]]]:
    """Return for each form the mean scores of OFF and the levels, and of a curve of weights."""
    scores: dict[str, list[list[np.ndarray]]] = {}
    curves: dict[str, list[list[np.ndarray]]] = {}
    for seed, split in enumerate(measured):
        values = attributes(split.split.train, seed)[name]
        percentiles = (attribute_grades(values) + 1) / 2
        scores.setdefault("ours", []).append([split.score(lists, percentiles) for lists in split.ours(values)])
        for form, (base, gain, weights) in split.others(values).items():
            levels = (0.0, *weights.values())
            scores.setdefault(form, []).append(
                [split.score(lists_of(base, gain, weight), percentiles) for weight in levels]
            )
            curves.setdefault(form, []).append(
                [split.score(lists_of(base, gain, weight), percentiles) for weight in WEIGHTS]
            )
    return {
        form: (list(np.mean(values, axis=0)), list(np.mean(curves[form], axis=0)) if form in curves else [])
        for form, values in scores.items()
    }


def print_world(title: str, table: Table, splits: int) -> None:
    interactions = interaction_matrix(table, items=None)
    measured = [Measured(table, interactions, seed) for seed in range(splits)]
    print(f"\n{title}, mean of {splits} splits")
    heading = " ".join(f"{level:>30}" for level in LEVELS)
    print(f"  {'':26}{heading}   advantage")
    print(f"  {'':26}" + " ".join(f"{'@25':>7}{'@5':>5}{'hits':>6}{'of 25':>6}{'of 5':>6}" for _ in LEVELS))
    for name in ("uncorrelated", "rising", "falling"):
        results = measure(measured, name)
        ours = results["ours"][0]
        for form, (scores, curve) in results.items():
            off, cells = scores[0], []
            for score in scores[1:]:
                kept = 100 * score[:3] / off[:3]
                cells.append(f"{kept[0]:6.0f}%{kept[1]:4.0f}%{kept[2]:5.0f}%{score[3]:6.2f}{score[4]:6.2f}")
            more = f"{advantage(ours[1:], curve):+12.3f}" if curve else ""
            print(f"  {name if form == 'ours' else '':13}{form:13}{' '.join(cells)}{more}")


def savings(interactions: InteractionMatrix) -> np.ndarray:
    """Return the attribute of the recorded run."""
    return np.array([round(0.13 - (int(item) % 13) / 100, 2) for item in interactions.items.values])


def replay(table: Table, splits: int) -> dict[str, np.ndarray]:
    """Return the metrics of the recorded run on our models: float64[splits, 9] by level."""
    interactions = interaction_matrix(table, items=None)
    values, rows = savings(interactions), {level: [] for level in RECORDED}
    for seed in range(splits):
        split = Measured(table, interactions, seed)
        for level in RECORDED:
            metrics = split.evaluation.measure(split.with_objective(values, level), rewards=values)
            rows[level].append([metrics[name] for name in METRICS])
    return {level: np.array(measured) for level, measured in rows.items()}


def print_replay(table: Table, splits: int) -> None:
    measured = replay(table, splits)
    print(f"\nRecorded run of July 2021 and ours, mean and standard deviation of {splits} splits")
    short = ("rewards", "coverage", "MRR", "NDCG@5", "NDCG@10", "NDCG@25", "P@5", "P@10", "P@25")
    print(f"  {'':26}" + "".join(f"{name:>9}" for name in short))
    for level, recorded in RECORDED.items():
        ratios = measured[level] / measured["OFF"]
        for label, values in (
            ("recorded", recorded),
            ("ours", measured[level].mean(axis=0)),
            ("ours, deviation", measured[level].std(axis=0)),
            ("recorded / OFF", np.divide(recorded, RECORDED["OFF"])),
            ("ours / OFF", measured[level].mean(axis=0) / measured["OFF"].mean(axis=0)),
            ("ours / OFF, deviation", ratios.std(axis=0)),
        ):
            if level != "OFF" or "OFF" not in label:
                print(f"  {level if label == 'recorded' else '':5}{label:21}" + "".join(f"{v:9.4f}" for v in values))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the levels of an optimization objective.")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--splits", type=int, default=5)
    options = parser.parse_args()
    if options.folder is not None:
        print_world("MovieLens, ratings above 3", movielens(options.folder), options.splits)
    for title, size in WORLDS.items():
        print_world(title, synthetic(**size), options.splits)
    if options.folder is not None:
        print_replay(movielens(options.folder), 10)


if __name__ == "__main__":
    main()
