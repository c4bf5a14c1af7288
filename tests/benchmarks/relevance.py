"""NDCG@25 of aws-user-personalization, popularity and implicit's default ALS, and the cost of an objective.

    python tests/benchmarks/relevance.py FOLDER [SPLITS]

FOLDER holds interactions.csv.gz and items.csv.gz (with a column YEAR). All models see the same splits. Popularity and
default ALS never recommend seen items, as ours learns to do. Takes a few minutes.
"""

import csv
import gzip
import sys
from pathlib import Path

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from personalize_mock.data.avro import AvroSchema, SchemaField
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.interaction_matrix import InteractionMatrix, interaction_matrix
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.evaluation.base import ranked_indices
from personalize_mock.evaluation.ranking import normalized_discounted_cumulative_gain_at
from personalize_mock.evaluation.split import Split
from personalize_mock.recipes.base import Query, TrainingData
from personalize_mock.recipes.objective import Objective, objective_weights
from personalize_mock.recipes.personal.user_personalization import UserPersonalization

LEVELS = ("OFF", "LOW", "MEDIUM", "HIGH")
TARGETS = {"popularity": 2.1, "default ALS": 1.18}


def rows_of(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def load(folder: Path):
    """Return the interactions, the catalogue, and the year of each film (NaN where it is missing)."""
    rows = rows_of(folder / "interactions.csv.gz")
    columns = {name: Strings.from_values(row[name] for row in rows) for name in ("USER_ID", "ITEM_ID", "EVENT_TYPE")}
    columns["TIMESTAMP"] = Numbers(values=np.array([int(row["TIMESTAMP"]) for row in rows]))
    columns["EVENT_VALUE"] = Numbers(values=np.array([float(row["EVENT_VALUE"]) for row in rows]))
    films = rows_of(folder / "items.csv.gz")
    years = {row["ITEM_ID"]: float(row["YEAR"] or "nan") for row in films}
    genres = Strings.from_values(row["GENRES"] or None for row in films)
    items = Table(columns={"ITEM_ID": Strings.from_values(years), "GENRES": genres}, rows=len(years))
    return Table(columns=columns, rows=len(rows)), items, years


def ndcg(recommended, relevant):
    hits = np.array([np.isin(row, items) for row, items in zip(recommended, relevant, strict=True)])
    counts = np.array([len(items) for items in relevant])
    return normalized_discounted_cumulative_gain_at(25, hits=hits, relevant=counts)


def fitted(parts: Split, interactions: Table, items: Table | None, objective=None):
    schema = AvroSchema(dataset_type="ITEMS", fields=(SchemaField(name="GENRES", type="string", categorical=True),))
    metadata = None
    if items is not None:
        metadata = Metadata.from_dataset(DatasetTable(table=items, schema=schema), parts.train.items)
    data = TrainingData(interactions=parts.train, interactions_table=interactions, items=metadata)
    return UserPersonalization().fit(data, config={}, objective=objective, seed=0)


def lists(parts: Split, model):
    return ranked_indices(model, [Query(history=parts.train.history(user)) for user in parts.users], n=25)


def unseen_lists(parts: Split, scores):
    """Return the 25 best unseen items of each user. `scores` has shape (n_users, n_items)."""
    scores = np.array(scores, dtype=float)
    scores[:, ~parts.train.warm] = -np.inf
    for row, user in zip(scores, parts.users, strict=True):
        row[parts.train.history(user)] = -np.inf
    return np.argsort(-scores, axis=1, kind="stable")[:, :25]


def popularity(parts: Split):
    users = parts.train.csr().getnnz(axis=0)
    return unseen_lists(parts, np.tile(users, (len(parts.users), 1)))


def default_als(parts: Split):
    with threadpool_limits(1, "blas"):
        als = AlternatingLeastSquares(factors=64, dtype=np.float64, random_state=0, num_threads=1)
        als.fit((parts.train.csr() > 0).astype(np.float32), show_progress=False)
    return unseen_lists(parts, als.user_factors[parts.users] @ als.item_factors.T)


def compare(name: str, interactions: Table, items: Table, events: InteractionMatrix, splits: int) -> None:
    gains = {"ours": [], "without Items": [], "popularity": [], "default ALS": []}
    for seed in range(splits):
        parts = Split.from_interactions(events, seed=seed)
        recommended = {
            "ours": lists(parts, fitted(parts, interactions, items)),
            "without Items": lists(parts, fitted(parts, interactions, None)),
            "popularity": popularity(parts),
            "default ALS": default_als(parts),
        }
        for model, items_by_user in recommended.items():
            gains[model].append(ndcg(items_by_user, parts.relevant))
    print(f"\n{name}: NDCG@25, mean of {splits} splits")
    for model, values in gains.items():
        ratio = np.mean(gains["ours"]) / np.mean(values)
        spread = np.array(gains["ours"]) / np.array(values)
        target = f"  target {TARGETS[model]}" if model in TARGETS else ""
        print(
            f"  {model:14} {np.mean(values):.4f}  ours is x{ratio:.2f} ({spread.min():.2f}-{spread.max():.2f}){target}"
        )


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


def main(folder: str, splits: str = "10") -> None:
    interactions, items, years = load(Path(folder))
    for name, threshold in (("ratings above 3", 4.0), ("all ratings", None)):
        events = interaction_matrix(interactions, items=items, event_value_threshold=threshold)
        compare(name, interactions, items, events, int(splits))
        objective_table(name, (interactions, items), events, years, int(splits))


if __name__ == "__main__":
    main(*sys.argv[1:])
