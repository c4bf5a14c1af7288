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
from comparisons import items_for_cold_users, items_for_items, items_for_users, users_for_items
from trends import SHAPES, growing_items, planted_risers
from worlds import MODES, World

PARTS = ("items", "related", "segments", "cold", "trends")
TRENDS = ("2 hours", "1 day")


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


if __name__ == "__main__":
    main()
