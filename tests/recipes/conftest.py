"""Interactions for the tests of the recipes."""

import csv
import gzip
from collections.abc import Callable, Iterable
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest

from personalize_mock.data.interaction_matrix import InteractionMatrix, interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table

Triple = tuple[str, str, int]


def make_interactions(triples: Iterable[Triple], catalogue: Iterable[str] = ()) -> InteractionMatrix:
    users, items, times = zip(*triples, strict=True)
    columns = {
        "USER_ID": Strings.from_values(users),
        "ITEM_ID": Strings.from_values(items),
        "TIMESTAMP": Numbers(values=np.array(times, dtype=np.int64)),
    }
    more = Strings.from_values(catalogue)
    return interaction_matrix(
        Table(columns=columns, rows=len(times)), items=Table(columns={"ITEM_ID": more}, rows=len(more))
    )


def preference_triples(
    *, seed: int = 0, users: int = 200, items: int = 300, length: int = 30, repeats: float = 0.0
) -> list[Triple]:
    """Return triples of users who each prefer one of five groups of items and mostly begin with popular ones.

    With the probability `repeats` an interaction repeats one of the user's earlier items.
    """
    rng = np.random.default_rng(seed)
    triples = []
    for user in range(users):
        own = np.flatnonzero(np.arange(items) % 5 == user % 5)
        popularity = 1 / (1 + np.arange(len(own)))
        fresh = list(rng.choice(own, size=min(length, len(own)), replace=False, p=popularity / popularity.sum()))
        history: list[int] = []
        for _ in range(length):
            repeat_one = history and (not fresh or rng.random() < repeats)
            history.append(int(rng.choice(history)) if repeat_one else fresh.pop(0))
        triples += [(f"u{user:03}", f"i{item:03}", 1000 + order) for order, item in enumerate(history)]
    return triples


@pytest.fixture(scope="session")
def interactions_of() -> Callable[..., InteractionMatrix]:
    """A function that makes interactions of (user, item, timestamp) triples and of further items of the catalogue."""
    return make_interactions


@pytest.fixture(scope="session")
def preferences() -> Callable[..., list[Triple]]:
    """A function that makes triples of users with preferences."""
    return preference_triples


@pytest.fixture(scope="session")
def films() -> InteractionMatrix:
    """200 users with five preferences, 300 items, 6,000 interactions without repeats."""
    return make_interactions(preference_triples(), catalogue=map("i{:03}".format, range(300)))


@pytest.fixture(scope="session")
def groceries() -> InteractionMatrix:
    """The same preferences, but half of the interactions are repeats."""
    return make_interactions(preference_triples(repeats=0.5))


@pytest.fixture(scope="session")
def tiny() -> InteractionMatrix:
    """One interaction."""
    return make_interactions(repeat(("u", "i", 5), 1))


def from_files(folder: Path, threshold: float | None) -> InteractionMatrix:
    with gzip.open(folder / "interactions.csv.gz", "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    kept = [row for row in rows if threshold is None or float(row["EVENT_VALUE"]) >= threshold]
    with gzip.open(folder / "items.csv.gz", "rt", encoding="utf-8") as lines:
        catalogue = [row["ITEM_ID"] for row in csv.DictReader(lines)]
    return make_interactions(((row["USER_ID"], row["ITEM_ID"], int(row["TIMESTAMP"])) for row in kept), catalogue)


@pytest.fixture(scope="session")
def real_interactions(real_data: Path) -> InteractionMatrix:
    """MovieLens 100k, ratings above 3."""
    return from_files(real_data, 4)
