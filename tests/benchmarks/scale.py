"""Large data sets, from the import to recommendations.

The floor is a script that does the same with csv, numpy, scipy and implicit. There are three data sets. The first has
the shape of MovieLens 10M: 69,878 users and 10,677 items for 10 million interactions, and 1,000 recommendations. The
second has an Items dataset of 750,000 items with six metadata columns, 1.5 million interactions and 200
recommendations. The third has 200,000 users and as many items for 1 million interactions, and 200 recommendations. The
default is a smaller model of them: the numbers of users and items fall with the root of the number of interactions.
`--sizes 10000000` measures the full sizes.

Both sides read the files from moto's S3, fit factors and association rules, compute metrics, and recommend 25 unseen
items, in the second data set with a filter on a category and a number. The script computes the metrics for a tenth of
the users. The training measures those of large catalogues on fewer. Each side runs once, in a new process. The peak
memory is that of the whole process, counted from the moment when the files are in S3.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import scale_by_hand
import scale_ours
from measure import Result, against, in_new_process, process_time, wall_time
from report import main
from scale_data import Size, write_files

FULL = 10_000_000  # interactions
SIZES = (300_000,)
TARGETS = {"wall time": 1.5, "CPU time": 1.5, "peak memory": 1.5}
UNITS = {"wall time": "s", "CPU time": "s", "peak memory": "B"}
SIDES = {"floor": scale_by_hand.run, "ours": scale_ours.run}

Totals = dict[str, float]


def results(sizes: Sequence[int] = SIZES) -> Iterator[Result]:
    """Yield the results for data sets with some numbers of interactions."""
    for interactions in sizes:
        for name, size in shapes(interactions).items():
            title = f"{name} ({size.interactions:,} interactions, {size.users:,} users, {size.items:,} items)"
            yield from compare(title, size)


def shapes(interactions: int) -> dict[str, Size]:
    """Return the sizes of the data sets by name."""
    root, fewest = (interactions / FULL) ** 0.5, 20
    return {
        "many interactions": Size(
            interactions=interactions,
            users=int(69_878 * root),
            items=int(10_677 * root),
            requests=max(fewest, interactions // 10_000),
        ),
        "many items": Size(
            interactions=int(0.15 * interactions),
            users=int(100_000 * root),
            items=int(750_000 * root),
            requests=max(fewest, interactions // 50_000),
            has_items=True,
        ),
        "many users and items": Size(
            interactions=interactions // 10,
            users=int(200_000 * root),
            items=int(200_000 * root),
            requests=max(fewest, interactions // 50_000),
        ),
    }


def compare(title: str, size: Size) -> Iterator[Result]:
    """Run both sides on one data set, and yield a result for each quantity."""
    totals: dict[str, Totals] = {}
    with TemporaryDirectory() as folder:
        write_files(Path(folder), size)
        for side in SIDES:
            printed = in_new_process("scale", f"print_totals({side!r}, {folder!r}, scale.{size!r})")
            totals[side] = json.loads(printed.splitlines()[-1])
    for quantity, target in TARGETS.items():
        ours, floor = ([totals[side][quantity]] for side in ("ours", "floor"))
        yield against(f"{title}, {quantity}", ours, floor, target=target, unit=UNITS[quantity])


def print_totals(side: str, folder: str, size: Size) -> None:
    """Run one side in this process. Print its stages for a reader, and their totals as JSON in the last line."""
    stages = Stages(side)
    SIDES[side](Path(folder), size, stages.measured)
    print(json.dumps(stages.totals))


class Stages:
    """The stages of one side, such as the import, with their times and the peak memory.

    Attributes:
        totals: The sum of the times, and the largest peak, by the names in `TARGETS`.
    """

    def __init__(self, side: str) -> None:
        self.totals: Totals = dict.fromkeys(TARGETS, 0.0)
        self._side = side

    @contextmanager
    def measured(self, stage: str) -> Iterator[None]:
        """Measure the body of a `with` statement, and print the result to the standard error stream."""
        wall, cpu = wall_time(), process_time()
        _reset_peak()
        yield
        wall, cpu, peak = wall_time() - wall, process_time() - cpu, _peak_bytes()
        self.totals["wall time"] += wall
        self.totals["CPU time"] += cpu
        self.totals["peak memory"] = max(self.totals["peak memory"], peak)
        values = f"{wall:9.2f} s wall {cpu:9.2f} s CPU {peak / 1e6:9.0f} MB"
        print(f"  {self._side:<8}{stage:<22}{values}", file=sys.stderr, flush=True)


def _reset_peak() -> None:
    """Let the kernel count the peak memory of this process from now on."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_bytes() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(1024.0 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(results, sizes=SIZES)
