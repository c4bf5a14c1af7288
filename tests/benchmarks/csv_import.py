"""Import time of a CSV file, compared with a bare csv.reader loop that maps ids to integers.

    python tests/benchmarks/csv_import.py [ROWS ...]

Prints the median ratio of alternating pairs.
"""

import csv
import io
import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from personalize_mock.data import avro, csv_files

PAIRS = 9
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


def seconds(task: Callable[[], object]) -> float:
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def main() -> None:
    """Print one line for each number of rows."""
    for rows in [int(word) for word in sys.argv[1:]] or [5_000, 100_000, 1_000_000]:
        content = interactions(rows)
        pairs = [
            (seconds(lambda: bare_loop(content)), seconds(lambda: csv_files.read([content], SCHEMA)))  # noqa: B023 -- called at once
            for _ in range(PAIRS)
        ]
        ratio = statistics.median(ours / floor for floor, ours in pairs)
        floor, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
        print(f"{rows:>10,} rows: bare loop {floor:.3f} s, import {ours:.3f} s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
