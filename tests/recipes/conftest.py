"""Builders of events for the recipes' tests."""

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


def made_of(triples: Iterable[Triple], catalogue: Iterable[str] = ()) -> InteractionMatrix:
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


def tastes(*, seed: int = 0, users: int = 200, items: int = 300, length: int = 30, again: float = 0.0) -> list[Triple]:
    """Users of one of five tastes who take a walk over the items of their taste, most popular first.

    With the probability `again` a step repeats one of the user's earlier items.
    """
    rng = np.random.default_rng(seed)
    triples = []
    for user in range(users):
        own = np.flatnonzero(np.arange(items) % 5 == user % 5)
        popular = 1 / (1 + np.arange(len(own)))
        fresh = list(rng.choice(own, size=min(length, len(own)), replace=False, p=popular / popular.sum()))
        walk: list[int] = []
        for _ in range(length):
            old = walk and (not fresh or rng.random() < again)
            walk.append(int(rng.choice(walk)) if old else fresh.pop(0))
        triples += [(f"u{user:03}", f"i{item:03}", 1000 + place) for place, item in enumerate(walk)]
    return triples


@pytest.fixture(scope="session")
def events_of() -> Callable[..., InteractionMatrix]:
    """Makes events of (user, item, timestamp) triples, perhaps with further items of the catalogue."""
    return made_of


@pytest.fixture(scope="session")
def tasteful() -> Callable[..., list[Triple]]:
    """Makes triples of users with tastes."""
    return tastes


@pytest.fixture(scope="session")
def films() -> InteractionMatrix:
    """200 users of five tastes, 300 items, 6,000 events, nothing twice."""
    return made_of(tastes(), catalogue=map("i{:03}".format, range(300)))


@pytest.fixture(scope="session")
def groceries() -> InteractionMatrix:
    """The same tastes, but half of all events are repeats."""
    return made_of(tastes(again=0.5))


@pytest.fixture(scope="session")
def tiny() -> InteractionMatrix:
    """One user, one item."""
    return made_of(repeat(("u", "i", 5), 1))


def from_files(folder: Path, threshold: float | None) -> InteractionMatrix:
    with gzip.open(folder / "interactions.csv.gz", "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    kept = [row for row in rows if threshold is None or float(row["EVENT_VALUE"]) >= threshold]
    with gzip.open(folder / "items.csv.gz", "rt", encoding="utf-8") as lines:
        catalogue = [row["ITEM_ID"] for row in csv.DictReader(lines)]
    return made_of(((row["USER_ID"], row["ITEM_ID"], int(row["TIMESTAMP"])) for row in kept), catalogue)


@pytest.fixture(scope="session")
def real_events(real_data: Path) -> InteractionMatrix:
    """MovieLens 100k, ratings above 3."""
    return from_files(real_data, 4)
