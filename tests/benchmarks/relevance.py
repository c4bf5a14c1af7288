"""Relevance of our recipes beside plain baselines, for each mode of the synthetic data and for real ratings.

    python tests/benchmarks/relevance.py [--folder FOLDER] [--splits 3] [--modes MODE ...] [--parts PART ...]

FOLDER holds interactions.csv.gz and items.csv.gz. The newest 10 % of the interactions of the test
users are held out, and all models see the same splits. Nothing is explored. Baselines leave out what the user knows. If
the data repeat, each baseline also runs with it, and the better result counts. A mode takes a minute or two.
"""

import argparse
from pathlib import Path

import numpy as np
import worlds
from comparisons import (
    given_items_for_users,
    items_for_cold_users,
    items_for_items,
    items_for_users,
    lifts_of_attributes,
    users_for_attributes,
    users_for_items,
)
from trends import SHAPES, growing_items, planted_risers
from worlds import MODES, World

PARTS = ("items", "ranking", "related", "segments", "attributes", "lifts", "cold", "trends")
TRENDS = ("2 hours", "1 day")
WORLDS = 10  # synthetic data sets with trends: the shares of growth in one of them differ by chance by up to a tenth


def compare(world: World, parts: list[str], splits: int) -> None:
    """Print the tables of one data set."""
    measures = {
        "items": ("NDCG@25 of items for users", items_for_users),
        "ranking": ("NDCG@25 of rankings of given items", given_items_for_users),
        "related": ("NDCG@25 of items for items", items_for_items),
        "segments": ("hits at 1 % of users for items", users_for_items),
        "attributes": ("recall at 1 % of users for attributes", users_for_attributes),
        "lifts": ("lift of attributes in segments of 1 %", lifts_of_attributes),
        "cold": ("NDCG@25 of items for cold users", items_for_cold_users),
    }
    for part, (title, measure) in measures.items():
        if part in parts:
            show(f"{world.name}: {title}", measure(world, splits))


def compare_trends(some: list[World]) -> None:
    """Print the shares of growth in several data sets of the same kind; see `growing_items`."""
    for frequency in TRENDS:
        results = [growing_items(world, frequency) for world in some]
        means = {name: [float(np.mean(each[name])) for each in results if each] for name in results[0]}
        show(f"{some[0].name}: share of the growth in the next {frequency}", means)


def show(title: str, results: dict[str, list[float]]) -> None:
    """Print means, and the ratios of our recipes to each baseline and to the best baseline.

    The number after "+-" is the standard error of the ratio, if there are several numbers for each model.
    """
    ours = [name for name in results if name.startswith("aws-")]
    baselines = [name for name in results if name not in ours]
    if not baselines:
        return
    means = {name: float(np.mean(values)) for name, values in results.items()}
    best = max(baselines, key=means.__getitem__)
    print(f"\n{title}")
    for name in ours:
        ratio = f"x{means[name] / means[best]:.2f}{error(results[name], results[best])}"
        print(f"  {name:32} {means[name]:.4f}  {ratio} of the best baseline, {best}")
    for name in baselines:
        ratios = "  ".join(f"x{means[mine] / means[name]:.2f}" if means[name] else "-" for mine in ours)
        print(f"  {name:32} {means[name]:.4f}  ours: {ratios}", flush=True)


def error(values: list[float], others: list[float]) -> str:
    """Return the standard error of the ratio of two means, by the jackknife, as text; nothing for single numbers."""
    count = len(values)
    if count == 1:
        return ""
    ratios = (np.sum(values) - values) / (np.sum(others) - others)
    return f" +- {np.std(ratios) * np.sqrt(count - 1):.2f}"


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
        if "trends" in options.parts:
            compare_trends([worlds.synthetic(mode, seed=options.seed + number) for number in range(WORLDS)])
    if options.folder is not None:
        for threshold in (4.0, None):
            compare(worlds.movielens(options.folder, threshold=threshold), options.parts, options.splits)
            if "trends" in options.parts:
                compare_trends([worlds.movielens(options.folder, threshold=threshold)])


if __name__ == "__main__":
    main()
