"""Relevance of our recipes beside plain baselines, for each mode of the synthetic data and for real ratings.

    python tests/benchmarks/relevance.py [--folder FOLDER] [--splits 3] [--modes MODE ...] [--parts PART ...]

FOLDER holds interactions.csv.gz and items.csv.gz (with a column YEAR). The newest 10 % of the interactions of the test
users are held out, and all models see the same splits. Nothing is explored. Baselines leave out what the user knows. If
the data repeat, each baseline also runs with it, and the better result counts. The part "objective" shows the cost of
an objective on the ratings. A mode takes a minute or two.
"""

import argparse
from pathlib import Path

import numpy as np
import worlds
from comparisons import items_for_cold_users, items_for_items, items_for_users, ndcg, users_for_items
from trends import SHAPES, growing_items, planted_risers
from worlds import MODES, World, load

from personalize_mock.data.interaction_matrix import InteractionMatrix, interaction_matrix
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.tables import Table
from personalize_mock.evaluation.base import ranked_indices
from personalize_mock.evaluation.split import Split
from personalize_mock.recipes.base import Query, TrainingData
from personalize_mock.recipes.objective import Objective, objective_weights
from personalize_mock.recipes.personal.user_personalization import UserPersonalization

LEVELS = ("OFF", "LOW", "MEDIUM", "HIGH")
PARTS = ("items", "related", "segments", "cold", "trends", "objective")
TRENDS = ("2 hours", "1 day")


def fitted(parts: Split, interactions: Table, items: Table | None, objective=None):
    metadata = None if items is None else Metadata.from_dataset(worlds.catalogue(items), parts.train.items)
    data = TrainingData(interactions=parts.train, interactions_table=interactions, items=metadata)
    return UserPersonalization().fit(data, config={}, objective=objective, seed=0)


def lists(parts: Split, model):
    return ranked_indices(model, [Query(history=parts.train.history(user)) for user in parts.users], n=25)


def attributes(events: InteractionMatrix, years: dict[str, float]) -> dict[str, np.ndarray]:
    """Return attributes of items: the release year, and prices that ignore, follow and oppose popularity."""
    year = np.array([years.get(item, np.nan) for item in events.items.values])
    noise = np.random.default_rng(0).lognormal(size=len(year))
    popular = 1.0 + events.csr().getnnz(axis=0)
    return {
        "release year": np.where(np.isnan(year), np.nanmedian(year), year),
        "log-normal price": noise,
        "the same, one of 10**9": np.where(np.arange(len(noise)) == 7, 1e9, noise),
        "price rising with popularity": noise * popular,
        "price falling with popularity": noise / popular,
    }


def objective_table(
    name: str, tables: tuple[Table, Table], events: InteractionMatrix, years: dict[str, float], splits: int
) -> None:
    interactions, items = tables
    print(f"\n{name}: NDCG@25 relative to OFF, mean attribute percentile of the top 25")
    print(f"  {'':30}" + "".join(f"{level:>16}" for level in LEVELS))
    for attribute, values in attributes(events, years).items():
        percentile = (objective_weights(Objective(attribute=values, sensitivity="HIGH")) / 1.5 + 1) / 2
        gains, means = np.zeros((2, len(LEVELS), splits))
        for seed in range(splits):
            parts = Split.from_interactions(events, seed=seed)
            for row, level in enumerate(LEVELS):
                objective = Objective(attribute=values, sensitivity=level)
                recommended = lists(parts, fitted(parts, interactions, items, objective))
                gains[row, seed] = ndcg(recommended, parts.relevant)
                means[row, seed] = percentile[recommended].mean()
        kept = gains.mean(axis=1) / gains[0].mean()
        cells = [f"{share:9.1%}  {mean:.2f}" for share, mean in zip(kept, means.mean(axis=1), strict=True)]
        print(f"  {attribute:30}" + "".join(f"{cell:>16}" for cell in cells))


def compare(world: World, parts: list[str], splits: int) -> None:
    """Print the tables of one data set."""
    measures = {
        "items": ("NDCG@25 of items for users", items_for_users),
        "related": ("NDCG@25 of items for items", items_for_items),
        "segments": ("hits at 1 % of users for items", users_for_items),
        "cold": ("NDCG@25 of items for cold users", items_for_cold_users),
    }
    for part, (title, measure) in measures.items():
        if part in parts:
            show(f"{world.name}: {title}", measure(world, splits))
    for frequency in TRENDS if "trends" in parts else ():
        show(f"{world.name}: share of the growth in the next {frequency}", growing_items(world, frequency))


def show(title: str, results: dict[str, list[float]]) -> None:
    """Print means, and the ratios of our recipes to each baseline and to the best baseline."""
    ours = [name for name in results if name.startswith("aws-")]
    baselines = [name for name in results if name not in ours]
    if not baselines:
        return
    means = {name: float(np.mean(values)) for name, values in results.items()}
    best = max(baselines, key=means.__getitem__)
    print(f"\n{title}")
    for name in ours:
        print(f"  {name:32} {means[name]:.4f}  x{means[name] / means[best]:.2f} of the best baseline, {best}")
    for name in baselines:
        ratios = "  ".join(f"x{means[mine] / means[name]:.2f}" if means[name] else "-" for mine in ours)
        print(f"  {name:32} {means[name]:.4f}  ours: {ratios}", flush=True)


def objectives(folder: Path, splits: int) -> None:
    """Print the cost of an objective on the ratings of a folder."""
    interactions, items, years = load(folder)
    for name, threshold in (("ratings above 3", 4.0), ("all ratings", None)):
        events = interaction_matrix(interactions, items=items, event_value_threshold=threshold)
        objective_table(name, (interactions, items), events, years, splits)


def main() -> None:
    """Print the tables that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--modes", nargs="*", default=MODES, choices=MODES)
    parser.add_argument("--parts", nargs="*", default=PARTS, choices=PARTS)
    parser.add_argument("--seed", type=int, default=0, help="of the synthetic data")
    options = parser.parse_args()
    for shape in SHAPES if "trends" in options.parts else ():
        shares, risers = planted_risers(shape, seeds=10 * options.splits)
        show(f"planted risers, {shape}: share of the growth in the next hour", shares)
        show(f"planted risers, {shape}: share of risers among the first ten", risers)
    for mode in options.modes:
        compare(worlds.synthetic(mode, seed=options.seed), options.parts, options.splits)
    if options.folder is not None:
        for threshold in (4.0, None):
            compare(worlds.movielens(options.folder, threshold=threshold), options.parts, options.splits)
        if "objective" in options.parts:
            objectives(options.folder, options.splits)


if __name__ == "__main__":
    main()
