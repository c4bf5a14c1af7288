"""Files for the benchmark of large data sets, written once and read by both of its sides."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

BLOCK = 1_000_000  # rows formatted at once
GENRES = ("Action", "Comedy", "Drama", "Horror", "Romance", "Western")
FILTERED_GENRE, PRICE_LIMIT = GENRES[0], 50.0
BRANDS, FIRST_YEAR, LAST_YEAR = 1000, 1950, 2020
GENRE_VALUES = (*GENRES, *map("|".join, combinations(GENRES, 2)))
FIRST_SECOND, LAST_SECOND = 1_600_000_000, 1_700_000_000
SCHEMAS = {
    "interactions": {"USER_ID": "string", "ITEM_ID": "string", "TIMESTAMP": "long"},
    "items": {
        "ITEM_ID": "string",
        "TITLE": "string",
        "BRAND": "string",
        "GENRES": "string",
        "PRICE": "double",
        "YEAR": "int",
        "CREATION_TIMESTAMP": "long",
    },
}
CATEGORICAL = ("BRAND", "GENRES")
FILTER = f'INCLUDE ItemID WHERE Items.GENRES IN ("{FILTERED_GENRE}") AND Items.PRICE < {PRICE_LIMIT}'


@dataclass(frozen=True, kw_only=True)
class Size:
    """The size of a data set.

    Attributes:
        interactions: Number of distinct pairs of a user and an item.
        users: Number of users.
        items: Number of items.
        requests: Number of recommendations to ask for.
        has_items: Whether there is an Items dataset.
    """

    interactions: int
    users: int
    items: int
    requests: int
    has_items: bool = False

    @property
    def datasets(self) -> tuple[str, ...]:
        """The names of the files."""
        return ("interactions", "items") if self.has_items else ("interactions",)

    def asking(self) -> Iterator[str]:
        """Yield the ids of the users to whom items are recommended."""
        step = max(1, self.users // self.requests)
        return (f"u{number * step % self.users}" for number in range(self.requests))


def avro_schema(dataset: str) -> str:
    """Return the schema of a file."""
    fields = [
        {"name": name, "type": avro_type} | ({"categorical": True} if name in CATEGORICAL else {})
        for name, avro_type in SCHEMAS[dataset].items()
    ]
    return json.dumps(
        {"type": "record", "name": dataset.capitalize(), "namespace": "n", "fields": fields, "version": "1.0"}
    )


def write_files(folder: Path, size: Size) -> None:
    """Write the files of a data set as CSV."""
    rng = np.random.default_rng(0)
    _write(folder / "interactions.csv", "interactions", _interaction_lines(rng, size))
    if size.has_items:
        _write(folder / "items.csv", "items", _item_lines(rng, size))


def _write(path: Path, dataset: str, blocks: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(SCHEMAS[dataset]) + "\n")
        file.writelines(blocks)


def _interaction_lines(rng: np.random.Generator, size: Size) -> Iterator[str]:
    """Yield distinct pairs of a user and an item, in the order of time."""
    user, item = np.divmod(_distinct_pairs(rng, size), size.items)
    times = np.sort(rng.integers(FIRST_SECOND, LAST_SECOND, size=len(user)))
    for start in range(0, len(user), BLOCK):
        columns = (column[start : start + BLOCK].tolist() for column in (user, item, times))
        yield "".join(f"u{u},i{i},{t}\n" for u, i, t in zip(*columns, strict=True))


def _distinct_pairs(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return shuffled pairs as user * items + item. Few users and items have many interactions."""
    activity = rng.lognormal(sigma=1.0, size=size.users)
    popularity = rng.permutation(1 / (size.items / 100 + np.arange(size.items)))
    pairs = np.empty(0, dtype=np.int64)
    while len(pairs) < size.interactions:
        count = int(1.2 * (size.interactions - len(pairs))) + 1000
        user = rng.choice(size.users, count, p=activity / activity.sum())
        item = rng.choice(size.items, count, p=popularity / popularity.sum())
        pairs = np.unique(np.concatenate((pairs, user * size.items + item)))
    return rng.permutation(pairs)[: size.interactions]


def _item_lines(rng: np.random.Generator, size: Size) -> Iterator[str]:
    """Yield a title, a brand, one or two genres, a price, a year and a creation time for each item."""
    limits = ((0, BRANDS), (0, len(GENRE_VALUES)), (100, 10_000), (FIRST_YEAR, LAST_YEAR), (FIRST_SECOND, LAST_SECOND))
    columns = [rng.integers(*limit, size=size.items) for limit in limits]
    for start in range(0, size.items, BLOCK):
        rows = zip(*(column[start : start + BLOCK].tolist() for column in columns), strict=True)
        yield "".join(
            f"i{item},Title {item} of {year},Brand {brand},{GENRE_VALUES[genres]},{cents / 100},{year},{created}\n"
            for item, (brand, genres, cents, year, created) in enumerate(rows, start)
        )
