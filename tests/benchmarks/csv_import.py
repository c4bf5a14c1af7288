"""The import of a CSV file.

The floor is the simplest loop over `csv.reader` that maps the ids of users, items and event types to integers and
converts the timestamps. It checks nothing, while the import checks each value against the schema. The file has four
columns and ten rows per user, and lies in memory.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from measure import Result, against, times
from report import main

from personalize_mock.data import avro, csv_files

TARGETS = {"import": 1.5}
SIZES = (5_000, 100_000, 1_000_000)
SCHEMA = avro.parse(
    json.dumps(
        {
            "type": "record",
            "name": "Interactions",
            "fields": [
                {"name": "USER_ID", "type": "string"},
                {"name": "ITEM_ID", "type": "string"},
                {"name": "EVENT_TYPE", "type": "string"},
                {"name": "TIMESTAMP", "type": "long"},
            ],
        }
    )
)


def interactions(rows: int) -> bytes:
    """Return a file of four columns with ten rows per user."""
    rng = np.random.default_rng(0)
    users = rng.integers(rows // 10, size=rows).tolist()
    items = (rng.pareto(1.0, size=rows) * 20).astype(np.int64).tolist()
    event_types = rng.choice(["View", "Purchase"], size=rows, p=[0.9, 0.1]).tolist()
    times = rng.integers(1_600_000_000, 1_700_000_000, size=rows).tolist()
    lines = (f"u{u},i{i},{k},{t}" for u, i, k, t in zip(users, items, event_types, times, strict=True))
    return ("USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\n" + "\n".join(lines) + "\n").encode()


def bare_loop(content: bytes) -> tuple[list[int], ...]:
    """Read the file in the simplest way. This is the floor."""
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline=""))
    next(reader)
    known: tuple[dict[str, int], ...] = ({}, {}, {})
    users, items, event_types = known
    columns: tuple[list[int], ...] = ([], [], [], [])
    for user, item, event_type, timestamp in reader:
        columns[0].append(users.setdefault(user, len(users)))
        columns[1].append(items.setdefault(item, len(items)))
        columns[2].append(event_types.setdefault(event_type, len(event_types)))
        columns[3].append(int(timestamp))
    return columns


def results(sizes: Sequence[int] = SIZES) -> Iterator[Result]:
    """Yield the results for files with some numbers of rows."""
    for rows in sizes:
        content = interactions(rows)
        tasks = {"loop": partial(bare_loop, content), "ours": partial(csv_files.read, [content], SCHEMA)}
        taken = times(tasks, calls=max(1, 20_000 // rows), rounds=7)
        yield against(f"{rows:,} rows", taken["ours"], taken["loop"], target=TARGETS["import"])


if __name__ == "__main__":
    main(results, sizes=SIZES)
