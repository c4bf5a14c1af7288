"""Data on which relevance is measured: each mode of the synthetic data, and the ratings of a folder."""

import csv
import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from personalize_mock.data import avro, csv_files
from personalize_mock.data.avro import AvroSchema, SchemaField
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.interaction_matrix import InteractionMatrix, interaction_matrix
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.base import TrainingData
from personalize_mock.synthetic import generate
from personalize_mock.synthetic.modes import BEHAVIOURS

MODES = tuple(BEHAVIOURS)
REPEATING = 0.1  # share of repeats from which baselines may recommend what the user knows


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A data set.

    Attributes:
        name: Its name in tables.
        data: The data as a training sees them.
    """

    name: str
    data: TrainingData

    @property
    def repeats(self) -> bool:
        """Whether users repeat interactions."""
        interactions = self.data.interactions
        return 1 - interactions.csr().nnz / len(interactions) > REPEATING


def synthetic(mode: str, *, seed: int = 0, **sizes: int) -> World:
    """Return the synthetic data of a mode; the sizes are those of `generate`."""
    generated = generate(mode=mode, seed=seed, **sizes)
    tables = {}
    for name in ("interactions", "items", "users"):
        schema = avro.parse(json.dumps(getattr(generated, f"{name}_schema")), domain=None)
        tables[name] = DatasetTable(table=csv_files.read([getattr(generated, name).encode()], schema), schema=schema)
    events = interaction_matrix(tables["interactions"].table, items=tables["items"].table)
    return World(name=mode, data=_training_data(events, **tables))


def movielens(folder: Path, *, threshold: float | None) -> World:
    """Return the ratings of a folder, all or those of a value."""
    interactions, items, _ = load(folder)
    events = interaction_matrix(interactions, items=items, event_value_threshold=threshold)
    table = DatasetTable(table=interactions, schema=AvroSchema(dataset_type="INTERACTIONS", fields=()))
    name = "all ratings" if threshold is None else f"ratings from {threshold:g}"
    return World(name=name, data=_training_data(events, interactions=table, items=catalogue(items)))


def catalogue(items: Table) -> DatasetTable:
    """Return the items of a folder with the genres as their only attribute."""
    fields = (SchemaField(name="ITEM_ID", type="string"), SchemaField(name="GENRES", type="string", categorical=True))
    return DatasetTable(table=items, schema=AvroSchema(dataset_type="ITEMS", fields=fields))


def load(folder: Path) -> tuple[Table, Table, dict[str, float]]:
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


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a compressed CSV file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _training_data(
    events: InteractionMatrix, *, interactions: DatasetTable, items: DatasetTable, users: DatasetTable | None = None
) -> TrainingData:
    return TrainingData(
        interactions=events,
        interactions_table=interactions.table,
        items=Metadata.from_dataset(items, events.items),
        users=None if users is None else Metadata.from_dataset(users, events.users),
        now=float(events.timestamp.max()) + 1,
    )
